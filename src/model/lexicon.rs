//! What a text raises: flags from a table of expressions, per language, judged sentence by sentence.
//!
//! Flags order the pile and people are the net: no flag never means that a text is safe. Reading never fails; a table
//! that can't be compiled is refused as a whole, with the name of its rule.

mod normal;
mod pattern;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// A longer text is no letter: so much of its beginning is read, and [`TAIL_OCTETS`].
const HEAD_OCTETS: usize = 256 * 1024;
/// So much of the end of a long text is read.
const TAIL_OCTETS: usize = 64 * 1024;
/// A denial stands no further before what it denies.
const DENIAL_OCTETS: usize = 200;

/// What a flagged expression is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Danger to life, said plainly.
    Crisis,
    /// An ambiguous wish to be dead, or two marks of distress.
    Concern,
    /// Suicide spoken of as denied, past or another's death.
    Mention,
    /// Abuse, neglect, a caregiver losing control.
    Safeguard,
    /// Insult or threat.
    Abuse,
    /// Medical advice that may harm.
    Medical,
    /// Selling or asking for money.
    Solicit,
    /// Contact outside the group.
    Contact,
    /// A minor.
    Minor,
    /// Distress; alone it never holds a post.
    Distress,
}

/// One finding: the rule and the words that it matched.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Flag {
    /// What it is about.
    pub category: Category,
    /// The name of the rule in the lexicon.
    pub rule: String,
    /// The words as they stand in the (normalised) text.
    #[serde(rename = "match")]
    pub words: String,
}

/// Whether a person on call must be told at once.
#[must_use]
pub fn is_urgent(flags: &[Flag]) -> bool {
    flags.iter().any(|flag| matches!(flag.category, Category::Crisis | Category::Safeguard))
}

/// Whether a category tells of somebody who may need help, rather than of something that the group should not get.
#[must_use]
pub fn may_be_in_danger(category: Category) -> bool {
    use Category::{Concern, Crisis, Distress, Mention, Minor, Safeguard};
    matches!(category, Crisis | Concern | Mention | Safeguard | Minor | Distress)
}

/// A table as it stands in its file.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    version: u32,
    language: String,
    /// Misspelt word -> what is meant.
    spelling: BTreeMap<String, String>,
    /// Named alternatives for `{name}`.
    sets: BTreeMap<String, String>,
    denial: Denial,
    past: Past,
    #[serde(rename = "rule")]
    rules: Vec<WrittenRule>,
}

/// A denial stands before a match with nothing but these words between.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Denial {
    words: String,
    between: String,
}

/// What tells that a sentence speaks of long ago, and what tells that it does not after all.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Past {
    any: Vec<String>,
    unless: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    name: String,
    category: Category,
    /// Patterns of words.
    #[serde(default)]
    any: Vec<String>,
    /// Regular expressions over words with one space behind each.
    #[serde(default)]
    raw: Vec<String>,
    /// Guards: patterns that silence the rule within the sentence.
    #[serde(default)]
    unless: Vec<String>,
    /// Patterns that make it a mention within the sentence.
    #[serde(default)]
    mention: Vec<String>,
}

struct Rule {
    name: String,
    category: Category,
    any: Regex,
    unless: Option<Regex>,
    mention: Option<Regex>,
}

/// A compiled table.
pub struct Lexicon {
    version: u32,
    language: String,
    spelling: BTreeMap<String, String>,
    rules: Vec<Rule>,
    /// One expression for each rule, in their order: which rules are worth a closer look.
    first_look: RegexSet,
    denied: Regex,
    past: Regex,
    present: Regex,
}

#[allow(clippy::expect_used, reason = "the built-in table is a constant that a test compiles")]
static ENGLISH: LazyLock<Lexicon> = LazyLock::new(|| {
    Lexicon::parse(include_str!("../../config/lexicon.en.toml")).expect("the built-in lexicon compiles")
});

/// The built-in tables; the first stands in for a language that has none.
static TABLES: &[(&str, &LazyLock<Lexicon>)] = &[("en", &ENGLISH)];

