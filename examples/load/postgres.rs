//! A PostgreSQL for this run alone, with fsync on, in a folder of its own.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

/// A server; stopped when it is dropped.
pub struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    as_root: bool,
    port: u16,
}

impl Postgres {
    /// Start one; `None` where it is not installed.
    pub fn start(within: &Path) -> Result<Option<Self>> {
        let Some(programs) = programs() else { return Ok(None) };
        let folder = within.join("postgres");
        std::fs::create_dir(&folder)?;
        // PostgreSQL refuses to run as root.
        let as_root = std::fs::metadata("/proc/self")?.uid() == 0;
        if as_root {
            ensure!(Command::new("chown").arg("postgres").arg(&folder).status()?.success(), "chown failed");
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Self { folder, programs, as_root, port };
        let data = server.folder.join("data").display().to_string();
        server.run("initdb", &["-D", &data, "-A", "trust", "-U", "postgres", "-E", "UTF8"])?;
        let options = format!(
            "-p {port} -k {} -c listen_addresses=127.0.0.1 -c fsync=on -c synchronous_commit=on",
            server.folder.display()
        );
        let log = server.folder.join("log").display().to_string();
        server.run("pg_ctl", &["-D", &data, "-w", "-l", &log, "-o", &options, "start"])?;
        Ok(Some(server))
    }

    /// A new, empty database; gives its URL.
    pub fn database(&self, name: &str) -> Result<String> {
        self.run("createdb", &["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres", name])?;
        Ok(format!("postgres://postgres@127.0.0.1:{}/{name}", self.port))
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let path = self.programs.join(program);
        let mut command = if self.as_root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.args(arguments).current_dir(&self.folder).env("LC_ALL", "C.UTF-8");
        let ended = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        ensure!(ended.success(), "{program} failed");
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.join("data").display().to_string();
        // What is left then goes with the folder.
        let _ = self.run("pg_ctl", &["-D", &data, "-m", "immediate", "-w", "stop"]);
    }
}

fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}
