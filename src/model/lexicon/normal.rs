//! A text as the tables see it: sentences of folded words, each word with one space behind it. Total.

use std::collections::BTreeMap;

use crate::model::words::fold;

/// The sentences of `text`. A sentence ends at `.`, `!`, `?` or `…` before a space, and at an empty line; a single line
/// break is how mail programs wrap.
pub(super) fn sentences(text: &str, spelling: &BTreeMap<String, String>) -> Vec<String> {
    let mut sentences = Vec::new();
    let folded = fold(text).replace("\r\n", "\n").replace("...", ". ");
    for paragraph in folded.split("\n\n") {
        let mut sentence = String::new();
        for token in paragraph.split_whitespace() {
            let ends = token.trim_end_matches(['"', '\'', ')', '*', '_']).ends_with(['.', '!', '?', ';']);
            push_words(&mut sentence, token, spelling);
            if ends && !sentence.is_empty() {
                sentences.push(std::mem::take(&mut sentence));
            }
        }
        if !sentence.is_empty() {
            sentences.push(sentence);
        }
    }
    sentences
}

fn push_words(sentence: &mut String, token: &str, spelling: &BTreeMap<String, String>) {
    // An address stays whole; "life,goodbye" and "and/or" are two words.
    let parts: Vec<&str> = if token.contains(['@', '(']) && token.contains(|c: char| c.is_ascii_digit() || c == '.') {
        vec![token]
    } else {
        token.split([',', '/', '–', '—', '"', '|', '*', '_', ':']).collect()
    };
    for part in parts {
        let word = part.trim_matches(|c: char| !(c.is_alphanumeric() || matches!(c, '+' | '$')));
        if word.is_empty() {
            continue;
        }
        let known = spelling.get(word).map(String::as_str);
        let letters = known.is_none().then(|| disguised(word)).flatten();
        let word = known.or_else(|| letters.as_ref().map(|w| spelling.get(w).unwrap_or(w).as_str())).unwrap_or(word);
        sentence.push_str(word);
        sentence.push(' ');
    }
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
