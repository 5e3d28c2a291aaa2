//! A mail server that drops, resets, stalls, refuses and talks nonsense, at every step of the talk.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::chance::Chance;
use crate::check::{check, drain, drain_and_check};
use crate::house::{House, OPEN_READERS, Plan};
use crate::ledger::Letter;
use crate::postgres::say_aloud;
use crate::receiver::{Act, Stage, wait_for};
use crate::sender::send;

const SOON: Duration = Duration::from_secs(20);
const VICTIM: &str = OPEN_READERS[0];

#[test]
fn a_mail_server_that_misbehaves_costs_no_mail() {
    let mut chance = Chance::of("smarthost");
    let house = House::new(&Plan::sqlite());
    let mut failed = 0;
    let all = cases();
    for (stage, act) in &all {
        failed += usize::from(misbehave_once(&house, &mut chance, *stage, act, failed));
    }
    let mut service = house.serve();
    service.address().unwrap();
    drain(&house, Duration::from_secs(120));
    service.stop();
    let found = check(&house);
    say_aloud(&format!("smarthost: {} ways to misbehave, {failed} of them final; {found}", all.len()));
}

fn cases() -> Vec<(Stage, Act)> {
    let say = |reply: &str| Act::Say(reply.to_owned());
    let mut cases = Vec::new();
    for stage in [Stage::Connect, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Dot] {
        for act in [
            Act::Drop,
            Act::Reset,
            say("421 4.3.2 going down"),
            say("451 4.3.0 later"),
            say("550 5.7.1 no"),
            say("what is this"),
        ] {
            cases.push((stage, act));
        }
    }
    // What 5.7.1 may mean is not known at once; this is.
    cases.push((Stage::Rcpt, say("550 5.1.1 no such user")));
    cases.push((Stage::Data, say("550 5.6.0 no")));
    cases.push((Stage::Dot, say("550 5.6.0 no")));
    for stage in [Stage::Middle, Stage::Answered, Stage::Quit] {
        cases.push((stage, Act::Drop));
        cases.push((stage, Act::Reset));
    }
    cases
}

/// One letter to three readers, and the mail server misbehaves once, to the first of them where it knows for whom it is.
/// Whether that was final.
fn misbehave_once(house: &House, chance: &mut Chance, stage: Stage, act: &Act, failed_before: usize) -> bool {
    let what = format!("{act:?} at {stage:?}");
    let mut service = house.serve();
    let address = service.address().unwrap();
    let came = Arc::new(AtomicBool::new(false));
    let (seen, wanted) = (Arc::clone(&came), act.clone());
    house.receiver.script(move |at, recipient| {
        let is_here = at == stage && (recipient.is_empty() || recipient == VICTIM || stage == Stage::Quit);
        let first = is_here && !seen.swap(true, Ordering::SeqCst);
        if first { wanted.clone() } else { Act::Usual }
    });
    let letter = Letter::open_post(chance, "a0@home.example");
    let mark = letter.mark.clone();
    assert!(send(address, vec![letter], 1, &house.ledger).is_empty());
    if matches!(stage, Stage::Rcpt | Stage::Data | Stage::Middle | Stage::Dot | Stage::Answered) {
        wait_for(&format!("{what}: the others have theirs"), SOON, || {
            OPEN_READERS[1..].iter().all(|reader| house.has(reader, &mark))
        });
    }
    if stage == Stage::Quit {
        wait_for("all have theirs", SOON, || OPEN_READERS.iter().all(|reader| house.has(reader, &mark)));
    } else {
        wait_for(&format!("{what} comes"), SOON, || came.load(Ordering::SeqCst));
    }
    let final_word = match act {
        Act::Say(said) => said.starts_with("550 5.1.1") || said.starts_with("550 5.6.0"),
        _ => false,
    };
    if final_word {
        wait_for(&format!("{what} is final"), SOON, || failed(house) > failed_before);
    }
    service.stop();
    house.receiver.behave();
    assert_eq!(failed(house), failed_before + usize::from(final_word), "{what}: who is given up, and who not");
    final_word
}

fn failed(house: &House) -> usize {
    let rows = house.rows(&["outbox", "list", "--state", "failed", "--json"]);
    rows.iter().filter(|row| row["recipient"] == VICTIM).count()
}

#[test]
fn a_reader_whose_mail_server_stalls_keeps_nobody_waiting() {
    let mut chance = Chance::of("stall");
    let house = House::new(&Plan::sqlite());
    let mut service = house.serve();
    let address = service.address().unwrap();
    house
        .receiver
        .script(|at, recipient| if at == Stage::Dot && recipient == VICTIM { Act::Stall } else { Act::Usual });
    for _ in 0..3 {
        stalls_for_nobody_else(&house, &mut chance, address);
    }
    house.note_cut_short(&service);
    service.kill();
    house.receiver.behave();
    say_aloud(&format!("stall: {}", drain_and_check(&house, Duration::from_secs(60))));
}

fn stalls_for_nobody_else(house: &House, chance: &mut Chance, address: std::net::SocketAddr) {
    let letter = Letter::open_post(chance, "a1@home.example");
    let mark = letter.mark.clone();
    assert!(send(address, vec![letter], 1, &house.ledger).is_empty());
    wait_for("those whose connections do not stall have theirs", SOON, || {
        OPEN_READERS[1..].iter().all(|reader| house.has(reader, &mark))
    });
}

impl House {
    /// Whether this reader was handed the mail of this mark.
    pub fn has(&self, reader: &str, mark: &str) -> bool {
        self.receiver.with(|captures, _| {
            captures.iter().any(|capture| capture.recipient == reader && capture.marks.iter().any(|had| had == mark))
        })
    }
}
