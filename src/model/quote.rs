//! Which words of a quote were said before, however a mail program wrapped them anew.
//!
//! Linear in what is compared, and no more than so many octets of either side are. Never fails: what is not known again
//! is the author's.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use super::words::fold;

/// Octets of quotes in one mail that are compared; a mail with more is one for a person.
pub const MOST_QUOTED: usize = 256 * 1024;
/// Octets of earlier texts that are compared with.
const MOST_SAID: usize = 1024 * 1024;
/// So many words in a row are known again anywhere in a line; fewer are only as a whole line.
const RUN: usize = 5;
/// What HTML writes for marks, where a program shows it as it stands.
const ENTITIES: [&str; 8] = ["&nbsp;", "&amp;", "&quot;", "&#39;", "&#34;", "&lt;", "&gt;", "&apos;"];

/// What was said before.
#[derive(Debug, Default)]
pub struct Said {
    hasher: RandomState,
    lines: HashSet<u64>,
    runs: HashSet<u64>,
    octets: usize,
}

impl Said {
    /// Know one more text; beyond the most that is compared it stays unknown.
    pub fn add(&mut self, text: &str) {
        self.octets = self.octets.saturating_add(text.len());
        if self.octets > MOST_SAID {
            return;
        }
        let mut words = Vec::new();
        for line in text.lines() {
            let of_line = self.words(line);
            self.lines.insert(run(&of_line));
            words.extend(of_line);
        }
        // The short ones are for quotes that are no longer than that.
        for length in 1..=RUN {
            self.runs.extend(words.windows(length).map(run));
        }
    }

    /// Lines of a quote that hold words which nobody said before.
    #[must_use]
    pub fn unknown<'a>(&self, quote: &'a str) -> Vec<&'a str> {
        let mut words = Vec::new();
        let lines: Vec<(&str, usize, usize)> = quote
            .lines()
            .map(|line| {
                let start = words.len();
                words.extend(self.words(line));
                (line, start, words.len())
            })
            .collect();
        let mut known = vec![false; words.len()];
        let length = RUN.min(words.len()).max(1);
        for (at, found) in words.windows(length).enumerate() {
            if self.runs.contains(&run(found)) {
                known[at..at + length].fill(true);
            }
        }
        let is_unknown = |&(_, start, end): &(&str, usize, usize)| {
            !known[start..end].iter().all(|word| *word) && !self.lines.contains(&run(&words[start..end]))
        };
        lines.into_iter().filter(is_unknown).map(|(line, ..)| line).collect()
    }

    /// Whether one line was said as going on with the other: each of its words stands in a run that is known, and one such
    /// run begins in the other.
    #[must_use]
    pub fn goes_on(&self, above: &str, rest: &str) -> bool {
        let mut words = self.words(above);
        let start = words.len();
        words.extend(self.words(rest));
        let mut known = vec![false; words.len()];
        let length = RUN.min(words.len()).max(1);
        let mut is_joined = start == words.len();
        for (at, found) in words.windows(length).enumerate() {
            if self.runs.contains(&run(found)) {
                known[at..at + length].fill(true);
                is_joined |= at < start && start < at + length;
            }
        }
        is_joined && known[start..].iter().all(|known| *known)
    }

    /// How many words in each of these lines, which stand beside one another, are new: numbers, links and addresses are
    /// no words, and of scripts without spaces two characters are one. A few words in a row are known wherever they stand.
    #[must_use]
    pub fn new_words(&self, lines: &[&str]) -> Vec<usize> {
        let (mut words, mut weights) = (Vec::new(), Vec::new());
        let mut ends = Vec::with_capacity(lines.len());
        for line in lines {
            // As a whole it is known with its links, or by the words that are left.
            for piece in line.split_whitespace() {
                let says = !(piece.contains(['@']) || piece.contains("://") || piece.starts_with("www."));
                each_word(piece, |word| {
                    words.push(self.hasher.hash_one(word));
                    weights.push(if says { weight(word) } else { 0 });
                });
            }
            ends.push(words.len());
        }
        let mut known = vec![false; words.len()];
        let mut know = |at: usize, length: usize| {
            if length > 0 && self.runs.contains(&run(&words[at..at + length])) {
                known[at..at + length].fill(true);
            }
        };
        (0..(words.len() + 1).saturating_sub(RUN)).for_each(|at| know(at, RUN));
        let mut start = 0;
        for &end in &ends {
            if end - start < RUN {
                know(start, end - start);
            }
            start = end;
        }
        let mut start = 0;
        let of_line = |&end: &usize| {
            let halves: usize = (start..end).filter(|at| !known[*at]).map(|at| weights[at]).sum();
            start = end;
            halves.div_ceil(2)
        };
        ends.iter().map(of_line).collect()
    }

    fn words(&self, line: &str) -> Vec<u64> {
        let mut words = Vec::new();
        each_word(line, |word| words.push(self.hasher.hash_one(word)));
        words
    }
}

