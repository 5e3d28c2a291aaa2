//! What the lexicons make of sentences that nobody tuned them to. `tests/lexicon/<language>/learnt` holds what the weights are
//! learnt from (`examples/weigh.rs`) and what whoever widens the rules may look at; `unseen.tsv` is by writers of none of
//! these, for the figures alone: learn nothing from it.
//!
//! `cargo test --test lexicon -- --nocapture` prints the figures.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lamplight::model::lexicon::{Category, Flag, Lexicon};

fn folder(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lexicon").join(language)
}

/// The label and the sentence of each line.
fn sentences(file: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(file).unwrap();
    let case =
        |line: &str| line.split_once('\t').map(|(label, sentence)| (label.to_owned(), sentence.to_owned())).unwrap();
    text.lines().map(case).collect()
}

/// Crisis, concern or safeguard: what a person looks at before others.
fn is_danger(flags: &[Flag]) -> bool {
    flags.iter().any(|flag| matches!(flag.category, Category::Crisis | Category::Concern | Category::Safeguard))
}

/// Of the sentences with one label: how many, how many of them raise danger, and how many a crisis.
#[derive(Default, Clone, Copy)]
struct Figures {
    all: usize,
    danger: usize,
    crisis: usize,
}

impl Figures {
    /// Of a thousand, those that raise danger.
    fn danger(self) -> usize {
        1_000 * self.danger / self.all
    }

    fn crisis(self) -> usize {
        1_000 * self.crisis / self.all
    }
}

fn measure(lexicon: &Lexicon, language: &str) -> BTreeMap<String, Figures> {
    let mut labels: BTreeMap<String, Figures> = BTreeMap::new();
    for (label, sentence) in sentences(&folder(language).join("unseen.tsv")) {
        let found = lexicon.read(&sentence);
        let figures = labels.entry(label).or_default();
        figures.all += 1;
        figures.danger += usize::from(is_danger(&found));
        figures.crisis += usize::from(found.iter().any(|flag| flag.category == Category::Crisis));
    }
    for (label, figures) in &labels {
        let tenths = |thousandth: usize| format!("{}.{} %", thousandth / 10, thousandth % 10);
        println!(
            "{language} {label:<12} {:>4} sentences, {:>7} raise danger, {:>7} a crisis",
            figures.all,
            tenths(figures.danger()),
            tenths(figures.crisis())
        );
    }
    labels
}

/// What must be reached, in thousandths of the sentences of a label.
struct Marks {
    plain: usize,
    understated: usize,
    mention: usize,
    ordinary: usize,
    posts: usize,
}

fn check(language: &str, marks: &Marks) {
    let of = measure(&Lexicon::of(language), language);
    let danger = |label: &str| of[label].danger();
    assert!(danger("PLAIN") >= marks.plain, "danger said plainly: {} of 1000", danger("PLAIN"));
    assert!(danger("UNDERSTATED") >= marks.understated, "understated danger: {} of 1000", danger("UNDERSTATED"));
    assert!(danger("ORDINARY") <= marks.ordinary, "false alarms: {} of 1000", danger("ORDINARY"));
    assert!(danger("EVERYDAY") <= marks.ordinary, "false alarms about everyday things: {} of 1000", danger("EVERYDAY"));
    assert!(danger("POST") <= marks.posts, "false alarms about posts: {} of 1000", danger("POST"));
    assert!(of["MENTION"].crisis() <= marks.mention, "mentions taken for a crisis: {} of 1000", of["MENTION"].crisis());
}

#[test]
fn english() {
    check("en", &Marks { plain: 900, understated: 350, mention: 200, ordinary: 80, posts: 40 });
}

#[test]
fn spanish() {
    check("es", &Marks { plain: 900, understated: 350, mention: 200, ordinary: 80, posts: 40 });
}

/// The private part of a life does not choose its language: a cry in the other one is heard, and ordinary talk raises no more
/// alarms than in its own.
#[test]
fn a_cry_in_another_language_is_heard() {
    for (language, reader) in [("es", "en"), ("en", "es")] {
        let (own, other) = (Lexicon::of(language), Lexicon::of(reader));
        for (_, sentence) in sentences(&folder(language).join("unseen.tsv")) {
            let (by_own, by_other) = (own.read(&sentence), other.read(&sentence));
            assert_eq!(is_danger(&by_own), is_danger(&by_other), "{sentence}: {by_own:?} {by_other:?}");
        }
    }
}

/// A writer whose sentences are learnt is no judge of it.
#[test]
fn what_is_unseen_is_not_learnt() {
    for language in ["en", "es"] {
        let unseen = sentences(&folder(language).join("unseen.tsv"));
        for file in std::fs::read_dir(folder(language).join("learnt")).unwrap() {
            let learnt = sentences(&file.unwrap().path());
            let both = unseen.iter().find(|(_, sentence)| learnt.iter().any(|(_, known)| known == sentence));
            assert!(both.is_none(), "{both:?}");
        }
    }
}
