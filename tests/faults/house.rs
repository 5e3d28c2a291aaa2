//! The real program in a folder of its own: two groups, a mail server to send to, and `serve` with a fault to order.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver as Hearing, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::ledger::{Ledger, MODERATORS, NEWCOMERS};
use crate::preload;
use crate::receiver::{Life, Receiver};

/// Who reads single mails in the group without moderation.
pub const OPEN_READERS: [&str; 3] = ["r0@readers.example", "r1@readers.example", "r2@readers.example"];
/// Who reads single mails in the group that reads first posts.
pub const FIRST_READERS: [&str; 2] = ["s0@readers.example", "s1@readers.example"];
/// How many connections a server opens to the mail server.
pub const CONNECTIONS: usize = 4;

pub struct House {
    folder: tempfile::TempDir,
    pub receiver: Receiver,
    pub ledger: Ledger,
    smtp_ports: Vec<u16>,
    database_port: u16,
    /// Lives that ended by SIGKILL, were frozen or lost their database, once for each time: what they had under way may be
    /// repeated.
    pub cut_short: Mutex<Vec<Life>>,
}

/// Which database, undo seconds, and how many servers.
pub struct Plan {
    pub url: Option<String>,
    pub undo_seconds: u32,
    pub servers: usize,
    /// Groups without moderation: what a killed server was reading keeps a group waiting until the lease ends.
    pub open_groups: usize,
}

impl Plan {
    pub fn sqlite() -> Self {
        Self { url: None, undo_seconds: 0, servers: 1, open_groups: 1 }
    }

    pub fn postgres(url: String) -> Self {
        Self { url: Some(url), undo_seconds: 1, servers: 1, open_groups: 1 }
    }
}

