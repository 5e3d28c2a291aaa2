//! The pieces that a wish and its courtesies are made of, and the longest one that some words begin with.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;

use super::super::Word;
use super::super::confirm::longest;
use super::table::{
    AND, BESIDE, CLOSING, EVERYTHING, FOLD, INTRODUCTIONS, NO_NOTE, OBJECTS, POLITE, SUBJECTS, UNFOLD, WORDS,
};
use super::{Choice, Until, dates, times};
use crate::model::content::EVERY_NOTE;
use crate::model::folds;
use crate::model::schedule::WeekDays;

/// One wish among words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Stop,
    Pause,
    Resume,
    Receive(Choice),
    Mute,
    Unmute,
    Help { may_be_a_person: bool },
    Settings,
}

/// What some words in a row are; the flag of a kind says that they may be an answer to somebody, that of days that they were
/// named with a word such as "on".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Kind(Kind, bool),
    Days(WeekDays, bool),
    Until(Until),
    /// An hour was meant, and nobody can say which.
    SomeHour,
    Note {
        fold: bool,
        note: String,
        sure: bool,
    },
    Object,
    Beside,
    And,
    Introduction,
    Polite,
    Closing,
    Subject,
}

/// The longest piece that the words begin with.
pub(super) fn piece(words: &[Word], today: NaiveDate, is_subject: bool) -> Option<(Piece, usize)> {
    if words.first()?.foreign {
        return None;
    }
    let note = note(words);
    if note.is_some() {
        return note;
    }
    let receive = |choice| Kind::Receive(choice);
    let at = |hour| Piece::Kind(receive(Choice { hour: Some(hour), ..Choice::default() }), true);
    let hour = times::hour(words).map(|(hour, length)| (hour.map_or(Piece::SomeHour, at), length));
    let days = times::days(words).map(|(days, length, named)| (Piece::Days(days, named), length));
    let until = dates::until(words, today).map(|(until, length)| (Piece::Until(until), length));
    let runs = RUNS.get(words[0].text.as_str()).into_iter().flatten();
    let fitting = runs.filter(|(piece, run)| begins(words, run) && (is_subject || *piece != Piece::Subject));
    let known = fitting.map(|(piece, run)| (piece.clone(), run.len()));
    // Of pieces as long as each other the first counts.
    let all = until.into_iter().chain(hour).chain(days).chain(known);
    all.reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// Words in a row, and what they are.
type Run = (Piece, Vec<&'static str>);

/// The runs of the tables by their first word, in the order of the tables: every post is looked at.
static RUNS: LazyLock<HashMap<&str, Vec<Run>>> = LazyLock::new(|| {
    let beside = [
        (Piece::Object, OBJECTS),
        (Piece::Beside, BESIDE),
        (Piece::And, AND),
        (Piece::Introduction, INTRODUCTIONS),
        (Piece::Polite, POLITE),
        (Piece::Closing, CLOSING),
        (Piece::Subject, SUBJECTS),
    ];
    let mut by_first: HashMap<&str, Vec<Run>> = HashMap::new();
    for (piece, runs) in WORDS.iter().cloned().chain(beside) {
        for run in runs.split('|').map(|run| run.split_whitespace().collect::<Vec<_>>()) {
            by_first.entry(run[0]).or_default().push((piece.clone(), run));
        }
    }
    by_first
});

fn begins(words: &[Word], run: &[&str]) -> bool {
    run.len() <= words.len() && run.iter().zip(words).all(|(text, word)| !word.foreign && *text == word.text)
}

/// "Fold: hair loss": words of her own up to the next courtesy, the end of the line, or a comma.
fn note(words: &[Word]) -> Option<(Piece, usize)> {
    let (fold, unfold) = (longest(words, FOLD), longest(words, UNFOLD));
    let lead = fold.max(unfold);
    let rest = words.get(lead..).filter(|_| lead > 0)?;
    let everything = longest(rest, EVERYTHING);
    if everything > 0 {
        return Some((Piece::Note { fold: fold > 0, note: EVERY_NOTE.to_owned(), sure: true }, lead + everything));
    }
    let ends = |at: usize, word: &Word| {
        word.foreign || (at > 0 && word.apart) || longest(&rest[at..], POLITE).max(longest(&rest[at..], CLOSING)) > 0
    };
    let length = rest.iter().enumerate().take_while(|(at, word)| !ends(*at, word)).count();
    let own = &rest[..length];
    let is_note = (1..=4).contains(&length) && own.iter().all(|word| !NO_NOTE.contains(&format!("|{}|", word.text)));
    let note = own.iter().map(|word| word.raw.as_str()).collect::<Vec<_>>().join(" ");
    let note = Some(note.to_lowercase()).filter(|note| is_note && folds::note(note).is_ok())?;
    Some((Piece::Note { fold: fold > 0, note, sure: own[0].apart }, lead + length))
}
