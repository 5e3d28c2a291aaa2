//! The mail server's side of an LMTP conversation (RFC 2033). A refusal or a silence ends it with a sentence.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// Nobody waits longer than this for one answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A conversation with the listener.
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Connect, hear the greeting and say hello.
    ///
    /// # Errors
    /// When nobody answers as LMTP does.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("the listener can't be reached")?;
        let mut client = Self { stream: BufReader::new(stream) };
        client.hear("220").await?;
        client.say("LHLO mx.home.example", "250").await?;
        Ok(client)
    }

    /// Hand over one message to one recipient; gives the last word of the listener.
    ///
    /// # Errors
    /// When the message was not taken.
    pub async fn deliver(&mut self, reverse_path: &str, recipient: &str, message: &[u8]) -> Result<String> {
        self.say(&format!("MAIL FROM:<{reverse_path}>"), "250").await?;
        self.say(&format!("RCPT TO:<{recipient}>"), "250").await?;
        self.say("DATA", "354").await?;
        let mut wire = Vec::with_capacity(message.len() + 8);
        for line in message.split_inclusive(|byte| *byte == b'\n') {
            // RFC 5321 §4.5.2: a dot in front is doubled, so that it does not end the message.
            if line.starts_with(b".") {
                wire.push(b'.');
            }
            wire.extend_from_slice(line);
        }
        wire.extend_from_slice(b".\r\n");
        self.stream.write_all(&wire).await?;
        // RFC 2033 §4.2: one reply for each recipient; here there is one.
        self.hear("250").await
    }

    /// Say goodbye.
    ///
    /// # Errors
    /// When the listener does not say goodbye as well.
    pub async fn quit(mut self) -> Result<()> {
        self.say("QUIT", "221").await.map(drop)
    }

    async fn say(&mut self, line: &str, expected: &str) -> Result<String> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.hear(expected).await
    }

    /// The next reply's last line; it must begin with `expected`.
    async fn hear(&mut self, expected: &str) -> Result<String> {
        loop {
            let mut line = String::new();
            let read = tokio::time::timeout(PATIENCE, self.stream.read_line(&mut line));
            let read = read.await.context("the listener was silent for too long")??;
            ensure!(read > 0, "the listener hung up");
            let line = line.trim_end();
            if !line.starts_with(expected) {
                bail!("the listener said `{line}` where {expected} was due");
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line.to_owned());
            }
        }
    }
}
