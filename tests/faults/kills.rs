//! SIGKILL at named points and at random moments, one database through all of them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::chance::Chance;
use crate::check::drain_and_check;
use crate::house::{House, Plan, open_group};
use crate::ledger::{Kind, Letter, MODERATORS, Told};
use crate::postgres::{fresh_database, say_aloud};
use crate::preload;
use crate::sender::send;

/// What both databases have: the talk with senders and with the mail server.
const OUTSIDE: &[(&str, usize)] = &[
    ("lmtp-accept-after", 4),
    ("lmtp-recv-before", 30),
    ("lmtp-recv-after", 30),
    ("lmtp-send-before", 30),
    ("lmtp-kept-before", 10),
    ("lmtp-kept-after", 10),
    ("lmtp-kept-torn", 10),
    ("smtp-connect-before", 4),
    ("smtp-connect-after", 4),
    ("smtp-send-before", 40),
    ("smtp-send-after", 40),
    ("smtp-send-torn", 40),
    ("smtp-message-before", 25),
    ("smtp-message-torn", 25),
    ("smtp-message-after", 25),
    ("smtp-taken-after", 25),
    ("smtp-recv-before", 60),
];
const SQLITE: &[(&str, usize)] = &[
    ("wal-write-before", 250),
    ("wal-write-torn", 250),
    ("wal-write-after", 250),
    ("wal-sync-before", 50),
    ("wal-sync-after", 50),
    ("wal-open-after", 2),
    ("db-open-after", 4),
    ("db-write-before", 30),
    ("db-write-torn", 30),
    ("db-sync-before", 1),
    ("db-sync-after", 1),
];
const POSTGRES: &[(&str, usize)] = &[
    ("pg-send-before", 400),
    ("pg-send-torn", 400),
    ("pg-send-after", 400),
    ("pg-recv-before", 400),
    ("pg-recv-after", 400),
    ("pg-connect-after", 5),
    ("pg-commit-before", 40),
    ("pg-commit-after", 40),
];
const LETTERS: usize = 12;
const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn sqlite_loses_nothing_whenever_it_is_killed() {
    let points: Vec<_> = [OUTSIDE, SQLITE].concat();
    kill_again_and_again("kills-sqlite", &Plan::sqlite(), &points);
}

#[test]
fn postgres_loses_nothing_whenever_it_is_killed() {
    let Some(url) = fresh_database() else { return };
    let points: Vec<_> = [OUTSIDE, POSTGRES].concat();
    kill_again_and_again("kills-postgres", &Plan { open_groups: 40, ..Plan::postgres(url) }, &points);
}

pub fn wanted() -> usize {
    std::env::var_os("LAMPLIGHT_FAULTS").and_then(|number| number.to_str()?.parse().ok()).unwrap_or(200)
}

fn kill_again_and_again(test: &str, plan: &Plan, points: &[(&'static str, usize)]) {
    if preload::library().is_none() {
        return;
    }
    let mut chance = Chance::of(test);
    let house = House::new(plan);
    let mut left = Vec::new();
    let (mut struck, mut at_random) = (0, 0);
    let mut missed: Vec<&str> = Vec::new();
    while struck + at_random < wanted() {
        let (point, most) = points[(struck + at_random) % points.len()];
        // One in four is killed at no point in particular.
        let fault = if chance.one_in(4) { None } else { Some(format!("kill:{point}:{}", 1 + chance.below(most))) };
        approve_some(&house, &mut chance, &mut left);
        let group = open_group((struck + at_random) % plan.open_groups);
        while left.len() < LETTERS {
            left.push(Letter::post_to(&mut chance, 200, &group));
        }
        match kill_once(&house, &mut chance, fault.as_deref(), &mut left) {
            true => struck += 1,
            false => {
                at_random += 1;
                missed.extend(fault.is_some().then_some(point));
            }
        }
        // On PostgreSQL what a life left behind is waited for until its leases end, so that is done less often.
        let every = if plan.url.is_none() { 100 } else { 200 };
        let lives = struck + at_random;
        if lives.is_multiple_of(every) && lives < wanted() {
            say_aloud(&format!("{test}: {}", drain_and_check(&house, PATIENCE)));
        }
    }
    let found = drain_and_check(&house, PATIENCE);
    missed.sort_unstable();
    say_aloud(&format!(
        "{test}: {struck} at named points, {at_random} at random moments; {found}; too far away: {missed:?}"
    ));
    assert!(house.ledger.count(Told::Kept) > struck, "hardly anything was taken in");
}

/// One life; whether the point was reached.
fn kill_once(house: &House, chance: &mut Chance, fault: Option<&str>, left: &mut Vec<Arc<Letter>>) -> bool {
    let mut service = match fault {
        Some(fault) => house.serve_with(fault),
        None => house.serve(),
    };
    house.note_cut_short(&service);
    if let Some(address) = service.address() {
        if fault.is_none() {
            let letters = std::mem::take(left);
            let moment = Duration::from_millis(chance.below(700) as u64);
            *left = std::thread::scope(|scope| {
                let sending = scope.spawn(|| send(address, letters, 4, &house.ledger));
                std::thread::sleep(moment);
                service.kill();
                sending.join().unwrap()
            });
        } else {
            *left = send(address, std::mem::take(left), 4, &house.ledger);
            service.ends_within(Duration::from_millis(2_500));
        }
    }
    let struck = service.was_struck();
    service.kill();
    struck
}

/// Dana approves some of what she was asked about.
fn approve_some(house: &House, chance: &mut Chance, left: &mut Vec<Arc<Letter>>) {
    let entries = house.ledger.entries();
    let mut decided: HashSet<String> = entries
        .values()
        .filter_map(|(letter, _)| if let Kind::Decision(of) = &letter.kind { Some(of.clone()) } else { None })
        .collect();
    decided.extend(left.iter().filter_map(|letter| match &letter.kind {
        Kind::Decision(of) => Some(of.clone()),
        _ => None,
    }));
    let asked = house.receiver.with(|captures, _| {
        let notices = captures.iter().filter(|capture| capture.recipient == MODERATORS[0]);
        notices
            .filter_map(|notice| {
                Some((notice.marks.first()?.clone(), notice.header("Reply-To")?, notice.message_id.clone()))
            })
            .collect::<Vec<_>>()
    });
    let mut most = 2;
    for (mark, reply_to, id) in asked {
        let may = entries.get(&mark).is_some_and(|(letter, _)| letter.may_be_approved());
        if may && most > 0 && chance.one_in(2) && decided.insert(mark.clone()) {
            left.push(Letter::approval(chance, &mark, reply_to.trim_matches(['<', '>']), &id));
            most -= 1;
        }
    }
}