impl House {
    pub fn new(plan: &Plan) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let receiver = Receiver::new();
        let smtp_ports: Vec<u16> = (0..plan.servers).map(|server| receiver.listen(server)).collect();
        let url = plan.url.clone().unwrap_or_else(|| format!("sqlite://{}/lamplight.db", folder.path().display()));
        let database_port = url.rsplit_once('/').and_then(|(front, _)| front.rsplit_once(':')?.1.parse().ok());
        let house = Self {
            folder,
            receiver,
            ledger: Ledger::default(),
            smtp_ports,
            database_port: database_port.unwrap_or(1),
            cut_short: Mutex::default(),
        };
        house.write_settings(&url, plan.undo_seconds);
        house.found_groups(plan.open_groups);
        house
    }

    fn write_settings(&self, url: &str, undo_seconds: u32) {
        let settings = format!(
            "[service]\ndomain = \"groups.example\"\nadministrators = [\"admin@work.example\"]\nstate_dir = \"{}\"\n\
             [database]\nurl = \"{url}\"\n[inbound.lmtp]\nlisten = \"127.0.0.1:0\"\n\
             [outbound]\nsmarthost = \"smtp://127.0.0.1:{}\"\nconnections = {CONNECTIONS}\n\
             [moderation]\nundo_seconds = {undo_seconds}\n",
            self.path().display(),
            self.smtp_ports[0],
        );
        std::fs::write(self.path().join("lamplight.toml"), settings).unwrap();
    }

    fn found_groups(&self, open_groups: usize) {
        self.ok(&["init"]);
        for number in 0..open_groups {
            let name = open_group(number);
            self.add_group(&name, "none");
            self.ok(&["moderator", "add", &name, "keeper@work.example", "--name", "Keeper", "--delivery", "none"]);
            let authors = (0..4).map(|at| format!("a{at}@home.example,Author {at},none\n")).collect::<String>();
            self.import(&name, &(authors + &reader_rows(&OPEN_READERS)));
        }
        self.add_group("first", "first");
        for (address, name) in MODERATORS.iter().zip(["Dana", "Ruth"]) {
            self.ok(&["moderator", "add", "first", address, "--name", name, "--delivery", "none"]);
        }
        let newcomers = (0..NEWCOMERS).map(|at| format!("n{at}@home.example,Newcomer {at},none\n")).collect::<String>();
        self.import("first", &(newcomers + &reader_rows(&FIRST_READERS)));
    }

    fn add_group(&self, name: &str, moderation: &str) {
        // Digests are due when no test runs.
        self.ok(&["group", "add", name, "--title", name, "--moderation", moderation, "--digest", "0 0 1 1 *"]);
    }

    pub fn import(&self, group: &str, rows: &str) {
        let file = self.path().join("people.csv");
        std::fs::write(&file, format!("address,name,delivery\n{rows}")).unwrap();
        self.ok(&["member", "import", group, file.to_str().unwrap()]);
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lamplight"));
        command.args(arguments).current_dir(self.path()).env_remove("LAMPLIGHT_CONFIG");
        command
    }

    pub fn ok(&self, arguments: &[&str]) -> String {
        let ended = self.command(arguments).output().unwrap();
        assert!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8(ended.stdout).unwrap()
    }

    pub fn rows(&self, arguments: &[&str]) -> Vec<Value> {
        match serde_json::from_str(&self.ok(arguments)).unwrap() {
            Value::Array(rows) => rows,
            other => panic!("{arguments:?} gave {other}"),
        }
    }

    pub fn serve(&self) -> Service {
        self.start(0, None, None)
    }

    /// `serve` with a fault as in `fault.c`.
    pub fn serve_with(&self, fault: &str) -> Service {
        self.start(0, Some(fault), None)
    }

    /// Start a server, with a fault and a file for the record of writes.
    pub fn start(&self, server: usize, fault: Option<&str>, record: Option<&Path>) -> Service {
        let (mut command, life, note) = self.faulty(&["serve"], server, fault, record);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let (say, hear) = channel();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let log = self.path().join("serve.log");
        std::thread::spawn(move || {
            let mut log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
                if let Some(address) = line.trim().strip_prefix("lamplight: listening on ") {
                    let _ = say.send(address.parse().unwrap());
                }
                let _ = log.write_all(line.as_bytes());
                line.clear();
            }
        });
        Service { child, life, note, hear, address: None }
    }

    /// The program about to be run as this server, with a fault; the life it begins, and the file that tells of the fault.
    pub fn faulty(
        &self,
        arguments: &[&str],
        server: usize,
        fault: Option<&str>,
        record: Option<&Path>,
    ) -> (Command, Life, PathBuf) {
        let life = self.receiver.begin_life(server);
        let note = self.path().join(format!("note-{server}"));
        let _ = std::fs::remove_file(&note);
        let mut command = self.command(arguments);
        let smtp_port = self.smtp_ports[server];
        command.env("LAMPLIGHT_OUTBOUND__SMARTHOST", format!("smtp://127.0.0.1:{smtp_port}"));
        if let Some(library) = (fault.is_some() || record.is_some()).then(preload::library).flatten() {
            command.env("LD_PRELOAD", library).env("LAMPLIGHT_FAULT_NOTE", &note);
            command.env("LAMPLIGHT_FAULT_PORTS", format!("{smtp_port},{}", self.database_port));
            if let Some(fault) = fault {
                command.env("LAMPLIGHT_FAULT", fault);
            }
            if let Some(record) = record {
                command.env("LAMPLIGHT_FAULT_LOG", record);
            }
        }
        (command, life, note)
    }

    /// Something in this life may leave copies undecided, one for each connection.
    pub fn note_cut_short(&self, service: &Service) {
        self.cut_short.lock().unwrap().push(service.life);
    }

    /// What `serve` wrote to standard error, its last lines.
    pub fn said(&self) -> String {
        let log = std::fs::read_to_string(self.path().join("serve.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

/// `open`, `open1` …
pub fn open_group(number: usize) -> String {
    if number == 0 { "open".to_owned() } else { format!("open{number}") }
}

fn reader_rows(addresses: &[&str]) -> String {
    addresses.iter().enumerate().map(|(at, address)| format!("{address},Reader {at},each\n")).collect()
}

/// A running server; killed when it is dropped.
pub struct Service {
    child: Child,
    pub life: Life,
    note: PathBuf,
    hear: Hearing<SocketAddr>,
    address: Option<SocketAddr>,
}

impl Service {
    /// Where it listens; `None` when it ended before.
    pub fn address(&mut self) -> Option<SocketAddr> {
        if self.address.is_none() {
            self.address = self.hear.recv_timeout(Duration::from_secs(30)).ok();
        }
        self.address
    }

    /// Whether the fault has come.
    pub fn was_struck(&self) -> bool {
        self.note.exists()
    }

    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Wait until it ends by itself; `false` when it doesn't.
    pub fn ends_within(&mut self, patience: Duration) -> bool {
        let began = Instant::now();
        while !self.has_ended() {
            if began.elapsed() > patience {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }

    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// End it as an administrator does.
    pub fn stop(mut self) {
        self.signal("-TERM");
        assert!(self.ends_within(Duration::from_secs(30)), "SIGTERM does not end it");
        let ended = self.child.wait().unwrap();
        assert!(ended.success() || ended.signal() == Some(9), "{ended:?}");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}
