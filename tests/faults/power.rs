//! A power cut, simulated: every write to the database files is recorded with its syncs; afterwards the files are built as
//! the disk may hold them at many moments, with what was not synced yet lost, kept, or torn at 512 octets, in any mixture.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::{AnyConnection, Connection as _, Row as _};

use crate::chance::Chance;
use crate::check::drain_and_check;
use crate::house::{House, Plan};
use crate::ledger::{Letter, marks_in};
use crate::postgres::say_aloud;
use crate::preload;
use crate::sender::send;

const SECTOR: usize = 512;
const CUTS: usize = 60;

#[test]
fn a_power_cut_loses_nothing_that_was_answered() {
    if preload::library().is_none() {
        return;
    }
    let mut chance = Chance::of("power-cut");
    let house = House::new(&Plan::sqlite());
    drain_and_check(&house, Duration::from_secs(60));
    let before = Files { db: std::fs::read(house.path().join("lamplight.db")).unwrap(), wal: Vec::new() };
    assert!(!house.path().join("lamplight.db-wal").exists(), "the last one to close takes the WAL with it");

    let record = house.path().join("record");
    let mut service = house.start(0, None, Some(&record));
    house.note_cut_short(&service);
    let letters = (0..320).map(|at| Letter::post(&mut chance, if at % 2 == 0 { 20_000 } else { 500 })).collect();
    let left = send(service.address().unwrap(), letters, 8, &house.ledger);
    assert!(left.is_empty(), "all were answered 250");
    // The log is folded whole only when nobody writes for a moment.
    let began = Instant::now();
    let is_folded = || checkpoints(&read_record(&std::fs::read(&record).unwrap())) > 0;
    while !is_folded() {
        assert!(began.elapsed() < Duration::from_secs(20), "no checkpoint was recorded");
        std::thread::sleep(Duration::from_millis(100));
    }
    service.kill();

    let events = read_record(&std::fs::read(&record).unwrap());
    let told = told_by(&events, &house.ledger.talks());
    let checkpoints = checkpoints(&events);
    let mut cuts: Vec<usize> = (0..CUTS).map(|_| 1 + chance.below(events.len())).collect();
    // Half of them where it hurts most: right behind a 250, and around checkpoints.
    for cut in cuts.iter_mut().skip(CUTS / 2) {
        *cut = near(&events, *cut, chance.one_in(2));
    }
    let mut answered = 0;
    for cut in cuts {
        let image = image(&before, &events, cut, &mut chance);
        let must: HashSet<&str> = told.iter().filter(|(at, _)| *at < cut).map(|(_, mark)| mark.as_str()).collect();
        answered += must.len();
        check_image(&house, &image, &must, &format!("cut behind event {cut} of {}", events.len()));
    }
    say_aloud(&format!(
        "power-cut: {CUTS} cuts in {} writes and syncs, {checkpoints} syncs of the database file; \
         {answered} times a message that was answered 250 had to be there, and was",
        events.len()
    ));
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Db,
    Wal,
}

enum Event {
    Write {
        place: Place,
        offset: usize,
        data: Vec<u8>,
    },
    Truncate {
        place: Place,
        length: usize,
    },
    SyncBegun,
    /// Ended; `begun` is the event of its beginning.
    Synced {
        place: Place,
        begun: usize,
    },
    /// A 250 is about to be sent to this port.
    Reply {
        port: u16,
    },
}

fn checkpoints(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Synced { place: Place::Db, .. })).count()
}

fn read_record(mut bytes: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut begun: BTreeMap<u64, usize> = BTreeMap::new();
    while let Some((head, rest)) = bytes.split_at_checked(18) {
        let place = if head[1] == 1 { Place::Db } else { Place::Wal };
        let number = u64::from_le_bytes(head[2..10].try_into().unwrap());
        let length = usize::try_from(u64::from_le_bytes(head[10..18].try_into().unwrap())).unwrap();
        let Some((data, rest)) = rest.split_at_checked(length) else { break };
        let offset = usize::try_from(number).unwrap();
        events.push(match head[0] {
            b'W' => Event::Write { place, offset, data: data.to_vec() },
            b'T' => Event::Truncate { place, length: offset },
            b'B' => {
                begun.insert(number, events.len());
                Event::SyncBegun
            }
            b'E' => Event::Synced { place, begun: begun[&number] },
            b'R' => Event::Reply { port: u16::try_from(number).unwrap() },
            other => panic!("the record has {:?}: a file was taken away?", char::from(other)),
        });
        bytes = rest;
    }
    events
}

/// Which message was answered 250 by which event.
fn told_by(events: &[Event], talks: &BTreeMap<u16, Vec<String>>) -> Vec<(usize, String)> {
    let mut heard: BTreeMap<u16, usize> = BTreeMap::new();
    let mut told = Vec::new();
    for (at, event) in events.iter().enumerate() {
        if let Event::Reply { port } = event {
            let ordinal = heard.entry(*port).or_default();
            told.extend(talks.get(port).and_then(|marks| marks.get(*ordinal)).map(|mark| (at, mark.clone())));
            *ordinal += 1;
        }
    }
    told
}

