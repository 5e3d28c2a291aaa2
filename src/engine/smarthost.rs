//! The SMTP client's half of a transaction. The only use of lettre. Every step has a time limit; a reply that did not
//! come counts as temporary.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Response, Severity};
use tokio::net::TcpStream;

use super::copy::Copy;
use super::encrypted::Encrypted;
use super::leave::Ledger;
use super::outcome::{Accepted, DeliveryError, Stage, without_addresses};

/// RFC 5321 §4.5.3.2, the times that a client must be ready to wait.
const CONNECT: Duration = Duration::from_secs(30);
const COMMAND: Duration = Duration::from_secs(300);
const DATA_BEGIN: Duration = Duration::from_secs(120);
const DATA_END: Duration = Duration::from_secs(600);

/// The mail server that takes everything we send.
#[derive(Clone)]
pub struct Smarthost {
    host: String,
    port: u16,
    security: Security,
    login: Option<(String, String)>,
    hello: String,
    patience: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Security {
    /// This machine, or told so.
    Plain,
    /// RFC 3207, and nothing before it.
    StartTls,
    /// RFC 8314 §3.3.
    Implicit,
}

impl fmt::Debug for Smarthost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smarthost({}:{}, {:?})", self.host, self.port, self.security)
    }
}

impl Smarthost {
    /// See [`super::transport::Transport::from_url`].
    pub(super) fn from_url(url: &str, password: Option<String>, hello: &str) -> anyhow::Result<Self> {
        const SHAPE: &str = "the smarthost is written `smtp://host:25`, `smtps://user@host:465` or `maildir:folder`";
        let (scheme, rest) = url.split_once("://").context(SHAPE)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (user, server) = rest.rsplit_once('@').map_or((None, rest), |(user, server)| (Some(user), server));
        let (host, port) = split_port(server.trim_end_matches('/'), if scheme == "smtps" { 465 } else { 25 })?;
        if host.is_empty() || hello.is_empty() || hello.contains(|c: char| c.is_whitespace() || c.is_control()) {
            bail!(SHAPE);
        }
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let security = match (scheme, query) {
            ("smtps", "" | "tls=required") => Security::Implicit,
            ("smtp", "tls=never") => Security::Plain,
            ("smtp", "tls=required") => Security::StartTls,
            ("smtp", "") if here => Security::Plain,
            ("smtp", "") => Security::StartTls,
            ("smtp" | "smtps", _) => bail!("behind the smarthost stands `?tls=never`, `?tls=required` or nothing"),
            _ => bail!(SHAPE),
        };
        let login = match user {
            None => None,
            Some(user) => {
                let (user, within) = user.split_once(':').map_or((user, None), |(user, word)| (user, Some(word)));
                let password = password.or(within.map(percent_decoded));
                Some((percent_decoded(user), password.context("the smarthost has a user, and no password is set")?))
            }
        };
        if login.is_some() && security == Security::Plain && !here {
            bail!("a password is never sent to another machine without encryption: leave out `?tls=never`");
        }
        Ok(Self { host, port, security, login, hello: hello.to_owned(), patience: Duration::MAX })
    }

    /// Wait for no step longer than this.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    pub(super) async fn connect(&self) -> Result<SmtpConnection, DeliveryError> {
        let failed = |error: &dyn fmt::Display| DeliveryError::new(Stage::Connect, None, &error.to_string());
        let patience = self.patience;
        let opened = tokio::time::timeout(CONNECT.min(patience), TcpStream::connect((self.host.as_str(), self.port)));
        let stream = opened.await.map_err(|_| failed(&"no connection in time"))?.map_err(|error| failed(&error))?;
        // Without it Nagle's algorithm holds the end of each message back: 22 messages a second instead of thousands.
        stream.set_nodelay(true).map_err(|error| failed(&error))?;
        let hello = ClientId::Domain(self.hello.clone());
        let parameters = || TlsParameters::new(self.host.clone()).map_err(|error| refused(Stage::Tls, &error));
        let talk = if self.security == Security::Implicit {
            let encrypted = within(patience.min(CONNECT), Stage::Tls, Encrypted::open(stream, parameters()?)).await?;
            within(
                patience.min(COMMAND),
                Stage::Connect,
                AsyncSmtpConnection::connect_with_transport(Box::new(encrypted), &hello),
            )
            .await?
        } else {
            within(
                patience.min(COMMAND),
                Stage::Connect,
                AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello),
            )
            .await?
        };
        let mut connection =
            SmtpConnection { talk, features: Features::default(), patience, usable: true, begun: false };
        if self.security == Security::StartTls {
            // RFC 3207 §4.1: not offered means not sent; falling back is what an attacker would want.
            within(patience.min(COMMAND), Stage::Tls, connection.talk.starttls(parameters()?, &hello)).await?;
        }
        connection.read_features(&self.hello).await?;
        if let Some((user, password)) = &self.login {
            let login = Credentials::new(user.clone(), password.clone());
            within(
                patience.min(COMMAND),
                Stage::Auth,
                connection.talk.auth(&[Mechanism::Plain, Mechanism::Login], &login),
            )
            .await?;
        }
        Ok(connection)
    }
}

