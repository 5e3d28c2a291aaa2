//! How fast does one post reach a large group, and what does that cost?
//!
//! `cargo run --release --example fanout -- sink` takes mail on a free port and says which, in a process of its own. Then
//! `… -- lamplight ADDRESS [READERS] [CONNECTIONS] [KILOBYTES] [DATABASE]` sends one post to that many readers, and
//! `… -- bare ADDRESS [COPIES] [CONNECTIONS] [KILOBYTES]` sends as much with no database behind it, so that ratios can be told.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use lamplight::clock::Clock;
use lamplight::config::Config;
use lamplight::engine::roster::NewMember;
use lamplight::engine::{Lamplight, Opening};
use lamplight::mail::{Address, Envelope, ReversePath};
use lamplight::model::group::{Group, GroupState, Moderation, Subjects};
use lamplight::model::ids::GroupId;
use lamplight::model::member::{Delivery, Role};
use lamplight::model::schedule::Schedule;
use lamplight::store::groups;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, usual: usize| arguments.get(at).map_or(Ok(usual), |text| text.parse::<usize>());
    let (count, connections, kilobytes) = (number(2, 1_000)?, number(3, 10)?, number(4, 4)?);
    match (arguments.first().map(String::as_str), arguments.get(1)) {
        (Some("sink"), _) => sink(),
        (Some("bare"), Some(address)) => bare(address, count, connections, kilobytes),
        (Some("lamplight"), Some(address)) => {
            let fan = fan_out(address, count, connections, kilobytes, arguments.get(5).cloned());
            tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(fan)
        }
        _ => Err("usage: fanout sink | bare ADDRESS … | lamplight ADDRESS …".into()),
    }
}

fn sink() -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    for stream in listener.incoming() {
        let stream = stream?;
        std::thread::spawn(move || take_all(stream));
    }
    Ok(())
}

fn take_all(stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::with_capacity(1 << 16, stream);
    writer.write_all(b"220 sink ESMTP\r\n")?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        match line.get(..4) {
            Some(b"EHLO") => writer.write_all(b"250-sink\r\n250-8BITMIME\r\n250 PIPELINING\r\n")?,
            Some(b"DATA") => {
                writer.write_all(b"354 go on\r\n")?;
                while line != b".\r\n" {
                    line.clear();
                    if reader.read_until(b'\n', &mut line)? == 0 {
                        return Ok(());
                    }
                }
                writer.write_all(b"250 2.0.0 taken\r\n")?;
            }
            Some(b"QUIT") => return writer.write_all(b"221 bye\r\n"),
            _ => writer.write_all(b"250 ok\r\n")?,
        }
    }
}

fn bare(address: &str, count: usize, connections: usize, kilobytes: usize) -> Outcome<()> {
    let copy = format!("To: <a@b.example>\r\nSubject: x\r\n\r\n{}.\r\n", text(kilobytes).replace('\n', "\r\n"));
    let (sent, began) = (AtomicUsize::new(0), Instant::now());
    std::thread::scope(|scope| -> Outcome<()> {
        let senders: Vec<_> =
            (0..connections).map(|_| scope.spawn(|| send_bare(address, &copy, &sent, count))).collect();
        senders.into_iter().try_for_each(|sender| sender.join().map_err(|_| "a sender panicked")?)
    })?;
    report("bare", count, connections, copy.len(), began)
}

fn send_bare(address: &str, copy: &str, sent: &AtomicUsize, count: usize) -> Outcome<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut answer = || -> std::io::Result<()> {
        let mut line = String::new();
        while line.as_bytes().get(3) != Some(&b' ') {
            line.clear();
            reader.read_line(&mut line)?;
        }
        Ok(())
    };
    answer()?;
    stream.write_all(b"EHLO bare.example\r\n")?;
    answer()?;
    while sent.fetch_add(1, Ordering::Relaxed) < count {
        stream.write_all(b"MAIL FROM:<x@b.example>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n")?;
        (0..3).try_for_each(|_| answer())?;
        stream.write_all(copy.as_bytes())?;
        answer()?;
    }
    Ok(())
}

