//! The way out: one copy to one recipient, into a Maildir or through a smarthost.
//!
//! A copy that is not addressed to its recipient alone never leaves. Only a 5xx reply to RCPT or DATA is final for the
//! recipient; everything else is trouble of ours or of the way, and is tried again.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};

use super::smarthost::{Smarthost, SmtpConnection};
use crate::clock::Clock;
use crate::mail::{Address, ReversePath};

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

/// The copy was taken over by the next hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What it said, without addresses.
    pub text: String,
}

/// Where in the talk a delivery failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// No connection, no greeting, or no answer to EHLO; for a Maildir, no folder.
    Connect,
    /// No encryption where it is required.
    Tls,
    /// Our name and password.
    Auth,
    /// Our return path.
    Mail,
    /// The recipient.
    Rcpt,
    /// The copy itself.
    Data,
}

/// Why a copy did not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryError {
    /// Final for this recipient: never tried again.
    pub permanent: bool,
    /// Where it failed.
    pub stage: Stage,
    /// The reply code, when there was a reply.
    pub code: Option<u16>,
    /// What the next hop said, or what happened; at most 200 characters, without addresses.
    pub text: String,
}

impl DeliveryError {
    /// A failure at `stage`; whether it is final follows from stage and code.
    #[must_use]
    pub fn new(stage: Stage, code: Option<u16>, text: &str) -> Self {
        // RFC 5321 §4.2.1: 5yz is permanent; at AUTH or MAIL it is our fault, not the recipient's.
        let permanent =
            matches!(stage, Stage::Rcpt | Stage::Data) && code.is_some_and(|code| (500..600).contains(&code));
        Self { permanent, stage, code, text: without_addresses(text) }
    }

    /// Whether the recipient can't be reached by trying again.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        self.permanent
    }
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{:?}: {code} {}", self.stage, self.text),
            None => write!(f, "{:?}: {}", self.stage, self.text),
        }
    }
}

impl std::error::Error for DeliveryError {}

/// A reply's words fit for a log: one line, 200 characters, every word with an `@` left out.
#[must_use]
pub fn without_addresses(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    // U+FF20 and U+FE6B are read as @ by some.
    let masked = words.map(|word| if word.contains(['@', '\u{ff20}', '\u{fe6b}']) { "<…>" } else { word });
    masked.collect::<Vec<_>>().join(" ").chars().take(200).collect()
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
    /// Send one copy to one recipient.
    ///
    /// # Errors
    /// See [`DeliveryError`]. Where the last octet was sent and no reply came it can't be known whether the copy
    /// arrived: stage Data, no code, temporary.
    pub async fn send(
        &mut self,
        reverse_path: &ReversePath,
        to: &Address,
        copy: &[u8],
    ) -> Result<Accepted, DeliveryError> {
        check_copy(to, copy)?;
        match self {
            Self::Maildir(maildir) => maildir.write(reverse_path, to, copy).await,
            Self::Smtp(connection) => connection.send(reverse_path, to, copy).await,
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

/// The last look before a copy leaves: addressed to its recipient and nobody else, and lines ended by CRLF alone.
fn check_copy(to: &Address, copy: &[u8]) -> Result<(), DeliveryError> {
    let ours = |text| Err(DeliveryError::new(Stage::Rcpt, None, text));
    let end = copy.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(copy.len());
    let mut lines = copy[..end].split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).peekable();
    let alone = lines.next() == Some(format!("To: <{}>", to.as_str()).as_bytes());
    // RFC 5322 §2.2.3: a line that begins with a space goes on with the field above it.
    let folded = |line: &&[u8]| line.starts_with(b" ") || line.starts_with(b"\t");
    if !alone || lines.peek().is_some_and(folded) {
        return ours("the copy is not addressed to its recipient");
    }
    let names_others = |line: &[u8]| {
        let name = line.split(|b| *b == b':').next().unwrap_or_default().trim_ascii_end();
        ["to", "cc", "bcc"].iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()))
    };
    if lines.any(names_others) {
        return ours("the copy is addressed to somebody else as well");
    }
    // RFC 5321 §2.3.8: CR and LF only together; a bare one is how messages are smuggled.
    let mut before = 0;
    for &byte in copy {
        if (before == b'\r') != (byte == b'\n') {
            return ours("the copy holds a bare CR or LF");
        }
        before = byte;
    }
    if before == b'\r' { ours("the copy holds a bare CR or LF") } else { Ok(()) }
}

impl Maildir {
    async fn write(&self, reverse_path: &ReversePath, to: &Address, copy: &[u8]) -> Result<Accepted, DeliveryError> {
        // RFC 5321 §4.4: the final delivery adds Return-Path.
        let mut bytes = format!("Return-Path: <{}>\r\nDelivered-To: {}\r\n", reverse_path.as_str(), to.as_str());
        bytes.reserve(copy.len());
        let mut bytes = bytes.into_bytes();
        bytes.extend_from_slice(copy);
        // Time, process and number: sorts as it was written, says nothing of the message, is unique on this machine.
        let now = Clock::System.now().0;
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let (seconds, micros) = (now.div_euclid(1_000_000), now.rem_euclid(1_000_000));
        let name = format!("{seconds:010}.M{micros:06}P{}Q{number:09}.lamplight", std::process::id());
        let path = self.path.clone();
        let written = in_background(move || {
            let unfinished = path.join("tmp").join(&name);
            let mut file = std::fs::File::create_new(&unfinished).context("the file cannot be made")?;
            std::io::Write::write_all(&mut file, &bytes).context("the file cannot be written")?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(copy: &str) -> bool {
        check_copy(&Address::parse("kit@home.example").unwrap(), copy.as_bytes()).is_ok()
    }

    #[test]
    fn a_copy_is_for_its_recipient_alone() {
        assert!(check("To: <kit@home.example>\r\nFrom: x\r\n\r\nTo: <ash@home.example>\r\n"));
        assert!(check("To: <kit@home.example>\r\nSubject: long\r\n to: fold\r\n\r\nhello\r\n"));
        assert!(!check("To: <kit@home.example>\r\n , <ash@home.example>\r\n\r\nhello\r\n"));
        assert!(!check("From: x\r\nTo: <kit@home.example>\r\n\r\nhello\r\n"));
        assert!(!check("To: <kit@home.example>, <ash@home.example>\r\n\r\nhello\r\n"));
        for other in ["To", "CC", "bcc ", "tO"] {
            assert!(
                !check(&format!("To: <kit@home.example>\r\n{other}: <ash@home.example>\r\n\r\nhello\r\n")),
                "{other}"
            );
        }
    }

    #[test]
    fn a_copy_has_whole_line_ends() {
        for body in ["a\nb", "a\rb", "a\r\r\nb", "a\n\r", "a\r", "\n.\r\n"] {
            assert!(!check(&format!("To: <kit@home.example>\r\n\r\n{body}")), "{body:?}");
        }
    }

    #[test]
    fn replies_lose_their_addresses() {
        assert_eq!(without_addresses("5.1.1 <kit@home.example>:\r\n unknown kit@x"), "5.1.1 <…> unknown <…>");
        assert_eq!(without_addresses(&"ä".repeat(300)).chars().count(), 200);
    }
}