/// The next moment right behind a 250, or in the middle of a checkpoint.
fn near(events: &[Event], from: usize, reply: bool) -> usize {
    let found = (from..events.len()).find(|at| match &events[*at] {
        Event::Reply { .. } => reply,
        Event::Write { place, .. } => !reply && *place == Place::Db,
        Event::Synced { place, .. } => !reply && *place == Place::Db,
        Event::Truncate { .. } | Event::SyncBegun => false,
    });
    found.map_or(from, |at| at + 1)
}

#[derive(Clone)]
struct Files {
    db: Vec<u8>,
    wal: Vec<u8>,
}

impl Files {
    fn of(&mut self, place: Place) -> &mut Vec<u8> {
        match place {
            Place::Db => &mut self.db,
            Place::Wal => &mut self.wal,
        }
    }

    fn write(&mut self, place: Place, offset: usize, data: &[u8]) {
        let file = self.of(place);
        if file.len() < offset + data.len() {
            file.resize(offset + data.len(), 0);
        }
        file[offset..offset + data.len()].copy_from_slice(data);
    }
}

/// The files as the disk may hold them when the power fails behind `cut` events.
fn image(before: &Files, events: &[Event], cut: usize, chance: &mut Chance) -> Files {
    let mut files = before.clone();
    let durable = |of: Place| {
        let ends = events[..cut].iter().filter_map(|event| match event {
            Event::Synced { place, begun } if *place == of => Some(*begun),
            _ => None,
        });
        ends.max().unwrap_or(0)
    };
    let (db, wal) = (durable(Place::Db), durable(Place::Wal));
    // Sometimes the disk has written all, sometimes nothing, mostly some of it.
    let mood = chance.below(4);
    for (at, event) in events[..cut].iter().enumerate() {
        let is_durable = |place: Place| at < if place == Place::Db { db } else { wal };
        match event {
            Event::Truncate { place, length } if is_durable(*place) || mood == 0 || chance.one_in(2) => {
                files.of(*place).resize(*length, 0);
            }
            Event::Write { place, offset, data } if is_durable(*place) || mood == 0 => {
                files.write(*place, *offset, data);
            }
            Event::Write { place, offset, data } if mood != 1 => match chance.below(3) {
                0 => files.write(*place, *offset, data),
                1 => {}
                _ => {
                    for (number, sector) in data.chunks(SECTOR).enumerate() {
                        if chance.one_in(2) {
                            files.write(*place, offset + number * SECTOR, sector);
                        }
                    }
                }
            },
            _ => {}
        }
    }
    files
}

/// The database opens, is whole, and has every message that was answered 250.
fn check_image(house: &House, image: &Files, must: &HashSet<&str>, what: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lamplight.db"), &image.db).unwrap();
    if !image.wal.is_empty() {
        std::fs::write(folder.path().join("lamplight.db-wal"), &image.wal).unwrap();
    }
    std::fs::copy(house.path().join("key"), folder.path().join("key")).unwrap();
    let listed = lamplight(folder.path(), &["spool", "list", "--json"], what);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
    let there: HashSet<String> =
        rows.iter().flat_map(|row| marks_in(row["sender"].as_str().unwrap().as_bytes())).collect();
    assert_eq!(rows.len(), there.len(), "{what}: a message is there twice");
    let lost: Vec<&&str> = must.iter().filter(|mark| !there.contains(**mark)).collect();
    assert!(lost.is_empty(), "BROKEN PROMISE, {what}: {} of {} are LOST, like {:?}", lost.len(), must.len(), lost[0]);
    lamplight(folder.path(), &["doctor"], what);
    let said = integrity(&folder.path().join("lamplight.db"));
    assert_eq!(said, "ok", "{what}: the database is damaged");
}

fn lamplight(folder: &Path, arguments: &[&str], what: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamplight"));
    command.args(arguments).current_dir(folder).env_remove("LAMPLIGHT_CONFIG");
    command.env("LAMPLIGHT_SERVICE__STATE_DIR", folder).env("LAMPLIGHT_SERVICE__DOMAIN", "groups.example");
    command.env("LAMPLIGHT_DATABASE__URL", format!("sqlite://{}/lamplight.db", folder.display()));
    let ended = command.output().unwrap();
    assert!(ended.status.success(), "{what}: {arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

fn integrity(file: &Path) -> String {
    sqlx::any::install_default_drivers();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut db = AnyConnection::connect(&format!("sqlite://{}?mode=rw", file.display())).await.unwrap();
        let row = sqlx::query("pragma integrity_check").fetch_one(&mut db).await.unwrap();
        row.get::<String, _>(0)
    })
}
