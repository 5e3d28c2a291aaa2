//! A text in its folded form that knows where everything stood before, so that what is found can be taken out. Total.

use std::ops::Range;

use regex::Regex;

use crate::model::cover::placeholder_at;
use crate::model::words::fold;

/// Stands where a word in square brackets replaced something: it is no letter, no space and no mark, so nothing that is
/// looked for reaches over it. No text has it, it is no character.
pub(crate) const TAKEN: char = '\u{fdd0}';

/// Octets of the folded text that came from one place.
#[derive(Debug, Clone, Copy)]
struct Run {
    at: usize,
    from: usize,
    /// One octet for each octet; otherwise the whole run comes from the whole place.
    even: bool,
}

/// A text, folded; see [`fold`].
#[derive(Debug)]
pub(crate) struct Folded<'a> {
    original: &'a str,
    pub(crate) text: String,
    runs: Vec<Run>,
}

impl<'a> Folded<'a> {
    pub(crate) fn of(original: &'a str) -> Self {
        let mut folded = Self { original, text: String::with_capacity(original.len()), runs: Vec::new() };
        let mut at = 0;
        while at < original.len() {
            let rest = &original[at..];
            at += folded.taken(rest, at).unwrap_or_else(|| folded.some(rest, at));
        }
        folded
    }

    fn taken(&mut self, rest: &str, at: usize) -> Option<usize> {
        let length = rest.starts_with('[').then(|| placeholder_at(rest))??;
        self.runs.push(Run { at: self.text.len(), from: at, even: false });
        self.text.push(TAKEN);
        Some(length)
    }

    /// Fold the ASCII characters to the next bracket, or one other character.
    fn some(&mut self, rest: &str, at: usize) -> usize {
        let octets = rest.as_bytes();
        let is_end = |(index, octet): (usize, &u8)| !octet.is_ascii() || (index > 0 && *octet == b'[');
        let ascii = octets.iter().enumerate().position(is_end).unwrap_or(octets.len());
        if ascii > 0 {
            self.runs.push(Run { at: self.text.len(), from: at, even: true });
            self.text.push_str(&fold(&rest[..ascii]));
            return ascii;
        }
        let length = rest.chars().next().map_or(1, char::len_utf8);
        let folded = fold(&rest[..length]);
        if !folded.is_empty() {
            self.runs.push(Run { at: self.text.len(), from: at, even: false });
            self.text.extend(folded.chars().filter(|c| *c != TAKEN));
        }
        length
    }

    /// Where it stood before. What nobody sees behind it goes with it.
    pub(crate) fn range(&self, folded: Range<usize>) -> Range<usize> {
        if folded.is_empty() {
            return 0..0;
        }
        let (first, last) = (self.run(folded.start), self.run(folded.end - 1));
        let start = self.runs[first];
        let start = if start.even { start.from + folded.start - start.at } else { start.from };
        let run = self.runs[last];
        let next = self.runs.get(last + 1);
        let is_whole = next.map_or(self.text.len(), |next| next.at) <= folded.end;
        let end = match (run.even && !is_whole, next) {
            (true, _) => run.from + folded.end - run.at,
            // A view may have runs without octets; the next place counts.
            (false, Some(next)) => next.from.max(run.from),
            (false, None) => self.original.len(),
        };
        start..end
    }

