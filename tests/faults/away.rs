//! PostgreSQL goes away in the middle of everything, without a goodbye, and comes back: senders keep their mail meanwhile,
//! and the service goes on by itself.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::chance::Chance;
use crate::check::{check, drain};
use crate::house::{House, Plan};
use crate::ledger::{Ledger, Letter, Told};
use crate::postgres::{self, say_aloud};
use crate::sender::send;

/// How soon the service goes on after the database is back.
const SECONDS_TO_COME_BACK: u64 = 10;
const OUTAGES: usize = 4;

#[test]
fn postgres_may_fall_over_and_come_back() {
    let Some(cluster) = Cluster::start() else { return };
    let mut chance = Chance::of("postgres-away");
    let house = House::new(&Plan::postgres(cluster.url()));
    let mut service = house.serve();
    let address = service.address().unwrap();
    let mut left = Vec::new();
    let mut slowest = Duration::ZERO;
    for _ in 0..OUTAGES {
        left.extend((0..120).map(|_| Letter::post(&mut chance, 200)));
        let letters = std::mem::take(&mut left);
        let moment = Duration::from_millis(200 + chance.below(800) as u64);
        house.note_cut_short(&service);
        let over = AtomicBool::new(false);
        left = std::thread::scope(|scope| {
            let sending = scope.spawn(|| {
                let left = send(address, letters, 4, &house.ledger);
                over.store(true, Ordering::SeqCst);
                left
            });
            std::thread::sleep(moment);
            cluster.control(&["-m", "immediate", "stop"]);
            // What was answered before it went is still on its way to the ledger.
            std::thread::sleep(Duration::from_millis(500));
            let taken = house.ledger.count(Told::Kept);
            std::thread::sleep(Duration::from_millis(1_200));
            assert_eq!(house.ledger.count(Told::Kept), taken, "answered 250 with no database");
            cluster.run();
            sending.join().unwrap()
        });
        slowest = slowest.max(comes_back(&house, &mut chance, address));
        assert!(!service.has_ended(), "serve ended with its database");
    }
    assert!(send(address, left, 4, &house.ledger).is_empty(), "with the database back everything is taken");
    let aside = drain(&house, Duration::from_secs(120));
    service.stop();
    say_aloud(&format!(
        "postgres-away: {OUTAGES} outages, mail taken again after {slowest:.1?} at most, {aside} set aside; {}",
        check(&house)
    ));
}

fn comes_back(house: &House, chance: &mut Chance, address: std::net::SocketAddr) -> Duration {
    let began = Instant::now();
    loop {
        let apart = Ledger::default();
        let letter = Letter::post(chance, 200);
        send(address, vec![letter.clone()], 1, &apart);
        let taken = apart.count(Told::Kept) == 1;
        house.ledger.note(&letter, if taken { Told::Kept } else { Told::Unknown });
        if taken {
            return began.elapsed();
        }
        assert!(
            began.elapsed() < Duration::from_secs(SECONDS_TO_COME_BACK),
            "the database is back and no mail is taken: {}",
            house.said()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A PostgreSQL that keeps its promises about the disk, to be stopped and started.
struct Cluster {
    folder: PathBuf,
    bin: PathBuf,
    port: u16,
}

impl Cluster {
    fn start() -> Option<Self> {
        // The usual server tells whether there is one at all, and says so where there is none.
        postgres::fresh_database()?;
        let bin = postgres::programs()?;
        let folder = std::env::temp_dir().join(format!("lamplight-away-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(&folder).status().unwrap().success());
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Self { folder, bin, port };
        let data = cluster.data();
        cluster.ok("initdb", &["-D", &data, "-A", "trust", "-U", "postgres", "-E", "UTF8"]);
        cluster.run();
        cluster.ok("createdb", &["-h", "127.0.0.1", "-p", &port.to_string(), "lamplight"]);
        Some(cluster)
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/lamplight", self.port)
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn run(&self) {
        let log = self.folder.join("log").display().to_string();
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c fsync=on -c max_connections=50",
            self.port,
            self.folder.display()
        );
        self.control(&["-w", "-l", &log, "-o", &options, "start"]);
    }

    fn control(&self, arguments: &[&str]) {
        let data = self.data();
        self.ok("pg_ctl", &[&["-D", &data], arguments].concat());
    }

    fn ok(&self, program: &str, arguments: &[&str]) {
        let path = self.bin.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.args(arguments).env("LC_ALL", "C.UTF-8").env("PGUSER", "postgres").current_dir(&self.folder);
        let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert!(ended.success(), "{program} {arguments:?} failed; see {}", self.folder.join("log").display());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.ok("pg_ctl", &["-D", &data, "-m", "immediate", "stop"]);
        }));
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}
