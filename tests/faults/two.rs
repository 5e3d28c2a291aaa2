//! Two servers over one PostgreSQL: one is killed, or frozen past its leases and thawed, and the other takes over.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::chance::Chance;
use crate::check::{check, check_order, drain, drain_for};
use crate::house::{House, Plan, Service};
use crate::ledger::Letter;
use crate::postgres::{fresh_database, say_aloud};
use crate::preload;
use crate::receiver::wait_for;
use crate::sender::{send, send_in_one_talk};

/// A lease has ended and its row was taken up; generous for a slow machine.
const PAST_THE_LEASE: Duration = Duration::from_secs(180);

fn two_servers() -> Option<House> {
    let url = fresh_database()?;
    Some(House::new(&Plan { servers: 2, ..Plan::postgres(url) }))
}

#[test]
fn one_of_two_servers_is_killed_at_random() {
    let Some(house) = two_servers() else { return };
    let mut chance = Chance::of("two-killed");
    let mut services = [house.start(0, None, None), house.start(1, None, None)];
    let mut left = Vec::new();
    for round in 0..8 {
        while left.len() < 16 {
            left.push(Letter::post(&mut chance, 200));
        }
        let addresses: Vec<SocketAddr> = services.iter_mut().map(|service| service.address().unwrap()).collect();
        let victim = chance.below(2);
        let letters = std::mem::take(&mut left);
        let half = letters.len() / 2;
        let moment = Duration::from_millis(100 + chance.below(900) as u64);
        left = std::thread::scope(|scope| {
            let ledger = &house.ledger;
            let shares = [(addresses[0], letters[..half].to_vec()), (addresses[1], letters[half..].to_vec())];
            let sending = shares.map(|(address, share)| scope.spawn(move || send(address, share, 3, ledger)));
            std::thread::sleep(moment);
            if round < 7 {
                house.note_cut_short(&services[victim]);
                services[victim].kill();
            }
            sending.into_iter().flat_map(|lane| lane.join().unwrap()).collect()
        });
        if round < 7 {
            services[victim] = house.start(victim, None, None);
        }
    }
    let aside = drain(&house, PAST_THE_LEASE);
    services.into_iter().for_each(Service::stop);
    say_aloud(&format!("two-killed: 7 kills, {aside} set aside; {}", check(&house)));
}

/// Side by side, because each of them mostly waits for a lease to end.
#[test]
fn a_frozen_server_is_replaced() {
    let moments = [
        // In the middle of a fan-out; behind the mail server's yes; while it judges; in open transactions of any kind.
        ("frozen-message", "stop:smtp-message-before:5"),
        ("frozen-taken", "stop:smtp-taken-after:6"),
        ("frozen-judging", "stop:pg-send-after:120"),
        ("frozen-transaction", "stop:pg-commit-before:12"),
        ("frozen-another", "stop:pg-commit-before:17"),
        ("frozen-third", "stop:pg-commit-before:25"),
    ];
    std::thread::scope(|scope| {
        for (test, fault) in moments {
            scope.spawn(move || frozen(test, fault));
        }
    });
}

fn frozen(test: &str, fault: &str) {
    if preload::library().is_none() {
        return;
    }
    let Some(house) = two_servers() else { return };
    let mut chance = Chance::of(test);
    let mut first = house.start(0, Some(fault), None);
    let address = first.address().unwrap();
    // One author after the other, so that their order is known.
    let letters = (0..24).map(|at| Letter::open_post(&mut chance, &format!("a{}@home.example", at % 2))).collect();
    let mut left = send_in_one_talk_until(&first, address, letters, &house);
    wait_for("the server is frozen", Duration::from_secs(30), || first.was_struck());
    house.note_cut_short(&first);
    let mut second = house.start(1, None, None);
    let other = second.address().unwrap();
    left.extend((0..6).map(|_| Letter::post(&mut chance, 200)));
    let refused = send(other, left, 1, &house.ledger).len();
    assert_eq!(refused, 0, "{test}: the other server takes mail while the first is frozen: {}", house.said());
    let began = std::time::Instant::now();
    drain_for(test, &house, PAST_THE_LEASE);
    let took = began.elapsed();
    first.signal("-CONT");
    std::thread::sleep(Duration::from_secs(4));
    drain(&house, PAST_THE_LEASE);
    first.stop();
    second.stop();
    check_order(&house);
    say_aloud(&format!("{test}: {fault}, all done by the other in {took:.0?}; {}", check(&house)));
}

/// Send; the talk may break off when the server freezes, so it doesn't wait for long.
fn send_in_one_talk_until(
    first: &Service,
    address: SocketAddr,
    letters: Vec<std::sync::Arc<Letter>>,
    house: &House,
) -> Vec<std::sync::Arc<Letter>> {
    let mut left = Vec::new();
    for letter in letters {
        if first.was_struck() {
            left.push(letter);
        } else {
            left.extend(send_in_one_talk(address, vec![letter], &house.ledger));
        }
    }
    left
}

#[test]
fn digests_of_two_servers_come_once() {
    let Some(house) = two_servers() else { return };
    let mut chance = Chance::of("two-digests");
    house.ok(&["group", "add", "daily", "--title", "daily", "--moderation", "none", "--timezone", "UTC"]);
    house.ok(&["moderator", "add", "daily", "keeper@work.example", "--name", "Keeper", "--delivery", "none"]);
    let readers: Vec<String> = (0..12).map(|at| format!("d{at}@daily.example")).collect();
    let rows: String = readers.iter().enumerate().map(|(at, who)| format!("{who},Daily {at},daily\n")).collect();
    house.import("daily", &(rows + "a0@home.example,Author,none\n"));
    let mut services = [house.start(0, None, None), house.start(1, None, None)];
    for service in &mut services {
        let letters = (0..5).map(|_| Letter::for_digest(&mut chance, "a0@home.example", "daily")).collect();
        assert!(send(service.address().unwrap(), letters, 1, &house.ledger).is_empty());
    }
    drain(&house, Duration::from_secs(60));
    // Both servers look twice a second; the four others come on top.
    let hands: Vec<_> = (0..4)
        .map(|_| {
            house.command(&["digest", "send", "daily"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    next_minute(&house);
    for hand in hands {
        let ended = hand.wait_with_output().unwrap();
        assert!(ended.status.success(), "digest send: {}", String::from_utf8_lossy(&ended.stderr));
    }
    wait_for("everybody has a digest", Duration::from_secs(60), || {
        house.receiver.with(|captures, _| readers.iter().all(|who| captures.iter().any(|had| had.recipient == *who)))
    });
    std::thread::sleep(Duration::from_secs(75));
    drain(&house, Duration::from_secs(60));
    services.into_iter().for_each(Service::stop);
    let got = |who: &str| house.receiver.with(|all, _| all.iter().filter(|had| had.recipient == who).count());
    let counts: Vec<usize> = readers.iter().map(|who| got(who)).collect();
    assert_eq!(counts, vec![1; readers.len()], "BROKEN PROMISE: each reader has one digest of the day");
    say_aloud(&format!("two-digests: {} readers, one digest each", readers.len()));
}

/// The schedule falls due within the next two minutes, for both servers at once.
fn next_minute(house: &House) {
    let said = Command::new("date").args(["-u", "-d", "+61 seconds", "+%M %H"]).output().unwrap();
    let at = String::from_utf8(said.stdout).unwrap();
    house.ok(&["group", "set", "daily", "--digest", &format!("{} * * *", at.trim())]);
}
