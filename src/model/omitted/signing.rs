//! What in a signature says something: sentences, and words in the first person, apart from names, titles, addresses and the
//! lines of programs. Never fails.

use super::super::quote::Said;
use super::FEW;
use crate::mail::languages::WORDS;
use crate::mail::marks::has_bracketed_address;

/// A line of a signature with so many words says something.
const SENTENCE: usize = 7;
/// A longer line is no title.
const TITLE: usize = 10;
/// Words of "Sent from …": with a name that is a program's own; with a word that people use, too.
const LONG_SENT: usize = 12;
const SHORT_SENT: usize = 7;
/// Names that stand in no sentence about anything else.
const PROGRAMS: [&str; 22] = [
    "iphone",
    "ipad",
    "android",
    "samsung",
    "galaxy",
    "huawei",
    "xiaomi",
    "outlook",
    "yahoo",
    "gmail",
    "gmx",
    "web.de",
    "proton",
    "thunderbird",
    "k-9",
    "blackberry",
    "windows",
    "fairemail",
    "nokia",
    "motorola",
    "posteo",
    "icloud",
];
/// What people's sentences about a telephone have, too.
const THINGS: [&str; 16] = [
    "phone",
    "smartphone",
    "telefon",
    "mobiltelefon",
    "téléphone",
    "teléfono",
    "telefone",
    "telefono",
    "telefoon",
    "handy",
    "mobile",
    "móvil",
    "mobil",
    "tablet",
    "телефона",
    "smartphones",
];

/// Words by which somebody speaks of herself, none of them a name's part or a degree; languages in the order of how many
/// write in them here.
#[rustfmt::skip]
const FIRST_PERSON: [&str; 53] = [
    "i", "i'm", "i've", "i'd", "i'll", "my", "myself", "me",
    "ich", "mich", "mir", "mein", "meine", "meinem", "meinen", "meiner", "meines",
    "je", "j'ai", "j'en", "moi", "m'a",
    "yo", "estoy", "conmigo", "mío", "mía",
    "mio", "miei", "sono",
    "ik", "mij", "mijn",
    "meu", "minha", "estou",
    "jag", "mig", "jeg",
    "jestem", "mnie", "mój", "moja", "jsem", "můj",
    "я", "меня", "мне", "мой", "моя", "мене", "мені", "εγώ",
];

/// Sentences of a signature that nobody said before, with the paragraph that each stands in.
pub(super) fn sentences<'a>(signature: &'a str, said: &Said) -> Vec<&'a str> {
    sentences_of(&signature.lines().collect::<Vec<_>>(), said)
}

pub(super) fn sentences_of<'a>(lines: &[&'a str], said: &Said) -> Vec<&'a str> {
    let mut found = Vec::new();
    for paragraph in lines.split(|line| line.trim().is_empty()) {
        let new = said.new_words(paragraph);
        let own: Vec<(&str, usize)> = paragraph.iter().copied().zip(new).filter(|(_, new)| *new > 0).collect();
        if own.iter().any(|(line, new)| *new >= FEW && is_sentence(line)) {
            found.extend(own.into_iter().map(|(line, _)| line));
        }
    }
    found
}

/// Whether a line of a signature says something: names, titles and addresses do not, and neither does a program's own.
fn is_sentence(line: &str) -> bool {
    let line = line.trim();
    if is_sent_from(line) || has_bracketed_address(line) && line.split_whitespace().count() < SENTENCE {
        return false;
    }
    let words: Vec<&str> = line.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).collect();
    // "of", "für", "du" stand in titles as well.
    let long: Vec<&&str> = words.iter().filter(|word| word.chars().count() > 3).collect();
    let capital = long.iter().filter(|word| word.starts_with(char::is_uppercase)).count();
    let is_names = !long.is_empty() && words.len() <= TITLE && 5 * capital >= 3 * long.len();
    let last = words.last().map_or(0, |word| word.chars().filter(|c| c.is_alphabetic()).count());
    let ends = line.ends_with(['.', '!', '?', '…', '。', '！', '？']) && last > 2;
    let has_spaces = !line.contains(|c: char| matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{9fff}'));
    let is_long = if has_spaces { words.len() >= SENTENCE && !is_names } else { line.chars().count() >= 12 };
    let speaks = words.len() >= FEW && is_in_first_person(line);
    is_long || speaks || (ends && (!is_names || words.len() >= SENTENCE))
}

/// "Sent from my iPhone": it begins or ends as such lines do, names what it came from, and says nothing else.
pub(super) fn is_sent_from(line: &str) -> bool {
    let line = line.trim().trim_start_matches(['-', '*', '_', '(', '[', ' ']);
    let (words, _) = line.split_once('<').unwrap_or((line, ""));
    let lower = words.trim_end_matches([' ', '.', ']', ')', '*', '_', '。']).to_lowercase();
    let is_like_one = WORDS.sent_begins.iter().any(|words| lower.starts_with(words.as_str()))
        || WORDS.sent_ends.iter().any(|words| lower.ends_with(words.as_str()));
    let count = lower.split_whitespace().count();
    let names = |names: &[&str]| {
        let is_whole = |word: &str| names.contains(&word.trim_matches(['.', ',', '!', '(', ')', '"']));
        let mut pieces = lower.split_whitespace().flat_map(|word| [word].into_iter().chain(word.split('-')));
        pieces.any(is_whole)
    };
    let without_spaces = lower.contains(|c: char| c >= '\u{2e80}') && lower.chars().count() <= 20;
    is_like_one
        && ((count <= LONG_SENT && names(&PROGRAMS)) || (count <= SHORT_SENT && names(&THINGS)) || without_spaces)
}

/// Whether somebody speaks of herself; at the end of a line "I" may be a number.
pub(super) fn is_in_first_person(line: &str) -> bool {
    let lower = line.to_lowercase().replace('’', "'");
    let is_address = |word: &&str| word.trim_end_matches('.').contains(['@', '.']);
    let is_edge = |c: char| !c.is_alphanumeric() && c != '\'';
    let words = lower.split_whitespace().filter(|word| !is_address(word));
    let words: Vec<&str> = words.flat_map(|word| word.split(is_edge)).filter(|word| !word.is_empty()).collect();
    words.iter().enumerate().any(|(at, word)| FIRST_PERSON.contains(word) && (*word != "i" || at + 1 < words.len()))
}
