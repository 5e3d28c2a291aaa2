//! SIGKILL at every step of publishing digests, from reading the posts to the mail server's last yes, a civil day for each kill;
//! every fourth time another run makes the same digests beside it. The mail server's ledger decides: each reader has one digest
//! of each day with what was written that day, and repeats only in the window that nobody can see into.
//!
//! `LAMPLIGHT_FAULTS=20000` kills at all of them, else at some that lie evenly.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::chance::Chance;
use crate::check::check_repeats;
use crate::house::{House, Plan};
use crate::kills::wanted;
use crate::ledger::{Letter, Told};
use crate::postgres::{fresh_database, say_aloud};
use crate::preload;
use crate::receiver::wait_for;

const GROUPS: [&str; 2] = ["morning", "evening"];
const READERS: usize = 5;
const WAYS_OUT: &[&str] = &[
    "smtp-connect-before",
    "smtp-connect-after",
    "smtp-send-before",
    "smtp-send-torn",
    "smtp-message-before",
    "smtp-message-torn",
    "smtp-message-after",
    "smtp-taken-after",
];
const SQLITE: &[&str] =
    &["wal-write-before", "wal-write-torn", "wal-write-after", "wal-sync-before", "wal-sync-after", "db-write-before"];
const POSTGRES: &[&str] = &["pg-send-before", "pg-send-torn", "pg-recv-before", "pg-recv-after", "pg-commit-before"];

#[test]
fn sqlite_makes_each_digest_once_whenever_it_is_killed() {
    kill_at_every_step("digests-sqlite", &Plan { servers: 2, ..Plan::sqlite() }, SQLITE);
}

#[test]
fn postgres_makes_each_digest_once_whenever_it_is_killed() {
    let Some(url) = fresh_database() else { return };
    kill_at_every_step("digests-postgres", &Plan { servers: 2, ..Plan::postgres(url) }, POSTGRES);
}

fn kill_at_every_step(test: &str, plan: &Plan, points: &[&str]) {
    if preload::library().is_none() {
        return;
    }
    let mut days = Days::new(test, plan);
    let calls = days.calls();
    let mut steps = Vec::new();
    for point in [points, WAYS_OUT].concat() {
        let most = *calls.get(point).unwrap_or_else(|| panic!("{test}: {point} is no step of publishing: {calls:?}"));
        steps.extend((1..=most).map(|call| format!("kill:{point}:{call}")));
    }
    let (all, most) = (steps.len(), (wanted() / 8).clamp(1, steps.len()));
    let mut struck = 0;
    for number in 0..most {
        // Evenly, and elsewhere with another seed.
        let at = (number * all + days.chance.below(all)) / most;
        struck += usize::from(days.kill(&steps[at.min(all - 1)], number % 4 == 3));
    }
    days.drain();
    let mails = days.check();
    let found = check_repeats(&days.house);
    say_aloud(&format!(
        "{test}: killed at {struck} of {all} steps on {} days; {mails} digests, one a day for each reader; {} came once more",
        days.marks.len(),
        found.repeats
    ));
    assert!(struck * 10 > most * 6, "{test}: hardly any step was reached: {struck} of {most}");
}

struct Days {
    house: House,
    chance: Chance,
    /// What was written to both groups, day by day.
    marks: Vec<String>,
}

impl Days {
    fn new(test: &str, plan: &Plan) -> Self {
        let house = House::new(plan);
        for group in GROUPS {
            let hour = if group == "morning" { "0 7 * * *" } else { "30 17 * * *" };
            let new = ["group", "add", group, "--title", group, "--moderation", "none", "--timezone", "UTC"];
            house.ok(&[&new[..], &["--digest", hour]].concat());
            house.ok(&["moderator", "add", group, "keeper@work.example", "--name", "Keeper", "--delivery", "none"]);
            let rows: String = (0..READERS).map(|at| format!("{},Reader {at},daily\n", reader(group, at))).collect();
            house.import(group, &(rows + "a0@home.example,Author,none\n"));
        }
        Self { house, chance: Chance::of(test), marks: Vec::new() }
    }

