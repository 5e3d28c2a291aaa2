//! READ: which posts of a reading list were read. "read", "read all", "read 1-7", "1, 3 and 5 gelesen"; anything that
//! could mean less than it says is no READ. And RETRACT with the number of one post.

use super::table::Meaning;
use super::{Reading, Verb, Word, judge, known, split};

/// Which posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All that she was sent.
    All,
    /// Those of these numbers, in order, each once; they may be more than there are.
    Numbers(Vec<u32>),
}

/// No list is longer, so that "1-4000000000" fills no memory.
const MOST: u32 = 999;

/// Every post, in the languages of the table.
const ALL: &[&str] = &[
    "all of them",
    "them all",
    "all of these",
    "all posts",
    "all messages",
    "all",
    "everything",
    "todos",
    "todas",
    "todo",
    "alle",
    "alles",
    "tous",
    "toutes",
    "tout",
    "tudo",
    "tutti",
    "tutte",
    "tutto",
    "allemaal",
];
/// What may stand before a number.
const NUMBER: &[&str] =
    &["posts", "post", "messages", "message", "numbers", "number", "no", "nr", "nos", "num", "nummer"];
const AND: &[&str] = &["and", "y", "und", "et", "e", "en"];
const TO: &[&str] = &["to", "through", "thru", "until", "bis", "a", "al", "ate", "fino a", "tot", "t/m", "tot en met"];

/// READ, or RETRACT with a number; `None` when `text` says neither.
pub(super) fn of_list(text: &str, moderator_name: &str) -> Option<Reading> {
    let words = split(&plain(text));
    let mut rest = Vec::with_capacity(words.len());
    let mut found = None;
    let mut at = 0;
    while at < words.len() {
        // "Hi all" and "all the best" name no posts.
        let run = known(&words[at..]).map_or(1, |(_, length)| length);
        match operands(&words[at..]).filter(|(_, length)| *length >= run) {
            // A number that stands apart from the others could be anything.
            Some(_) if found.is_some() => return None,
            Some((which, length)) => {
                found = Some(which);
                at += length;
            }
            None => {
                rest.extend_from_slice(&words[at..at + run]);
                at += run;
            }
        }
    }
    match (judge(&rest, moderator_name), found) {
        (Ok(Meaning::Later("READ")), found) => Some(Reading::Read(found.unwrap_or(Which::All))),
        (Ok(Meaning::Verb(Verb::Retract)), Some(Which::Numbers(numbers))) => match numbers[..] {
            [number] => Some(Reading::RetractNumber(number)),
            _ => None,
        },
        _ => None,
    }
}

/// Every dash between two numbers is a hyphen without spaces; signs that only divide are commas.
fn plain(text: &str) -> String {
    let text: String = text.chars().map(|c| if matches!(c, ';' | '(' | ')' | '#') { ' ' } else { c }).collect();
    let text = text.replace(['&', '+'], " and ").replace(['–', '—', '‐', '‑'], "-");
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('-') {
        let (before, after) = (rest[..at].trim_end_matches(' '), rest[at + 1..].trim_start_matches(' '));
        let between = before.ends_with(|c: char| c.is_ascii_digit()) && after.starts_with(|c: char| c.is_ascii_digit());
        plain.push_str(if between { before } else { &rest[..at] });
        plain.push('-');
        rest = if between { after } else { &rest[at + 1..] };
    }
    plain + rest
}

/// The operands that `words` begin with, and how many words they are.
fn operands(words: &[Word]) -> Option<(Which, usize)> {
    if let Some(length) = run(words, ALL) {
        return Some((Which::All, length));
    }
    let mut numbers = Vec::new();
    let mut at = run(words, NUMBER).unwrap_or(0);
    let mut end = 0;
    while let Some((first, mut last)) = words.get(at).and_then(number) {
        at += 1;
        let to = run(&words[at..], TO).map(|length| at + length);
        if let Some((to, (until, same))) = to.and_then(|to| Some((to, number(words.get(to)?)?))) {
            if first != last || until != same {
                return None;
            }
            (last, at) = (until, to + 1);
        }
        numbers.extend(first..=last);
        end = at;
        at += run(&words[at..], AND).unwrap_or(0);
        at += run(&words[at..], NUMBER).unwrap_or(0);
    }
    numbers.sort_unstable();
    numbers.dedup();
    (end > 0).then_some((Which::Numbers(numbers), end))
}

