//! A client that says exactly what the story says, octet by octet, and shows what it hears.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, UnixStream};

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An LMTP client. Every wait ends after ten seconds, with a panic that says what was awaited.
pub struct LmtpClient {
    stream: BufReader<Box<dyn Duplex>>,
    /// How many recipients the server has accepted since the last MAIL.
    accepted: usize,
}

impl LmtpClient {
    /// Connect and hear the greeting.
    pub async fn connect(address: SocketAddr) -> Self {
        let mut client = Self::connect_unheard(address).await;
        client.expect("220 *").await;
        client
    }

    /// Connect, and leave even the greeting to the story.
    pub async fn connect_unheard(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(Box::new(stream)), accepted: 0 }
    }

    /// Connect to a socket file and hear the greeting.
    pub async fn connect_unix(path: &Path) -> Self {
        let stream = UnixStream::connect(path).await.unwrap();
        let mut client = Self { stream: BufReader::new(Box::new(stream)), accepted: 0 };
        client.expect("220 *").await;
        client
    }

    /// Say LHLO; the announced capabilities.
    pub async fn lhlo(&mut self) -> Vec<String> {
        self.send("LHLO client.example").await;
        let reply = self.reply().await;
        reply.iter().skip(1).map(|line| line[4..].to_owned()).collect()
    }

    /// Send a line; CRLF is put behind it.
    pub async fn send(&mut self, line: &str) -> &mut Self {
        self.send_bytes(format!("{line}\r\n").as_bytes()).await
    }

    /// Send octets as they are.
    pub async fn send_bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
        self
    }

    /// The next line, without CRLF; `None` when the server has closed.
    pub async fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(10), self.stream.read_until(b'\n', &mut line));
        // A reset is an end as well.
        if read.await.expect("a reply within ten seconds").unwrap_or(0) == 0 {
            return None;
        }
        let line = String::from_utf8(line).unwrap();
        Some(line.strip_suffix("\r\n").expect("a reply ends with CRLF").to_owned())
    }

    /// The next reply, all its lines.
    pub async fn reply(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await.expect("a reply, not the end");
            let last = line.as_bytes().get(3) != Some(&b'-');
            lines.push(line);
            if last {
                match lines[0].get(..9) {
                    Some("250 2.1.0") => self.accepted = 0,
                    Some("250 2.1.5") => self.accepted += 1,
                    _ => {}
                }
                return lines;
            }
        }
    }

    /// The next reply must be of this form; `*` stands for anything.
    pub async fn expect(&mut self, pattern: &str) -> String {
        let reply = self.reply().await.join("\n");
        assert!(super::matches(pattern, &reply), "expected `{pattern}`, heard `{reply}`");
        reply
    }

    /// The server must have closed.
    pub async fn expect_end(&mut self) {
        assert_eq!(self.line().await, None);
    }

    /// MAIL, and RCPT for each recipient, which must all be accepted.
    pub async fn envelope(&mut self, reverse_path: &str, recipients: &[&str]) {
        self.send(&format!("MAIL FROM:<{reverse_path}>")).await.expect("250 2.1.0 *").await;
        for recipient in recipients {
            self.send(&format!("RCPT TO:<{recipient}>")).await.expect("250 2.1.5 *").await;
        }
    }

    /// DATA with this message, dots put in; one reply for each recipient that was accepted.
    pub async fn data(&mut self, message: &[u8]) -> Vec<String> {
        self.send("DATA").await.expect("354 *").await;
        let mut wire = Vec::new();
        for line in message.split_inclusive(|b| *b == b'\n') {
            if line.starts_with(b".") {
                wire.push(b'.');
            }
            wire.extend_from_slice(line);
        }
        if !wire.is_empty() && !wire.ends_with(b"\r\n") {
            wire.extend_from_slice(b"\r\n");
        }
        wire.extend_from_slice(b".\r\n");
        self.send_bytes(&wire).await;
        let mut replies = Vec::new();
        for _ in 0..std::mem::take(&mut self.accepted) {
            replies.push(self.reply().await.join("\n"));
        }
        replies
    }

    /// One whole message; the reply for each recipient.
    pub async fn deliver(&mut self, reverse_path: &str, recipients: &[&str], message: &[u8]) -> Vec<String> {
        self.envelope(reverse_path, recipients).await;
        self.data(message).await
    }
}
