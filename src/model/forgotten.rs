//! What tells of one person in texts of others, and the text without it: her words, her names, her addresses.
//!
//! Total. Her words are known again as runs of words, however a mail program wrapped or marked them; a few common words in
//! a row stay, because they are anybody's. What stays or goes is the same on every run.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

use super::privacy::folded::Folded;
use super::privacy::{Known, Roster};
use super::words::{fold, is_invisible};

/// The name over the posts of somebody who was forgotten.
pub const FORMER_MEMBER: &str = "A former member";
/// What stands where her words stood.
pub const REMOVED: &str = "(removed)";
/// The end of the address that stands in the place of one that was forgotten: nobody can have it (RFC 2606 §2).
pub const NOBODY: &str = "@forgotten.invalid";
/// What the keyed hash of a suppressed address is of.
pub const SUPPRESSED: &str = "suppressed-address";
/// What stands where somebody else wrote her name.
const NAMED: &str = "[former member]";
/// What stands where an address of hers stood.
const ADDRESS: &str = "[removed]";

/// So many words in a row are known again.
const RUN: usize = 5;
/// Outside of quotes a run is hers when it has so many words …
const LEAST_WORDS: usize = 6;
/// … and says so much: a word of five letters counts four, a character of a script without spaces one.
const LEAST_WEIGHT: usize = 12;
/// A greeting has no more words than this.
const GREETING: usize = 4;

/// What tells of her.
#[derive(Debug, Default)]
pub struct Traces {
    hasher: RandomState,
    /// In lower case.
    addresses: Vec<String>,
    /// The same, laid out for looking in every dress: "kit (at) home dot example".
    dressed: Roster,
    /// Her real names and pseudonyms, as hashes of their words.
    names: Vec<Name>,
    runs: HashSet<u64>,
    lines: HashSet<u64>,
    /// Runs and lines that others said before her.
    others: HashSet<u64>,
}

#[derive(Debug)]
struct Name {
    words: Vec<u64>,
    /// It is a word of everybody's: it goes where it addresses or quotes her, and nowhere else.
    is_everyday: bool,
}

/// A word of a text.
struct Word {
    hash: u64,
    place: Range<usize>,
    line: usize,
    weight: usize,
}

/// A line of a text: where it stands, how deep it is quoted, which words it has.
struct Line {
    place: Range<usize>,
    depth: usize,
    words: Range<usize>,
}

impl Traces {
    /// Know an address of hers.
    pub fn add_address(&mut self, address: &str) {
        let address = address.trim().to_lowercase();
        if !address.is_empty() && !self.addresses.contains(&address) {
            self.addresses.push(address);
            let known = |address: &String| Known { address: address.clone(), real_name: None, learnt: Vec::new() };
            self.dressed = Roster::new(&self.addresses.iter().map(known).collect::<Vec<_>>(), &[], "en");
        }
    }

    /// Know a name of hers; `is_everyday` as [`is_everyday`] tells.
    pub fn add_name(&mut self, name: &str, is_everyday: bool) {
        let words: Vec<u64> = self.words_of(name).into_iter().map(|word| word.hash).collect();
        if !words.is_empty() && self.names.iter().all(|known| known.words != words) {
            self.names.push(Name { words, is_everyday });
        }
    }

    /// Know words that she wrote, apart from those that are known as others'.
    pub fn add_said(&mut self, text: &str) {
        let (runs, lines) = self.runs_of(text);
        self.runs.extend(runs.into_iter().filter(|run| !self.others.contains(run)));
        self.lines.extend(lines.into_iter().filter(|line| !self.others.contains(line)));
    }

    /// Know words that others wrote; where they repeat hers they stay hers.
    pub fn add_said_by_others(&mut self, text: &str) {
        let (runs, lines) = self.runs_of(text);
        self.others.extend(runs.into_iter().filter(|run| !self.runs.contains(run)));
        self.others.extend(lines.into_iter().filter(|line| !self.lines.contains(line)));
    }

    /// The runs of a text's words, and its lines.
    fn runs_of(&self, text: &str) -> (Vec<u64>, Vec<u64>) {
        let (mut all, mut lines) = (Vec::new(), Vec::new());
        for line in text.lines() {
            let words: Vec<u64> = self.words_of(line).into_iter().map(|word| word.hash).collect();
            if !words.is_empty() {
                lines.push(run(&words));
            }
            all.extend(words);
        }
        (all.windows(RUN).map(run).collect(), lines)
    }

