//! How many posts a second does a running `lamplight serve` accept, each answered 250 after its durable commit?
//!
//! `cargo run --release --example load -- ADDRESS RECIPIENT [POSTS] [CONNECTIONS] [FROM]`, for instance
//! `… -- 127.0.0.1:2424 rose@groups.example.org 2000 10`. Prints the rate, the times of the answers, and what the disk
//! alone can do (one small durable write after the other), so that ratios can be told.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, recipient, rest @ ..] = arguments.as_slice() else {
        return Err("usage: load ADDRESS RECIPIENT [POSTS] [CONNECTIONS] [FROM]".into());
    };
    let posts: usize = rest.first().map_or(Ok(1000), |text| text.parse())?;
    let connections: usize = rest.get(1).map_or(Ok(10), |text| text.parse())?;
    let from = rest.get(2).map_or("mira@home.example", String::as_str);
    let began = Instant::now();
    let mut times = std::thread::scope(|scope| -> Result<Vec<Duration>, String> {
        let senders: Vec<_> = (0..connections)
            .map(|lane| scope.spawn(move || send(address, recipient, from, lane, posts / connections)))
            .collect();
        let mut times = Vec::new();
        for sender in senders {
            times.extend(sender.join().map_err(|_| "a sender panicked")?.map_err(|cause| cause.to_string())?);
        }
        Ok(times)
    })?;
    let seconds = began.elapsed().as_secs_f64();
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "{} posts over {connections} connections in {seconds:.2} s: {:.0} a second",
        times.len(),
        times.len() as f64 / seconds
    );
    println!("answer to the end of DATA: median {:.1} ms, p99 {:.1} ms", at(0.5), at(0.99));
    println!("the disk alone: {:.0} durable writes a second, one after the other", durable_writes()?);
    Ok(())
}

fn send(address: &str, recipient: &str, from: &str, lane: usize, count: usize) -> std::io::Result<Vec<Duration>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    expect(&mut reader, '2')?;
    writer.write_all(b"LHLO load.example\r\n")?;
    expect(&mut reader, '2')?;
    let words = "The waiting room was full and the coffee was cold, and still somebody smiled. ".repeat(20);
    let mut times = Vec::with_capacity(count);
    for number in 0..count {
        // RFC 2920: MAIL, RCPT and DATA go in one packet.
        write!(writer, "MAIL FROM:<{from}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")?;
        expect(&mut reader, '2')?;
        expect(&mut reader, '2')?;
        expect(&mut reader, '3')?;
        let message = format!(
            "From: <{from}>\r\nTo: <{recipient}>\r\nSubject: Note {lane}-{number}\r\nMessage-ID: <{lane}.{number}.{}@load.example>\r\n\
             Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n.\r\n",
            std::process::id()
        );
        let asked = Instant::now();
        writer.write_all(message.as_bytes())?;
        expect(&mut reader, '2')?;
        times.push(asked.elapsed());
    }
    writer.write_all(b"QUIT\r\n")?;
    Ok(times)
}

fn expect(reader: &mut impl BufRead, class: char) -> std::io::Result<()> {
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::Error::other("the connection ended"));
        }
        if !line.starts_with(class) {
            return Err(std::io::Error::other(format!("answered {}", line.trim_end())));
        }
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(());
        }
    }
}

fn durable_writes() -> std::io::Result<f64> {
    let path = std::path::Path::new("load-probe.tmp");
    let mut file = std::fs::File::create(path)?;
    let began = Instant::now();
    let mut count = 0_u32;
    while began.elapsed() < Duration::from_secs(1) {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    std::fs::remove_file(path)?;
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}
