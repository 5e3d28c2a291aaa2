//! The story's own book of who is owed what, and when: from what was done to the group, and the walls of `wall.rs`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use chrono_tz::Tz;
use lamplight::model::member::Delivery;

use super::wall::{Minute, Walls, Wish};

/// Somebody who reads.
#[derive(Clone)]
pub struct Reader {
    pub active: bool,
    pub delivery: Delivery,
    pub zone: Option<Tz>,
    pub hour: Option<(u8, u8)>,
    /// Posts that wait for her digest.
    pub waiting: BTreeSet<String>,
    /// Copies on their way.
    pub copies: BTreeSet<String>,
    pub due: Option<Minute>,
    /// The days of which she had a digest.
    pub days: BTreeSet<NaiveDate>,
    pub had: BTreeSet<String>,
}

impl Reader {
    pub fn reads_digests(&self) -> bool {
        self.active && matches!(self.delivery, Delivery::Daily | Delivery::Weekly)
    }
}

/// What must come to somebody now, and nothing else.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Owed {
    pub copies: BTreeSet<String>,
    pub digest: BTreeSet<String>,
}

pub struct Book {
    pub readers: BTreeMap<String, Reader>,
    pub walls: Walls,
    /// The group's own hour.
    pub hour: (u8, u8),
    /// What was handed in and nobody has looked at: the mark, and whether it is held.
    pub spooled: Vec<(String, bool)>,
    pub held: Vec<String>,
    pub published: Vec<String>,
}

const GROUP_ZONE: Tz = Tz::America__New_York;

impl Book {
    pub fn new() -> Self {
        Self {
            readers: BTreeMap::new(),
            walls: Walls::default(),
            hour: (17, 30),
            spooled: Vec::new(),
            held: Vec::new(),
            published: Vec::new(),
        }
    }

    fn wish(&self, reader: &Reader) -> Wish {
        let (hour, minute) = reader.hour.unwrap_or(self.hour);
        Wish { zone: reader.zone.unwrap_or(GROUP_ZONE), hour, minute, weekly: reader.delivery == Delivery::Weekly }
    }

    fn next_due(&mut self, reader: &Reader, now: i64) -> Option<Minute> {
        let wish = self.wish(reader);
        reader.reads_digests().then(|| self.walls.next(&wish, now))
    }

    /// One that is due stays due, except where it comes later the same day.
    fn next_or_due(&mut self, reader: &Reader, now: i64) -> Option<Minute> {
        let next = self.next_due(reader, now)?;
        let zone = self.wish(reader).zone;
        let was = reader.due.filter(|due| due * 60 <= now);
        let stays = was.filter(|due| self.walls.date(zone, *due) != self.walls.date(zone, next));
        Some(stays.unwrap_or(next))
    }

    pub fn join(&mut self, address: &str, mut reader: Reader, now: i64) {
        reader.due = self.next_due(&reader, now);
        self.readers.insert(address.to_owned(), reader);
    }

    /// Somebody wants it otherwise from now on.
    pub fn change(&mut self, address: &str, change: impl Fn(&mut Reader), now: i64) {
        let before = self.readers[address].clone();
        let mut after = before.clone();
        change(&mut after);
        let wants_each = after.active && after.delivery == Delivery::Each;
        if before.reads_digests() && wants_each {
            // What waits for a digest that will not come is not lost.
            after.copies.append(&mut after.waiting);
        } else if !after.reads_digests() || !before.reads_digests() {
            // Whoever pauses gives up what was not sent yet; whoever comes back begins anew.
            after.waiting.clear();
        }
        after.due = self.next_or_due(&after, now);
        self.readers.insert(address.to_owned(), after);
    }

    pub fn change_hour(&mut self, hour: (u8, u8), now: i64) {
        self.hour = hour;
        for (address, mut reader) in self.readers.clone() {
            reader.due = self.next_or_due(&reader, now);
            self.readers.insert(address, reader);
        }
    }

    /// The server reads what was handed in.
    pub fn read_spool(&mut self) {
        for (mark, is_held) in std::mem::take(&mut self.spooled) {
            if is_held { self.held.push(mark) } else { self.publish(mark) }
        }
    }

    pub fn publish(&mut self, mark: String) {
        for reader in self.readers.values_mut().filter(|reader| reader.active) {
            match reader.delivery {
                Delivery::Daily | Delivery::Weekly => drop(reader.waiting.insert(mark.clone())),
                Delivery::Each => drop(reader.copies.insert(mark.clone())),
                Delivery::None => {}
            }
        }
        self.published.push(mark);
    }

    pub fn retract(&mut self, mark: &str) {
        self.readers.values_mut().for_each(|reader| {
            reader.waiting.remove(mark);
            reader.copies.remove(mark);
        });
    }

    /// What leaves when a server looks now.
    pub fn leaving(&mut self, now: i64) -> BTreeMap<String, Owed> {
        let mut leaving = BTreeMap::new();
        for (address, mut reader) in self.readers.clone() {
            let mut owed = Owed { copies: std::mem::take(&mut reader.copies), digest: BTreeSet::new() };
            if let Some(due) = reader.due.filter(|due| due * 60 <= now) {
                // A missed digest keeps the day of which it is.
                let day = self.walls.date(self.wish(&reader).zone, due);
                if !reader.waiting.is_empty() && reader.days.insert(day) {
                    owed.digest = std::mem::take(&mut reader.waiting);
                }
                reader.due = self.next_due(&reader, now);
            }
            for mark in owed.copies.iter().chain(&owed.digest) {
                assert!(reader.had.insert(mark.clone()), "the book owes {mark} twice to {address}");
            }
            if owed != Owed::default() {
                leaving.insert(address.clone(), owed);
            }
            self.readers.insert(address, reader);
        }
        leaving
    }
}