impl Lexicon {
    /// Compile a table.
    ///
    /// # Errors
    /// A sentence with the place in the file, or the rule and the pattern that can't be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: Table = toml::from_str(text).map_err(|fault| fault.to_string())?;
        let compile = |name: &str, any: &[String], raw: &[String]| {
            pattern::any_of(any, raw, &table.sets).map_err(|fault| format!("rule `{name}`: {fault}"))
        };
        let optional = |name: &str, any: &[String]| {
            if any.is_empty() { Ok(None) } else { compile(name, any, &[]).map(Some) }
        };
        let mut rules = Vec::new();
        for rule in &table.rules {
            rules.push(Rule {
                name: rule.name.clone(),
                category: rule.category,
                any: compile(&rule.name, &rule.any, &rule.raw)?,
                unless: optional(&rule.name, &rule.unless)?,
                mention: optional(&rule.name, &rule.mention)?,
            });
        }
        let first_look = regex::RegexSetBuilder::new(rules.iter().map(|rule| rule.any.as_str()))
            .size_limit(64 << 20)
            .dfa_size_limit(16 << 20)
            .build()
            .map_err(|fault| fault.to_string())?;
        let denied = pattern::ending(&table.denial.words, &table.denial.between, &table.sets)?;
        Ok(Self {
            denied,
            past: compile("past", &table.past.any, &[])?,
            present: compile("past", &table.past.unless, &[])?,
            version: table.version,
            language: table.language.clone(),
            spelling: table.spelling.clone(),
            rules,
            first_look,
        })
    }

    /// The table of `language`; English where there is none.
    #[must_use]
    pub fn of(language: &str) -> &'static Self {
        TABLES.iter().find(|(name, _)| *name == language).map_or(&ENGLISH, |(_, table)| *table)
    }

    /// `en 1`: which table judged, for the record.
    #[must_use]
    pub fn edition(&self) -> String {
        format!("{} {}", self.language, self.version)
    }

    /// What `text` raises, the gravest first; every rule once for a category, with the first words it matched. Takes a
    /// time linear in the text, of which it reads the beginning and the end.
    #[must_use]
    pub fn read(&self, text: &str) -> Vec<Flag> {
        let sentences = normal::sentences(&both_ends(text), &self.spelling).join("\n");
        // Folding may have made it longer.
        let sentences = both_ends(&sentences);
        let mut found: Vec<Finding> = Vec::new();
        for index in self.first_look.matches(&sentences) {
            self.judge(&self.rules[index], &sentences, &mut found);
        }
        // The word that a crisis is spoken in is no mention beside it.
        let crises = found.iter().filter(|finding| finding.flag.category == Category::Crisis);
        let in_crisis: HashSet<usize> = crises.map(|finding| finding.sentence).collect();
        found.retain(|finding| finding.flag.category != Category::Mention || !in_crisis.contains(&finding.sentence));
        found.sort_by_key(|finding| finding.sentence);
        let mut flags: Vec<Flag> = Vec::new();
        for Finding { flag, .. } in found {
            if !flags.iter().any(|known| known.category == flag.category && known.rule == flag.rule) {
                flags.push(flag);
            }
        }
        add_concern(&mut flags);
        flags.sort_by_key(|flag| flag.category);
        flags
    }

    /// What one rule finds in the lines of `text`: each category at most once in a sentence.
    fn judge(&self, rule: &Rule, text: &str, found: &mut Vec<Finding>) {
        let mut sentence = Sentence::default();
        for words in rule.any.find_iter(text) {
            let start = words.start() + usize::from(words.as_str().starts_with(' '));
            if start >= sentence.end {
                sentence = rule.look_at(text, start);
            }
            if sentence.is_settled {
                continue;
            }
            let denied = || {
                let before = end_of(&text[sentence.start..start], DENIAL_OCTETS);
                self.denied.is_match(before) || self.denied.is_match(words.as_str())
            };
            let whole = &text[sentence.start..sentence.end];
            let past = || self.past.is_match(whole) && !self.present.is_match(whole);
            let category = match rule.category {
                Category::Crisis if sentence.is_mention || *sentence.is_past.get_or_insert_with(past) || denied() => {
                    Category::Mention
                }
                Category::Concern | Category::Distress if sentence.is_mention || denied() => continue,
                category => category,
            };
            // What is denied here may be said further on; what is past stays so to the end of the sentence.
            let may_be_said = category != rule.category && !sentence.is_mention && sentence.is_past != Some(true);
            sentence.is_settled = !may_be_said;
            if category == rule.category || !std::mem::replace(&mut sentence.has_mention, true) {
                let flag = Flag { category, rule: rule.name.clone(), words: words.as_str().trim().to_owned() };
                found.push(Finding { sentence: sentence.start, flag });
            }
            // Of these the first is enough; a mention is told from a crisis sentence by sentence.
            if category == rule.category && !matches!(category, Category::Crisis | Category::Mention) {
                return;
            }
        }
    }
}

impl Rule {
    /// The line of `text` that `at` stands in.
    fn look_at(&self, text: &str, at: usize) -> Sentence {
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        let is_in = |guard: &Option<Regex>| guard.as_ref().is_some_and(|guard| guard.is_match(&text[start..end]));
        let is_guarded = is_in(&self.unless);
        let is_mention = !is_guarded && is_in(&self.mention);
        // A concern that is but mentioned raises nothing.
        let is_settled = is_guarded || (is_mention && matches!(self.category, Category::Concern | Category::Distress));
        Sentence { start, end, is_settled, is_mention, is_past: None, has_mention: false }
    }
}

/// A sentence as one rule sees it.
#[derive(Default)]
struct Sentence {
    start: usize,
    end: usize,
    /// Nothing more can come of it.
    is_settled: bool,
    is_mention: bool,
    /// Known once it is asked for.
    is_past: Option<bool>,
    /// A mention was found.
    has_mention: bool,
}

/// A flag and the place of its sentence.
struct Finding {
    sentence: usize,
    flag: Flag,
}

/// The beginning and the end of a text that is too long to be a letter.
fn both_ends(text: &str) -> Cow<'_, str> {
    if text.len() <= HEAD_OCTETS + TAIL_OCTETS {
        return Cow::Borrowed(text);
    }
    let (head, tail) = (text.floor_char_boundary(HEAD_OCTETS), text.ceil_char_boundary(text.len() - TAIL_OCTETS));
    Cow::Owned(format!("{}\n\n{}", &text[..head], &text[tail..]))
}

/// The last whole words of `words`, no more than so many octets.
fn end_of(words: &str, octets: usize) -> &str {
    if words.len() <= octets {
        return words;
    }
    let end = &words[words.ceil_char_boundary(words.len() - octets)..];
    end.find(' ').map_or("", |space| &end[space..])
}

/// Two different marks of distress in one text are a concern.
fn add_concern(flags: &mut Vec<Flag>) {
    let marks: Vec<&Flag> = flags.iter().filter(|flag| flag.category == Category::Distress).collect();
    if let [first, second, ..] = marks[..] {
        let words = format!("{} … {}", first.words, second.words);
        flags.push(Flag { category: Category::Concern, rule: "two-marks-of-distress".into(), words });
    }
}