/// Marks, case, accents, the links that programs put behind an address and what HTML writes for a mark are no words. Of
/// scripts without spaces each character is one: a line may be broken anywhere in them.
fn each_word(line: &str, mut take: impl FnMut(&str)) {
    let mut folded = fold(line);
    if folded.contains('&') {
        ENTITIES.iter().for_each(|entity| folded = folded.replace(entity, " "));
    }
    for (at, piece) in folded.split('<').enumerate() {
        let linked = at > 0 && ["mailto:", "http:", "https:"].iter().any(|start| piece.starts_with(start));
        let piece = if linked { piece.split_once('>').map_or("", |(_, rest)| rest) } else { piece };
        for word in piece.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            if word.starts_with(is_unspaced) {
                let mut octets = [0; 4];
                word.chars().for_each(|c| take(c.encode_utf8(&mut octets)));
            } else {
                take(word);
            }
        }
    }
}

/// Thai, and the scripts of China and Japan.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{9fff}')
}

/// In halves of a word.
fn weight(word: &str) -> usize {
    match word {
        word if !word.contains(char::is_alphabetic) => 0,
        word if word.starts_with(is_unspaced) => 1,
        _ => 2,
    }
}

/// So many words make the beginning of a mail known again.
const BEGINNING: usize = 8;

/// Cut a text before the line at which a mail of ours begins in it, quoted without marks. What stands below may hold
/// more of the writer's words.
#[must_use]
pub fn above<'a>(text: &'a str, mail: &str) -> (&'a str, &'a str) {
    let words_from = |text: &str| -> Vec<String> {
        let words = text.lines().flat_map(|line| {
            let folded = fold(line);
            let found = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            found.map(str::to_owned).collect::<Vec<_>>()
        });
        words.take(BEGINNING).collect()
    };
    let beginning = words_from(mail);
    if beginning.len() < BEGINNING {
        return (text, "");
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() && words_from(&text[at..]) == beginning {
            return text.split_at(at);
        }
        at += line.len();
    }
    (text, "")
}

fn run(words: &[u64]) -> u64 {
    words.iter().fold(words.len() as u64, |all, word| (all.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_of_ours_is_known_by_its_beginning() {
        let mail = "Hello Dana,\n\nOne message waits for you. Please read it by noon.\n\nThe group has not seen it.";
        for (text, above_it) in [
            (
                "RETURN: no names\n\n Hello Dana,\n\n One message waits for\n you. Please read it by noon.",
                "RETURN: no names\n\n",
            ),
            ("Hello Dana,\nOne message waits for you. Please", ""),
            ("Hello Dana,\nAPPROVE", "Hello Dana,\nAPPROVE"),
            ("One message waits for you. Please read it", "One message waits for you. Please read it"),
            ("", ""),
        ] {
            let (own, rest) = above(text, mail);
            assert_eq!((own, own.len() + rest.len()), (above_it, text.len()), "{text}");
        }
        assert_eq!(above("Hello\nthere", "Hello there"), ("Hello\nthere", ""));
    }

    #[test]
    fn words_are_known_again_however_they_are_wrapped() {
        let mut said = Said::default();
        said.add("Hello Mira,\nI want to die.\nThe soup of my grandmother was good, and we ate it all by the river.");
        for (quote, unknown) in [
            ("> Hello Mira,\n> The soup of my grand-", &["> The soup of my grand-"][..]),
            ("> the *soup* of my grandmother\n> was good, and we\n> ate it all by\n> the river.", &[]),
            ("> was good", &[]),
            ("Kit wrote:\n> I want to die.", &["Kit wrote:"]),
            (
                "The soup of my grandmother was good, and I want to be dead.",
                &["The soup of my grandmother was good, and I want to be dead."],
            ),
            ("we ate it all by <https://river.example/> the river\nI will die.", &["I will die."]),
            ("> >\n\n", &[]),
        ] {
            assert_eq!(said.unknown(quote), unknown, "{quote}");
        }
        assert_eq!(Said::default().unknown("> one\n>\ntwo"), ["> one", "two"]);
    }

    #[test]
    fn a_line_that_is_broken_goes_on() {
        let mut said = Said::default();
        said.add("I have done that, too");
        said.add("no\nDo you take the tablets that they gave you in May, or did they not help?");
        let above = "> Do you take the tablets that they gave you in May,";
        for (rest, goes_on) in [("or did they", true), ("not help?", false), ("no", false), ("or did they, no", false)]
        {
            assert_eq!(said.goes_on(above, rest), goes_on, "{rest}");
        }
    }
}
