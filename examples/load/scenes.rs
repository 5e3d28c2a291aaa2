//! What is played before the real program, one function for each kind of load. Every count is checked from outside:
//! what was handed over must be there, and no copy may be lost or come twice.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::Sizes;
use crate::letters::{author, letter_with, letters};
use crate::lmtp::{Handed, hand_over};
use crate::machine::Machine;
use crate::postgres::Postgres;
use crate::program::{House, Service};
use crate::receiver::Receiver;
use crate::table::Limit::{AtLeast, AtMost, Open};
use crate::table::{Limit, Row, Runs, number};

const ROSE: &str = "rose@groups.example";
const CONNECTIONS: usize = 10;
/// How many people write.
const AUTHORS: usize = 200;
pub const PATIENCE: Duration = Duration::from_secs(600);

/// Where it is played.
pub struct Stage<'a> {
    pub binary: &'a Path,
    pub folder: &'a Path,
    pub postgres: Option<&'a Postgres>,
    pub machine: &'a Machine,
    pub sizes: &'a Sizes,
    databases: std::cell::Cell<usize>,
}

impl<'a> Stage<'a> {
    pub fn new(
        binary: &'a Path,
        folder: &'a Path,
        postgres: Option<&'a Postgres>,
        machine: &'a Machine,
        sizes: &'a Sizes,
    ) -> Self {
        Self { binary, folder, postgres, machine, sizes, databases: std::cell::Cell::new(0) }
    }

    pub fn database(&self) -> &'static str {
        if self.postgres.is_some() { "PostgreSQL" } else { "SQLite" }
    }

    /// A house on an empty database.
    pub fn house(&self, smarthost: std::net::SocketAddr) -> Result<House> {
        let number = self.databases.replace(self.databases.get() + 1);
        let url = self.postgres.map(|server| server.database(&format!("house{number}"))).transpose()?;
        House::new(self.binary, self.folder, url.as_deref(), smarthost)
    }

    pub fn row(&self, what: impl Into<String>, runs: Vec<f64>, must: Limit, aim: Limit) -> Row {
        let row = Row { what: what.into(), database: self.database(), runs: Runs::new(runs), must, aim };
        eprintln!("  {}: {}", row.what, number(row.runs.median()));
        row
    }
}

/// A smarthost that is not there: nothing can leave, and delivering is no part of what is measured.
pub fn nobody() -> Result<std::net::SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// How many posts a group has, those that a flag holds among them.
fn taken_in(house: &House, group: &str) -> Result<usize> {
    Ok(house.list(&["post", "list", group])?.len())
}

/// Hand letters over and wait until all are published, or held. Gives CPU seconds of `serve` for each thousand.
pub fn publish(house: &House, service: &Service, authors: usize, numbers: std::ops::Range<usize>) -> Result<f64> {
    let (count, end) = (numbers.len(), numbers.end);
    let before = service.cpu()?;
    hand_over(service.address, ROSE, &letters(numbers, authors.min(AUTHORS), ROSE), CONNECTIONS)?;
    service.until(end, || taken_in(house, "rose"))?;
    Ok((service.cpu()? - before) * 1e3 / count as f64)
}

/// How many copies are written down as sent.
pub fn sent(house: &House) -> Result<usize> {
    Ok(house.list(&["outbox", "list", "--state", "sent"])?.len())
}

/// Accept, understand, judge, hold, write the notices.
pub fn accept(stage: &Stage) -> Result<Vec<Row>> {
    let posts = stage.sizes.posts;
    let (mut cpu, mut rates, mut p99) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..stage.sizes.runs {
        let house = stage.house(nobody()?)?;
        house.group("rose", "all", AUTHORS, "none")?;
        let (service, _) = house.serve()?;
        let letters = letters(0..posts, AUTHORS, ROSE);
        let before = service.cpu()?;
        let handed: Handed = hand_over(service.address, ROSE, &letters, CONNECTIONS)?;
        service.until(posts, || Ok(house.list(&["held", "list"])?.len()))?;
        cpu.push((service.cpu()? - before) * 1e3 / posts as f64);
        rates.push(handed.rate());
        p99.push(handed.within(0.99));
        service.stop()?;
        let held = house.list(&["held", "list"])?.len();
        ensure!(held == posts, "LOST OR DOUBLED: {posts} posts were answered 250, {held} are held");
        let outbox = house.list(&["outbox", "list"])?;
        let to = |who: &str| outbox.iter().filter(|row| row["recipient"] == who).count();
        let notices = (to("dana@work.example"), to("robin@work.example"));
        ensure!(notices == (posts, posts), "LOST OR DOUBLED: {notices:?} notices of {posts} held posts");
    }
    let commits = stage.machine.commits;
    Ok(vec![
        stage.row(
            "CPU s per 1,000 posts accepted, judged, held, notices to 2 moderators written",
            cpu,
            AtMost(0.8),
            AtMost(0.4),
        ),
        stage.row("posts accepted a second, 10 connections", rates, AtLeast(commits / 2.0), AtLeast(commits)),
        stage.row("LMTP answer p99, 10 connections, ms", p99, AtMost(10.0), AtMost(5.0)),
    ])
}

