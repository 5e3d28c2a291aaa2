//! A disk that is full or broken, and no file descriptors left, at the Nth call: the sender hears 4xx or nothing, what was
//! answered 250 stays, and where the trouble ends the service goes on.

use std::time::{Duration, Instant};

use crate::chance::Chance;
use crate::check::drain_and_check;
use crate::house::{House, Plan};
use crate::ledger::{Ledger, Letter, Told};
use crate::postgres::{fresh_database, say_aloud};
use crate::preload;
use crate::sender::send;

const SQLITE: &[(&str, usize)] = &[
    ("ENOSPC:wal-write-before", 150),
    ("ENOSPC:wal-write-torn", 150),
    ("EIO:wal-write-before", 150),
    ("EIO:wal-sync-before", 30),
    ("ENOSPC:db-write-before", 10),
    ("EIO:db-sync-before", 1),
    ("EMFILE:wal-open-before", 2),
    ("EMFILE:db-open-before", 3),
    ("EMFILE:file-open-before", 20),
    ("EMFILE:lmtp-accept-before", 4),
    ("EMFILE:net-socket-before", 4),
];
const POSTGRES: &[(&str, usize)] = &[
    ("EIO:pg-send-before", 150),
    ("EIO:pg-recv-before", 150),
    ("EMFILE:net-socket-before", 6),
    ("EMFILE:lmtp-accept-before", 4),
];

#[test]
fn sqlite_loses_nothing_when_calls_fail() {
    let rounds = 3;
    fail_again_and_again("errors-sqlite", &Plan::sqlite(), SQLITE, rounds);
}

#[test]
fn postgres_loses_nothing_when_calls_fail() {
    let Some(url) = fresh_database() else { return };
    fail_again_and_again("errors-postgres", &Plan::postgres(url), POSTGRES, 2);
}

fn fail_again_and_again(test: &str, plan: &Plan, points: &[(&str, usize)], rounds: usize) {
    if preload::library().is_none() {
        return;
    }
    let mut chance = Chance::of(test);
    let house = House::new(plan);
    let (mut once, mut lasting, mut refused_start) = (0, 0, 0);
    for _ in 0..rounds {
        for (point, most) in points {
            for on in ["", "+"] {
                let fault = format!("{point}:{}{on}", 1 + chance.below(*most));
                match fail_once(&house, &mut chance, &fault) {
                    None => refused_start += 1,
                    Some(true) if on.is_empty() => once += 1,
                    Some(true) => lasting += 1,
                    Some(false) => {}
                }
            }
        }
    }
    let found = drain_and_check(&house, Duration::from_secs(150));
    say_aloud(&format!(
        "{test}: {once} calls failed once, {lasting} from then on, {refused_start} times serve did not start; \
         {} answered 4xx; {found}",
        house.ledger.count(Told::Later)
    ));
    assert!(once + lasting > points.len(), "hardly any fault came");
}

/// One life; `None` when it did not begin, else whether the fault came.
fn fail_once(house: &House, chance: &mut Chance, fault: &str) -> Option<bool> {
    let mut service = house.serve_with(fault);
    // What the mail server took may be settled in vain.
    house.note_cut_short(&service);
    let address = service.address()?;
    let letters = (0..16).map(|_| Letter::post(chance, 200)).collect();
    send(address, letters, 4, &house.ledger);
    let began = Instant::now();
    while !service.was_struck() && began.elapsed() < Duration::from_millis(1_000) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let struck = service.was_struck();
    assert!(!service.has_ended(), "{fault} ended the program: {}", house.said());
    if struck && !fault.ends_with('+') {
        goes_on(house, &mut service, chance, fault);
        service.stop();
    }
    Some(struck)
}

/// After a call that failed once, mail is taken in as before.
fn goes_on(house: &House, service: &mut crate::house::Service, chance: &mut Chance, fault: &str) {
    let address = service.address().unwrap();
    let began = Instant::now();
    loop {
        let apart = Ledger::default();
        let letter = Letter::post(chance, 200);
        send(address, vec![letter.clone()], 1, &apart);
        let told = apart.count(Told::Kept) == 1;
        house.ledger.note(&letter, if told { Told::Kept } else { Told::Unknown });
        if told {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "no mail is taken in after {fault}: {}", house.said());
        std::thread::sleep(Duration::from_millis(200));
    }
}
