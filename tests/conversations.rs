//! Which mail answers which: conversations as people hold them, and that no header makes anything but a forest.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use lamplight::cli::inspect::threads;
use lamplight::mail::{mbox, parse};
use lamplight::model::forest::parents;
use proptest::prelude::*;
use serde_json::Value;

/// `# name` begins a case; `@ ID PARENT AUTHOR DAYdHOUR SUBJECT` a message, `+` a header field of it; the rest is text.
const KNOWN: &str = include_str!("conversations/known.txt");
const HELD: &str = include_str!("conversations/held.txt");

struct Case {
    name: String,
    mbox: String,
    /// Each id and the id that it answers.
    wanted: Vec<(String, Option<String>)>,
}

fn cases(text: &str) -> Vec<Case> {
    text.split("\n# ").map(|case| case_of(case.trim_start_matches("# "))).collect()
}

fn case_of(text: &str) -> Case {
    let (name, rest) = text.split_once('\n').expect("a name");
    let id = |short: &str| format!("<{short}@box.example>");
    let (mut mbox, mut wanted) = (String::new(), Vec::new());
    for message in rest.split("\n@ ") {
        let (head, body) = message.trim_start_matches("@ ").split_once('\n').expect("a text");
        let words: Vec<&str> = head.splitn(5, ' ').collect();
        let [short, parent, author, time, subject] = words[..] else { panic!("{head}") };
        let (day, hour) = time.split_once('d').expect("a time");
        let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 23).unwrap() + chrono::Days::new(day.parse().unwrap());
        wanted.push((id(short), (parent != "-").then(|| id(parent))));
        let (fields, text): (Vec<&str>, Vec<&str>) = body.lines().partition(|line| line.starts_with("+ "));
        let fields: String = fields.iter().map(|field| format!("{}\n", &field[2..])).collect();
        let name = format!("{}{}", author[..1].to_uppercase(), &author[1..]);
        let text = text.join("\n");
        mbox += &format!(
            "From x@box.example Mon Nov 23 14:05:00 2026\nFrom: {name} <{author}@home.example>\nSubject: {subject}\n\
             Message-ID: {}\nDate: {} {hour}:00 +0000\n{fields}MIME-Version: 1.0\nContent-Type: text/plain; \
             charset=utf-8\n\n{text}\n\n",
            id(short),
            date.format("%a, %d %b %Y"),
        );
    }
    Case { name: name.to_owned(), mbox, wanted }
}

fn found(mbox: &str) -> Value {
    threads(&mbox::messages(mbox.as_bytes()).expect("a mailbox file"))
}

/// What was found otherwise than wanted.
fn misses(text: &str) -> (usize, Vec<String>) {
    let (mut count, mut misses) = (0, Vec::new());
    for case in cases(text) {
        let found = found(&case.mbox);
        for (id, wanted) in &case.wanted {
            count += 1;
            if found["parents"][id].as_str() != wanted.as_deref() {
                misses.push(format!("{}: {id}, not {wanted:?} but {}", case.name, found["parents"][id]));
            }
        }
    }
    (count, misses)
}

#[test]
fn conversations_as_people_hold_them() {
    let (count, misses) = misses(KNOWN);
    assert!(count > 30 && misses.is_empty(), "{count}\n{}", misses.join("\n"));
}

#[test]
#[ignore]
fn held() {
    let (count, misses) = misses(HELD);
    assert!(misses.is_empty(), "{count}\n{}", misses.join("\n"));
}
