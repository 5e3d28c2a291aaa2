//! What programs put below a letter: "Sent from my iPhone", a notice of confidentiality. A sentence in mid-letter is neither:
//! only the last paragraph of what was written is looked at, then the one above it.

use super::super::devices::{Named, named};
use super::super::languages::{APP_LINKS, LANGUAGES, WORDS, Words};
use super::{Place, Text};

/// So many such paragraphs may follow each other.
const MOST: usize = 6;
/// A longer notice of confidentiality may be text.
const MAX_DISCLAIMER_LINES: usize = 12;
/// More words are a sentence.
const MOST_WORDS: usize = 13;
/// More words around a telephone that is not named are one, too.
const FEW_WORDS: usize = 6;

/// The closings of each run of lines that belong together.
pub(super) fn closings(text: &mut Text<'_>) {
    let mut from = 0;
    while from < text.lines.len() {
        let place = text.places[from];
        let end = (from..text.lines.len()).find(|&n| text.places[n] != place).unwrap_or(text.lines.len());
        if text.is_unmarked(from) {
            let mut below = Some(end);
            for _ in 0..MOST {
                below = below.and_then(|below| without_closing(text, from, below));
            }
        }
        from = end;
    }
}

/// Take the last closing of these lines away: where it began.
fn without_closing(text: &mut Text<'_>, from: usize, end: usize) -> Option<usize> {
    let last = (from..end).rev().find(|&n| !text.is_blank(n))?;
    let lowest = last.saturating_sub(MAX_DISCLAIMER_LINES).max(from);
    let first = (lowest..last).rev().find(|&n| text.is_blank(n)).map_or(lowest, |n| n + 1);
    let is_whole = first == from || text.is_blank(first - 1);
    let begin = if is_whole && is_disclaimer(&text.lines[first..=last]) {
        first
    } else if is_programs_line(text.lines[last]) {
        last
    } else if last > first && is_advertisement(text.lines[last]) && is_programs_line(text.lines[last - 1]) {
        last - 1
    } else {
        return None;
    };
    text.mark(begin, last + 1, Place::Signature);
    Some(begin)
}

/// Below a telephone's line: whose network it was.
fn is_advertisement(line: &str) -> bool {
    line.trim().to_lowercase().starts_with("powered by ")
}

/// The line by which a telephone or a mail program tells what it is. It names a device or a program: "Sent from my hospital
/// bed" is a person's.
#[must_use]
pub fn is_programs_line(line: &str) -> bool {
    let line = line.trim().trim_start_matches(['-', '*', '_', '(', '[', ' ']);
    if line.is_empty() || line.len() > 400 {
        return false;
    }
    // The link behind the program's name says nothing, but for where it leads.
    let (words, link) = line.split_once('<').unwrap_or((line, ""));
    let words = words.trim_end_matches([' ', '.', ']', ')', '*', '_', '。']);
    let lower = words.to_lowercase();
    let count = lower.split_whitespace().count();
    // A sentence goes on behind a comma.
    let is_sentence = lower.contains([',', '?', '!', ';', ':', '。']) || count > MOST_WORDS;
    if is_sentence || lower.chars().count() > 90 {
        return false;
    }
    let begins = WORDS.sent_begins.iter().any(|words| lower.starts_with(words.as_str()));
    let end = WORDS.sent_ends.iter().find(|words| lower.ends_with(words.as_str()));
    let is_app = APP_LINKS.iter().any(|host| link.contains(host));
    let names = match named(words) {
        _ if is_app || link.starts_with("http") => true,
        Named::Product => true,
        Named::Kind if begins => count <= FEW_WORDS,
        // "Von meinem Smartphone gesendet": nothing stands between.
        Named::Kind => end.is_some_and(|end| count <= FEW_WORDS && ends_with_device(&words[..lower_end(words, end)])),
        Named::Nothing => false,
    };
    names && (begins || end.is_some() || is_app)
}

/// Where the last words, so many letters in lower case, begin.
fn lower_end(words: &str, end: &str) -> usize {
    let letters = words.chars().count().saturating_sub(end.chars().count());
    words.char_indices().nth(letters).map_or(words.len(), |(at, _)| at)
}

fn ends_with_device(words: &str) -> bool {
    words.split_whitespace().next_back().is_some_and(|word| named(word) > Named::Nothing)
}

/// A notice of confidentiality. A person may ask that what she says be confidential; a lawyer says more, and nothing of
/// himself.
fn is_disclaimer(lines: &[&str]) -> bool {
    let words = lines.join(" ").trim_start_matches(['*', '_', ' ']).to_lowercase();
    let begins = WORDS.disclaimers.iter().any(|begin| words.starts_with(begin.as_str()));
    begins && LANGUAGES.iter().any(|language| says_so(language, &words))
}

fn says_so(language: &Words, words: &str) -> bool {
    let legal = language.confidential.iter().filter(|word| words.contains(word.as_str())).count();
    legal >= 2 && !language.speaks_of_oneself(words)
}
