//! What the rules of one table find in a text, sentence by sentence, and why a match counts or not.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use super::table::{Expression, Rule, Table, words_of};
use super::weights::Run;
use super::{Category, Flag};

/// A text of so many runs of words is a long one.
const LONG: usize = 4;
/// A denial stands no further before what it denies, or behind it.
const DENIAL_OCTETS: usize = 200;

/// Why a match raises less than its rule says, or nothing: the words that decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// A guard of the rule.
    Guard(String),
    /// Words that tell of it as another's, or as a question.
    Told(String),
    /// It is of long ago.
    Past(String),
    /// It is denied.
    Denied(String),
    /// A crisis is spoken of in the same sentence.
    BesideCrisis,
    /// All that is said around it weighs the other way.
    Light,
}

/// What became of a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Raised,
    /// A crisis that is none.
    Mention(Why),
    Silent(Why),
}

/// The words that a rule matched in a sentence.
pub(super) struct Finding {
    pub rule: usize,
    /// Where its sentence begins and ends.
    pub sentence: Range<usize>,
    pub words: String,
    pub outcome: Outcome,
}

impl Finding {
    /// What it raises, if anything.
    pub(super) fn category(&self, table: &Table) -> Option<Category> {
        match self.outcome {
            Outcome::Raised => Some(table.rules[self.rule].category),
            Outcome::Mention(_) => Some(Category::Mention),
            Outcome::Silent(_) => None,
        }
    }

    pub(super) fn flag(self, table: &Table) -> Option<Flag> {
        let category = self.category(table)?;
        Some(Flag { category, rule: table.rules[self.rule].name.clone(), words: self.words })
    }
}

impl Table {
    /// What the rules find in `sentences`, in the order of the text, but for those that are `silenced`; `runs` is what the
    /// sentences weigh, where they are weighed.
    pub(super) fn find(&self, sentences: &str, runs: &[Run], silenced: &BTreeSet<String>) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        let is_heard = |rule: &usize| !silenced.contains(&self.rules[*rule].name);
        // Of most categories the first sentence is enough.
        let mut settled = HashSet::new();
        let mut start = 0;
        for sentence in sentences.split('\n') {
            let place = start..start + sentence.len();
            start = place.end + 1;
            for rule in self.gate.open_for(sentence) {
                if settled.contains(&rule) || !is_heard(&rule) {
                    continue;
                }
                if self.judge(rule, sentences, runs, place.clone(), &mut found) {
                    settled.insert(rule);
                }
            }
        }
        // The word that a crisis is spoken in is no mention beside it.
        let crises = found.iter().filter(|finding| finding.category(self) == Some(Category::Crisis));
        let in_crisis: HashSet<usize> = crises.map(|finding| finding.sentence.start).collect();
        for finding in &mut found {
            if finding.category(self) == Some(Category::Mention) && in_crisis.contains(&finding.sentence.start) {
                finding.outcome = Outcome::Silent(Why::BesideCrisis);
            }
        }
        found.sort_by_key(|finding| finding.sentence.start);
        found
    }

    /// What one rule finds in these lines of `text`: each outcome at most once in a sentence. Whether that is enough for the text.
    fn judge(&self, index: usize, text: &str, runs: &[Run], lines: Range<usize>, found: &mut Vec<Finding>) -> bool {
        let rule = &self.rules[index];
        let mut sentence = Sentence::default();
        for words in rule.any.find_iter(&text[lines.clone()]) {
            let end = lines.start + words.end();
            let start = lines.start + words.start() + usize::from(words.as_bytes().starts_with(b" "));
            if start >= sentence.end {
                sentence = rule.look_at(text, start);
                if let Some(why) = sentence.silent.take() {
                    found.push(sentence.finding(index, words.as_bytes(), Outcome::Silent(why)));
                }
            }
            if sentence.is_settled {
                continue;
            }
            let outcome = match self.outcome(rule, &mut sentence, text, start..end) {
                Outcome::Raised if self.is_light(rule, &sentence, text, runs) => Outcome::Mention(Why::Light),
                outcome => outcome,
            };
            let is_raised = outcome == Outcome::Raised;
            // What is denied here may be said further on; what is told or past stays so to the end of the sentence.
            let may_be_said = matches!(outcome, Outcome::Mention(Why::Denied(_)) | Outcome::Silent(Why::Denied(_)));
            sentence.is_settled = !may_be_said;
            if is_raised || !std::mem::replace(&mut sentence.has_lesser, true) {
                found.push(sentence.finding(index, words.as_bytes(), outcome));
            }
            // Of these the first is enough; a mention is told from a crisis sentence by sentence.
            if is_raised && !matches!(rule.category, Category::Crisis | Category::Mention) {
                return true;
            }
        }
        false
    }

    /// What becomes of the match at `at`.
    fn outcome(&self, rule: &Rule, sentence: &mut Sentence, text: &str, at: Range<usize>) -> Outcome {
        match rule.category {
            Category::Crisis => match sentence
                .told
                .clone()
                .or_else(|| sentence.past(self, text))
                .or_else(|| self.denial(sentence, text, at))
            {
                Some(why) => Outcome::Mention(why),
                None => Outcome::Raised,
            },
            Category::Concern | Category::Distress => match self.denial(sentence, text, at) {
                Some(why) => Outcome::Silent(why),
                None => Outcome::Raised,
            },
            _ => Outcome::Raised,
        }
    }

    /// A concern in a sentence that weighs nothing is spoken of and not meant. A crisis stands unless its whole sentence weighs
    /// less than nothing and no word of it says "now", or "again".
    fn is_light(&self, rule: &Rule, sentence: &Sentence, text: &str, runs: &[Run]) -> bool {
        let Some(run) = runs.iter().find(|run| run.range.contains(&sentence.start)) else { return false };
        match rule.category {
            Category::Concern => run.is_light(),
            Category::Crisis => {
                let whole = sentence.end <= run.range.end;
                // A long text says more that only sounds like it.
                let is_light = if runs.len() >= LONG { run.is_light() } else { run.is_lightest() };
                whole && is_light && self.present.find(&text[sentence.start..sentence.end]).is_none()
            }
            _ => false,
        }
    }

    /// What denies the match at `at`.
    fn denial(&self, sentence: &Sentence, text: &str, at: Range<usize>) -> Option<Why> {
        let before = end_of(&text[sentence.start..at.start], DENIAL_OCTETS);
        let after = || {
            let behind = &text[at.end.min(sentence.end)..sentence.end];
            let behind = &behind[..behind.floor_char_boundary(DENIAL_OCTETS)];
            self.denied_after.as_ref().and_then(|denial| denial.find(behind))
        };
        self.denied.find(before).or_else(after).map(Why::Denied)
    }
}

