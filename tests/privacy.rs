//! What a post gives away, by tables of ordinary posts and of others; each has a half that was written with it and not looked
//! at until the code was done.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use lamplight::model::cover::{Kept, cover};
use lamplight::model::privacy::{Known, Roster};

const ORDINARY: [&str; 2] = [include_str!("privacy/ordinary.txt"), include_str!("privacy/ordinary_later.txt")];
const GIVES_AWAY: [&str; 2] = [include_str!("privacy/gives_away.txt"), include_str!("privacy/gives_away_later.txt")];

/// What stands in place of `{k:…}`.
const KINDS: [(char, &str); 9] = [
    ('e', "[e-mail address]"),
    ('p', "[phone number]"),
    ('s', "[street address]"),
    ('n', "[name]"),
    ('a', "[account name]"),
    ('l', "[link]"),
    ('f', "[file name]"),
    ('g', "[picture]"),
    ('c', "[contact details]"),
];

fn roster() -> Roster {
    let known = [
        ("mira@home.example", Some("Mira Jansen")),
        ("tom@home.example", Some("Thomas Okafor")),
        ("kit@home.example", Some("Grace")),
        ("ruth@home.example", Some("Ruth Winter")),
        ("dots.o'nil@x.example", Some("José O’Neil")),
        ("ada@home.example", Some("Anna Steinberger")),
    ]
    .map(|(address, name)| Known {
        address: address.to_owned(),
        real_name: name.map(str::to_owned),
        learnt: Vec::new(),
    });
    Roster::new(&known, &["Mira", "Tom", "Kit", "Ruth", "Ada", "Dana", "Rose"], "en")
}

fn lines(table: &str) -> impl Iterator<Item = String> + '_ {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| line.replace('|', "\n"))
}

/// The text as it is written, and what is left of it.
fn both(marked: &str) -> (String, String) {
    let (mut text, mut left, mut rest) = (String::new(), String::new(), marked);
    while let Some((before, mark)) = rest.split_once('{') {
        let (inside, behind) = mark.split_once('}').unwrap();
        let (kind, words) = inside.split_once(':').unwrap();
        let placeholder = KINDS.iter().find(|(name, _)| kind.starts_with(*name)).unwrap().1;
        text.extend([before, words]);
        left.extend([before, placeholder]);
        rest = behind;
    }
    (text + rest, left + rest)
}

/// How many lines of a table come out otherwise; each is printed.
fn wrong(table: &str, of: impl Fn(&str) -> (String, String)) -> Vec<String> {
    let (roster, kept) = (roster(), Kept::default());
    let mut wrong = Vec::new();
    for line in lines(table) {
        let (text, expected) = of(&line);
        let covered = cover(&text, &roster, &kept);
        if covered.text != expected {
            println!("{text}\n  became {}\n", covered.text);
            wrong.push(text.clone());
        }
        let again = cover(&covered.text, &roster, &kept);
        assert_eq!((again.text, again.taken.len()), (covered.text, 0), "{text}");
    }
    wrong
}

#[test]
fn nothing_is_taken_from_ordinary_posts() {
    let wrong = ORDINARY.map(|table| wrong(table, |text| (text.to_owned(), text.to_owned())).len());
    assert_eq!(wrong, [0, 0], "of {:?}", ORDINARY.map(|table| lines(table).count()));
}

#[test]
fn what_gives_somebody_away_goes() {
    let wrong = GIVES_AWAY.map(|table| wrong(table, both).len());
    assert_eq!(wrong, [0, 0], "of {:?}", GIVES_AWAY.map(|table| lines(table).count()));
}
