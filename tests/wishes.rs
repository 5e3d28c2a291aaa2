//! A member's words about her mail, and what only looks like them.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use chrono::NaiveDate;
use lamplight::model::command::{Choice, SaidWords, Until, Wish, WordPlace, read_decision, read_wish, says_nothing};
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
        answers_ours: true,
        text: &case.text,
        below: "",
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
    assert!(count > 500 && wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn words_that_nothing_was_tuned_to() {
    let (wrong, count) = missed(include_str!("wishes/held.tsv"));
    assert!(count > 300 && wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// "Re:" alone makes no subject somebody else's, and what is below the words counts as they do.
#[test]
fn words_beside_a_wish_are_hers_wherever_they_stand() {
    let said = SaidWords {
        subject: "Re: Sleep",
        answers_ours: true,
        text: "Pause",
        below: "Mira\nSent from my iPhone",
        names: &["Mira"],
        place: WordPlace::Group,
        today: NaiveDate::from_ymd_opt(2026, 11, 26).unwrap(),
    };
    assert_eq!(read_wish(&said), Some(Wish::Pause(Until::Open)));
    assert_eq!(read_wish(&SaidWords { answers_ours: false, ..said }), None);
    assert!(read_wish(&SaidWords { answers_ours: false, subject: "Re: my mail", ..said }).is_some());
    for below in ["Nobody will miss me", "Mira\nI can't go on", "Sent from my deathbed", "+1 555 0100"] {
        assert_eq!(read_wish(&SaidWords { below, ..said }), None, "{below}");
        let help = read_wish(&SaidWords { below, text: "Help", place: WordPlace::Desk, ..said });
        assert_eq!(help, Some(Wish::Help { may_be_a_person: true }), "{below}");
        assert!(!says_nothing(&SaidWords { below, text: "", ..said }), "{below}");
    }
    let bare = read_wish(&SaidWords { text: "help", place: WordPlace::Desk, ..said });
    assert_eq!(bare, Some(Wish::Help { may_be_a_person: false }));
    for text in ["Help now", "Send help", "Help 😭"] {
        let call = read_wish(&SaidWords { text, subject: "Re: anything", answers_ours: false, ..said });
        assert_eq!(call, Some(Wish::Help { may_be_a_person: true }), "{text}");
    }
}

/// The words that templates print, of every language that has some.
fn printed() -> Vec<(String, String)> {
    let templates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut found = Vec::new();
    for language in std::fs::read_dir(templates).unwrap().map(Result::unwrap) {
        let read = |name: &str| std::fs::read_to_string(language.path().join(name)).unwrap_or_default();
        let footer = read("parts/footer-words.txt");
        let list = footer.split_once(':').and_then(|(_, rest)| rest.split_once('.'));
        let words = list.map_or("", |(list, _)| list).split(',').map(str::trim);
        found.extend(
            words.filter(|word| !word.is_empty()).map(|word| ("parts/footer-words.txt".into(), word.to_owned())),
        );
        for page in ["parts/footer-words.html", "help/body.html", "changed/body.html", "back/body.html"] {
            let text = read(page).replace("{{ note }}", "hair loss");
            let strong = text.split("<strong>").skip(1).filter_map(|rest| rest.split("</strong>").next());
            found.extend(strong.map(|word| (page.to_owned(), word.to_owned())));
        }
    }
    found
}

#[test]
fn every_word_that_is_printed_is_understood_wherever_it_is_answered() {
    let all = printed();
    assert!(all.len() > 40, "{all:?}");
    assert_eq!(all.iter().filter(|(page, _)| page == "parts/footer-words.txt").count(), 10, "{all:?}");
    for (page, word) in all {
        for place in [WordPlace::Group, WordPlace::Desk] {
            let case = Case { place, expected: "", subject: "Re: Rose", text: word.clone(), line: "" };
            assert!(read(&case).is_some(), "{page}: {word} ({place:?})");
        }
    }
}

/// Whatever turns a wish round, or makes a sentence of it, makes it none.
#[test]
fn no_word_counts_beside_another() {
    for case in cases(include_str!("wishes/cases.tsv")).iter().filter(|case| case.expected != "-") {
        if case.text.is_empty() || case.text.contains("--") || case.text.contains("Sent from") {
            continue;
        }
        let text = case.text.trim();
        // Who asks "Help?" calls for it.
        let asked = if case.expected == "help" { format!("{text} did I?") } else { format!("{text}?") };
        for more in [
            asked,
            format!("not {text}"),
            format!("don't {text}"),
            format!("{text} if you must"),
            format!("My scan is tomorrow. {text}"),
            format!("{text}\n\nI can't go on."),
            format!("{text}\n> bread\n> milk"),
            format!("> {}", text.replace('\n', "\n> ")),
        ] {
            let changed = Case { place: case.place, expected: "", subject: "", text: more.clone(), line: "" };
            assert_eq!(read(&changed), None, "{more}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_text_has_a_reading(text in "\\PC{0,60}|[a-z0-9 ,:/.\n-]{0,60}|(pause|until|for|[0-9/.]{1,10}|on|at|mon|fold|y|de|,| ){0,12}") {
        let today = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
        for place in [WordPlace::Group, WordPlace::Desk] {
            let said =
                SaidWords { subject: &text, answers_ours: false, text: &text, below: &text, names: &[&text], place, today };
            let _ = read_wish(&said);
            let _ = says_nothing(&said);
        }
    }
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
        for place in [WordPlace::Group, WordPlace::Desk] {
            let case = Case { place, expected: "-", subject: "", text: verb.to_owned(), line: verb };
            assert_eq!(read(&case), None, "{verb}");
        }
    }
}