impl Rule {
    /// The line of `text` that `at` stands in.
    fn look_at(&self, text: &str, at: usize) -> Sentence {
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        let words_of = |guard: &Option<Expression>| guard.as_ref().and_then(|guard| guard.find(&text[start..end]));
        if !self.with.iter().all(|words| words.find(&text[start..end]).is_some()) {
            return Sentence { start, end, is_settled: true, ..Sentence::default() };
        }
        let guard = words_of(&self.unless);
        let told = if guard.is_none() { words_of(&self.mention) } else { None };
        // A concern that is but mentioned raises nothing.
        let may_be_mention = !matches!(self.category, Category::Concern | Category::Distress);
        let (told, silent) = match (guard, told) {
            (Some(words), _) => (None, Some(Why::Guard(words))),
            (None, Some(words)) if may_be_mention => (Some(Why::Told(words)), None),
            (None, told) => (None, told.map(Why::Told)),
        };
        Sentence { start, end, is_settled: silent.is_some(), silent, told, past: None, has_lesser: false }
    }
}

/// A sentence as one rule sees it.
#[derive(Default)]
struct Sentence {
    start: usize,
    end: usize,
    /// Nothing more can come of it.
    is_settled: bool,
    /// What silences the rule in it.
    silent: Option<Why>,
    told: Option<Why>,
    /// Known once it is asked for.
    past: Option<Option<Why>>,
    /// Something less than the rule's category was found.
    has_lesser: bool,
}

impl Sentence {
    fn past(&mut self, table: &Table, text: &str) -> Option<Why> {
        let whole = &text[self.start..self.end];
        let look = || table.past.find(whole).filter(|_| table.present.find(whole).is_none()).map(Why::Past);
        self.past.get_or_insert_with(look).clone()
    }

    fn finding(&self, rule: usize, words: &[u8], outcome: Outcome) -> Finding {
        Finding { rule, sentence: self.start..self.end, words: words_of(words), outcome }
    }
}

/// The last whole words of `words`, no more than so many octets.
fn end_of(words: &str, octets: usize) -> &str {
    if words.len() <= octets {
        return words;
    }
    let end = &words[words.ceil_char_boundary(words.len() - octets)..];
    end.find(' ').map_or("", |space| &end[space..])
}
