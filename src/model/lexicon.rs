//! What a text raises: flags from a table of expressions, per language, judged sentence by sentence.
//!
//! Flags order the pile and people are the net: no flag never means that a text is safe. Reading never fails; a table
//! that can't be compiled is refused as a whole, with the name of its rule.

mod normal;
mod pattern;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};

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

    /// What `text` raises, the gravest first; every rule once, with the first words it matched.
    #[must_use]
    pub fn read(&self, text: &str) -> Vec<Flag> {
        let sentences = normal::sentences(text, &self.spelling);
        let whole = sentences.join("\n");
        let mut flags: Vec<Flag> = Vec::new();
        let rules: Vec<&Rule> = self.first_look.matches(&whole).into_iter().map(|index| &self.rules[index]).collect();
        for sentence in sentences.iter().filter(|_| !rules.is_empty()) {
            let mut found: Vec<Flag> = rules.iter().flat_map(|rule| self.judge(rule, sentence)).collect();
            // The word that a crisis is spoken in is no mention beside it.
            if found.iter().any(|flag| flag.category == Category::Crisis) {
                found.retain(|flag| flag.category != Category::Mention);
            }
            for flag in found {
                if !flags.iter().any(|known| known.category == flag.category && known.rule == flag.rule) {
                    flags.push(flag);
                }
            }
        }
        add_concern(&mut flags);
        flags.sort_by_key(|flag| flag.category);
        flags
    }

    /// What one rule finds in one sentence.
    fn judge(&self, rule: &Rule, sentence: &str) -> Vec<Flag> {
        if rule.unless.as_ref().is_some_and(|guard| guard.is_match(sentence)) {
            return Vec::new();
        }
        let past = || self.past.is_match(sentence) && !self.present.is_match(sentence);
        rule.any
            .find_iter(sentence)
            .filter_map(|found| {
                let denied =
                    self.denied.is_match(&sentence[..found.start() + 1]) || self.denied.is_match(found.as_str());
                let mentioned = rule.mention.as_ref().is_some_and(|guard| guard.is_match(sentence));
                let category = match rule.category {
                    Category::Crisis if denied || mentioned || past() => Category::Mention,
                    Category::Concern | Category::Distress if denied || mentioned => return None,
                    category => category,
                };
                Some(Flag { category, rule: rule.name.clone(), words: found.as_str().trim().to_owned() })
            })
            .collect()
    }
}

/// Two different marks of distress in one text are a concern.
fn add_concern(flags: &mut Vec<Flag>) {
    let marks: Vec<&Flag> = flags.iter().filter(|flag| flag.category == Category::Distress).collect();
    if let [first, second, ..] = marks[..] {
        let words = format!("{} … {}", first.words, second.words);
        flags.push(Flag { category: Category::Concern, rule: "two-marks-of-distress".into(), words });
    }
}