async fn fan_out(
    address: &str,
    count: usize,
    connections: usize,
    kilobytes: usize,
    database: Option<String>,
) -> Outcome<()> {
    let folder = std::env::temp_dir().join(format!("lamplight-fanout-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut config = Config::default();
    config.service.domain = "groups.example".into();
    config.service.state_dir = folder.clone();
    config.database.url = database.unwrap_or_else(|| format!("sqlite://{}/lamplight.db", folder.display()));
    config.outbound.smarthost = format!("smtp://{address}");
    config.outbound.connections = u16::try_from(connections)?;
    let lamplight = Lamplight::open(config, Clock::System, Opening::Create).await?;
    let now = lamplight.clock.now();
    roster(&lamplight, count).await?;
    let message = format!(
        "From: <reader0@home.example>\r\nTo: <rose@groups.example>\r\nSubject: A walk\r\nMessage-ID: <{}@home.example>\r\n\
         \r\n{}",
        now.0,
        text(kilobytes / 2).replace('\n', "\r\n")
    );
    let envelope = Envelope {
        reverse_path: ReversePath::Address(Address::parse("reader0@home.example")?),
        recipients: vec![Address::parse("rose@groups.example")?],
    };
    lamplight.keep(&envelope, message.as_bytes(), "here", now).await?;
    lamplight.receive_all(now).await?;
    let (began, before) = (Instant::now(), cpu_seconds()?);
    let delivered = lamplight.deliver_due(&lamplight.transport()?, lamplight.clock.now()).await?;
    println!("{delivered:?}");
    let used = cpu_seconds()? - before;
    report("lamplight", delivered.sent, connections, kilobytes << 10, began)?;
    println!("{:.3} CPU seconds for each 1,000; {} kB at most", used * 1e3 / count as f64, peak_kilobytes()?);
    lamplight.store.close().await;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

async fn roster(lamplight: &Lamplight, count: usize) -> Outcome<()> {
    let group = Group {
        id: GroupId(0),
        name: "rose".into(),
        title: "Rose".into(),
        language: "en".into(),
        zone: chrono_tz::America::New_York,
        schedule: Schedule::parse("30 17 * * *")?,
        moderation: Moderation::None,
        hold_everything_since: None,
        subjects: Subjects::Own,
        emergency_number: None,
        lifeline: None,
        state: GroupState::Open,
        release_seq: 0,
    };
    let mut tx = lamplight.store.begin().await?;
    groups::insert(&mut tx, &group, lamplight.clock.now()).await?;
    let group = groups::by_name(&mut tx, "rose").await?.ok_or("no group")?;
    for reader in 0..count {
        let new = NewMember {
            role: Role::Member,
            address: Address::parse(&format!("reader{reader}@home.example"))?,
            name: format!("Reader {reader}"),
            real_name: None,
            delivery: Delivery::Each,
            zone: None,
            hour: None,
            trusted: false,
        };
        lamplight.add_person(&mut tx, &group, &new, false, lamplight.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn text(kilobytes: usize) -> String {
    "A quiet day, and a walk as far as the old river mill today.\n\n".repeat(kilobytes * 16)
}

fn report(who: &str, count: usize, connections: usize, octets: usize, began: Instant) -> Outcome<()> {
    let seconds = began.elapsed().as_secs_f64();
    let rate = count as f64 / seconds;
    println!(
        "{who}: {count} copies of about {octets} octets over {connections} connections in {seconds:.2} s: {rate:.0} a second"
    );
    Ok(())
}

/// Of this process, from Linux; a tick is 10 ms.
fn cpu_seconds() -> Outcome<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / 100.0)
}

fn peak_kilobytes() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(peak.trim().trim_end_matches(" kB").trim().parse()?)
}
