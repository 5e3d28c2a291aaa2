//! The words that a rule can't do without: only a text that has one of them is read by the rule's expression. Most texts
//! have those of few rules, and so cost little however many rules there are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::RandomState;

use super::table::WrittenRule;

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
    words: HashMap<String, AnchorId, RandomState>,
    /// By their first octets, so that few are compared with a word.
    prefixes: HashMap<[u8; FIRST], Vec<(String, AnchorId)>, RandomState>,
    ways: Vec<Way>,
    /// By the anchor: the ways that it may stand in. Of each way that part is here which says most.
    first_parts: Vec<Vec<usize>>,
    /// By the rule: what else it says must stand in the sentence.
    with: HashMap<usize, Vec<Part>, RandomState>,
    /// Rules that may match whatever holds figures.
    figures: Vec<usize>,
    /// Rules that may match anything.
    always: Vec<usize>,
}

/// The place of an anchor among all.
type AnchorId = usize;
/// Anchors of which one must stand.
type Part = Vec<AnchorId>;

/// One way to match a rule.
#[derive(Debug)]
struct Way {
    rule: usize,
    /// What must stand beside the part that says most.
    others: Vec<Part>,
}

/// The anchors that stand in a sentence.
struct Standing {
    ids: Vec<AnchorId>,
    is_there: Vec<bool>,
}

impl Standing {
    fn add(&mut self, id: AnchorId) {
        if !std::mem::replace(&mut self.is_there[id], true) {
            self.ids.push(id);
        }
    }

    /// Whether one of each part does.
    fn have_all(&self, parts: &[Part]) -> bool {
        parts.iter().all(|part| part.iter().any(|id| self.is_there[*id]))
    }
}

/// So many octets a prefix has at least; a shorter one says too little.
const FIRST: usize = 2;

fn first(word: &str) -> Option<[u8; FIRST]> {
    word.as_bytes().first_chunk().copied()
}

impl Gate {
    /// The next rule.
    pub(super) fn add(&mut self, at: usize, rule: &WrittenRule, sets: &BTreeMap<String, String>) {
        if !rule.figures.is_empty() {
            self.figures.push(at);
        }
        let ways: Option<Vec<_>> = rule.any.iter().map(|text| Pattern::new(text, sets).ways()).collect();
        let Some(ways) = ways else {
            self.always.push(at);
            return;
        };
        for parts in ways.into_iter().flatten() {
            let mut parts = parts.into_iter().map(|part| self.part(part));
            let first = parts.next().unwrap_or_default();
            let others = parts.collect();
            first.into_iter().for_each(|id| self.first_parts[id].push(self.ways.len()));
            self.ways.push(Way { rule: at, others });
        }
        // Of each list one pattern must stand; that of which nothing can be said is not looked for.
        let list = |texts: &Vec<String>| {
            let all: Option<Vec<_>> = texts.iter().map(|text| Pattern::new(text, sets).alternatives()).collect();
            all.map(|all| all.into_iter().flatten().collect())
        };
        let with: Vec<BTreeSet<Anchor>> = rule.with.iter().filter_map(list).collect();
        let with = with.into_iter().map(|part| self.part(part)).collect();
        self.with.insert(at, with);
    }

    fn part(&mut self, anchors: BTreeSet<Anchor>) -> Part {
        anchors.into_iter().map(|anchor| self.id(anchor)).collect()
    }

    fn id(&mut self, anchor: Anchor) -> AnchorId {
        let next = self.first_parts.len();
        let id = match anchor {
            Anchor::Word(word) => *self.words.entry(word).or_insert(next),
            Anchor::Prefix(prefix) => {
                let alike = self.prefixes.entry(first(&prefix).unwrap_or_default()).or_default();
                match alike.iter().find(|(known, _)| *known == prefix) {
                    Some((_, id)) => *id,
                    None => {
                        alike.push((prefix, next));
                        next
                    }
                }
            }
        };
        if id == next {
            self.first_parts.push(Vec::new());
        }
        id
    }

    /// The rules that may match in a sentence, in their order.
    pub(super) fn open_for(&self, sentence: &str) -> Vec<usize> {
        let mut standing = Standing { ids: Vec::with_capacity(64), is_there: vec![false; self.first_parts.len()] };
        for word in sentence.split(' ') {
            self.words.get(word).into_iter().for_each(|id| standing.add(*id));
            let alike = first(word).and_then(|first| self.prefixes.get(&first)).into_iter().flatten();
            alike.filter(|(prefix, _)| word.starts_with(prefix)).for_each(|(_, id)| standing.add(*id));
        }
        let mut open = self.always.clone();
        for way in standing.ids.iter().flat_map(|id| &self.first_parts[*id]).map(|way| &self.ways[*way]) {
            let with = || self.with.get(&way.rule).is_none_or(|with| standing.have_all(with));
            if !open.contains(&way.rule) && standing.have_all(&way.others) && with() {
                open.push(way.rule);
            }
        }
        if sentence.contains(|c: char| c.is_ascii_digit() || c == '@') {
            open.extend(&self.figures);
        }
        open.sort_unstable();
        open.dedup();
        open
    }
}

/// What is left to read of a pattern of the tables.
struct Pattern<'a> {
    rest: &'a str,
    sets: &'a BTreeMap<String, String>,
    depth: usize,
}

impl<'a> Pattern<'a> {
    fn new(text: &'a str, sets: &'a BTreeMap<String, String>) -> Self {
        Self { rest: text, sets, depth: 0 }
    }

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

    /// The parts of one alternative, first the one that says most.
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
            Some((prefix, _)) if prefix.len() < FIRST => return None,
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
            // (patterns and what else the rule says, a sentence, whether it may match)
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
        let is_open = |rule: &str, text: &str| {
            let rule: WrittenRule = toml::from_str(&format!("name = 'r'\ncategory = 'crisis'\n{rule}")).unwrap();
            let mut gate = Gate::default();
            gate.add(0, &rule, &sets);
            gate.open_for(text) == [0]
        };
        for (pattern, text, may) in rows {
            assert_eq!(is_open(&format!("any = ['{pattern}']"), text), may, "{pattern}: {text}");
        }
        let with = "any = ['rope', 'roof']\nwith = [['to die', 'end it'], ['tonight', 'now']]";
        for (text, may) in [("the rope to end it now", true), ("the rope tonight", false), ("to die tonight", false)] {
            assert_eq!(is_open(with, text), may, "{text}");
        }
        assert!(is_open("any = ['rope']\nwith = [['...'], ['now']]", "a rope now"), "of a list nothing may be said");
        let figures = "any = ['took many']\nfigures = ['[0-9]+ pills']";
        for (text, may) in [("took 30 pills", true), ("a@b.example", true), ("took many", true), ("took pills", false)]
        {
            assert_eq!(is_open(figures, text), may, "{text}");
        }
    }
}