    /// The words as they stood there.
    pub(crate) fn before(&self, folded: Range<usize>) -> &'a str {
        &self.original[self.range(folded)]
    }

    /// Whether a capital stood here.
    pub(crate) fn is_capital(&self, at: usize) -> bool {
        self.original[self.range(at..at + 1)].starts_with(char::is_uppercase)
    }

    fn run(&self, at: usize) -> usize {
        self.runs.partition_point(|run| run.at <= at).saturating_sub(1)
    }

    /// The same text with `with` where a pattern matches: for its group "x", or all of it. `None` where it never does.
    pub(crate) fn replaced(&self, pattern: &Regex, with: &str) -> Option<Self> {
        let mut places =
            pattern.captures_iter(&self.text).filter_map(|found| found.name("x").or(found.get(0))).peekable();
        places.peek()?;
        let mut view = Self { original: self.original, text: String::with_capacity(self.text.len()), runs: Vec::new() };
        let (mut at, mut run) = (0, 0);
        for place in places {
            run = view.copy(self, at..place.start(), run);
            view.runs.push(Run { at: view.text.len(), from: self.range(place.range()).start, even: false });
            view.text.push_str(with);
            at = place.end();
        }
        view.copy(self, at..self.text.len(), run);
        Some(view)
    }

    /// Copy a part of another text; `run` is none behind the one in which the part begins. Gives the one in which it ends.
    fn copy(&mut self, from: &Self, part: Range<usize>, mut run: usize) -> usize {
        if part.is_empty() {
            return run;
        }
        while from.runs.get(run + 1).is_some_and(|next| next.at <= part.start) {
            run += 1;
        }
        loop {
            let Run { at, from: place, even } = from.runs[run];
            let cut = part.start.saturating_sub(at);
            let at = self.text.len() + at.max(part.start) - part.start;
            self.runs.push(Run { at, from: if even { place + cut } else { place }, even });
            if from.runs.get(run + 1).is_none_or(|next| next.at >= part.end) {
                break;
            }
            run += 1;
        }
        self.text.push_str(&from.text[part]);
        run
    }
}

/// The runs of letters and digits, and the marks of what was taken out.
pub(crate) fn words(folded: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let is_part = |c: char| c.is_alphanumeric() || c == TAKEN;
        at += folded[at..].find(is_part)?;
        let rest = &folded[at..];
        let length = match rest.strip_prefix(TAKEN) {
            Some(_) => TAKEN.len_utf8(),
            None => rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()),
        };
        let word = (at, &rest[..length]);
        at += length;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found<'a>(text: &'a str, words: &str) -> Vec<&'a str> {
        let folded = Folded::of(text);
        folded.text.match_indices(words).map(|(at, found)| folded.before(at..at + found.len())).collect()
    }

    #[test]
    fn what_is_found_is_known_where_it_stood() {
        assert_eq!(found("I am Míra\u{301} J\u{200b}ansen\u{ad}, Ｍｉｒａ", "mira"), ["Míra\u{301}", "Ｍｉｒａ"]);
        assert_eq!(found("Straße 12", "strasse"), ["Straße"]);
        // A part of a character is all of it.
        assert_eq!(found("a\u{fb03}b", "fi"), ["\u{fb03}"]);
        assert_eq!(Folded::of("Mira [name] x").text, format!("mira {TAKEN} x"));
    }

    #[test]
    fn a_view_knows_it_too() {
        let folded = Folded::of("x é (At) home dot example é");
        let at = folded.replaced(&Regex::new(r"\s*\(at\)\s*").unwrap(), "@").unwrap();
        let dots = at.replaced(&Regex::new(r"[@ ]\w+(?<x> dot )").unwrap(), ".").unwrap();
        assert_eq!(dots.text, "x e@home.example e");
        assert_eq!(dots.before(2..16), "é (At) home dot example");
        assert_eq!(dots.before(0..3), "x é");
        assert_eq!(dots.before(17..18), "é");
        assert!(dots.replaced(&Regex::new("y").unwrap(), "z").is_none());
    }

    proptest! {
        #[test]
        fn the_text_is_the_folded_one(text in "\\PC{0,40}|[a-z\u{301}\u{fb03}\u{200b}ＭÉ \\[]{0,40}") {
            let folded = Folded::of(&text);
            prop_assert_eq!(&folded.text, &fold(&text));
            for (at, c) in folded.text.char_indices() {
                let before = folded.before(at..at + c.len_utf8());
                prop_assert!(fold(before).contains(c), "{} {}", before, c);
            }
            prop_assert!(text.is_empty() || folded.text.is_empty() || folded.range(0..folded.text.len()).end == text.len());
        }
    }
}
