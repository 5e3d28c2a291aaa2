//! The real names of a roster in a text: whole, in either order, or by a family name that is no everyday word. Total.

mod forms;
mod learnt;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

pub use learnt::{is_in_use, is_somebodys, learnable};

use super::everyday::is_everyday_anywhere;
use super::folded::{Folded, words};
use crate::model::words::fold;

/// Where words count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    /// However they are written.
    Anywhere,
    /// An everyday word counts with a capital inside a sentence: "thank you, Grace".
    Capital,
}

/// Names of houses and people that everybody speaks of: here a member's family name is not hers.
const PUBLIC: [&str; 8] = [
    "md anderson",
    "anderson cancer",
    "ronald mcdonald",
    "mcdonald house",
    "mcdonalds restaurant",
    "lance armstrong",
    "marie curie",
    "angelina jolie",
];

/// The words of a name that would be looked for alone, folded.
#[must_use]
pub fn looked_for_alone(name: &str, language: &str) -> Vec<String> {
    forms::families(&fold(name), language)
}

/// The names of a roster, laid out for looking.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Names begin with a word at which so many words may be one of them.
    by_word: HashMap<String, BTreeSet<usize>>,
    of_words: HashMap<String, Where>,
    /// Or, in scripts without spaces, with a character at which so many octets may be.
    by_character: HashMap<char, BTreeSet<usize>>,
    of_characters: HashSet<String>,
    /// Names and titles that members see anyway, and each word of them.
    seen: HashSet<String>,
    seen_words: HashSet<String>,
    language: String,
}

impl Names {
    pub(super) fn new(spared: &[&str], language: &str) -> Self {
        let seen: HashSet<String> = spared.iter().map(|name| joined(&fold(name))).collect();
        let seen_words = seen.iter().flat_map(|name| name.split(' ')).map(str::to_owned).collect();
        Self { seen, seen_words, language: language.to_owned(), ..Self::default() }
    }

    pub(super) fn language(&self) -> &str {
        &self.language
    }

    /// Whether members see this word as somebody's name anyway, or in a title.
    pub(super) fn is_seen(&self, word: &str) -> bool {
        self.seen_words.contains(word) || self.seen.contains(word)
    }

    pub(super) fn add(&mut self, name: &str) {
        self.add_where(name, |_| true);
    }

    /// The forms of a name that are wanted, and its families.
    fn add_where(&mut self, name: &str, is_wanted: impl Fn(&str) -> bool) {
        let name = fold(name);
        if self.seen.contains(&joined(&name)) {
            return;
        }
        let name = name.trim();
        // Scripts without spaces have no word bounds to match at.
        if let (true, Some(first)) = (is_without_spaces(name), name.chars().next()) {
            self.by_character.entry(first).or_default().insert(name.len());
            self.of_characters.insert(name.to_owned());
            return;
        }
        for form in forms::whole(name, &self.language) {
            let is_spared = self.seen.contains(&form) || (!form.contains(' ') && self.seen_words.contains(&form));
            match forms::place(&form, &self.language) {
                Some(place) if !is_spared && is_wanted(&form) => self.add_form(&form, place),
                _ => {}
            }
        }
        for family in forms::families(name, &self.language) {
            if !self.is_seen(&family) {
                self.add_form(&family, Where::Anywhere);
            }
        }
    }

    /// A name from a display name: a device's or a role's would hold every post.
    pub(super) fn add_learnt(&mut self, name: &str) {
        if learnt::is_somebodys(name, &self.language) {
            // "Do Xyzzy Not" would take every "do not" away.
            self.add_where(name, |form| form.split(' ').any(|word| !is_everyday_anywhere(word)));
        }
    }

    /// A form, and the same in one word: "MiraJansen".
    fn add_form(&mut self, form: &str, place: Where) {
        self.add_words(form, place);
        let joined = form.replace(' ', "");
        if joined != form && !self.is_seen(&joined) && !is_everyday_anywhere(&joined) {
            self.add_words(&joined, place);
        }
    }

    fn add_words(&mut self, form: &str, place: Where) {
        let first = form.split(' ').next().unwrap_or_default();
        self.by_word.entry(first.to_owned()).or_default().insert(form.split(' ').count());
        let known = self.of_words.entry(form.to_owned()).or_insert(place);
        if place == Where::Anywhere {
            *known = place;
        }
    }

    /// Where they stand, as places of the folded text, in order.
    pub(super) fn find(&self, folded: &Folded<'_>) -> Vec<Range<usize>> {
        let mut found = self.of_characters(&folded.text);
        if self.by_word.is_empty() {
            return found;
        }
        let text: Vec<(usize, &str)> = words(&folded.text).collect();
        let mut at = 0;
        while at < text.len() {
            match self.at(folded, &text, at) {
                Some(length) => {
                    let (last, word) = text[at + length - 1];
                    found.push(text[at].0..last + word.len());
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }

    fn of_characters(&self, text: &str) -> Vec<Range<usize>> {
        if self.by_character.is_empty() || text.is_ascii() {
            return Vec::new();
        }
        let mut found: Vec<Range<usize>> = Vec::new();
        for (at, c) in text.char_indices() {
            let lengths = self.by_character.get(&c).into_iter().flatten().rev();
            let mut names = lengths.filter_map(|length| Some((length, text.get(at..at + length)?)));
            if let Some((length, _)) = names.find(|(_, name)| self.of_characters.contains(*name)) {
                found.push(at..at + length);
            }
        }
        found
    }

    /// How many words from here on are a name.
    fn at(&self, folded: &Folded<'_>, text: &[(usize, &str)], at: usize) -> Option<usize> {
        let lengths = self.by_word.get(text[at].1)?;
        let is_name = |length: &usize| {
            let Some(words) = text.get(at..at + length) else { return false };
            let name = words.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(" ");
            match self.of_words.get(&name) {
                None => false,
                Some(Where::Anywhere) => *length > 1 || !is_public(text, at),
                Some(Where::Capital) => is_inside_a_sentence(folded, words[0].0, words[0].1),
            }
        };
        lengths.iter().rev().copied().find(is_name)
    }
}

fn is_public(text: &[(usize, &str)], at: usize) -> bool {
    let pair = |first: usize| {
        let words = text.get(first..first + 2)?;
        Some(format!("{} {}", words[0].1, words[1].1))
    };
    let pairs = [at.checked_sub(1).and_then(pair), pair(at)];
    pairs.into_iter().flatten().any(|pair| PUBLIC.contains(&pair.as_str()))
}

/// Whether a word has a capital that no sentence's beginning gave it, and that is no shouting.
fn is_inside_a_sentence(folded: &Folded<'_>, at: usize, word: &str) -> bool {
    let second = word.char_indices().nth(1).map(|(index, _)| at + index);
    if !folded.is_capital(at) || second.is_some_and(|second| folded.is_capital(second)) {
        return false;
    }
    let before =
        folded.text[..at].trim_end_matches([' ', '\t', '"', '\'', '*', '_', '-', '–', '—', '(', '>', '¡', '¿', '#']);
    !before.is_empty() && !before.ends_with(['.', '!', '?', '\n', '…'])
}

fn joined(folded: &str) -> String {
    words(folded).map(|(_, word)| word).collect::<Vec<_>>().join(" ")
}

fn is_without_spaces(name: &str) -> bool {
    name.chars().any(|c| c >= '\u{2e80}') && name.chars().count() >= 2
}