    /// Whether a text tells of her.
    #[must_use]
    pub fn are_in(&self, text: &str) -> bool {
        self.taken_out_of(text).is_some()
    }

    /// Whether one of her addresses, or a name of hers that is no everyday word, stands in a text.
    #[must_use]
    pub fn name_in(&self, text: &str) -> bool {
        self.has_address(text)
            || self.names.iter().any(|name| !name.is_everyday) && {
                let words = self.words_of(text);
                self.names_in(&words, 0..words.len(), false).next().is_some()
            }
    }

    /// The text without what tells of her; `None` where nothing does.
    #[must_use]
    pub fn taken_out_of(&self, whole: &str) -> Option<String> {
        // Before her name in it goes.
        let undressed = self.without_dressed(whole);
        let text = undressed.as_deref().unwrap_or(whole);
        let (lines, words) = self.laid_out(text);
        let hers = self.her_words(&lines, &words);
        let is_quoted = self.quoted_by_name(text, &lines, &words);
        let is_hers = |line: &Line| !line.words.is_empty() && line.words.clone().all(|at| hers[at]);
        let mut out = String::with_capacity(text.len());
        let mut last_gone = false;
        for (at, line) in lines.iter().enumerate() {
            let is_blank = line.words.is_empty() && line.depth > 0;
            let is_gone = is_quoted[at] || is_hers(line);
            if is_gone {
                if !last_gone {
                    out.push_str(if line.depth > 0 || is_quoted[at] { "> " } else { "" });
                    out.push_str(REMOVED);
                    out.push_str(line_end(text, line));
                }
            } else if !(is_blank && last_gone) {
                out.push_str(&self.without_names(text, line, &words, &hers));
            }
            // An empty line of a quote between two that went is no line of its own.
            last_gone = is_gone || (is_blank && last_gone);
        }
        let out = self.without_addresses(&out);
        (out != whole).then_some(out)
    }

    fn laid_out(&self, text: &str) -> (Vec<Line>, Vec<Word>) {
        let (mut lines, mut words) = (Vec::new(), Vec::new());
        let mut start = 0;
        for piece in text.split_inclusive('\n') {
            let marks = piece.len() - piece.trim_start_matches(['>', ' ', '\t', '|']).len();
            let depth = piece[..marks].matches(['>', '|']).count();
            let first = words.len();
            words.extend(self.words_of(&piece[marks..]).into_iter().map(|word| Word {
                place: word.place.start + start + marks..word.place.end + start + marks,
                line: lines.len(),
                ..word
            }));
            lines.push(Line { place: start..start + piece.len(), depth, words: first..words.len() });
            start += piece.len();
        }
        (lines, words)
    }

    /// Which words she wrote.
    fn her_words(&self, lines: &[Line], words: &[Word]) -> Vec<bool> {
        let hashes: Vec<u64> = words.iter().map(|word| word.hash).collect();
        let mut known = vec![false; words.len()];
        for (at, found) in hashes.windows(RUN).enumerate() {
            if self.runs.contains(&run(found)) {
                known[at..at + RUN].fill(true);
            }
        }
        let mut hers = vec![false; words.len()];
        let mut at = 0;
        while at < words.len() {
            let end = (at..words.len()).find(|next| !known[*next]).unwrap_or(words.len());
            let run = at..end;
            let says = run.len() >= LEAST_WORDS
                && words[run.clone()].iter().map(|word| word.weight).sum::<usize>() >= LEAST_WEIGHT;
            for one in run {
                hers[one] = says || lines[words[one].line].depth > 0;
            }
            at = end.max(at) + 1;
        }
        let quoted: Vec<&Line> = lines.iter().filter(|line| line.depth > 0 && !line.words.is_empty()).collect();
        let is_hers = |hers: &[bool], line: &Line| line.words.clone().all(|word| hers[word]);
        // A short line is anybody's, unless it stands beside one of hers.
        for short in [false, true] {
            for (at, line) in quoted.iter().enumerate() {
                let mut beside = [at.wrapping_sub(1), at + 1].into_iter().filter_map(|at| quoted.get(at));
                let is_known = self.lines.contains(&run(&hashes[line.words.clone()]));
                if is_known && (line.words.len() > 2 || short && beside.any(|line| is_hers(&hers, line))) {
                    hers[line.words.clone()].fill(true);
                }
            }
        }
        hers
    }

