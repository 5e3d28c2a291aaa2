//! A mail server that takes what leaves, and writes down who got what, by which connection. It can be told to misbehave.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::ledger::marks_in;

/// One life of one server: which of the servers, and its how manieth start.
pub type Life = (usize, u64);

/// Where a talk stands when the script is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    Connect,
    Ehlo,
    Mail,
    Rcpt,
    Data,
    /// In the middle of a message.
    Middle,
    /// A message is complete and not answered.
    Dot,
    /// It was answered.
    Answered,
    Quit,
}

/// What the script wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Usual,
    Say(String),
    /// FIN.
    Drop,
    /// RST.
    Reset,
    /// Not another octet, until the client or the test ends it.
    Stall,
}

/// A message that was taken to its final dot.
#[derive(Debug, Clone)]
pub struct Capture {
    pub connection: u64,
    pub life: Life,
    pub reverse_path: String,
    pub recipient: String,
    pub raw: Vec<u8>,
    pub message_id: String,
    pub marks: Vec<String>,
}

impl Capture {
    pub fn header(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.raw);
        let head = text.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
        let prefix = format!("{}:", name.to_lowercase());
        head.lines()
            .find(|line| line.to_lowercase().starts_with(&prefix))
            .map(|line| line[prefix.len()..].trim().to_owned())
    }
}

type Script = Box<dyn Fn(Stage, &str) -> Act + Send>;

#[derive(Default)]
struct State {
    captures: Vec<Capture>,
    /// Every connection, by its number.
    talks: Vec<Talk>,
    script: Option<Script>,
}

/// What is known of one connection.
#[derive(Debug, Clone, Copy)]
pub struct Talk {
    /// This side broke it.
    pub broken_here: bool,
    pub open: bool,
}

/// The server; it ends with the test.
#[derive(Clone)]
pub struct Receiver {
    state: Arc<Mutex<State>>,
    lives: Arc<Vec<AtomicU64>>,
}

impl Receiver {
    pub fn new() -> Self {
        Self { state: Arc::default(), lives: Arc::new((0..4).map(|_| AtomicU64::new(0)).collect()) }
    }

    /// Listen for this server's connections; gives the port.
    pub fn listen(&self, server: usize) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let receiver = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let life = (server, receiver.lives[server].load(Ordering::SeqCst));
                let receiver = receiver.clone();
                std::thread::spawn(move || receiver.talk(stream, life));
            }
        });
        port
    }

    /// The server begins another life.
    pub fn begin_life(&self, server: usize) -> Life {
        (server, self.lives[server].fetch_add(1, Ordering::SeqCst) + 1)
    }

    pub fn script(&self, script: impl Fn(Stage, &str) -> Act + Send + 'static) {
        self.state.lock().unwrap().script = Some(Box::new(script));
    }

    pub fn behave(&self) {
        self.state.lock().unwrap().script = None;
    }

    /// Give what `read` finds in the captures, without copying them all.
    pub fn with<T>(&self, read: impl FnOnce(&[Capture], &[Talk]) -> T) -> T {
        let state = self.state.lock().unwrap();
        read(&state.captures, &state.talks)
    }

    fn act(&self, stage: Stage, recipient: &str) -> Act {
        let state = self.state.lock().unwrap();
        state.script.as_ref().map_or(Act::Usual, |script| script(stage, recipient))
    }

    fn talk(&self, stream: TcpStream, life: Life) {
        let connection = {
            let mut state = self.state.lock().unwrap();
            state.talks.push(Talk { broken_here: false, open: true });
            state.talks.len() - 1
        };
        let _ = stream.set_nodelay(true);
        let reader = BufReader::new(stream.try_clone().unwrap());
        let mut talking = Talking {
            receiver: self,
            reader,
            stream,
            connection,
            life,
            recipient: String::new(),
            reverse_path: String::new(),
            begun: false,
        };
        let _ = talking.run();
        self.state.lock().unwrap().talks[connection].open = false;
    }
}

struct Talking<'a> {
    receiver: &'a Receiver,
    reader: BufReader<TcpStream>,
    stream: TcpStream,
    connection: usize,
    life: Life,
    recipient: String,
    reverse_path: String,
    /// MAIL was taken.
    begun: bool,
}

