//! The words that a rule can't do without: only a text that has one of them is read by the rule's expression. Most texts
//! have those of few rules, and so cost little however many rules there are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A word that a match holds for certain, or the beginning of one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Anchor {
    Word(String),
    Prefix(String),
}

impl Anchor {
    /// Short words are common, and say little about what is worth a look.
    fn cost(&self) -> usize {
        let (Self::Word(text) | Self::Prefix(text)) = self;
        match text.chars().count() {
            ..=3 => 30,
            4 => 8,
            5 => 3,
            _ => 1,
        }
    }
}

/// One of these stands in every match; `None` where that can't be said.
type Anchors = Option<BTreeSet<Anchor>>;
/// So many parts of a pattern are looked for before its expression is: those that say most.
const PARTS: usize = 2;

/// Which rules may match a text, by its words.
#[derive(Debug, Default)]
pub(super) struct Gate {
    words: HashMap<String, Vec<Part>>,
    prefixes: HashMap<String, Vec<Part>>,
    /// The lengths of the prefixes, in octets.
    lengths: Vec<usize>,
    /// The rule of each way to match, and how many parts it has.
    ways: Vec<(usize, u8)>,
    /// Rules that may match anything.
    always: Vec<usize>,
}

/// One part of one way to match.
#[derive(Debug, Clone, Copy)]
struct Part {
    way: usize,
    bit: u8,
}

impl Gate {
    /// The next rule: its patterns, or none that could be looked at.
    pub(super) fn add(&mut self, rule: usize, patterns: Option<&[String]>, sets: &BTreeMap<String, String>) {
        let ways = patterns.and_then(|patterns| {
            let all = patterns.iter().map(|pattern| Pattern { rest: pattern, sets, depth: 0 }.ways());
            all.collect::<Option<Vec<_>>>()
        });
        let Some(ways) = ways else {
            self.always.push(rule);
            return;
        };
        for parts in ways.into_iter().flatten() {
            let way = self.ways.len();
            self.ways.push((rule, (1 << parts.len()) - 1));
            for (at, anchors) in parts.into_iter().enumerate() {
                anchors.into_iter().for_each(|anchor| self.add_part(anchor, Part { way, bit: 1 << at }));
            }
        }
    }

    fn add_part(&mut self, anchor: Anchor, part: Part) {
        match anchor {
            Anchor::Word(word) => self.words.entry(word).or_default().push(part),
            Anchor::Prefix(prefix) => {
                if !self.lengths.contains(&prefix.len()) {
                    self.lengths.push(prefix.len());
                }
                self.prefixes.entry(prefix).or_default().push(part);
            }
        }
    }

    /// The rules that have no word of which one must stand.
    pub(super) fn always(&self) -> &[usize] {
        &self.always
    }

    /// The others that may match in a sentence, in their order.
    pub(super) fn open_for(&self, sentence: &str) -> BTreeSet<usize> {
        let mut found: Vec<Part> = Vec::new();
        for word in sentence.split(' ') {
            found.extend(self.words.get(word).into_iter().flatten());
            for length in &self.lengths {
                let parts = word.get(..*length).and_then(|prefix| self.prefixes.get(prefix));
                found.extend(parts.into_iter().flatten());
            }
        }
        found.sort_unstable_by_key(|part| part.way);
        let of_one_way = found.chunk_by(|one, other| one.way == other.way);
        let open = of_one_way.filter_map(|parts| {
            let (rule, all) = self.ways[parts[0].way];
            (parts.iter().fold(0, |bits, part| bits | part.bit) == all).then_some(rule)
        });
        open.collect()
    }
}

/// What is left to read of a pattern of the tables.
struct Pattern<'a> {
    rest: &'a str,
    sets: &'a BTreeMap<String, String>,
    depth: usize,
}

impl Pattern<'_> {
    /// To the end, or to the bracket that closes these: whichever is the match, it has one of them.
    fn alternatives(&mut self) -> Anchors {
        let mut all = Some(BTreeSet::new());
        loop {
            let one = self.sequence();
            all = match (all, one) {
                (Some(mut all), Some(one)) => {
                    all.extend(one);
                    Some(all)
                }
                _ => None,
            };
            match self.rest.strip_prefix('|') {
                Some(rest) => self.rest = rest,
                None => return all,
            }
        }
    }

    /// The ways to match: each with the parts that say most.
    fn ways(&mut self) -> Option<Vec<Vec<BTreeSet<Anchor>>>> {
        let mut ways = Vec::new();
        loop {
            let parts = self.parts();
            if parts.is_empty() {
                return None;
            }
            ways.push(parts);
            match self.rest.strip_prefix('|') {
                Some(rest) => self.rest = rest,
                None => return Some(ways),
            }
        }
    }

    /// One alternative: of its parts the one that says most.
    fn sequence(&mut self) -> Anchors {
        self.parts().into_iter().next()
    }

    /// Of the parts of one alternative those that say most.
    fn parts(&mut self) -> Vec<BTreeSet<Anchor>> {
        let mut parts: Vec<BTreeSet<Anchor>> = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            let part = match self.rest.chars().next() {
                None | Some('|' | ')') => break,
                Some('(') => {
                    self.rest = &self.rest[1..];
                    let inner = self.alternatives();
                    self.rest = self.rest.strip_prefix(')').unwrap_or(self.rest);
                    inner
                }
                Some('{') => self.set(),
                Some(_) => self.word(),
            };
            match self.rest.strip_prefix('?') {
                Some(rest) => self.rest = rest,
                None => parts.extend(part),
            }
        }
        parts.sort_by_key(|anchors| anchors.iter().map(Anchor::cost).sum::<usize>());
        parts.truncate(PARTS);
        parts
    }

    fn set(&mut self) -> Anchors {
        let end = self.rest.find('}').unwrap_or(self.rest.len() - 1);
        let name = &self.rest[1..end];
        self.rest = &self.rest[end + 1..];
        let set = self.sets.get(name).filter(|_| self.depth < 6)?;
        Pattern { rest: set, sets: self.sets, depth: self.depth + 1 }.alternatives()
    }

    fn word(&mut self) -> Anchors {
        let ends = |c: char| c.is_whitespace() || "(){}|?".contains(c);
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        // A bracket that nothing opened is passed over.
        let end = end.max(self.rest.chars().next().map_or(0, char::len_utf8));
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        if word.starts_with("..") {
            return None;
        }
        let anchor = match word.split_once('*') {
            None => Anchor::Word(word.to_owned()),
            Some(("", _)) => return None,
            Some((prefix, _)) => Anchor::Prefix(prefix.to_owned()),
        };
        Some(BTreeSet::from([anchor]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_match_does_without() {
        let sets = BTreeMap::from([
            ("self".to_owned(), "myself|herself".to_owned()),
            ("may".to_owned(), "tonight|(i|we)?".to_owned()),
        ]);
        let rows = [
            ("kill {self}", "there i kill myself now", true),
            ("kill {self}", "there i kill time", false),
            ("slap* (her|him)", "slapped her", true),
            ("slap* (her|him)", "she laughed", false),
            ("(a|b) ...", "of a kind", true),
            ("{may}", "nothing of it", true),
            ("end? my life", "my whole life", true),
            ("end? my life", "the end of it", false),
            ("go ..3 gone", "long gone", false),
        ];
        for (pattern, text, may) in rows {
            let mut gate = Gate::default();
            gate.add(0, Some(&[pattern.to_owned()]), &sets);
            let is_open = !gate.open_for(text).is_empty() || !gate.always().is_empty();
            assert_eq!(is_open, may, "{pattern}: {text}");
        }
    }
}
