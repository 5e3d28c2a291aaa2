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

/// Which rules may match a text, by its words.
#[derive(Debug, Default)]
pub(super) struct Gate {
    words: HashMap<String, Vec<usize>>,
    prefixes: HashMap<String, Vec<usize>>,
    /// The lengths of the prefixes, in octets.
    lengths: Vec<usize>,
    /// Rules that may match anything.
    always: Vec<usize>,
}

impl Gate {
    /// The next rule: its patterns, or none that could be looked at.
    pub(super) fn add(&mut self, rule: usize, patterns: Option<&[String]>, sets: &BTreeMap<String, String>) {
        let anchors = patterns.and_then(|patterns| {
            let all = patterns.iter().map(|pattern| Pattern { rest: pattern, sets, depth: 0 }.alternatives());
            all.collect::<Option<Vec<_>>>().map(|all| all.into_iter().flatten().collect::<BTreeSet<_>>())
        });
        let Some(anchors) = anchors else {
            self.always.push(rule);
            return;
        };
        for anchor in anchors {
            match anchor {
                Anchor::Word(word) => self.words.entry(word).or_default().push(rule),
                Anchor::Prefix(prefix) => {
                    if !self.lengths.contains(&prefix.len()) {
                        self.lengths.push(prefix.len());
                    }
                    self.prefixes.entry(prefix).or_default().push(rule);
                }
            }
        }
    }

    /// The rules that may match in a text, in their order.
    pub(super) fn open_for(&self, text: &str) -> BTreeSet<usize> {
        let mut open: BTreeSet<usize> = self.always.iter().copied().collect();
        for word in text.split([' ', '\n']) {
            open.extend(self.words.get(word).into_iter().flatten());
            for length in &self.lengths {
                let rules = word.get(..*length).and_then(|prefix| self.prefixes.get(prefix));
                open.extend(rules.into_iter().flatten());
            }
        }
        open
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

    /// One alternative: of its parts the one that says most.
    fn sequence(&mut self) -> Anchors {
        let mut best: Anchors = None;
        loop {
            self.rest = self.rest.trim_start();
            let part = match self.rest.chars().next() {
                None | Some('|' | ')') => return best,
                Some('(') => {
                    self.rest = &self.rest[1..];
                    let inner = self.alternatives();
                    self.rest = self.rest.strip_prefix(')').unwrap_or(self.rest);
                    inner
                }
                Some('{') => self.set(),
                Some(_) => self.word(),
            };
            if let Some(rest) = self.rest.strip_prefix('?') {
                self.rest = rest;
                continue;
            }
            let cost = |anchors: &BTreeSet<Anchor>| anchors.iter().map(Anchor::cost).sum::<usize>();
            best = match (best, part) {
                (Some(known), Some(part)) if cost(&known) <= cost(&part) => Some(known),
                (known, None) => known,
                (_, part) => part,
            };
        }
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
            ("may".to_owned(), "tonight|(i|we) ?".to_owned()),
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
            ("go ..3 gone", "long gone", true),
        ];
        for (pattern, text, may) in rows {
            let mut gate = Gate::default();
            gate.add(0, Some(&[pattern.to_owned()]), &sets);
            assert_eq!(!gate.open_for(text).is_empty(), may, "{pattern}: {text}");
        }
    }
}
