//! The real program: a folder with settings and database, its command line, and `serve` as a process that is watched
//! from outside.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::lmtp;

/// The kernel counts a process's CPU time in hundredths of a second.
const TICKS: f64 = 100.0;

/// The program that was built beside this one.
pub fn binary() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(Path::parent).context("this program lies in no target folder")?;
    let path = folder.join("lamplight");
    let profile = if folder.ends_with("release") { "--release " } else { "" };
    ensure!(path.exists(), "{} is not there: run `cargo build {profile}--bin lamplight` first", path.display());
    Ok(path)
}

/// A folder in which Lamplight is at home.
pub struct House {
    folder: tempfile::TempDir,
    config: lamplight::config::Config,
    binary: PathBuf,
    address: SocketAddr,
}

impl House {
    /// Settings and an empty database. `database` is a URL; `None` is SQLite in the folder.
    pub fn new(binary: &Path, within: &Path, database: Option<&str>, smarthost: SocketAddr) -> Result<Self> {
        let folder = tempfile::tempdir_in(within)?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let url = database.unwrap_or("sqlite://lamplight.db");
        let settings = format!(
            "[service]\ndomain = \"groups.example\"\ntimezone = \"UTC\"\nadministrators = [\"office@work.example\"]\nstate_dir = \"state\"\n\
             [database]\nurl = \"{url}\"\n[inbound.lmtp]\nlisten = \"{address}\"\n\
             [outbound]\nsmarthost = \"smtp://{smarthost}\"\nconnections = 10\n"
        );
        std::fs::write(folder.path().join("lamplight.toml"), settings)?;
        let mut config = lamplight::config::Config::default();
        config.database.url = match database {
            Some(url) => url.to_owned(),
            None => format!("sqlite://{}/lamplight.db", folder.path().display()),
        };
        let house = Self { folder, config, binary: binary.to_owned(), address };
        house.run(&["init"])?;
        Ok(house)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(self.folder.path()).env_remove("LAMPLIGHT_CONFIG");
        command
    }

    /// A verb of the command line; gives what it printed.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        let ended = self.command(arguments).output()?;
        ensure!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr).trim());
        Ok(String::from_utf8(ended.stdout)?)
    }

    /// The same; gives what it said on standard error.
    pub fn said(&self, arguments: &[&str]) -> Result<String> {
        let ended = self.command(arguments).output()?;
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        ensure!(ended.status.success(), "{arguments:?}: {}", said.trim());
        Ok(said)
    }

    /// A verb that is watched, however it ends: how long it took, its memory at the highest in MiB, and what it printed.
    pub fn watched(&self, arguments: &[&str]) -> Result<(Duration, f64, String)> {
        let began = Instant::now();
        let mut child = self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut highest = 0.0_f64;
        while child.try_wait()?.is_none() {
            highest = highest.max(memory(child.id(), "VmHWM").unwrap_or(0.0));
            std::thread::sleep(Duration::from_millis(20));
        }
        let took = began.elapsed();
        Ok((took, highest, String::from_utf8(child.wait_with_output()?.stdout)?))
    }

    /// Lamplight itself in this house, to be asked from here.
    pub async fn open(&self) -> Result<lamplight::engine::Lamplight> {
        use lamplight::engine::{Lamplight, Opening};
        let mut config = self.config.clone();
        config.service.state_dir = self.folder.path().join("state");
        Lamplight::open(config, lamplight::clock::Clock::System, Opening::Existing).await
    }

    /// A listing.
    pub fn list(&self, arguments: &[&str]) -> Result<Vec<serde_json::Value>> {
        let text = self.run(&[arguments, &["--json"]].concat())?;
        Ok(serde_json::from_str(&text)?)
    }

    /// A group with two moderators, and `members` people who read it by `delivery`. No digest falls due in the next hours.
    pub fn group(&self, name: &str, moderation: &str, members: usize, delivery: &str) -> Result<()> {
        let now = lamplight::clock::Clock::System.now().0 / 3_600_000_000;
        let digest = format!("0 {} * * *", (now + 12) % 24);
        self.run(&["group", "add", name, "--title", name, "--moderation", moderation, "--digest", &digest])?;
        for moderator in ["Dana", "Robin"] {
            let address = format!("{}@work.example", moderator.to_lowercase());
            self.run(&["moderator", "add", name, &address, "--name", moderator, "--delivery", "none"])?;
        }
        let mut people = String::from("address,name,delivery\n");
        for number in 0..members {
            people.push_str(&format!("{},Member {number},{delivery}\n", crate::letters::author(number)));
        }
        let file = self.folder.path().join("people.csv");
        std::fs::write(&file, people)?;
        self.run(&["member", "import", name, &file.display().to_string()])?;
        Ok(())
    }

    /// Start `serve`; gives it when it greets, with the time that took.
    pub fn serve(&self) -> Result<(Service, Duration)> {
        let log = File::create(self.folder.path().join("log"))?;
        let began = Instant::now();
        let child = self.command(&["-q", "serve"]).stdout(Stdio::null()).stderr(log).spawn()?;
        let mut service = Service { child, address: self.address };
        while !lmtp::answers(self.address) {
            if let Some(status) = service.child.try_wait()? {
                let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                bail!("serve ended with {status}: {}", log.trim());
            }
            ensure!(began.elapsed() < Duration::from_secs(60), "serve does not answer");
            std::thread::sleep(Duration::from_micros(500));
        }
        Ok((service, began.elapsed()))
    }
}

