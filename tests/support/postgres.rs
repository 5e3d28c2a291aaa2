//! A PostgreSQL of the tests' own, made with `initdb` and `pg_ctl` in a folder of its own and gone with the tests.
//! Where those programs are missing the stories say so; with `LAMPLIGHT_TEST_REQUIRE=postgres` their absence fails.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

struct Server {
    folder: PathBuf,
    bin: PathBuf,
    user: Option<&'static str>,
    port: u16,
}

/// A fresh, empty database; `None` where there is no PostgreSQL, which is said aloud.
pub fn fresh_database() -> Option<String> {
    let server = SERVER.get_or_init(start).as_ref()?;
    let name = format!("story{}", DATABASES.fetch_add(1, Ordering::SeqCst));
    let made =
        server.command("createdb").args(["-h", "127.0.0.1", "-p", &server.port.to_string(), &name]).output().unwrap();
    assert!(made.status.success(), "createdb: {}", String::from_utf8_lossy(&made.stderr));
    Some(format!("postgres://{}@127.0.0.1:{}/{name}", server.role(), server.port))
}

fn start() -> Option<Server> {
    let Some(bin) = programs() else {
        assert!(!required(), "LAMPLIGHT_TEST_REQUIRE asks for postgres, and initdb was not found");
        say_aloud(
            "SKIPPED: every story on PostgreSQL, because initdb was not found (Debian: apt-get install postgresql)",
        );
        return None;
    };
    // PostgreSQL refuses to run as root.
    let is_root = rustix_is_root();
    let user = is_root.then(|| if knows_user("postgres") { "postgres" } else { "nobody" });
    let folder = std::env::temp_dir().join(format!("lamplight-postgres-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    if let Some(user) = user {
        assert!(Command::new("chown").arg(user).arg(&folder).status().unwrap().success());
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Server { folder, bin, user, port };
    server.run("initdb", &["-D", &server.data(), "-A", "trust", "-U", server.role(), "-E", "UTF8", "--no-sync"]);
    let options = format!(
        "-p {port} -k {} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200",
        server.folder.display()
    );
    server.run("pg_ctl", &["-D", &server.data(), "-w", "-l", &server.log(), "-o", &options, "start"]);
    server.end_with_this_process();
    Some(server)
}

/// What `pg_dump` writes of a database.
#[allow(dead_code, reason = "not everybody who uses this file looks into the server")]
pub fn dump(url: &str) -> Vec<u8> {
    let server = SERVER.get().and_then(Option::as_ref).unwrap();
    let out = server.command("pg_dump").args(["--dbname", url, "--inserts"]).output().unwrap();
    assert!(out.status.success(), "pg_dump: {}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// The files in which the server keeps a database, by its number.
#[allow(dead_code, reason = "not everybody who uses this file looks into the server")]
pub fn files_of(database: i64) -> Vec<(PathBuf, Vec<u8>)> {
    let server = SERVER.get().and_then(Option::as_ref).unwrap();
    let folder = PathBuf::from(server.data()).join("base").join(database.to_string());
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter_map(|path| Some((path.clone(), std::fs::read(path).ok()?))).collect()
}

impl Server {
    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn log(&self) -> String {
        self.folder.join("log").display().to_string()
    }

    fn role(&self) -> &'static str {
        "postgres"
    }

    fn command(&self, program: &str) -> Command {
        let path = self.bin.join(program);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.args([
                    "--reuid",
                    user,
                    "--regid",
                    if user == "nobody" { "nogroup" } else { user },
                    "--clear-groups",
                ]);
                command.arg(path);
                command
            }
            None => Command::new(path),
        };
        command.env("LC_ALL", "C.UTF-8").env("PGUSER", "postgres").current_dir(&self.folder);
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let ended = self.command(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert!(ended.success(), "{program} failed; see {}", self.log());
    }

    /// A static has no destructor: a small watchman stops the server and clears up when this process is gone.
    #[allow(clippy::zombie_processes, reason = "it outlives this process, that is its task")]
    fn end_with_this_process(&self) {
        let script = format!(
            "while test -d /proc/{}; do sleep 0.5; done; {} -D {} -m immediate stop; rm -rf {}",
            std::process::id(),
            self.bin.join("pg_ctl").display(),
            self.data(),
            self.folder.display()
        );
        let mut watch = Command::new("setsid");
        if let Some(user) = self.user {
            let group = if user == "nobody" { "nogroup" } else { user };
            watch.args(["setpriv", "--reuid", user, "--regid", group, "--clear-groups"]);
        }
        watch
            .args(["sh", "-c", &script])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        watch.spawn().unwrap();
    }
}

/// Where `initdb` and `pg_ctl` lie.
pub fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders.sort();
    folders.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

fn required() -> bool {
    std::env::var_os("LAMPLIGHT_TEST_REQUIRE").is_some_and(|what| what.to_string_lossy().contains("postgres"))
}

fn rustix_is_root() -> bool {
    // Who owns this process, without another crate.
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

fn knows_user(name: &str) -> bool {
    std::fs::read_to_string("/etc/passwd").unwrap_or_default().lines().any(|line| line.starts_with(&format!("{name}:")))
        && Path::new("/usr/bin/setpriv").exists()
}

/// To standard error past the test runner, which keeps what a passing test prints to itself.
pub fn say_aloud(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{line}");
}
