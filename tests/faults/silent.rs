//! The way to PostgreSQL goes silent without a word: no reset, no end, only nothing more. Whoever connects anew gets through,
//! and the service goes on by itself.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::chance::Chance;
use crate::check::{check, drain};
use crate::house::{House, Plan};
use crate::ledger::Letter;
use crate::postgres::{self, say_aloud};
use crate::sender::send;

/// How long connections that hang may keep the service.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn a_way_to_the_database_that_goes_silent_is_left() {
    let Some(url) = postgres::fresh_database() else { return };
    let mut chance = Chance::of("postgres-silent");
    let (front, name) = url.rsplit_once('/').unwrap();
    let (user, address) = front.rsplit_once('@').unwrap();
    let way = Way::to(address);
    let house = House::new(&Plan::postgres(format!("{user}@127.0.0.1:{}/{name}", way.port)));
    let mut service = house.serve();
    let address = service.address().unwrap();
    let letters = (0..120).map(|_| Letter::post(&mut chance, 200)).collect();
    house.note_cut_short(&service);
    let mut left = std::thread::scope(|scope| {
        let sending = scope.spawn(|| send(address, letters, 4, &house.ledger));
        std::thread::sleep(Duration::from_millis(400 + chance.below(600) as u64));
        way.fall_silent();
        sending.join().unwrap()
    });
    let (silent, kept_back) = (Instant::now(), left.len());
    while !left.is_empty() {
        assert!(silent.elapsed() < PATIENCE, "no mail is taken: {}", house.said());
        left = send(address, left, 4, &house.ledger);
    }
    let aside = drain(&house, PATIENCE);
    let took = silent.elapsed();
    assert!(!service.has_ended(), "serve ended");
    service.stop();
    say_aloud(&format!(
        "postgres-silent: {kept_back} letters kept by their senders at first, all done after {took:.0?}, {aside} set aside; {}",
        check(&house)
    ));
}

/// A way to the database, through which each connection goes until it is told to fall silent.
struct Way {
    port: u16,
    silences: Arc<AtomicUsize>,
}

impl Way {
    fn to(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let way = Self { port: listener.local_addr().unwrap().port(), silences: Arc::default() };
        let (silences, address) = (Arc::clone(&way.silences), address.to_owned());
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let far = TcpStream::connect(&address).unwrap();
                let born = silences.load(Ordering::SeqCst);
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let silences = Arc::clone(&silences);
                    std::thread::spawn(move || carry(from, to, || silences.load(Ordering::SeqCst) == born));
                }
            }
        });
        way
    }

    /// What is open now says nothing more, and is not closed.
    fn fall_silent(&self) {
        self.silences.fetch_add(1, Ordering::SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, goes_on: impl Fn() -> bool) {
    let _ = (from.set_nodelay(true), to.set_nodelay(true));
    let mut octets = [0; 16_384];
    loop {
        let read = from.read(&mut octets).unwrap_or(0);
        if !goes_on() {
            // Both ends stay open for as long as the test lives.
            std::mem::forget((from, to));
            return;
        }
        if read == 0 || to.write_all(&octets[..read]).is_err() {
            let _ = to.shutdown(Shutdown::Both);
            return;
        }
    }
}
