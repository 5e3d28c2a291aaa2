//! The way out: one copy to one recipient, into a Maildir or through a smarthost.
//!
//! Only a 5xx reply to RCPT or DATA is final for the recipient, and one that may mean us only when it is known that it does
//! not (`deliver/breaker.rs`); everything else is trouble of ours or of the way, and is tried again.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};

use super::copy::Copy;
use super::leave::Ledger;
use super::outcome::{Accepted, DeliveryError, Stage};
use super::smarthost::{Smarthost, SmtpConnection};
use crate::clock::Clock;

/// Where copies go.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Captured: one file for each copy.
    Maildir(Maildir),
    /// Passed on by SMTP.
    Smtp(Smarthost),
}

/// A Maildir that captures what would be sent.
#[derive(Debug, Clone)]
pub struct Maildir {
    path: PathBuf,
    written: Arc<AtomicU64>,
}

/// A way that is open; one copy at a time.
#[derive(Debug)]
pub enum Connection {
    /// Into files.
    Maildir(Maildir),
    /// To a smarthost.
    Smtp(Box<SmtpConnection>),
}

impl Transport {
    /// Read the setting: `maildir:PATH`, `smtp://host:25` or `smtps://user@host:465`. `hello` is the name for EHLO.
    ///
    /// A host that is not this machine must offer STARTTLS unless `?tls=never` stands behind it; `?tls=required` asks
    /// it of this machine as well.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the setting; it never repeats a password.
    pub fn from_url(smarthost: &str, password: Option<String>, hello: &str) -> anyhow::Result<Self> {
        if let Some(path) = smarthost.strip_prefix("maildir:") {
            if path.is_empty() {
                bail!("`maildir:` needs a folder behind it");
            }
            return Ok(Self::Maildir(Maildir { path: path.into(), written: Arc::default() }));
        }
        Ok(Self::Smtp(Smarthost::from_url(smarthost, password, hello)?))
    }

    /// The same, but waiting for no step of the SMTP talk longer than `patience`.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        match self {
            Self::Smtp(smarthost) => Self::Smtp(smarthost.with_patience(patience)),
            maildir @ Self::Maildir(_) => maildir,
        }
    }

    /// Open the way.
    ///
    /// # Errors
    /// At the stages Connect, Tls and Auth; never permanent.
    pub async fn connect(&self) -> Result<Connection, DeliveryError> {
        match self {
            Self::Maildir(maildir) => {
                let folders = maildir.path.clone();
                let made = in_background(move || {
                    for folder in ["tmp", "new", "cur"] {
                        std::fs::create_dir_all(folders.join(folder)).context("the folder cannot be made")?;
                    }
                    Ok(())
                });
                made.await.map_err(|error| DeliveryError::new(Stage::Connect, None, &format!("{error:#}")))?;
                Ok(Connection::Maildir(maildir.clone()))
            }
            Self::Smtp(smarthost) => Ok(Connection::Smtp(Box::new(smarthost.connect().await?))),
        }
    }
}

impl Connection {
    /// Send one copy to one recipient. Its octets go out only when all in `ledger`, what this connection handed over
    /// before, is written down.
    ///
    /// # Errors
    /// See [`DeliveryError`]; at the stage Lease when the claim ran out before. Where the last octet was sent and no
    /// reply came it can't be known whether the copy arrived: stage Data, no code, temporary.
    pub async fn send(&mut self, copy: &Copy, ledger: &Ledger) -> Result<Accepted, DeliveryError> {
        copy.check()?;
        copy.lease.check()?;
        match self {
            Self::Maildir(maildir) => {
                ledger.written(&copy.lease).await?;
                maildir.write(copy).await
            }
            Self::Smtp(connection) => connection.send(copy, ledger).await,
        }
    }

    /// Whether another copy can be sent over it; when not, open another.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        match self {
            Self::Maildir(_) => true,
            Self::Smtp(connection) => connection.is_usable(),
        }
    }

    /// Close it in good manners; what is said then matters no more.
    pub async fn quit(self) {
        if let Self::Smtp(connection) = self {
            connection.quit().await;
        }
    }
}

impl Maildir {
    async fn write(&self, copy: &Copy) -> Result<Accepted, DeliveryError> {
        // RFC 5321 §4.4: the final delivery adds Return-Path.
        let (path, to) = (copy.reverse_path.as_str(), copy.to.as_str());
        let bytes = format!("Return-Path: <{path}>\r\nDelivered-To: {to}\r\n{}{}", copy.fields, copy.message.plain());
        // Time, process and number: sorts as it was written, says nothing of the message, is unique on this machine.
        let now = Clock::System.now().0;
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let (seconds, micros) = (now.div_euclid(1_000_000), now.rem_euclid(1_000_000));
        let name = format!("{seconds:010}.M{micros:06}P{}Q{number:09}.lamplight", std::process::id());
        let path = self.path.clone();
        let written = in_background(move || {
            let unfinished = path.join("tmp").join(&name);
            let mut file = std::fs::File::create_new(&unfinished).context("the file cannot be made")?;
            std::io::Write::write_all(&mut file, bytes.as_bytes()).context("the file cannot be written")?;
            file.sync_all().context("the file cannot be written")?;
            std::fs::rename(&unfinished, path.join("new").join(&name)).context("the file cannot be moved")?;
            // Without this a power cut may take the name away again.
            std::fs::File::open(path.join("new")).and_then(|folder| folder.sync_all()).context("the folder fails")
        });
        written.await.map_err(|error| DeliveryError::new(Stage::Data, None, &format!("{error:#}")))?;
        Ok(Accepted { text: "captured".to_owned() })
    }
}

/// Files block; the mail that is moving elsewhere must not wait for them.
async fn in_background(work: impl FnOnce() -> anyhow::Result<()> + Send + 'static) -> anyhow::Result<()> {
    tokio::task::spawn_blocking(work).await.context("the work was broken off")?
}