/// `serve`, running; killed when it is dropped.
pub struct Service {
    child: Child,
    pub address: SocketAddr,
}

impl Service {
    /// CPU seconds so far, user and system.
    pub fn cpu(&self) -> Result<f64> {
        Ok(ticks(&self.child.id().to_string(), 11)? / TICKS)
    }

    /// Memory in MiB: `VmRSS` now, `VmHWM` at its highest.
    pub fn memory(&self, what: &str) -> Result<f64> {
        memory(self.child.id(), what)
    }

    /// Wait until there are `goal` of what `count` counts. It is asked only when the process seems to have nothing to
    /// do, because asking costs; when the number stands still for long, the rest is lost.
    pub fn until(&self, goal: usize, count: impl Fn() -> Result<usize>) -> Result<()> {
        let (mut there, mut moved) = (0, Instant::now());
        loop {
            let before = self.cpu()?;
            std::thread::sleep(Duration::from_millis(500));
            if self.cpu()? - before >= 0.03 {
                continue;
            }
            let now = count()?;
            if now >= goal {
                return Ok(());
            }
            if now != there {
                (there, moved) = (now, Instant::now());
            }
            ensure!(moved.elapsed() < Duration::from_secs(60), "LOST: {there} of {goal} are done, and nothing moves");
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    /// End it as an administrator would.
    pub fn stop(mut self) -> Result<()> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        ensure!(self.child.wait()?.success(), "serve did not end cleanly");
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line of `/proc/PID/status`, in MiB.
fn memory(process: u32, what: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with(what)).context("no such line in /proc")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).context("no number in /proc")?.parse()?;
    Ok(kilobytes / 1024.0)
}

/// Two neighbouring fields of `/proc/PID/stat`, counted from the process's state on, added up.
fn ticks(process: &str, field: usize) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let behind_name = stat.rsplit(')').next().context("/proc is not as expected")?;
    let pair = behind_name.split_whitespace().skip(field).take(2).map(str::parse::<f64>);
    Ok(pair.sum::<Result<f64, _>>()?)
}

/// CPU seconds of every program that this one started and that has ended.
pub fn children_cpu() -> Result<f64> {
    Ok(ticks("self", 13)? / TICKS)
}

/// CPU seconds of the thread that asks.
pub fn thread_cpu() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split_whitespace().next().context("/proc is not as expected")?.parse()?;
    Ok(nanoseconds / 1e9)
}

/// CPU seconds of all threads of this process.
pub fn process_cpu() -> Result<f64> {
    let mut nanoseconds = 0.0;
    for thread in std::fs::read_dir("/proc/self/task")? {
        // One that ended in between is counted with its process no more; the next run is.
        if let Ok(text) = std::fs::read_to_string(thread?.path().join("schedstat")) {
            nanoseconds += text.split_whitespace().next().and_then(|first| first.parse::<f64>().ok()).unwrap_or(0.0);
        }
    }
    Ok(nanoseconds / 1e9)
}
