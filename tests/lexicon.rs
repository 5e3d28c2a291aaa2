//! What the lexicons make of sentences that nobody tuned them to. `tests/lexicon/<language>/` holds sentences in two halves,
//! by turns: the open half may be looked at by whoever widens the rules, the held half is for the figures.
//!
//! `cargo test --test lexicon -- --nocapture` prints the figures of every file and half.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lamplight::model::lexicon::{Category, Flag, Lexicon};

/// A labelled sentence.
struct Case {
    half: String,
    expected: Option<Category>,
    sentence: String,
}

fn folder(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lexicon").join(language)
}

fn cases(language: &str, kind: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(folder(language).join(format!("{kind}.tsv"))).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("half\texpected\tvoice\tsentence"));
    let category = |name: &str| serde_json::from_value(serde_json::Value::String(name.to_lowercase())).ok();
    lines
        .map(|line| {
            let [half, expected, _, sentence] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            Case { half: half.to_owned(), expected: category(expected), sentence: sentence.to_owned() }
        })
        .collect()
}

/// Crisis, concern or safeguard: what a person looks at before others.
fn is_danger(flags: &[Flag]) -> bool {
    flags.iter().any(|flag| matches!(flag.category, Category::Crisis | Category::Concern | Category::Safeguard))
}

/// Of one half of a file: how many sentences, how many of them raise danger, how many what their label says.
#[derive(Default, Clone, Copy)]
struct Figures {
    all: usize,
    danger: usize,
    labelled: usize,
}

impl Figures {
    fn percent(self) -> usize {
        100 * self.danger / self.all
    }
}

fn measure(lexicon: &Lexicon, language: &str, kind: &str) -> BTreeMap<String, Figures> {
    let mut halves: BTreeMap<String, Figures> = BTreeMap::new();
    for case in cases(language, kind) {
        let found = lexicon.read(&case.sentence);
        let figures = halves.entry(case.half).or_default();
        figures.all += 1;
        figures.danger += usize::from(is_danger(&found));
        figures.labelled += usize::from(match case.expected {
            Some(category) => found.iter().any(|flag| flag.category == category),
            None => found.is_empty(),
        });
    }
    for (half, figures) in &halves {
        let Figures { all, danger, labelled } = *figures;
        let percent = figures.percent();
        println!(
            "{language} {kind:<12} {half:<6} {danger:>3} of {all:>3} raise danger ({percent:>3} %), {labelled:>3} as labelled"
        );
    }
    halves
}

/// What the held half must reach, in percent of sentences that raise crisis, concern or safeguard.
struct Marks {
    plain: usize,
    understated: usize,
    mention: usize,
    ordinary: usize,
}

fn check(language: &str, reader: &str, marks: &Marks) {
    let lexicon = Lexicon::of(reader);
    let held = |kind: &str| measure(&lexicon, language, kind)["held"];
    let (plain, understated) = (held("plain"), held("understated"));
    let (mention, ordinary, other) = (held("mention"), held("ordinary"), held("other"));
    assert!(plain.percent() >= marks.plain, "danger said plainly: {} %", plain.percent());
    assert!(understated.percent() >= marks.understated, "understated danger: {} %", understated.percent());
    assert!(mention.percent() <= marks.mention, "mentions taken for danger: {} %", mention.percent());
    assert!(ordinary.percent() <= marks.ordinary, "false alarms: {} %", ordinary.percent());
    assert!(2 * other.labelled >= other.all, "the other categories: {} of {}", other.labelled, other.all);
}

#[test]
fn english() {
    check("en", "en", &Marks { plain: 90, understated: 35, mention: 20, ordinary: 8 });
}

#[test]
fn spanish() {
    check("es", "es", &Marks { plain: 90, understated: 35, mention: 20, ordinary: 8 });
}

/// The private part of a group's life does not choose its language: a cry in the other one is heard, and ordinary talk
/// raises no more alarms than in its own.
#[test]
fn a_cry_in_another_language_is_heard() {
    for (language, reader) in [("es", "en"), ("en", "es")] {
        let (own, other) = (Lexicon::of(language), Lexicon::of(reader));
        for kind in ["plain", "understated", "ordinary"] {
            for case in cases(language, kind) {
                let (by_own, by_other) = (own.read(&case.sentence), other.read(&case.sentence));
                assert_eq!(is_danger(&by_own), is_danger(&by_other), "{}: {by_own:?} {by_other:?}", case.sentence);
            }
        }
    }
}

#[test]
fn each_half_is_a_half() {
    for language in ["en", "es"] {
        let mut halves: BTreeMap<String, usize> = BTreeMap::new();
        for kind in ["plain", "understated", "mention", "ordinary", "other"] {
            for case in cases(language, kind) {
                *halves.entry(case.half).or_default() += 1;
            }
        }
        assert!(halves["open"].abs_diff(halves["held"]) < 30, "{halves:?}");
    }
}
