//! A mail server that takes what leaves the house, keeps every octet, and fails where the story wants it to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// One accepted transaction.
#[derive(Debug, Clone)]
pub struct Captured {
    /// The reverse path, without brackets.
    pub reverse_path: String,
    /// What stood behind it in MAIL.
    pub parameters: String,
    /// The recipients.
    pub recipients: Vec<String>,
    /// The message, dots taken out.
    pub raw: Vec<u8>,
}

impl Captured {
    fn message(&self) -> mail_parser::Message<'_> {
        mail_parser::MessageParser::default().parse(&self.raw).expect("a message")
    }

    /// The plain text, decoded.
    pub fn text(&self) -> String {
        self.message().body_text(0).unwrap_or_default().replace("\r\n", "\n")
    }

    /// Every plain text in it, those of messages inside it as well.
    pub fn whole_text(&self) -> String {
        fn add(message: &mail_parser::Message<'_>, all: &mut String) {
            for part in &message.parts {
                match &part.body {
                    mail_parser::PartType::Text(text) => {
                        all.push_str(&text.replace("\r\n", "\n"));
                        all.push('\n');
                    }
                    mail_parser::PartType::Message(inside) => {
                        all.push_str(&format!("{} {:?}\n", inside.subject().unwrap_or_default(), inside.from()));
                        all.push_str(&format!("{:?}\n", inside.reply_to()));
                        add(inside, all);
                    }
                    _ => {}
                }
            }
        }
        let mut all = String::new();
        add(&self.message(), &mut all);
        all
    }

    /// The HTML, decoded.
    pub fn html(&self) -> String {
        self.message().body_html(0).unwrap_or_default().replace("\r\n", "\n")
    }

    /// The subject, decoded.
    pub fn subject(&self) -> String {
        self.message().subject().unwrap_or_default().to_owned()
    }

    /// The first field of this name as it was written, unfolded; empty when there is none.
    pub fn header(&self, name: &str) -> String {
        self.headers(name).into_iter().next().unwrap_or_default()
    }

    /// Every field of this name.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let head = String::from_utf8_lossy(&self.raw).split("\r\n\r\n").next().unwrap_or_default().to_owned();
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let fields = unfolded.split("\r\n").filter_map(|line| line.split_once(':'));
        fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned()).collect()
    }

    /// The address that a reply would go to: Reply-To, or From.
    pub fn reply_address(&self) -> String {
        let value = [self.header("Reply-To"), self.header("From")].into_iter().find(|value| !value.is_empty());
        let value = value.unwrap_or_default();
        value.rsplit_once('<').map_or(value.as_str(), |(_, rest)| rest.trim_end_matches('>')).to_owned()
    }
}

/// A rule of the script: at this stage, for a line of this form, so many times, do this.
struct Rule {
    stage: String,
    pattern: String,
    action: String,
    left: Option<usize>,
}

#[derive(Default)]
struct State {
    captured: Vec<Captured>,
    rules: Vec<Rule>,
    features: Vec<String>,
    transcript: VecDeque<String>,
    connections: usize,
}

/// The server. It runs on the test's own runtime and ends with it.
#[derive(Clone)]
pub struct SmtpPeer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

/// A rule that was just put into the script; narrow it with [`Answer::times`] and [`Answer::to`].
pub struct Answer<'a> {
    peer: &'a SmtpPeer,
    at: usize,
}

impl Answer<'_> {
    /// Only so many times; then the server is itself again.
    pub fn times(self, times: usize) -> Self {
        self.peer.state.lock().unwrap().rules[self.at].left = Some(times);
        self
    }

    /// Only where the client's line (or for BODY the recipient) is of this form; `*` stands for anything.
    pub fn to(self, pattern: &str) -> Self {
        self.peer.state.lock().unwrap().rules[self.at].pattern = format!("*{pattern}*");
        self
    }
}

