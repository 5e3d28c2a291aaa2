//! Which mail answers which: conversations as people hold them, and that no header makes anything but a forest.

use std::time::{Duration, Instant};

use lamplight::cli::inspect::threads;
use lamplight::mail::{mbox, parse, subject};
use lamplight::model::forest::parents;
use proptest::prelude::*;
use serde_json::Value;

/// `# name` begins a case; `@ ID PARENT AUTHOR DAYdHOUR SUBJECT` a message, `+` a header field of it; the rest is text.
const CASES: &str = include_str!("conversations/cases.txt");

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
        let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day")
            + chrono::Days::new(day.parse().expect("days"));
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

#[test]
fn conversations_as_people_hold_them() {
    let (mut count, mut misses) = (0, Vec::new());
    for case in cases(CASES) {
        let found = found(&case.mbox);
        for (id, wanted) in &case.wanted {
            count += 1;
            if found["parents"][id].as_str() != wanted.as_deref() {
                misses.push(format!("{}: {id}, not {wanted:?} but {}", case.name, found["parents"][id]));
            }
        }
    }
    assert!(count > 100 && misses.is_empty(), "{count}\n{}", misses.join("\n"));
}

#[test]
fn of_one_id_the_first_stays_and_a_message_without_one_has_its_number() {
    let line = "From x@box.example Mon Nov 23 14:05:00 2026\n";
    let mbox = format!(
        "{line}Message-ID: <a@x>\nSubject: One\n\nOne\n\n{line}Message-ID: <b@x>\nIn-Reply-To: a@x\n\nTwo\n\n\
         {line}Message-ID: <b@x>\nIn-Reply-To: <c@x>\n\nForged\n\n{line}References: <c@x>\n <b@\n x>\n\nThree\n\n\
         {line}Message-ID: c@x\nReferences: =?utf-8?q?=3Ca=40x=3E?=\n\nFour\n"
    );
    let wanted = serde_json::json!({ "<a@x>": null, "<b@x>": "<a@x>", "#4": "<b@x>", "<c@x>": "<a@x>" });
    assert_eq!(found(&mbox)["parents"], wanted);
    let messages: Vec<_> = mbox::messages(mbox.as_bytes()).unwrap().iter().map(|raw| parse(raw)).collect();
    assert_eq!(parents(&messages), [None, Some(0), None, Some(1), Some(0)]);
}

/// Whether every parent is in the box, and nobody is an ancestor of himself.
fn is_forest(parents: &[Option<usize>]) -> bool {
    let ends = |mut at: usize| {
        for _ in 0..parents.len() {
            match parents[at] {
                Some(parent) if parent < parents.len() => at = parent,
                Some(_) => return false,
                None => return true,
            }
        }
        false
    };
    (0..parents.len()).all(ends)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_octets_make_the_reader_fail(
        raw in prop::collection::vec(any::<u8>(), 0..300),
        words in "[<>()\\[\\]{}:,;=?@/ \\t\\n\"'rewas0-9A-Z\u{e9}\u{ff1a}\u{3010}\u{3011}]{0,60}",
    ) {
        let line = b"From x@box.example Mon Nov 23 14:05:00 2026\n";
        if let Ok(messages) = mbox::messages(&raw) {
            prop_assert!(threads(&messages)["parents"].is_object());
        }
        let letter = format!("References: {words}\nMessage-ID: {words}\nSubject: {words}\nThread-Index: {words}\nDate: {words}\n\n{words}\n");
        let all = [line, letter.as_bytes(), b"\n\n", line, &raw].concat();
        let messages = mbox::messages(&all).expect("a mailbox file");
        prop_assert!(messages.len() >= 2);
        prop_assert!(threads(&messages)["parents"].is_object());
        prop_assert!(subject::numbered(&words).is_none_or(|(number, of)| number <= of));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_headers_say_it_is_a_forest(
        letters in prop::collection::vec(
            (0..12_u8, prop::collection::vec(0..14_u8, 0..4), prop::option::of(0..14_u8), 0..4_u8, 0..3_u8, 0..40_u8),
            0..12,
        )
    ) {
        let words = ["I lie awake until three", "Nothing tastes of anything at all", "The roses are out in the garden"];
        let messages: Vec<_> = letters
            .iter()
            .map(|(id, references, reply, quote, subject, hour)| {
                let references: Vec<String> = references.iter().map(|id| format!("<{id}@x>")).collect();
                let reply = reply.map(|id| format!("In-Reply-To: <{id}@x>\n")).unwrap_or_default();
                let quote = words.get(usize::from(*quote)).map(|words| format!("> {words}\n")).unwrap_or_default();
                let raw = format!(
                    "From: k{id}@x.example\nSubject: Re: {}\nMessage-ID: <{id}@x>\nReferences: {}\n{reply}Date: {} Nov \
                     2026 {:02}:00:00 +0000\n\n{}\n{quote}",
                    words[usize::from(*subject)],
                    references.join(" "),
                    hour / 24 + 1,
                    hour % 24,
                    words[usize::from(id % 3)],
                );
                parse(raw.as_bytes())
            })
            .collect();
        let parents = parents(&messages);
        prop_assert_eq!(parents.len(), messages.len());
        prop_assert!(is_forest(&parents), "{:?}", parents);
    }
}

/// A letter by its number of so many.
type Letter = fn(usize, usize) -> String;

/// Boxes that a careless way of reading them takes for ever with.
const BOXES: &[(&str, Letter)] = &[
    ("a line of answers, the last first", |n, _| format!("References: <{}@x>\nSubject: Re: x\n\nYes\n", n + 1)),
    ("one subject", |n, _| {
        format!("Subject: Re: x\n\nLetter {n}\n\nTom wrote:\n> Something that nobody said so far\n")
    }),
    ("one text", |_, _| {
        let words = "We say the same in the same words every day. ".repeat(10);
        format!("Subject: Re: x\n\n{words}\n\n> {words}\n")
    }),
    ("one subject, and a quote of the letter before", |n, _| {
        format!(
            "Subject: Re: x\n\nThis is what letter {n} has to say to you\n\n> This is what letter {} has to say to you\n",
            n.max(1) - 1
        )
    }),
    ("everybody names everybody", |n, of| {
        let names: String = (0..40).map(|step| format!(" <{}@x>\n", (n + step * 37) % of)).collect();
        format!("References:{names}Subject: {n}\n\nYes\n")
    }),
    ("one author, many parts", |n, _| format!("Subject: [{}/999] x\n\nYes\n", n % 999)),
];

#[test]
fn the_cost_grows_with_the_box() {
    for (name, letter) in BOXES {
        let time = |of: usize| {
            let messages: Vec<_> = (0..of)
                .map(|n| {
                    let minute = n * 2;
                    let date = format!("Date: 1 Nov 2026 {:02}:{:02}:00 +0000", minute / 60 % 24, minute % 60);
                    parse(format!("From: k@x.example\nMessage-ID: <{n}@x>\n{date}\n{}", letter(n, of)).as_bytes())
                })
                .collect();
            let start = Instant::now();
            let parents = parents(&messages);
            let took = start.elapsed();
            assert!(is_forest(&parents), "{name}");
            took
        };
        let (few, many) = (time(1_000), time(5_000));
        assert!(many < few * 15 + Duration::from_millis(300), "{name}: 1,000 take {few:?}, 5,000 {many:?}");
        println!("{name}: 1,000 take {few:?}, 5,000 {many:?}");
    }
}