impl Talking<'_> {
    fn run(&mut self) -> std::io::Result<()> {
        self.say(Stage::Connect, "220 mail.example ESMTP")?;
        loop {
            let line = self.line()?;
            let upper = String::from_utf8_lossy(&line).to_uppercase();
            let path = path_of(&String::from_utf8_lossy(&line));
            match upper.get(..4).unwrap_or_default() {
                "EHLO" => self.say(Stage::Ehlo, "250-mail.example\r\n250-PIPELINING\r\n250 8BITMIME")?,
                "MAIL" => {
                    (self.reverse_path, self.recipient) = (path, String::new());
                    self.begun = self.say(Stage::Mail, "250 2.1.0 ok")?;
                    self.begun
                }
                "RCPT" => {
                    self.recipient.clone_from(&path);
                    let taken = self.say(Stage::Rcpt, if self.begun { "250 2.1.5 ok" } else { "503 5.5.1 no MAIL" })?;
                    if !taken {
                        self.recipient.clear();
                    }
                    taken
                }
                "DATA" => {
                    let usual = if self.recipient.is_empty() { "554 5.5.1 nobody" } else { "354 go on" };
                    if self.say(Stage::Data, usual)? && !self.recipient.is_empty() {
                        self.message()?;
                    }
                    true
                }
                "QUIT" => {
                    self.say(Stage::Quit, "221 2.0.0 bye")?;
                    return Ok(());
                }
                _ => {
                    self.stream.write_all(b"250 2.0.0 ok\r\n")?;
                    true
                }
            };
        }
    }

    fn message(&mut self) -> std::io::Result<()> {
        let mut raw = Vec::new();
        let mut lines = 0;
        loop {
            let line = self.line()?;
            if line == b".\r\n" {
                break;
            }
            lines += 1;
            if lines == 5 {
                let act = self.receiver.act(Stage::Middle, &self.recipient);
                self.carry_out(act, None)?;
            }
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let act = self.receiver.act(Stage::Dot, &self.recipient);
        // A mail server that breaks off now may have the message all the same: that is the window nobody can see into.
        let taken = match &act {
            Act::Say(reply) => reply.starts_with("250"),
            _ => true,
        };
        if taken {
            self.keep(raw);
        }
        self.carry_out(act, Some("250 2.0.0 taken"))?;
        let act = self.receiver.act(Stage::Answered, &self.recipient);
        self.carry_out(act, None)?;
        Ok(())
    }

    fn keep(&self, raw: Vec<u8>) {
        let marks: HashSet<String> = marks_in(&raw).collect();
        let mut capture = Capture {
            connection: self.connection as u64,
            life: self.life,
            reverse_path: self.reverse_path.clone(),
            recipient: self.recipient.clone(),
            raw,
            message_id: String::new(),
            marks: marks.into_iter().collect(),
        };
        capture.message_id = capture.header("Message-ID").unwrap_or_default();
        self.receiver.state.lock().unwrap().captures.push(capture);
    }

    fn line(&mut self) -> std::io::Result<Vec<u8>> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            if self.reader.read_until(b'\n', &mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(line)
    }

    /// The script's reply or the usual one; whether it was a yes.
    fn say(&mut self, stage: Stage, usual: &str) -> std::io::Result<bool> {
        let act = self.receiver.act(stage, &self.recipient);
        self.carry_out(act, Some(usual))
    }

    fn carry_out(&mut self, act: Act, usual: Option<&str>) -> std::io::Result<bool> {
        let reply = match act {
            Act::Usual => match usual {
                Some(usual) => usual.to_owned(),
                None => return Ok(true),
            },
            Act::Say(reply) => reply,
            broken => {
                self.receiver.state.lock().unwrap().talks[self.connection].broken_here = true;
                match broken {
                    // RST goes out when the last handle is closed, unless FIN went before it.
                    Act::Reset => reset(&self.stream),
                    Act::Stall => while self.line().is_ok() {},
                    _ => self.stream.shutdown(Shutdown::Both)?,
                }
                return Err(std::io::ErrorKind::ConnectionAborted.into());
            }
        };
        self.stream.write_all(format!("{reply}\r\n").as_bytes())?;
        Ok(reply.starts_with('2') || reply.starts_with('3'))
    }
}

/// Close with RST instead of FIN. The standard library can't say so yet, tokio can.
fn reset(stream: &TcpStream) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _inside = runtime.enter();
    if let Ok(twin) = stream.try_clone()
        && twin.set_nonblocking(true).is_ok()
        && let Ok(twin) = tokio::net::TcpStream::from_std(twin)
    {
        let _ = twin.set_zero_linger();
    }
}

fn path_of(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(String::new(), |(path, _)| path.to_owned())
}

/// Wait until `done`, or fail with `what`.
pub fn wait_for(what: &str, patience: Duration, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < patience, "{what}: not within {patience:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
