//! A text as the tables see it: sentences of folded words, each word with one space behind it. Total.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;

use crate::model::words::fold;

/// Misspelt word -> what is meant.
pub(super) type Spelling = HashMap<String, String, RandomState>;

/// A text in the spelling of the tables, whichever language they are of.
pub(super) fn folded(text: &str) -> String {
    fold(text).replace("\r\n", "\n").replace("...", ". ")
}

/// Add the sentences of a folded text to `text`, one in a line. A sentence ends at `.`, `!`, `?` or `…` before a space, and at an empty line; a single line
/// break is how mail programs wrap.
pub(super) fn push_sentences(text: &mut String, folded: &str, spelling: &Spelling) {
    let first = text.len();
    for paragraph in folded.split("\n\n") {
        let mut start = text.len();
        let mut end_sentence = |text: &mut String| {
            if text.len() > start {
                text.push('\n');
                start = text.len();
            }
        };
        for token in paragraph.split_whitespace() {
            push_words(text, token, spelling);
            if ends_sentence(token) {
                end_sentence(text);
            }
        }
        end_sentence(text);
    }
    if text.len() > first {
        text.pop();
    }
}

fn ends_sentence(token: &str) -> bool {
    token.trim_end_matches(['"', '\'', ')', '*', '_']).ends_with(['.', '!', '?', ';'])
}

fn push_words(sentence: &mut String, token: &str, spelling: &Spelling) {
    // Most words of most texts.
    if token.bytes().all(|octet| octet.is_ascii_lowercase()) {
        return push_word(sentence, token, spelling);
    }
    // An address stays whole; "life,goodbye" and "and/or" are two words.
    let is_whole = token.contains(['@', '(']) && token.contains(|c: char| c.is_ascii_digit() || c == '.');
    let ends = |c: char| !is_whole && matches!(c, ',' | '/' | '–' | '—' | '"' | '|' | '*' | '_' | ':');
    for part in token.split(ends) {
        let word = part.trim_matches(|c: char| !(c.is_alphanumeric() || matches!(c, '+' | '$')));
        if !word.is_empty() {
            push_word(sentence, word, spelling);
        }
    }
}

fn push_word(sentence: &mut String, word: &str, spelling: &Spelling) {
    let known = spelling.get(word).map(String::as_str);
    let letters = known.is_none().then(|| disguised(word).or_else(|| stretched(word))).flatten();
    let word = known.or_else(|| letters.as_ref().map(|w| spelling.get(w).unwrap_or(w).as_str())).unwrap_or(word);
    sentence.push_str(word);
    sentence.push(' ');
}

/// The commonest slips of the finger in `words`, unless they are other words of the table.
pub(super) fn add_slips(words: &[String], spelling: &mut BTreeMap<String, String>) {
    for word in words {
        let letters: Vec<char> = word.chars().collect();
        let mut add = |letters: &[char]| {
            let slip: String = letters.iter().collect();
            if !words.contains(&slip) {
                spelling.entry(slip).or_insert_with(|| word.clone());
            }
        };
        for at in 1..letters.len() {
            let (before, rest) = letters.split_at(at);
            // Left out, doubled, exchanged with the next; the first letter is seldom wrong.
            add(&[before, &rest[1..]].concat());
            add(&[before, &rest[..1], rest].concat());
            if let [one, other, further @ ..] = rest {
                add(&[before, &[*other, *one], further].concat());
            }
        }
    }
}

/// A letter that stands three times or more is held down: `dieeee` is `die`; an `l` was most likely two.
fn stretched(word: &str) -> Option<String> {
    let is_held = |three: &[u8]| three[0].is_ascii_alphabetic() && three.iter().all(|c| *c == three[0]);
    if !word.as_bytes().windows(3).any(is_held) {
        return None;
    }
    let (mut made, mut letters) = (String::with_capacity(word.len()), word.chars().peekable());
    while let Some(letter) = letters.next() {
        let mut run = 1;
        while letters.next_if_eq(&letter).is_some() {
            run += 1;
        }
        let kept = if run < 3 { run } else { 1 + usize::from(letter == 'l') };
        made.extend(std::iter::repeat_n(letter, kept));
    }
    Some(made)
}

/// `k1ll`, `su!cide`, `d3ad`: digits and marks inside a word, read as the letters they look like.
fn disguised(word: &str) -> Option<String> {
    let digits = word.chars().filter(|c| c.is_ascii_digit() || matches!(c, '!' | '$' | '@')).count();
    let begins = word.starts_with(|c: char| c.is_alphabetic());
    if digits == 0 || digits > 2 || !begins || word.len() < 4 || word.contains('.') {
        return None;
    }
    let read = |c| match c {
        '1' | '!' => 'i',
        '3' => 'e',
        '0' => 'o',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        c => c,
    };
    Some(word.chars().map(read).collect())
}
