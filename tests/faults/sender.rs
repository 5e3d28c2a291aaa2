//! Mail servers that hand letters in by LMTP, over several connections, and write down what they were told.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use crate::ledger::{Ledger, Letter, Told};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Send letters over so many connections; gives those that were not answered 250, to be tried again.
pub fn send(address: SocketAddr, letters: Vec<Arc<Letter>>, lanes: usize, ledger: &Ledger) -> Vec<Arc<Letter>> {
    let mut shares = vec![Vec::new(); lanes];
    for (at, letter) in letters.into_iter().enumerate() {
        shares[at % lanes].push(letter);
    }
    std::thread::scope(|scope| {
        let talks: Vec<_> =
            shares.into_iter().map(|share| scope.spawn(move || send_in_one_talk(address, share, ledger))).collect();
        talks.into_iter().flat_map(|talk| talk.join().unwrap()).collect()
    })
}

/// The same over one connection, one letter after the other.
pub fn send_in_one_talk(address: SocketAddr, letters: Vec<Arc<Letter>>, ledger: &Ledger) -> Vec<Arc<Letter>> {
    let mut left = Vec::new();
    let mut talk = Talk::open(address).ok();
    for letter in letters {
        let told = match &mut talk {
            Some(open) => {
                let (told, is_open) = open.hand_in(&letter);
                if !is_open {
                    talk = None;
                }
                told
            }
            None => Told::NotSent,
        };
        ledger.note(&letter, told);
        if let (Told::Kept, Some(open)) = (told, &talk) {
            ledger.note_reply(open.port, &letter);
        }
        if told != Told::Kept {
            left.push(letter);
        }
    }
    left
}

struct Talk {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
    port: u16,
}

impl Talk {
    fn open(address: SocketAddr) -> std::io::Result<Self> {
        let writer = TcpStream::connect(address)?;
        writer.set_nodelay(true)?;
        writer.set_read_timeout(Some(PATIENCE))?;
        let port = writer.local_addr()?.port();
        let mut talk = Self { reader: BufReader::new(writer.try_clone()?), writer, port };
        talk.answer()?;
        talk.writer.write_all(b"LHLO mx.example\r\n")?;
        talk.answer()?;
        Ok(talk)
    }

    /// What was told, and whether the talk goes on.
    fn hand_in(&mut self, letter: &Letter) -> (Told, bool) {
        match self.begin(letter) {
            Ok(true) => {}
            Ok(false) => return (Told::Later, self.reset().is_ok()),
            Err(_) => return (Told::NotSent, false),
        }
        let mut wire = letter.bytes.clone();
        wire.extend_from_slice(b".\r\n");
        if self.writer.write_all(&wire).is_err() {
            return (Told::Unknown, false);
        }
        match self.answer() {
            Ok(reply) if reply.starts_with("250") => (Told::Kept, true),
            Ok(reply) => {
                assert!(reply.starts_with('4'), "a fault of ours was told to the sender as final: {reply}");
                (Told::Later, true)
            }
            Err(_) => (Told::Unknown, false),
        }
    }

    /// MAIL, RCPT and DATA in one packet; whether the message may come.
    fn begin(&mut self, letter: &Letter) -> std::io::Result<bool> {
        let (from, to) = (letter.return_path(), &letter.recipient);
        self.writer.write_all(format!("MAIL FROM:<{from}>\r\nRCPT TO:<{to}>\r\nDATA\r\n").as_bytes())?;
        let replies = [self.answer()?, self.answer()?, self.answer()?];
        let is_ready = replies[2].starts_with("354");
        let is_later = replies[..2].iter().any(|reply| reply.starts_with('4'));
        assert!(is_ready || is_later, "a fault of ours was told to the sender as final: {replies:?}");
        Ok(is_ready)
    }

    fn reset(&mut self) -> std::io::Result<()> {
        self.writer.write_all(b"RSET\r\n")?;
        self.answer().map(drop)
    }

    fn answer(&mut self) -> std::io::Result<String> {
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line)? == 0 || line.starts_with("421") {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line);
            }
        }
    }
}