/// One post to many people who read each post at once.
pub fn fan_out(stage: &Stage) -> Result<Vec<Row>> {
    let readers = stage.sizes.readers;
    let receiver = Receiver::start()?;
    let house = stage.house(receiver.address)?;
    house.group("rose", "none", readers, "each")?;
    let people: Vec<String> = (0..readers).map(author).collect();
    let (service, _) = house.serve()?;
    std::thread::sleep(Duration::from_secs(2));
    let idle = service.memory("VmRSS")?;
    let (mut rates, mut cpu) = (Vec::new(), Vec::new());
    for run in 0..stage.sizes.runs {
        let before = service.cpu()?;
        hand_over(service.address, ROSE, &letters(run..run + 1, AUTHORS, ROSE), 1)?;
        let began = std::time::Instant::now();
        let first = receiver.wait_for(1, PATIENCE)?.duration_since(began);
        let ended = receiver.wait_for(readers, PATIENCE)?;
        eprintln!("  the first copy after {:.0} ms", first.as_secs_f64() * 1e3);
        rates.push(readers as f64 / ended.duration_since(began).as_secs_f64());
        // Every copy is also written down as sent, and nothing is under way.
        service.until((run + 1) * readers, || sent(&house))?;
        cpu.push((service.cpu()? - before) * 1e3 / readers as f64);
        if run == 0 {
            eprintln!("  a copy has {} octets", receiver.average_octets());
        }
        receiver.settle_up(&people, 1)?;
    }
    let highest = service.memory("VmHWM")?;
    service.stop()?;
    let outbox = house.list(&["outbox", "list"])?;
    let sent = outbox.iter().filter(|row| row["state"] == "sent").count();
    ensure!(sent == outbox.len() && sent == stage.sizes.runs * readers, "{sent} of {} rows are sent", outbox.len());
    let against = |alone: f64| rates.iter().map(|rate| rate / alone).collect::<Vec<f64>>();
    let machine = stage.machine;
    let mut rows = vec![
        stage.row(
            "the same / a bare sender, one command, one reply",
            against(machine.lockstep_sends),
            AtLeast(0.35),
            AtLeast(0.6),
        ),
        stage.row(
            "the same / Lamplight's own SMTP client, pipelining, no outbox",
            against(machine.client_sends),
            Open,
            Open,
        ),
    ];
    rows.extend(
        machine
            .smtp_source_sends
            .map(|alone| stage.row("the same / Postfix's smtp-source", against(alone), Open, Open)),
    );
    let what = format!("fan-out to {readers} members, copies a second, 10 connections");
    rows.insert(0, stage.row(what, rates, Open, Open));
    rows.extend([
        stage.row("fan-out, CPU s per 1,000 recipients", cpu, AtMost(0.12), AtMost(0.09)),
        stage.row("memory idle, MiB", vec![idle], AtMost(30.0), AtMost(15.0)),
        stage.row("memory at its highest in the fan-out, MiB", vec![highest], AtMost(80.0), AtMost(50.0)),
    ]);
    Ok(rows)
}

