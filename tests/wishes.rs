//! A member's words about her mail, and what only looks like them.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use chrono::NaiveDate;
use lamplight::model::command::{Choice, SaidWords, Until, Wish, WordPlace, read_decision, read_wish};
use lamplight::model::member::{Delivery, Format};

/// A line of a table.
struct Case<'a> {
    place: WordPlace,
    expected: &'a str,
    subject: &'a str,
    text: String,
    line: &'a str,
}

fn cases(file: &str) -> Vec<Case<'_>> {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [place, expected, subject, text] = fields[..] else { panic!("{line}") };
            let place = match place {
                "group" => WordPlace::Group,
                "apart" => WordPlace::Apart,
                "desk" => WordPlace::Desk,
                _ => panic!("{line}"),
            };
            Case { place, expected, subject, text: lined(text), line }
        })
        .collect()
}

/// A slash is a line end, except between numbers.
fn lined(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let between = |at: usize| at > 0 && digit(at - 1) && digit(at + 1);
    chars.iter().enumerate().map(|(at, c)| if *c == '/' && !between(at) { '\n' } else { *c }).collect()
}

fn read(case: &Case<'_>) -> Option<Wish> {
    read_wish(&SaidWords {
        subject: case.subject,
        text: &case.text,
        names: &["Mira", "Miranda Torres"],
        place: case.place,
        today: NaiveDate::from_ymd_opt(2026, 11, 26).unwrap(),
    })
}

fn said(wish: Option<&Wish>) -> String {
    match wish {
        None => "-".to_owned(),
        Some(Wish::Stop) => "stop".to_owned(),
        Some(Wish::Pause(Until::Open)) => "pause".to_owned(),
        Some(Wish::Pause(Until::Unclear)) => "pause ?".to_owned(),
        Some(Wish::Pause(Until::Day(day))) => format!("pause {day}"),
        Some(Wish::Resume) => "resume".to_owned(),
        Some(Wish::Receive(choice)) => said_choice(choice),
        Some(Wish::Mute) => "mute".to_owned(),
        Some(Wish::Unmute) => "unmute".to_owned(),
        Some(Wish::Fold(note)) => format!("fold {note}"),
        Some(Wish::Unfold(note)) => format!("unfold {note}"),
        Some(Wish::Help { .. }) => "help".to_owned(),
        Some(Wish::Settings) => "settings".to_owned(),
    }
}

fn said_choice(choice: &Choice) -> String {
    let delivery = choice.delivery.map(|delivery| match delivery {
        Delivery::Each => "each",
        Delivery::Daily => "daily",
        Delivery::Weekly => "weekly",
        Delivery::None => "none",
    });
    let format = choice.format.map(|format| match format {
        Format::Html => "html",
        Format::Text => "text",
        Format::Mime => "mime",
        Format::Rfc1153 => "rfc1153",
    });
    let parts = [
        delivery.map(str::to_owned),
        choice.hour.map(|hour| format!("at {hour}")),
        choice.days.map(|days| format!("on {days}")),
        format.map(str::to_owned),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Lines that are read otherwise than written down.
fn missed(file: &str) -> (Vec<String>, usize) {
    let all = cases(file);
    let wrong = all.iter().filter_map(|case| {
        let read = said(read(case).as_ref());
        (read != case.expected).then(|| format!("{read}\t<- {}", case.line))
    });
    (wrong.collect(), all.len())
}

#[test]
fn words_that_stand_alone_and_near_misses() {
    let (wrong, count) = missed(include_str!("wishes/cases.tsv"));
    assert!(count > 300 && wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn words_that_nothing_was_tuned_to() {
    let (wrong, count) = missed(include_str!("wishes/held.tsv"));
    assert!(count > 200 && wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// A moderator's words keep their meaning, and hers are none of these.
#[test]
fn no_word_is_also_a_moderators() {
    for case in cases(include_str!("wishes/cases.tsv")).iter().filter(|case| case.expected != "-") {
        let reading = read_decision(&case.text, "");
        assert!(!reading.is_a_word(), "{}: {reading:?}", case.line);
    }
    for verb in ["approve", "return", "mine", "undo", "retract", "read", "edit", "escalate", "private", "note", "trust"]
    {
        for place in [WordPlace::Group, WordPlace::Apart, WordPlace::Desk] {
            let case = Case { place, expected: "-", subject: "", text: verb.to_owned(), line: verb };
            assert_eq!(read(&case), None, "{verb}");
        }
    }
}