/// `7` or `1-7`, as first and last.
fn number(word: &Word) -> Option<(u32, u32)> {
    let one =
        |text: &str| text.parse::<u32>().ok().filter(|number| (1..=MOST).contains(number) && !text.starts_with('+'));
    let (first, last) = word.text.split_once('-').unwrap_or((&word.text, &word.text));
    one(first).zip(one(last)).filter(|(first, last)| !word.foreign && first <= last)
}

/// The length of the longest of `runs` that `words` begin with.
fn run(words: &[Word], runs: &[&str]) -> Option<usize> {
    let begins = |run: &&str| {
        let run: Vec<&str> = run.split(' ').collect();
        let fits =
            run.len() <= words.len() && run.iter().zip(words).all(|(text, word)| !word.foreign && *text == word.text);
        fits.then_some(run.len())
    };
    runs.iter().filter_map(begins).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Which> {
        match of_list(text, "Dana Weaver")? {
            Reading::Read(which) => Some(which),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_is_taken_back() {
        for (text, number) in [
            ("RETRACT 3", Some(3)),
            ("Retract #2, please\n\nDana", Some(2)),
            ("retirar 4, gracias", Some(4)),
            ("retract 1-2", None),
            ("retract 1 and 3", None),
            ("retract all", None),
            ("retract 3?", None),
            ("don't retract 3", None),
            ("retract", None),
        ] {
            assert_eq!(of_list(text, "Dana Weaver"), number.map(Reading::RetractNumber), "{text}");
        }
    }

    #[test]
    fn all_of_them() {
        for text in [
            "read",
            "Read.",
            "READ",
            "**Read**",
            "Read all",
            "All read!",
            "I have read it",
            "I've read them all, thank you\n\nDana",
            "Read, thanks",
            "Hi all,\nread all of them\nBest,\nDana Weaver, LCSW",
            "read everything",
            "Gelesen",
            "Alles gelesen, danke",
            "alle gelesen",
            "Tout lu, merci",
            "lu",
            "Todo leído, gracias",
            "leídos todos",
            "He leído todo",
            "Ho letto tutto",
            "Ik heb alles gelezen",
            "Read. All the best, Dana",
            "Tous lus, merci",
            "tudo lido, obrigada",
            "Letto tutto, grazie",
            "alles gelezen, dank je",
            "Ich habe alle gelesen",
        ] {
            assert_eq!(read(text), Some(Which::All), "{text}");
        }
    }

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("read 1-7", vec![1, 2, 3, 4, 5, 6, 7]),
            ("Read 1, 3 and 5", vec![1, 3, 5]),
            ("read 1 - 3", vec![1, 2, 3]),
            ("Read 1–3, 5", vec![1, 2, 3, 5]),
            ("READ: 2", vec![2]),
            ("read #2 & #4", vec![2, 4]),
            ("Read posts 1 to 3, thank you\nDana", vec![1, 2, 3]),
            ("I have read 3, 2, 2 and 1.", vec![1, 2, 3]),
            ("1-3 read", vec![1, 2, 3]),
            ("1, 2 und 4 gelesen, danke", vec![1, 2, 4]),
            ("gelesen 1 bis 3", vec![1, 2, 3]),
            ("Leído 1 a 3 y 5", vec![1, 2, 3, 5]),
            ("lu 1 et 2", vec![1, 2]),
            ("lido 2 e 3", vec![2, 3]),
            ("letto 1, 2 e 4, grazie", vec![1, 2, 4]),
            ("gelezen 1 t/m 3", vec![]),
            ("gelezen 1 tot 3", vec![1, 2, 3]),
            ("Read\n1\n2\n4", vec![1, 2, 4]),
        ] {
            let expected = (!expected.is_empty()).then_some(Which::Numbers(expected));
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_could_mean_less() {
        for text in [
            "",
            "ok",
            "1-7",
            "all",
            "yes",
            "read?",
            "not read",
            "unread",
            "I will read it later",
            "read all except 3",
            "read all but 2",
            "read 1, not 2",
            "read 1-3, retract 4",
            "read 1 or 2",
            "read maybe 1",
            "have you read 1?",
            "read 0",
            "read 3-1",
            "read 1-4000000000",
            "read 1 to 2-3",
            "read 1-3\nDana\n555 1234",
            "read half",
            "don't read",
            "approve",
            "read and approve",
            "I am away and read no mail",
            "to read",
            "read 1 ... 3",
            "noch nicht gelesen",
            "pas lu",
            "no leído",
            "nothing read",
            "read 1.5",
            "read one",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