fn split_port(server: &str, usual: u16) -> anyhow::Result<(String, u16)> {
    let (host, port) = match server.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => server.split_once(':').map_or((server, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map_or(Ok(usual), str::parse).context("the smarthost's port is no number from 1 to 65535")?;
    Ok((host.to_lowercase(), port))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = |b: u8| char::from(b).to_digit(16);
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                bytes.push((hex(*high).unwrap_or(0) * 16 + hex(*low).unwrap_or(0)) as u8);
                rest = tail;
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What the server can do, from its answer to EHLO.
#[derive(Debug, Default)]
struct Features {
    pipelining: bool,
    utf8: bool,
    eight_bit: bool,
}

/// A connection to a smarthost.
pub struct SmtpConnection {
    talk: AsyncSmtpConnection,
    features: Features,
    patience: Duration,
    /// No I/O failed and no reply is outstanding.
    usable: bool,
    /// A transaction was begun and not ended: RSET comes first.
    begun: bool,
}

impl fmt::Debug for SmtpConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpConnection").field("features", &self.features).field("usable", &self.usable).finish()
    }
}

impl SmtpConnection {
    pub(super) fn is_usable(&self) -> bool {
        self.usable
    }

    pub(super) async fn quit(mut self) {
        if self.usable {
            let _ = tokio::time::timeout(self.patience.min(Duration::from_secs(5)), self.talk.quit()).await;
        }
    }

    /// lettre doesn't tell of PIPELINING, so EHLO is said once more (RFC 5321 §4.1.4 allows it at any time).
    async fn read_features(&mut self, hello: &str) -> Result<(), DeliveryError> {
        let said = self.talk.command(format!("EHLO {hello}\r\n"));
        let reply = within(self.patience.min(COMMAND), Stage::Connect, said).await?;
        for line in reply.message() {
            // RFC 5321 §2.4: keywords are not case sensitive.
            match line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase().as_str() {
                "PIPELINING" => self.features.pipelining = true,
                "SMTPUTF8" => self.features.utf8 = true,
                "8BITMIME" => self.features.eight_bit = true,
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) async fn send(&mut self, copy: &Copy, ledger: &Ledger) -> Result<Accepted, DeliveryError> {
        // While the last copy is being written down, the server may hear of this one already.
        self.begin(copy).await?;
        // It waits for the message by now; if the claim is lost it must not get even a part of it.
        if let Err(lost) = ledger.written(&copy.lease).await {
            self.usable = false;
            return Err(lost);
        }
        // Not lettre's `message`: it would look at every octet once more for each recipient.
        let reply = self.say(DATA_END, Stage::Data, copy).await;
        let reply = self.expect_2yz(Stage::Data, reply)?;
        self.begun = false;
        Ok(Accepted { text: without_addresses(&words(&reply)) })
    }

    /// Everything up to the 354.
    async fn begin(&mut self, copy: &Copy) -> Result<(), DeliveryError> {
        let mail = self.mail_command(copy)?;
        if self.begun {
            let reset = self.say(COMMAND, Stage::Mail, "RSET\r\n").await;
            self.expect_2yz(Stage::Mail, reset)?;
            self.begun = false;
        }
        // Exactly one recipient, so that nobody's failure is another's.
        let rcpt = format!("RCPT TO:<{}>\r\n", copy.to.as_str());
        self.begun = true;
        if !self.features.pipelining {
            let mailed = self.say(COMMAND, Stage::Mail, &mail).await;
            self.expect_2yz(Stage::Mail, mailed)?;
            let named = self.say(COMMAND, Stage::Rcpt, &rcpt).await;
            self.expect_2yz(Stage::Rcpt, named)?;
            let begun = self.say(DATA_BEGIN, Stage::Data, "DATA\r\n").await;
            return self.expect_354(begun);
        }
        // RFC 2920 §3.1: one packet, then a reply for each of the three.
        let mailed = self.say(COMMAND, Stage::Mail, format!("{mail}{rcpt}DATA\r\n")).await;
        let named = self.hear(COMMAND, Stage::Rcpt).await;
        let begun = self.hear(DATA_BEGIN, Stage::Data).await;
        let mailed = self.expect_2yz(Stage::Mail, mailed);
        let named = self.expect_2yz(Stage::Rcpt, named);
        let begun = self.expect_354(begun);
        if let Err(error) = mailed.and(named) {
            if begun.is_ok() {
                // RFC 2920 §3.1: the server waits for a message to nobody; it gets an empty one.
                let _ = self.say(DATA_END, Stage::Data, "\r\n.\r\n").await;
            }
            return Err(error);
        }
        begun
    }

    fn mail_command(&self, copy: &Copy) -> Result<String, DeliveryError> {
        let reverse_path = copy.reverse_path.as_str();
        let mut command = format!("MAIL FROM:<{reverse_path}>");
        if !reverse_path.is_ascii() || !copy.to.as_str().is_ascii() {
            // RFC 6531 §3.2: such a message can't go on where SMTPUTF8 is not known.
            if !self.features.utf8 {
                let text = "5.6.7 the next server takes no such address";
                return Err(DeliveryError::new(Stage::Rcpt, Some(553), text).by_us());
            }
            command.push_str(" SMTPUTF8");
        }
        if !copy.message.is_ascii || !copy.fields.is_ascii() {
            if !self.features.eight_bit {
                return Err(DeliveryError::new(
                    Stage::Data,
                    None,
                    "the copy is not ASCII and the next server wants it",
                ));
            }
            command.push_str(" BODY=8BITMIME");
        }
        command.push_str("\r\n");
        Ok(command)
    }

    async fn say(
        &mut self,
        limit: Duration,
        stage: Stage,
        command: impl fmt::Display,
    ) -> Result<Response, DeliveryError> {
        self.check_usable(stage)?;
        let heard = within(limit.min(self.patience), stage, self.talk.command(command)).await;
        self.note(heard)
    }

    async fn hear(&mut self, limit: Duration, stage: Stage) -> Result<Response, DeliveryError> {
        self.check_usable(stage)?;
        let heard = within(limit.min(self.patience), stage, self.talk.read_response()).await;
        self.note(heard)
    }

    fn check_usable(&self, stage: Stage) -> Result<(), DeliveryError> {
        if self.usable { Ok(()) } else { Err(DeliveryError::new(stage, None, "the connection is broken")) }
    }

    /// RFC 5321 §4.2.1: only 2yz says that something was done. Where 3yz comes instead, we lost the thread, and nothing that is
    /// said from here on would be about what we asked.
    fn expect_2yz(&mut self, stage: Stage, heard: Result<Response, DeliveryError>) -> Result<Response, DeliveryError> {
        let heard = heard?;
        if heard.code().severity == Severity::PositiveCompletion {
            return Ok(heard);
        }
        self.usable = false;
        Err(DeliveryError::new(stage, None, "the reply makes no sense"))
    }

    /// RFC 5321 §4.1.1.4: only after 354 is a message expected; another 2xx or 3xx means that we lost the thread.
    fn expect_354(&mut self, begun: Result<Response, DeliveryError>) -> Result<(), DeliveryError> {
        if begun?.has_code(354) {
            return Ok(());
        }
        self.usable = false;
        Err(DeliveryError::new(Stage::Data, None, "the reply to DATA makes no sense"))
    }

    /// After anything but a whole reply, and after 421 (RFC 5321 §3.8), nothing more can be said.
    fn note(&mut self, heard: Result<Response, DeliveryError>) -> Result<Response, DeliveryError> {
        if let Err(error) = &heard {
            self.usable &= error.code.is_some_and(|code| code != 421);
        }
        heard
    }
}

/// One step, under its time limit.
async fn within<T>(
    limit: Duration,
    stage: Stage,
    step: impl Future<Output = Result<T, SmtpError>>,
) -> Result<T, DeliveryError> {
    match tokio::time::timeout(limit, step).await {
        Ok(result) => result.map_err(|error| refused(stage, &error)),
        Err(_) => Err(DeliveryError::new(stage, None, "no reply in time")),
    }
}

fn refused(stage: Stage, error: &SmtpError) -> DeliveryError {
    let words = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    DeliveryError::new(stage, error.status().map(u16::from), &words)
}

fn words(reply: &Response) -> String {
    reply.message().collect::<Vec<_>>().join(" ")
}