    /// The evening of the day after that of the last kill; what is written on it was read and published.
    fn next_day(&mut self) -> String {
        let letter = Letter::for_digest(&mut self.chance, "a0@home.example", GROUPS[0]);
        let other = format!("{}@groups.example", GROUPS[1]);
        let from = ["deliver", "--sender", &letter.return_path(), "--recipient", &letter.recipient, &other];
        let mut delivering = self.house.command(&from).stdin(Stdio::piped()).spawn().unwrap();
        delivering.stdin.take().unwrap().write_all(&letter.bytes).unwrap();
        assert!(delivering.wait().unwrap().success());
        self.house.ledger.note(&letter, Told::Kept);
        self.marks.push(letter.mark.clone());
        self.rest(&self.today("05:00"));
        self.today("18:00")
    }

    fn today(&self, hour: &str) -> String {
        let (ahead, form) = (format!("+{} days", self.marks.len()), format!("+%FT{hour}:00Z"));
        let said = Command::new("date").args(["-u", "-d", &ahead, &form]).output().unwrap();
        String::from_utf8(said.stdout).unwrap().trim().to_owned()
    }

    /// How many calls of each kind a day without a fault has.
    fn calls(&mut self) -> BTreeMap<String, usize> {
        let today = self.next_day();
        let file = self.house.path().join("count");
        let never = Some("kill:smtp-send-before:1000000");
        let (mut command, ..) = self.house.faulty(&["tick", "--at", &today], 0, never, None);
        let ended = command.env("LAMPLIGHT_FAULT_COUNT", &file).output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        let text = std::fs::read_to_string(&file).unwrap();
        text.lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(point, n)| (point.into(), n.parse().unwrap()))
            .collect()
    }

    /// A day on which the run is killed, perhaps another one beside it, and one that does the rest. Whether it was killed.
    fn kill(&mut self, fault: &str, beside: bool) -> bool {
        let today = self.next_day();
        let quiet = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let (mut command, life, note) = self.house.faulty(&["tick", "--at", &today], 0, Some(fault), None);
        self.house.cut_short.lock().unwrap().push(life);
        let mut victim = quiet(&mut command);
        let mut other = self.house.faulty(&["tick", "--at", &today], 1, None, None).0;
        let other = beside.then(|| other.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
        victim.wait().unwrap();
        if let Some(other) = other.map(|other| other.wait_with_output().unwrap()) {
            let said = String::from_utf8_lossy(&other.stderr);
            assert!(other.status.success(), "{fault}: the run beside it failed: {said}");
        }
        self.rest(&today);
        note.exists()
    }

    fn rest(&self, today: &str) {
        let (mut command, ..) = self.house.faulty(&["tick", "--at", today], 1, None, None);
        let ended = command.output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }

    /// What a killed run was handing over waits until its lease ends.
    fn drain(&self) {
        wait_for("everything has left", Duration::from_secs(120), || {
            self.rest(&self.today("18:00"));
            let left = |state| self.house.rows(&["outbox", "list", "--state", state, "--json"]).len();
            left("waiting") + left("sending") == 0
        });
    }

    /// Each reader has one digest of each day, with what was written that day; gives how many there are.
    fn check(&self) -> usize {
        let mut mails = 0;
        let owed: BTreeSet<Vec<String>> = self.marks.iter().map(|mark| vec![mark.clone()]).collect();
        for group in GROUPS {
            for reader in (0..READERS).map(|at| reader(group, at)) {
                let had = self.house.receiver.with(|captures, _| {
                    let hers = captures.iter().filter(|capture| capture.recipient == reader);
                    hers.map(|capture| (capture.message_id.clone(), capture.marks.clone())).collect::<BTreeMap<_, _>>()
                });
                let mut days: BTreeMap<Vec<String>, usize> = BTreeMap::new();
                for marks in had.values() {
                    *days.entry(marks.clone()).or_default() += 1;
                }
                let got: BTreeSet<Vec<String>> = days.keys().cloned().collect();
                let lost: Vec<_> = owed.difference(&got).collect();
                let odd: Vec<_> = got.difference(&owed).collect();
                assert!(lost.is_empty() && odd.is_empty(), "BROKEN PROMISE: {reader} lost {lost:?} and had {odd:?}");
                let twice: Vec<_> = days.iter().filter(|(_, times)| **times > 1).collect();
                assert!(twice.is_empty(), "BROKEN PROMISE: {reader} had two digests of a day: {twice:?}");
                mails += had.len();
            }
        }
        mails
    }
}

fn reader(group: &str, at: usize) -> String {
    format!("d{at}@{group}.example")
}
