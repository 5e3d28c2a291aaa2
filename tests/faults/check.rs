//! The ledger against what is there and what was received. Every breach is named, and all of them end the test.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::house::{CONNECTIONS, FIRST_READERS, House, OPEN_READERS};
use crate::ledger::{Kind, Letter, MODERATORS, Told, marks_in};
use crate::receiver::{Capture, Talk, wait_for};

/// What a check came to; the figures of docs/reliability.md.
#[derive(Debug, Default)]
pub struct Found {
    pub kept: usize,
    pub unknown: usize,
    pub unknown_there: usize,
    pub published: usize,
    pub held: usize,
    pub copies: usize,
    pub repeats: usize,
    pub set_aside: usize,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} answered 250, all there once; {} without an answer, {} of them there; {} posts published, {} held; \
             {} mails received, {} of them once more; {} set aside on the way",
            self.kept,
            self.unknown,
            self.unknown_there,
            self.published,
            self.held,
            self.copies,
            self.repeats,
            self.set_aside
        )
    }
}

/// Let a server without faults do what is left to do, then compare. `patience` is for everything.
pub fn drain_and_check(house: &House, patience: Duration) -> Found {
    let mut service = house.serve();
    assert!(service.address().is_some(), "serve does not start: {}", house.said());
    let set_aside = drain(house, patience);
    service.stop();
    let mut found = check(house);
    found.set_aside = set_aside;
    found
}

/// Wait until nothing is new, waiting or on its way, with what was set aside read again; gives how many were.
pub fn drain(house: &House, patience: Duration) -> usize {
    drain_for("nothing is left to do", house, patience)
}

/// The same, for a test that says its name.
pub fn drain_for(what: &str, house: &House, patience: Duration) -> usize {
    house.ok(&["outbox", "retry", "--all"]);
    let mut set_aside = 0;
    wait_for(what, patience, || {
        let aside = quarantined(house);
        if aside > 0 {
            set_aside += aside;
            house.ok(&["spool", "retry", "--all"]);
        }
        if !is_drained(house) {
            return false;
        }
        // A decision of a moderator takes effect when its undo window is over.
        std::thread::sleep(Duration::from_millis(1_700));
        // What was begun three times may have been set aside since it was looked.
        is_drained(house) && quarantined(house) == 0
    });
    set_aside
}

fn quarantined(house: &House) -> usize {
    house.rows(&["spool", "list", "--state", "quarantined", "--json"]).len()
}

fn is_drained(house: &House) -> bool {
    let left = |noun: &str, state: &str| house.rows(&[noun, "list", "--state", state, "--limit", "1", "--json"]).len();
    left("spool", "new") + left("outbox", "waiting") + left("outbox", "sending") == 0
}

/// Compare the ledger with the listings and the receiver.
pub fn check(house: &House) -> Found {
    let mut breaches = Breaches::default();
    let mut found = Found::default();
    let spooled = spooled(house, &mut breaches, &mut found);
    let posts = posts(house, &spooled, &mut breaches);
    house.receiver.with(|captures, talks| {
        releases(house, &posts, &mut breaches);
        leaks(house, captures, &mut breaches);
        due(&spooled, &posts, captures, &mut breaches, &mut found);
        let distinct = repeats(house, captures, talks, &mut breaches, &mut found);
        outbox(house, &distinct, &mut breaches);
    });
    breaches.end();
    found
}

/// Nothing came twice without cause.
pub fn check_repeats(house: &House) -> Found {
    let (mut breaches, mut found) = (Breaches::default(), Found::default());
    house.receiver.with(|captures, talks| repeats(house, captures, talks, &mut breaches, &mut found).len());
    breaches.end();
    found
}

/// Posts of one author in one group stand in the order in which they were answered 250 in one talk.
pub fn check_order(house: &House) {
    let mut breaches = Breaches::default();
    let mut ids: HashMap<String, i64> = HashMap::new();
    for row in house.rows(&["post", "list", "--json"]) {
        for mark in marks_in(row["subject"].as_str().unwrap().as_bytes()) {
            ids.insert(mark, row["id"].as_i64().unwrap());
        }
    }
    let mut last: HashMap<String, i64> = HashMap::new();
    let entries = house.ledger.entries();
    for mark in house.ledger.in_order() {
        let (Some(id), Some((letter, _))) = (ids.get(&mark), entries.get(&mark)) else { continue };
        let before = last.insert(format!("{} to {}", letter.author, letter.recipient), *id);
        if before.is_some_and(|before| before > *id) {
            breaches.add("posts of one author changed places", format!("{mark}, post {id}"));
        }
    }
    breaches.end();
}

