//! What a text says that others do not say already.
//!
//! A sentence that stands in the others word by word is left out, however its lines are broken or marked as a quote. When
//! unsure, keep.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// So many words in a row must be the same: "I am going to" begins more than one sentence.
const RUN: usize = 4;

/// Texts that are known.
pub struct Known {
    runs: HashSet<u64>,
    hasher: RandomState,
}

/// A word as it is compared, and whether a sentence or a line ends behind it.
struct Word {
    bare: String,
    ends: bool,
    /// Where it stands in the text.
    from: usize,
    to: usize,
}

impl Known {
    /// Nothing is known.
    #[must_use]
    pub fn nothing() -> Self {
        Self { runs: HashSet::new(), hasher: RandomState::new() }
    }

    /// Know these texts.
    #[must_use]
    pub fn of(texts: &[&str]) -> Self {
        let mut known = Self::nothing();
        texts.iter().for_each(|text| known.learn(text));
        known
    }

    /// Know one text more.
    pub fn learn(&mut self, text: &str) {
        let words = words(text);
        let runs: Vec<u64> = words.windows(RUN).map(|run| self.run(run)).collect();
        self.runs.extend(runs);
    }

    /// The lines and sentences that are not known, each on a line of its own where another was left out before it.
    #[must_use]
    pub fn rest(&self, text: &str) -> String {
        let words = words(text);
        let mut is_known = vec![false; words.len()];
        for (at, run) in words.windows(RUN).enumerate() {
            if self.runs.contains(&self.run(run)) {
                is_known[at..at + RUN].fill(true);
            }
        }
        let mut rest = String::new();
        let mut begin = 0;
        // Where the text that was kept last ends.
        let mut kept_to = None;
        for end in (0..words.len()).filter(|at| words[*at].ends) {
            if is_known[begin..=end].contains(&false) {
                // What stands between two that are kept, such as the end of a line, is kept with them.
                let from = kept_to.unwrap_or(words[begin].from);
                if kept_to.is_none() && !rest.is_empty() {
                    rest.push('\n');
                }
                rest.push_str(&text[from..words[end].to]);
                kept_to = Some(words[end].to);
            } else {
                kept_to = None;
            }
            begin = end + 1;
        }
        rest
    }

    fn run(&self, words: &[Word]) -> u64 {
        let mut key = String::new();
        for word in words {
            key.push_str(&word.bare);
            key.push(' ');
        }
        self.hasher.hash_one(key)
    }
}

/// The words of a text; what holds no letter and no digit, such as a quote's mark, is none.
fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let mut in_line = at;
        for piece in line.split_inclusive(char::is_whitespace) {
            let word = piece.trim_end();
            let mut bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
            if !bare.is_empty() {
                let ends = word.trim_end_matches(['"', '”', '’', ')', '*', '_']).ends_with(['.', '!', '?', ':', '。']);
                // Whose sentence ends here says something else than whose goes on.
                if ends {
                    bare.push('.');
                }
                // A mark before the first word of a line belongs to the line.
                words.push(Word { bare, ends, from: in_line, to: in_line + word.len() });
            }
            in_line += piece.len();
        }
        at += line.len();
        if let Some(last) = words.last_mut() {
            last.ends = true;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_sentences_that_are_known_are_left_out() {
        let known =
            Known::of(&["Mira wrote to you.\n> I am going to kill\n> myself tonight.\nPlease read it now, Dana."]);
        for (text, rest) in [
            ("I am going to kill myself tonight.", ""),
            ("I am away.\nI am going to\nkill myself tonight.\nBack on Monday.", "I am away.\nBack on Monday."),
            ("| I AM GOING TO KILL MYSELF tonight!", ""),
            ("I am going to die tonight.", "I am going to die tonight."),
            ("I am going to kill myself.", "I am going to kill myself."),
            ("You wrote: I am going to kill myself tonight. Is it so?", "You wrote:\nIs it so?"),
            ("kill myself", "kill myself"),
            ("> Something else\n\nand more", "Something else\n\nand more"),
            ("", ""),
        ] {
            assert_eq!(known.rest(text), rest, "{text:?}");
        }
        assert_eq!(Known::nothing().rest("As it\nstands."), "As it\nstands.");
    }
}