    /// A quote under a line that names her is hers, whatever she is known to have written.
    fn quoted_by_name(&self, text: &str, lines: &[Line], words: &[Word]) -> Vec<bool> {
        let mut is_gone = vec![false; lines.len()];
        let says = |line: &Line| !line.words.is_empty();
        for at in 0..lines.len() {
            if !says(&lines[at]) || !is_attribution(text, &lines[at]) {
                continue;
            }
            let depth = lines[at].depth;
            let Some(quote) = (at + 1..lines.len()).find(|next| says(&lines[*next])) else { continue };
            if lines[quote].depth <= depth {
                continue;
            }
            // The line may be broken in two.
            let first = if at > 0 && says(&lines[at - 1]) && lines[at - 1].depth == depth { at - 1 } else { at };
            let names = |line: &Line| {
                self.names_in(words, line.words.clone(), true).next().is_some()
                    || self.has_address(&text[line.place.clone()])
            };
            let named = if names(&lines[at]) { Some(at) } else { (first..at).find(|one| names(&lines[*one])) };
            let Some(named) = named else { continue };
            let end = (quote..lines.len())
                .find(|next| lines[*next].depth <= depth && (says(&lines[*next]) || lines[*next].depth == 0))
                .unwrap_or(lines.len());
            is_gone[named..end].fill(true);
        }
        is_gone
    }

    /// Where her names stand among some words; everyday ones as well, where it is asked for them.
    fn names_in<'a>(
        &'a self,
        words: &'a [Word],
        among: Range<usize>,
        everyday: bool,
    ) -> impl Iterator<Item = Range<usize>> + 'a {
        let names = self.names.iter().filter(move |name| everyday || !name.is_everyday);
        names.flat_map(move |name| {
            let length = name.words.len();
            let starts = among.start..(among.end + 1).saturating_sub(length).max(among.start);
            starts.filter_map(move |at| {
                let is_it = words[at..at + length].iter().map(|word| word.hash).eq(name.words.iter().copied());
                is_it.then_some(at..at + length)
            })
        })
    }

    fn without_names(&self, text: &str, line: &Line, words: &[Word], hers: &[bool]) -> String {
        let mut cuts: Vec<(Range<usize>, &str)> = Vec::new();
        let mut at = line.words.start;
        while at < line.words.end {
            let end = (at..line.words.end).find(|next| !hers[*next]).unwrap_or(line.words.end);
            if end > at {
                cuts.push((words[at].place.start..words[end - 1].place.end, REMOVED));
            }
            at = end + 1;
        }
        let is_greeting = line.words.len() <= GREETING
            && text[line.place.clone()].trim_end().ends_with([',', '!', ':', '，', '！', '：']);
        let plain: HashSet<usize> = self.names_in(words, line.words.clone(), false).map(|found| found.start).collect();
        let is_free = |place: &Range<usize>| {
            let behind = cuts.partition_point(|(cut, _)| cut.end <= place.start);
            cuts.get(behind).is_none_or(|(cut, _)| place.end <= cut.start)
        };
        let mut names: Vec<Range<usize>> = self
            .names_in(words, line.words.clone(), is_greeting)
            // "Have hope!" is no greeting.
            .filter(|found| {
                let word = &text[words[found.start].place.clone()];
                plain.contains(&found.start) || !word.starts_with(char::is_lowercase)
            })
            .map(|found| words[found.start].place.start..words[found.end - 1].place.end)
            .filter(is_free)
            .collect();
        names.sort_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
        let mut end = 0;
        names.retain(|place| {
            let is_next = place.start >= end;
            end = if is_next { place.end } else { end };
            is_next
        });
        cuts.extend(names.into_iter().map(|place| (place, NAMED)));
        cuts.sort_by_key(|(place, _)| place.start);
        for (place, _) in &mut cuts {
            *place = place.start - line.place.start..place.end - line.place.start;
        }
        without(&text[line.place.clone()], &cuts)
    }

    fn has_address(&self, text: &str) -> bool {
        self.addresses.iter().any(|address| !places_of(text, address).is_empty()) || !self.dressed_in(text).is_empty()
    }

    /// Where an address of hers stands in a dress.
    fn dressed_in(&self, text: &str) -> Vec<Range<usize>> {
        if self.addresses.is_empty() {
            return Vec::new();
        }
        let mut places = self.dressed.addresses_in(&Folded::of(text));
        // Without one it may be a part of a longer one.
        places.retain(|place| !text[place.clone()].contains('@'));
        places
    }

    fn without_dressed(&self, text: &str) -> Option<String> {
        let places = self.dressed_in(text);
        let mut out = text.to_owned();
        for place in places.iter().rev() {
            out.replace_range(place.clone(), ADDRESS);
        }
        (!places.is_empty()).then_some(out)
    }

    fn without_addresses(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for address in &self.addresses {
            let places = places_of(&out, address);
            out = without(
                &out,
                &places.into_iter().map(|start| (start..start + address.len(), ADDRESS)).collect::<Vec<_>>(),
            );
        }
        out
    }

    fn words_of(&self, text: &str) -> Vec<Word> {
        let mut words = Vec::new();
        each_word(text, |place, folded| {
            let weight = match folded.chars().next() {
                Some(c) if is_unspaced(c) => 1,
                _ if folded.chars().count() >= 5 => 4,
                _ => 0,
            };
            words.push(Word { hash: self.hasher.hash_one(folded), place, line: 0, weight });
        });
        words
    }
}

