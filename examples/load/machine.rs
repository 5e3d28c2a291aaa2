//! What the machine can do without Lamplight, measured in the same run: figures are told against it.

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use lamplight::engine::copy::{Copy, Message};
use lamplight::engine::leave::{Lease, Ledger};
use lamplight::engine::transport::Transport;
use lamplight::mail::{Address, ReversePath};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use crate::letters;
use crate::program::{process_cpu, thread_cpu};
use crate::receiver::Receiver;
use crate::table::Runs;
use crate::wire::Wire;

/// The machine's own limits.
pub struct Machine {
    /// A page behind the other, each with fdatasync, a second.
    pub page_writes: f64,
    /// One-row transactions a second by SQLite alone: WAL, synchronous=FULL, one connection.
    pub commits: f64,
    /// Messages a second that a sender of threads gets through to the receiver, which does nothing else.
    pub bare_sends: f64,
    /// CPU seconds of that sender for 1,000 messages.
    pub bare_cpu: f64,
    /// The same where it waits for the reply to each command.
    pub lockstep_sends: f64,
    /// CPU seconds of that sender for 1,000 messages.
    pub lockstep_cpu: f64,
    /// Messages a second by Postfix's `smtp-source`, where it is installed: another program's bare sender, one process.
    pub smtp_source_sends: Option<f64>,
    /// The same by Lamplight's SMTP client with no outbox behind it.
    pub client_sends: f64,
    /// CPU seconds of that for 1,000 messages, the receiver's threads included.
    pub client_cpu: f64,
}

impl Machine {
    pub fn measure(folder: &Path, commit_seconds: f64, messages: usize, connections: usize) -> Result<Self> {
        // Several short looks: a disk is shared with whatever else runs, and one look may fall on a bad moment.
        let (mut pages, mut rows) = (Vec::new(), Vec::new());
        for look in 0..5 {
            pages.push(page_writes(&folder.join(format!("pages{look}")), commit_seconds / 5.0)?);
            rows.push(sqlite_commits(&folder.join(format!("rows{look}.db")), commit_seconds / 5.0)?);
        }
        let (page_writes, commits) = (Runs::new(pages).median(), Runs::new(rows).median());
        let (bare_sends, bare_cpu) = middle(|| bare_sender(messages, connections, send))?;
        let (lockstep_sends, lockstep_cpu) = middle(|| bare_sender(messages, connections, send_in_lockstep))?;
        let smtp_source_sends = smtp_source(messages, connections)?;
        let (client_sends, client_cpu) = middle(|| client(messages, connections))?;
        Ok(Self {
            page_writes,
            commits,
            bare_sends,
            bare_cpu,
            lockstep_sends,
            lockstep_cpu,
            smtp_source_sends,
            client_sends,
            client_cpu,
        })
    }
}

/// Of three runs the one in the middle.
fn middle(run: impl Fn() -> Result<(f64, f64)>) -> Result<(f64, f64)> {
    let mut runs = [run()?, run()?, run()?];
    runs.sort_by(|one, other| one.0.total_cmp(&other.0));
    Ok(runs[1])
}