impl SmtpPeer {
    /// A server on a free port that knows PIPELINING, 8BITMIME, SMTPUTF8 and ENHANCEDSTATUSCODES.
    pub async fn start() -> Self {
        Self::start_with(&["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]).await
    }

    /// A server that announces these capabilities.
    pub async fn start_with(features: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = State { features: features.iter().map(ToString::to_string).collect(), ..State::default() };
        let peer = Self { address, state: Arc::new(Mutex::new(state)) };
        let server = peer.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                server.state.lock().unwrap().connections += 1;
                tokio::spawn(server.clone().talk(stream));
            }
        });
        peer
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The setting that sends mail here.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// At `stage` (CONNECT, EHLO, AUTH, MAIL, RCPT, DATA, BODY, RSET) say `action`, or do it: `drop` closes, `reset`
    /// closes with a reset, `stall` says nothing more, `wait-300 250 ok` waits for 300 ms first. BODY is the reply to the whole message.
    pub fn answer(&self, stage: &str, action: &str) -> Answer<'_> {
        let mut state = self.state.lock().unwrap();
        let (stage, action) = (stage.to_owned(), action.to_owned());
        state.rules.push(Rule { stage, pattern: "*".to_owned(), action, left: None });
        Answer { peer: self, at: state.rules.len() - 1 }
    }

    /// Forget the script. Not while an [`Answer`] is being narrowed.
    pub fn behave(&self) {
        self.state.lock().unwrap().rules.clear();
    }

    /// Everything that was accepted, in order.
    pub fn mail(&self) -> Vec<Captured> {
        self.state.lock().unwrap().captured.clone()
    }

    /// Everything that was accepted since it was last taken, in order: a story of years would not keep it all.
    pub fn take_mail(&self) -> Vec<Captured> {
        let mut state = self.state.lock().unwrap();
        state.transcript.clear();
        std::mem::take(&mut state.captured)
    }

    /// What was accepted after the first `count`, in order.
    pub fn mail_after(&self, count: usize) -> Vec<Captured> {
        self.state.lock().unwrap().captured[count..].to_vec()
    }

    /// What was accepted for this recipient, in order.
    pub fn mail_to(&self, address: &str) -> Vec<Captured> {
        let same = |captured: &&Captured| captured.recipients.iter().any(|to| to.eq_ignore_ascii_case(address));
        self.state.lock().unwrap().captured.iter().filter(same).cloned().collect()
    }

    /// Wait until `count` messages are there for this recipient; panics after `limit`.
    pub async fn wait_for(&self, address: &str, count: usize, limit: Duration) -> Vec<Captured> {
        let waited = tokio::time::timeout(limit, async {
            loop {
                let mail = self.mail_to(address);
                if mail.len() >= count {
                    return mail;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        waited.await.unwrap_or_else(|_| panic!("{count} expected for {address}, got {}", self.mail_to(address).len()))
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }

    /// Every command line that was heard.
    pub fn transcript(&self) -> Vec<String> {
        self.state.lock().unwrap().transcript.iter().cloned().collect()
    }

    /// What the script says here; a rule's turn is used up by asking.
    fn scripted(&self, stage: &str, line: &str) -> Option<String> {
        let mut state = self.state.lock().unwrap();
        let fits = |rule: &&mut Rule| {
            rule.stage.eq_ignore_ascii_case(stage) && rule.left != Some(0) && super::matches(&rule.pattern, line)
        };
        let rule = state.rules.iter_mut().find(fits)?;
        rule.left = rule.left.map(|left| left - 1);
        Some(rule.action.clone())
    }

    /// One connection; every error ends it.
    async fn talk(self, stream: TcpStream) {
        stream.set_nodelay(true).unwrap();
        let _ = Talk { peer: self, stream: BufReader::new(stream), open: None }.run().await;
    }
}

struct Talk {
    peer: SmtpPeer,
    stream: BufReader<TcpStream>,
    open: Option<Captured>,
}

/// Where a method gives `None`, the connection is over.
impl Talk {
    async fn run(&mut self) -> Option<()> {
        self.say("CONNECT", "", "220 peer.example ESMTP").await?;
        loop {
            let line = String::from_utf8(self.line().await?).ok()?.trim_end().to_owned();
            self.peer.state.lock().unwrap().transcript.push_back(line.clone());
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    self.open = None;
                    let mut lines = vec!["peer.example".to_owned()];
                    lines.extend(self.peer.state.lock().unwrap().features.clone());
                    let last = lines.pop().unwrap_or_default();
                    let front: String = lines.iter().map(|line| format!("250-{line}\r\n")).collect();
                    self.say("EHLO", &line, &format!("{front}250 {last}")).await?
                }
                "MAIL" if self.open.is_some() => self.say("MAIL", &line, "503 5.5.1 nested MAIL").await?,
                "MAIL" => {
                    let yes = self.say("MAIL", &line, "250 2.1.0 ok").await?;
                    if yes {
                        let (path, parameters) = path_of(&line);
                        let recipients = Vec::new();
                        self.open = Some(Captured { reverse_path: path, parameters, recipients, raw: Vec::new() });
                    }
                    yes
                }
                "RCPT" if self.open.is_none() => self.say("RCPT", &line, "503 5.5.1 no MAIL").await?,
                "RCPT" => {
                    let yes = self.say("RCPT", &line, "250 2.1.5 ok").await?;
                    if let (true, Some(open)) = (yes, &mut self.open) {
                        open.recipients.push(path_of(&line).0);
                    }
                    yes
                }
                "DATA" => self.data(&line).await?,
                "RSET" => {
                    self.open = None;
                    self.say("RSET", &line, "250 2.0.0 ok").await?
                }
                "AUTH" => self.say("AUTH", &line, "235 2.7.0 ok").await?,
                "QUIT" => {
                    self.say("QUIT", &line, "221 2.0.0 bye").await?;
                    return None;
                }
                _ => self.say("OTHER", &line, "250 2.0.0 ok").await?,
            };
        }
    }

    async fn data(&mut self, line: &str) -> Option<bool> {
        let named = self.open.as_ref().is_some_and(|open| !open.recipients.is_empty());
        let usual = if named { "354 go on" } else { "554 5.5.1 no valid recipients" };
        if !self.say("DATA", line, usual).await? {
            return Some(false);
        }
        let mut raw = Vec::new();
        loop {
            let line = self.line().await?;
            if line == b".\r\n" {
                break;
            }
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let mut captured = self.open.take()?;
        captured.raw = raw;
        let recipients = captured.recipients.join(" ");
        // Kept before the reply, as a server does: a reply that is lost doesn't make the mail unsent.
        let action = self.peer.scripted("BODY", &recipients);
        let kept = action.as_deref().is_none_or(|action| action.starts_with('2') || action.starts_with("keep-"));
        if kept && !captured.recipients.is_empty() {
            self.peer.state.lock().unwrap().captured.push(captured);
        }
        let action = action.as_deref().unwrap_or("250 2.0.0 taken").trim_start_matches("keep-").to_owned();
        self.act(&action).await
    }

    async fn line(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        // Only CRLF ends a line; a bare LF stays inside.
        while !line.ends_with(b"\r\n") {
            if self.stream.read_until(b'\n', &mut line).await.ok()? == 0 {
                return None;
            }
        }
        Some(line)
    }

    /// Say what the script has for this line, or the usual; whether that was a yes.
    async fn say(&mut self, stage: &str, line: &str, usual: &str) -> Option<bool> {
        let action = self.peer.scripted(stage, line).unwrap_or_else(|| usual.to_owned());
        self.act(&action).await
    }

    async fn act(&mut self, action: &str) -> Option<bool> {
        match action {
            "drop" => return None,
            "reset" => {
                // Closing with octets unread, or with no wait for the last ones, resets the connection.
                let _ = self.stream.get_ref().set_zero_linger();
                return None;
            }
            "stall" => std::future::pending::<()>().await,
            wait if wait.starts_with("wait-") => {
                let (millis, then) = wait.trim_start_matches("wait-").split_once(' ').unwrap_or((wait, "250 ok"));
                tokio::time::sleep(Duration::from_millis(millis.parse().unwrap())).await;
                return Box::pin(self.act(then)).await;
            }
            reply => {
                let reply = format!("{reply}\r\n");
                self.stream.write_all(reply.as_bytes()).await.ok()?;
                self.stream.flush().await.ok()?;
            }
        }
        Some(action.starts_with('2') || action.starts_with('3'))
    }
}

/// The path between the brackets, and what stands behind them.
fn path_of(line: &str) -> (String, String) {
    let rest = line.split_once('<').map_or("", |(_, rest)| rest);
    let (path, parameters) = rest.rsplit_once('>').unwrap_or((rest, ""));
    (path.to_owned(), parameters.trim().to_owned())
}