#[derive(Default)]
struct Breaches(BTreeMap<&'static str, Vec<String>>);

impl Breaches {
    fn add(&mut self, what: &'static str, which: impl fmt::Display) {
        self.0.entry(what).or_default().push(which.to_string());
    }

    fn end(self) {
        let all: Vec<String> = self
            .0
            .iter()
            .map(|(what, which)| {
                format!("{what}: {} times, like {}", which.len(), which[..which.len().min(4)].join("; "))
            })
            .collect();
        assert!(all.is_empty(), "BROKEN PROMISES\n{}", all.join("\n"));
    }
}

type Letters = HashMap<String, std::sync::Arc<Letter>>;

/// I1: what was answered 250 is there once, in a state that a listing shows; the rest at most once.
fn spooled(house: &House, breaches: &mut Breaches, found: &mut Found) -> Letters {
    let mut count: HashMap<String, usize> = HashMap::new();
    let entries = house.ledger.entries();
    let mut there = Letters::new();
    for row in house.rows(&["spool", "list", "--json"]) {
        let sender = row["sender"].as_str().unwrap();
        let mark = sender.split('@').next().unwrap();
        *count.entry(mark.to_owned()).or_default() += 1;
        match entries.get(mark) {
            Some((letter, _)) => drop(there.insert(mark.to_owned(), std::sync::Arc::clone(letter))),
            None => breaches.add("a message is there that nobody sent", &row),
        }
        if row["state"] != "done" {
            breaches.add("a message did not come to its end", &row);
        }
    }
    for (mark, (_, told)) in &entries {
        let times = count.get(mark).copied().unwrap_or(0);
        match told {
            Told::Kept if times == 0 => breaches.add("LOST: answered 250 and not there", mark),
            Told::NotSent if times > 0 => breaches.add("there before it was sent", mark),
            _ if times > 1 => breaches.add("in the spool more than once", mark),
            _ => {}
        }
        found.kept += usize::from(*told == Told::Kept);
        found.unknown += usize::from(matches!(told, Told::Unknown | Told::Later));
        found.unknown_there += usize::from(matches!(told, Told::Unknown | Told::Later) && times > 0);
    }
    there
}

/// Each post in its group exactly once: mark -> (letter, state).
fn posts(house: &House, spooled: &Letters, breaches: &mut Breaches) -> HashMap<String, String> {
    let mut posts: HashMap<String, Vec<Value>> = HashMap::new();
    for row in house.rows(&["post", "list", "--json"]) {
        for mark in marks_in(row["subject"].as_str().unwrap().as_bytes()) {
            posts.entry(mark).or_default().push(row.clone());
        }
    }
    let mut states = HashMap::new();
    for (mark, letter) in spooled {
        let of_mark = posts.get(mark).map_or(&[][..], Vec::as_slice);
        if matches!(letter.kind, Kind::Decision(_)) {
            if !of_mark.is_empty() {
                breaches.add("a decision became a post", mark);
            }
            continue;
        }
        match of_mark {
            [row] if row["group"] == letter.group() => {
                let state = row["state"].as_str().unwrap().to_owned();
                if state != "published" && (letter.kind == Kind::Open || state != "held") {
                    breaches.add("a post in a wrong state", format!("{mark} {state}"));
                }
                states.insert(mark.clone(), state);
            }
            rows => {
                breaches.add("a message that is not exactly one post of its group", format!("{mark}: {}", rows.len()))
            }
        }
    }
    states
}

/// Which posts our moderators approved, and whose posts go out by that.
fn approved(house: &House) -> (HashSet<String>, HashSet<String>) {
    let entries = house.ledger.entries();
    let marks: HashSet<String> = entries
        .values()
        .filter(|(_, told)| *told != Told::NotSent)
        .filter_map(|(letter, _)| if let Kind::Decision(of) = &letter.kind { Some(of.clone()) } else { None })
        .collect();
    let authors = marks.iter().filter_map(|mark| entries.get(mark)).map(|(letter, _)| letter.author.clone()).collect();
    (marks, authors)
}

/// I2: published only what was approved, or whose author was; and every decision that was kept took effect.
fn releases(house: &House, posts: &HashMap<String, String>, breaches: &mut Breaches) {
    let (marks, authors) = approved(house);
    for (mark, (letter, told)) in house.ledger.entries() {
        let is_published = posts.get(&mark).is_some_and(|state| state == "published");
        if letter.kind == Kind::First && is_published && !marks.contains(&mark) && !authors.contains(&letter.author) {
            breaches.add("published without a decision", &mark);
        }
        if let Kind::Decision(of) = &letter.kind
            && told == Told::Kept
            && posts.get(of).is_none_or(|state| state != "published")
        {
            breaches.add("a decision that was kept took no effect", of);
        }
    }
}

/// Words of what nobody approved, and of other groups, reach no member.
fn leaks(house: &House, captures: &[Capture], breaches: &mut Breaches) {
    let (marks, authors) = approved(house);
    let entries = house.ledger.entries();
    for capture in captures.iter().filter(|capture| capture.recipient.ends_with("@readers.example")) {
        for mark in &capture.marks {
            let Some((letter, _)) = entries.get(mark) else { continue };
            let is_first = FIRST_READERS.contains(&capture.recipient.as_str());
            let may = match &letter.kind {
                Kind::Open => !is_first,
                Kind::First => is_first && (marks.contains(mark) || authors.contains(&letter.author)),
                Kind::Decision(_) => false,
            };
            if !may {
                breaches.add("LEAK: a member got what nobody released", format!("{mark} to {}", capture.recipient));
            }
        }
    }
}

/// Every copy and every notice that is due was taken by the mail server.
fn due(
    spooled: &Letters,
    posts: &HashMap<String, String>,
    captures: &[Capture],
    breaches: &mut Breaches,
    found: &mut Found,
) {
    let got: HashSet<(&str, &str)> = captures
        .iter()
        .flat_map(|capture| capture.marks.iter().map(|mark| (capture.recipient.as_str(), mark.as_str())))
        .collect();
    for (mark, state) in posts {
        let is_published = state == "published";
        found.published += usize::from(is_published);
        found.held += usize::from(!is_published);
        let readers = match (&spooled[mark].kind, is_published) {
            (Kind::Open, _) => &OPEN_READERS[..],
            (_, true) => &FIRST_READERS[..],
            (_, false) => &MODERATORS[..],
        };
        for reader in readers {
            if !got.contains(&(*reader, mark.as_str())) {
                breaches.add("a copy that is due never arrived", format!("{mark} ({state}) to {reader}"));
            }
        }
    }
}

/// A copy comes again only when its connection was cut short by the end of a life (or by this side) with the copy as the
/// last one on it; and it is the same, octet by octet. Gives the distinct mails.
fn repeats<'a>(
    house: &House,
    captures: &'a [Capture],
    talks: &[Talk],
    breaches: &mut Breaches,
    found: &mut Found,
) -> HashSet<(&'a str, &'a str)> {
    let cut_short = house.cut_short.lock().unwrap().clone();
    let mut of_mail: HashMap<(&str, &str), Vec<&Capture>> = HashMap::new();
    let mut on_connection: HashMap<u64, usize> = HashMap::new();
    for capture in captures {
        of_mail.entry((&capture.recipient, &capture.message_id)).or_default().push(capture);
        *on_connection.entry(capture.connection).or_default() += 1;
    }
    found.copies = of_mail.len();
    let mut repeated_on: HashMap<u64, usize> = HashMap::new();
    for (mail, taken) in of_mail.iter().filter(|(_, taken)| taken.len() > 1) {
        found.repeats += taken.len() - 1;
        if taken.windows(2).any(|pair| pair[0].raw != pair[1].raw || pair[0].reverse_path != pair[1].reverse_path) {
            breaches.add("a repeated copy is not the same", format!("{mail:?}"));
        }
        // All but one must be excused, each by the end of its connection.
        let excused: Vec<u64> = taken
            .iter()
            .filter(|capture| {
                let talk = &talks[usize::try_from(capture.connection).unwrap()];
                cut_short.contains(&capture.life) || (talk.broken_here && !talk.open)
            })
            .map(|capture| capture.connection)
            .collect();
        if excused.len() + 1 < taken.len() {
            let how =
                taken.iter().map(|capture| format!("{:?}", (capture.life, capture.connection))).collect::<Vec<_>>();
            breaches.add("a copy was repeated and no connection was cut short", format!("{mail:?} {}", how.join(" ")));
        }
        for connection in excused.iter().take(taken.len() - 1) {
            *repeated_on.entry(*connection).or_default() += 1;
        }
    }
    for (connection, times) in &repeated_on {
        if *times > 1 {
            breaches.add("more than one copy of a connection was repeated", format!("{connection}: {times}"));
        }
    }
    let bound = CONNECTIONS * cut_short.len() + talks.iter().filter(|talk| talk.broken_here).count();
    if found.repeats > bound {
        breaches.add("more repeats than connections were cut short", format!("{} of {bound}", found.repeats));
    }
    of_mail.into_keys().collect()
}

/// The outbox says sent of what was received, and of nothing else.
fn outbox(house: &House, distinct: &HashSet<(&str, &str)>, breaches: &mut Breaches) {
    let rows = house.rows(&["outbox", "list", "--json"]);
    for row in rows.iter().filter(|row| row["state"] != "sent") {
        breaches.add("mail that was not sent", row);
    }
    if rows.len() != distinct.len() {
        breaches.add("the outbox and the receiver disagree", format!("{} rows, {} mails", rows.len(), distinct.len()));
    }
}
