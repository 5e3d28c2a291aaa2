//! Lines and messages over a socket, read with as little work as possible: both sides of the load share two cores with
//! the program that is measured.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Nobody that works is silent for so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// A socket with a buffer for what came.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    from: usize,
    to: usize,
}

impl Wire {
    pub fn connect(address: impl ToSocketAddrs) -> io::Result<Self> {
        Self::new(TcpStream::connect(address)?)
    }

    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024], from: 0, to: 0 })
    }

    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Whether something was read that nobody has looked at.
    pub fn has_more(&self) -> bool {
        self.from < self.to
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.from == self.to {
            (self.from, self.to) = (0, 0);
        } else if self.to == self.buffer.len() {
            self.buffer.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to - self.from);
            if self.to == self.buffer.len() {
                self.buffer.resize(2 * self.to, 0);
            }
        }
        match self.stream.read(&mut self.buffer[self.to..])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                self.to += read;
                Ok(())
            }
        }
    }

    /// The next line, its end included.
    pub fn line(&mut self) -> io::Result<&[u8]> {
        let mut searched = 0;
        loop {
            let fresh = &self.buffer[self.from + searched..self.to];
            if let Some(at) = fresh.iter().position(|&b| b == b'\n') {
                let line = self.from..self.from + searched + at + 1;
                self.from = line.end;
                return Ok(&self.buffer[line]);
            }
            searched = self.to - self.from;
            self.fill()?;
        }
    }

    /// Read over a message until CRLF . CRLF; gives how many octets it had, the end included.
    pub fn message(&mut self) -> io::Result<usize> {
        let mut octets = 0;
        // RFC 5321 §4.1.1.4: the message begins behind a line's end.
        let mut tail = *b"\0\0\0\r\n";
        loop {
            let fresh = &self.buffer[self.from..self.to];
            for (at, &byte) in fresh.iter().enumerate() {
                tail = [tail[1], tail[2], tail[3], tail[4], byte];
                if byte == b'\n' && tail == *b"\r\n.\r\n" {
                    self.from += at + 1;
                    return Ok(octets + at + 1);
                }
            }
            octets += fresh.len();
            self.from = self.to;
            self.fill()?;
        }
    }

    /// A reply of this class, its last line looked at.
    pub fn expect(&mut self, class: u8) -> io::Result<()> {
        loop {
            let line = self.line()?;
            if line.first() != Some(&class) {
                return Err(io::Error::other(format!("answered {}", String::from_utf8_lossy(line).trim_end())));
            }
            if line.get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    }
}
