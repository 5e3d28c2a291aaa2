//! Numbers as people write them: "3", "three", "3rd", "third", "1.º", "primero".

use super::super::Word;
use super::super::confirm::longest;

const CARDINALS: &[&str] = &[
    "one|un|una|uno",
    "two|dos",
    "three|tres",
    "four|cuatro",
    "five|cinco",
    "six|seis",
    "seven|siete",
    "eight|ocho",
    "nine|nueve",
    "ten|diez",
    "eleven|once",
    "twelve|doce",
    "thirteen|trece",
    "fourteen|catorce",
    "fifteen|quince",
    "sixteen|dieciseis",
    "seventeen|diecisiete",
    "eighteen|dieciocho",
    "nineteen|diecinueve",
    "twenty|veinte",
    "twenty-one|twenty one|veintiuno|veintiun|veintiuna",
    "twenty-two|twenty two|veintidos",
    "twenty-three|twenty three|veintitres",
    "twenty-four|twenty four|veinticuatro",
    "twenty-five|twenty five|veinticinco",
    "twenty-six|twenty six|veintiseis",
    "twenty-seven|twenty seven|veintisiete",
    "twenty-eight|twenty eight|veintiocho",
    "twenty-nine|twenty nine|veintinueve",
    "thirty|treinta",
    "thirty-one|thirty one|treinta y uno|treinta y un",
];
const ORDINALS: &[&str] = &[
    "first|primero|primer",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty-first|twenty first",
    "twenty-second|twenty second",
    "twenty-third|twenty third",
    "twenty-fourth|twenty fourth",
    "twenty-fifth|twenty fifth",
    "twenty-sixth|twenty sixth",
    "twenty-seventh|twenty seventh",
    "twenty-eighth|twenty eighth",
    "twenty-ninth|twenty ninth",
    "thirtieth",
    "thirty-first|thirty first",
];
/// Behind the figures of a day; "1.º" and "1°" come as "1.o" and "1o".
const ENDINGS: &[&str] = &["st", "nd", "rd", "th", "ro", "ero", "er", ".o", "o"];

/// A number in words, and how many words it is.
pub(super) fn cardinal(words: &[Word]) -> Option<(u32, usize)> {
    longest_of(words, CARDINALS)
}

/// The day of a month, in figures or in words.
pub(super) fn day(words: &[Word]) -> Option<(u32, usize)> {
    let in_figures = words.first().and_then(ordinal).map(|day| (day, 1));
    // "Hasta enero, un abrazo".
    let is_article = words.first().is_some_and(|word| matches!(word.text.as_str(), "un" | "una" | "one"));
    let in_words = longest_of(words, ORDINALS).or_else(|| cardinal(words).filter(|_| !is_article));
    in_figures.or(in_words)
}

/// A number of at most so many digits.
pub(super) fn digits(word: &Word, most: usize) -> Option<u32> {
    let text = word.text.as_str();
    text.parse().ok().filter(|_| !word.foreign && text.len() <= most && is_figures(text))
}

pub(super) fn is_figures(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// "3", "3rd", "15th", "1ro".
fn ordinal(word: &Word) -> Option<u32> {
    let text = word.text.as_str();
    let bare = ENDINGS.iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text);
    bare.parse().ok().filter(|_| !word.foreign && bare.len() <= 2 && is_figures(bare))
}

fn longest_of(words: &[Word], table: &[&str]) -> Option<(u32, usize)> {
    let all = table.iter().zip(1..).map(|(runs, number)| (number, longest(words, runs)));
    // "Thirty-one" is more than "thirty".
    all.filter(|(_, length)| *length > 0).max_by_key(|(_, length)| *length)
}