/// Where an address stands, and is no part of a longer one.
fn places_of(text: &str, address: &str) -> Vec<usize> {
    // Only ASCII changes its case here, so that places stay what they are.
    let lower = text.to_ascii_lowercase();
    let goes_on = |c: char| c.is_alphanumeric() || "._-+".contains(c);
    let is_whole = |start: &usize| {
        let (before, behind) = (&lower[..*start], &lower[start + address.len()..]);
        let mut next = behind.chars();
        let longer = match next.next() {
            Some('.' | '-') => next.next().is_some_and(char::is_alphanumeric),
            Some(c) => c.is_alphanumeric(),
            None => false,
        };
        !before.ends_with(goes_on) && !longer
    };
    lower.match_indices(address).map(|(at, _)| at).filter(is_whole).collect()
}

/// The text with something else in these places, which are in order and none over another.
fn without(text: &str, places: &[(Range<usize>, &str)]) -> String {
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (place, instead) in places {
        out.push_str(&text[from..place.start]);
        out.push_str(instead);
        from = place.end;
    }
    out.push_str(&text[from..]);
    out
}

/// Whether a name is a word of everybody's: others write it in small letters, or it is in somebody else's name.
#[must_use]
pub fn is_everyday<'a>(name: &str, written: impl Iterator<Item = &'a str>, names: &[String]) -> bool {
    let mut own = Vec::new();
    each_word(name, |_, folded| own.push(folded.to_owned()));
    let in_another = |other: &String| {
        let mut words = Vec::new();
        each_word(other, |_, folded| words.push(folded.to_owned()));
        own.len() == 1 && words.contains(&own[0])
    };
    let is_ours = || own.iter().all(|word| NAMED.split(|c: char| !c.is_alphabetic()).any(|ours| ours == word));
    if names.iter().any(in_another) || is_ours() {
        return true;
    }
    let has_capital = name.chars().any(char::is_uppercase);
    has_capital && written.into_iter().any(|text| is_written_small(&own, text))
}

fn is_written_small(name: &[String], text: &str) -> bool {
    let mut words: Vec<(bool, String)> = Vec::new();
    each_word(text, |place, folded| {
        words.push((!text[place].chars().any(char::is_uppercase), folded.to_owned()));
    });
    !name.is_empty()
        && words
            .windows(name.len())
            .any(|found| found.iter().zip(name).all(|((small, word), own)| *small && word == own))
}

fn each_word(text: &str, mut take: impl FnMut(Range<usize>, &str)) {
    let mut start = None;
    let mut end_word = |from: Option<usize>, to: usize| {
        if let Some(from) = from {
            let folded = fold(&text[from..to]);
            if !folded.is_empty() {
                take(from..to, &folded);
            }
        }
    };
    for (at, c) in text.char_indices() {
        if is_unspaced(c) {
            end_word(start.take(), at);
            end_word(Some(at), at + c.len_utf8());
        } else if c.is_alphanumeric() || (start.is_some() && is_invisible(c)) {
            start = start.or(Some(at));
        } else {
            end_word(start.take(), at);
        }
    }
    end_word(start, text.len());
}

/// Thai, and the scripts of China and Japan.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{9fff}')
}

/// Whether a line may say who wrote what is quoted below it.
fn is_attribution(text: &str, line: &Line) -> bool {
    text[line.place.clone()].trim_end().ends_with([':', '：'])
}

fn line_end<'a>(text: &'a str, line: &Line) -> &'a str {
    let line = &text[line.place.clone()];
    &line[line.trim_end_matches(['\r', '\n']).len()..]
}

fn run(words: &[u64]) -> u64 {
    words.iter().fold(words.len() as u64, |all, word| (all.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95))
}

#[cfg(test)]
#[path = "forgotten/tests.rs"]
mod tests;
