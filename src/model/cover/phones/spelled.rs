//! Numbers in words, "five five five …", and digits that stand alone, "5 5 5 …". Who counts says no number.

use std::ops::Range;

use super::cues::{self, Cue};
use crate::model::privacy::folded::words;

/// Digits of so many words are a number.
const SHORTEST: usize = 7;

/// A folded word and the digit that it says; languages one after the other. "dos" and "six" are in two of them and the same.
#[rustfmt::skip]
const DIGITS: [(&str, u8); 45] = [
    ("zero", 0), ("oh", 0), ("one", 1), ("two", 2), ("three", 3), ("four", 4), ("five", 5), ("six", 6), ("seven", 7), ("eight", 8), ("nine", 9),
    ("cero", 0), ("uno", 1), ("una", 1), ("dos", 2), ("tres", 3), ("cuatro", 4), ("cinco", 5), ("seis", 6), ("siete", 7), ("ocho", 8), ("nueve", 9),
    ("null", 0), ("eins", 1), ("zwei", 2), ("zwo", 2), ("drei", 3), ("vier", 4), ("funf", 5), ("fuenf", 5), ("sechs", 6), ("sieben", 7), ("acht", 8), ("neun", 9),
    ("un", 1), ("une", 1), ("deux", 2), ("trois", 3), ("quatre", 4), ("cinq", 5), ("sept", 7), ("huit", 8), ("neuf", 9), ("nought", 0), ("plus", 10),
];
/// "double five".
const TWICE: [&str; 4] = ["double", "doble", "doppel", "zweimal"];

pub(super) fn find(text: &str, has_digits: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut run = Run::default();
    for (at, word) in words(text) {
        let place = at..at + word.len();
        let apart = &text[run.place.end.min(at)..at];
        let is_digit = has_digits && word.len() == 1 && word.as_bytes()[0].is_ascii_digit();
        let digit = if is_digit { Some(word.as_bytes()[0] - b'0') } else { of_word(word) };
        let is_twice = TWICE.contains(&word);
        let goes_on = !run.is_empty() && apart.chars().all(|c| " \t-.,/–\n".contains(c)) && apart.len() <= 3;
        if !goes_on || (digit.is_none() && !is_twice) {
            found.extend(run.number(text));
            run = Run::default();
        }
        if digit.is_some() || is_twice {
            run.add(place, digit, is_digit && !is_bare(text, at));
        }
    }
    found.extend(run.number(text));
    found
}

fn of_word(word: &str) -> Option<u8> {
    DIGITS.iter().find(|(name, _)| *name == word).map(|(_, digit)| *digit)
}

/// Whether a digit stands alone, between spaces.
fn is_bare(text: &str, at: usize) -> bool {
    let behind = text[at + 1..].chars().next().unwrap_or(' ');
    let before = text[..at].chars().next_back().unwrap_or(' ');
    let is_apart = |c: char| c.is_whitespace() || "-()".contains(c);
    is_apart(before) && (is_apart(behind) || ".!?".contains(behind))
}

/// Digits one after the other.
#[derive(Default)]
struct Run {
    place: Range<usize>,
    digits: Vec<u8>,
    twice: bool,
    is_list: bool,
}

impl Run {
    fn is_empty(&self) -> bool {
        self.place.is_empty()
    }

    fn add(&mut self, place: Range<usize>, digit: Option<u8>, is_list: bool) {
        let start = if self.is_empty() { place.start } else { self.place.start };
        self.place = start..place.end;
        self.is_list |= is_list;
        if let Some(digit) = digit.filter(|digit| *digit < 10) {
            self.digits.extend(std::iter::repeat_n(digit, 1 + usize::from(self.twice)));
        }
        self.twice = digit.is_none();
    }

    fn number(&self, text: &str) -> Option<Range<usize>> {
        let steps = |by: i16| self.digits.windows(2).filter(|two| i16::from(two[1]) - i16::from(two[0]) == by).count();
        let all = self.digits.len().saturating_sub(1);
        // One, two, three: up, down, or one word again and again.
        let counts = |by: i16| steps(by) == all;
        let is_count = || counts(1) || counts(-1) || counts(0);
        let is_number = self.digits.len() >= SHORTEST
            && !self.is_list
            && (!is_count() || cues::before(&text[..self.place.start]) >= Cue::Call);
        is_number.then(|| self.place.clone())
    }
}