/// What a long history costs: at the start, and for each post.
pub fn growth(stage: &Stage) -> Result<Vec<Row>> {
    let (early, stored, batch) = (stage.sizes.early, stage.sizes.stored, stage.sizes.batch);
    let house = stage.house(nobody()?)?;
    // Nobody reads: a post is judged and published, and nothing leaves.
    house.group("rose", "none", AUTHORS, "none")?;
    let (service, _) = house.serve()?;
    let mut next = early;
    publish(&house, &service, AUTHORS, 0..early)?;
    let batches = |service: &Service, next: &mut usize| -> Result<f64> {
        let runs: Result<Vec<f64>> = (0..stage.sizes.runs)
            .map(|_| {
                *next += batch;
                publish(&house, service, AUTHORS, *next - batch..*next)
            })
            .collect();
        Ok(Runs::new(runs?).median())
    };
    let at_first = batches(&service, &mut next)?;
    let began = std::time::Instant::now();
    let filled = next..stored;
    publish(&house, &service, AUTHORS, filled.clone())?;
    eprintln!("  {} posts through the front door in {:.0} s", filled.len(), began.elapsed().as_secs_f64());
    next = stored;
    let at_last = batches(&service, &mut next)?;
    service.stop()?;
    let mut starts = Vec::new();
    for _ in 0..5 {
        let (service, took) = house.serve()?;
        starts.push(took.as_secs_f64() * 1e3);
        service.stop()?;
    }
    eprintln!("  CPU s per 1,000 posts: {} at {early} stored, {} at {stored}", number(at_first), number(at_last));
    Ok(vec![
        stage.row(format!("start until LMTP answers, {stored} stored posts, ms"), starts, AtMost(100.0), AtMost(30.0)),
        stage.row(
            format!("CPU of a post at {stored} stored posts / at {early}"),
            vec![at_last / at_first],
            AtMost(1.2),
            AtMost(1.05),
        ),
    ])
}

/// What posts that wait for a digest cost each new one.
pub fn pending(stage: &Stage) -> Result<Vec<Row>> {
    let (few, many, readers) = (stage.sizes.few_pending, stage.sizes.many_pending, stage.sizes.digest_readers);
    // Two new houses differ by far more than what is pending: the first posts of a database cost it the least.
    // A thousand more among many change little but what is pending.
    let before = 8 * many;
    let batch = (few * 3).min(many / 3);
    // A run measures a tenth of a second, and the system counts in hundredths: only several together tell.
    let (mut of_few, mut of_many) = (0.0, 0.0);
    for _ in 0..2 * stage.sizes.runs {
        let house = stage.house(nobody()?)?;
        house.group("rose", "none", readers, "daily")?;
        house.group("fern", "none", AUTHORS, "none")?;
        let (service, _) = house.serve()?;
        let fern = ROSE.replace("rose@", "fern@");
        hand_over(service.address, &fern, &letters(0..before, AUTHORS, &fern), CONNECTIONS)?;
        service.until(before, || taken_in(&house, "fern"))?;
        publish(&house, &service, readers, 0..few)?;
        of_few += publish(&house, &service, readers, few..few + batch)?;
        publish(&house, &service, readers, few + batch..many)?;
        of_many += publish(&house, &service, readers, many..many + batch)?;
        service.stop()?;
        let left = house.list(&["outbox", "list"])?.len();
        ensure!(left == 0, "{left} mails were written: a digest fell due in the middle");
    }
    let what = format!("CPU of a post with {many} pending for a digest / with {few}");
    eprintln!(
        "  CPU s per 1,000 posts, {} runs together: {} and {}",
        2 * stage.sizes.runs,
        number(of_few),
        number(of_many)
    );
    Ok(vec![stage.row(what, vec![of_many / of_few], AtMost(1.1), AtMost(1.05))])
}

/// A cry for help behind ordinary posts that wait to be read: from its 250 until the mail server of whoever is on call has
/// the alert. The ordinary posts are published to nobody, so the first mail that leaves is the alert.
pub fn cry(stage: &Stage) -> Result<Vec<Row>> {
    let mut seconds = Vec::new();
    for _ in 0..stage.sizes.runs {
        let receiver = Receiver::start()?;
        let house = stage.house(receiver.address)?;
        house.group("rose", "none", AUTHORS, "daily")?;
        let (service, _) = house.serve()?;
        let posts = stage.sizes.posts;
        hand_over(service.address, ROSE, &letters(0..posts, AUTHORS, ROSE), CONNECTIONS)?;
        let cry = letter_with(&author(0), ROSE, "I can't go on. I am going to kill myself tonight.");
        hand_over(service.address, ROSE, &[(author(0), cry)], 1)?;
        let taken = std::time::Instant::now();
        let waiting = house.list(&["spool", "list", "--state", "new"])?.len();
        seconds.push(receiver.wait_for(1, PATIENCE)?.duration_since(taken).as_secs_f64());
        eprintln!("  {waiting} messages waited a moment later");
        // The cry is held, and perhaps a letter that a flag holds.
        service.until(posts + 1, || taken_in(&house, "rose"))?;
        service.stop()?;
        ensure!(house.list(&["alert", "list"])?.len() == 1, "LOST OR DOUBLED: one alert was to be raised");
    }
    Ok(vec![stage.row(
        "a cry behind waiting posts, its 250 until the alert is handed over, s",
        seconds,
        AtMost(1.0),
        AtMost(0.2),
    )])
}