fn page_writes(path: &Path, seconds: f64) -> Result<f64> {
    let mut file = File::create(path)?;
    let began = Instant::now();
    let mut count = 0_u32;
    while began.elapsed().as_secs_f64() < seconds {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}

/// Many statements go to SQLite in one call, each a transaction of its own: so nothing but SQLite and the disk counts.
fn sqlite_commits(path: &Path, seconds: f64) -> Result<f64> {
    const AT_ONCE: usize = 200;
    runtime()?.block_on(async {
        let mut db = SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", path.display())).await?;
        sqlx::raw_sql(
            "pragma journal_mode = wal; pragma synchronous = full; create table t (id integer primary key, b blob)",
        )
        .execute(&mut db)
        .await?;
        let inserts = "insert into t (b) values (randomblob(1200));".repeat(AT_ONCE);
        let began = Instant::now();
        let mut count = 0;
        while began.elapsed().as_secs_f64() < seconds {
            sqlx::raw_sql(AssertSqlSafe(inserts.clone())).execute(&mut db).await?;
            count += AT_ONCE;
        }
        let rate = count as f64 / began.elapsed().as_secs_f64();
        db.close().await?;
        Ok(rate)
    })
}

/// One-row transactions a second by PostgreSQL, one connection.
pub fn postgres_commits(url: &str, seconds: f64) -> Result<f64> {
    runtime()?.block_on(async {
        let mut db = PgConnection::connect(url).await?;
        sqlx::raw_sql("create table t (id bigserial primary key, b bytea)").execute(&mut db).await?;
        let row = vec![7_u8; 1200];
        let began = Instant::now();
        let mut count = 0_u32;
        while began.elapsed().as_secs_f64() < seconds {
            sqlx::query("insert into t (b) values ($1)").bind(&row).execute(&mut db).await?;
            count += 1;
        }
        let rate = f64::from(count) / began.elapsed().as_secs_f64();
        db.close().await?;
        Ok(rate)
    })
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("a runtime")
}

/// One copy over an open connection.
type Send = fn(&mut Wire, &str, &str) -> Result<()>;

/// Rate, and CPU seconds for 1,000 messages.
fn bare_sender(messages: usize, connections: usize, send: Send) -> Result<(f64, f64)> {
    let receiver = Receiver::start()?;
    let people: Vec<String> = (0..messages).map(letters::author).collect();
    // As large as a single mail of a post is.
    let line = "The waiting room was full this morning, and the coffee was cold.\r\n";
    let text = format!("Subject: bare\r\n\r\n{}.\r\n", line.repeat(45));
    let began = Instant::now();
    let cpu = std::thread::scope(|scope| -> Result<f64> {
        let lanes: Vec<_> = people
            .chunks(messages.div_ceil(connections).max(1))
            .map(|people| {
                let (address, text) = (receiver.address, text.as_str());
                scope.spawn(move || send_all(address, people, text, send))
            })
            .collect();
        let mut cpu = 0.0;
        for lane in lanes {
            cpu += lane.join().map_err(|_| anyhow!("a sender panicked"))??;
        }
        Ok(cpu)
    })?;
    let took = receiver.wait_for(messages, Duration::from_secs(60))?.duration_since(began);
    receiver.settle_up(&people, 1)?;
    Ok((messages as f64 / took.as_secs_f64(), cpu * 1e3 / messages as f64))
}

/// Median of three runs; `None` where it is not installed.
fn smtp_source(messages: usize, connections: usize) -> Result<Option<f64>> {
    let receiver = Receiver::start()?;
    let mut rates = Vec::new();
    for _ in 0..3 {
        let began = Instant::now();
        // Connections are kept (-d), as large as the other senders' messages.
        let sender = Command::new("smtp-source")
            .args(["-d", "-f", "bounce@load.example", "-t", "member@load.example", "-l", "3200"])
            .args(["-s", &connections.to_string(), "-m", &messages.to_string(), &receiver.address.to_string()])
            .stdout(Stdio::null())
            .status();
        match sender {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            ended => ensure!(ended?.success(), "smtp-source failed"),
        }
        let took = receiver.wait_for(messages, Duration::from_secs(60))?.duration_since(began);
        receiver.settle_up(&["member@load.example".to_owned()], messages)?;
        rates.push(messages as f64 / took.as_secs_f64());
    }
    Ok(Some(Runs::new(rates).median()))
}

/// As [`bare_sender`], by the client that Lamplight sends with: what its outbox costs is the difference.
fn client(messages: usize, connections: usize) -> Result<(f64, f64)> {
    let receiver = Receiver::start()?;
    let people: Vec<String> = (0..messages).map(letters::author).collect();
    let line = "The waiting room was full this morning, and the coffee was cold.\r\n";
    let text = format!("Subject: bare\r\n\r\n{}", line.repeat(45));
    let message = Arc::new(Message::prepare(text.into_bytes())?);
    let transport = Transport::from_url(&format!("smtp://{}", receiver.address), None, "load.example")?;
    let (before, began) = (process_cpu()?, Instant::now());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("a runtime")?;
    runtime.block_on(async {
        let mut lanes = tokio::task::JoinSet::new();
        for people in people.chunks(messages.div_ceil(connections).max(1)) {
            let (people, message, transport) = (people.to_vec(), Arc::clone(&message), transport.clone());
            lanes.spawn(async move { send_by_client(&transport, &people, &message).await });
        }
        while let Some(lane) = lanes.join_next().await {
            lane??;
        }
        anyhow::Ok(())
    })?;
    let took = receiver.wait_for(messages, Duration::from_secs(60))?.duration_since(began);
    let cpu = process_cpu()? - before;
    receiver.settle_up(&people, 1)?;
    Ok((messages as f64 / took.as_secs_f64(), cpu * 1e3 / messages as f64))
}

async fn send_by_client(transport: &Transport, people: &[String], message: &Arc<Message>) -> Result<()> {
    let mut way = transport.connect().await?;
    for person in people {
        let copy = Copy {
            reverse_path: ReversePath::Null,
            to: Address::parse(person).map_err(|_| anyhow!("{person} is no address"))?,
            fields: format!("To: <{person}>\r\n"),
            message: Arc::clone(message),
            lease: Lease::until(Instant::now() + Duration::from_secs(60)),
        };
        way.send(&copy, &Ledger::default()).await?;
    }
    way.quit().await;
    Ok(())
}

/// One connection's messages. Gives the CPU seconds of this thread.
fn send_all(address: SocketAddr, people: &[String], text: &str, send: Send) -> Result<f64> {
    let before = thread_cpu()?;
    let mut wire = Wire::connect(address)?;
    wire.expect(b'2')?;
    wire.send(b"EHLO load.example\r\n")?;
    wire.expect(b'2')?;
    for person in people {
        send(&mut wire, person, text)?;
    }
    wire.send(b"QUIT\r\n")?;
    Ok(thread_cpu()? - before)
}

/// As a careful sender does it: MAIL, RCPT and DATA in one packet (RFC 2920), the next only when the message is taken.
fn send(wire: &mut Wire, person: &str, text: &str) -> Result<()> {
    wire.send(format!("MAIL FROM:<bounce@load.example>\r\nRCPT TO:<{person}>\r\nDATA\r\n").as_bytes())?;
    wire.expect(b'2')?;
    wire.expect(b'2')?;
    wire.expect(b'3')?;
    wire.send(format!("To: <{person}>\r\n{text}").as_bytes())?;
    Ok(wire.expect(b'2')?)
}

/// As RFC 5321 has it without extensions: one command, one reply.
fn send_in_lockstep(wire: &mut Wire, person: &str, text: &str) -> Result<()> {
    wire.send(b"MAIL FROM:<bounce@load.example>\r\n")?;
    wire.expect(b'2')?;
    wire.send(format!("RCPT TO:<{person}>\r\n").as_bytes())?;
    wire.expect(b'2')?;
    wire.send(b"DATA\r\n")?;
    wire.expect(b'3')?;
    wire.send(format!("To: <{person}>\r\n{text}").as_bytes())?;
    Ok(wire.expect(b'2')?)
}
