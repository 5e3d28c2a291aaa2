//! A table of expressions: as it stands in its file, and compiled.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::bytes::Regex;

use super::Category;
use super::anchors::Gate;
use super::features::Vocabulary;
use super::{normal, pattern};

/// A table as it stands in its file.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    pub version: u32,
    pub language: String,
    /// Misspelt word -> what is meant.
    pub spelling: BTreeMap<String, String>,
    /// Words whose commonest slips of the finger are understood: two letters exchanged, one doubled or left out.
    #[serde(default)]
    pub slips: Vec<String>,
    /// Named alternatives for `{name}`.
    pub sets: BTreeMap<String, String>,
    /// Words that are weighed as one: name -> words.
    #[serde(default)]
    pub families: BTreeMap<String, String>,
    denial: Denial,
    past: Past,
    #[serde(rename = "rule")]
    pub rules: Vec<WrittenRule>,
}

/// A denial stands before a match with nothing but these words between, or right behind it.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Denial {
    words: String,
    between: String,
    /// What denies a match from behind: "suicidarme, jamás".
    #[serde(default)]
    after: Vec<String>,
}

/// What tells that a sentence speaks of long ago, and what tells that it does not after all.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Past {
    any: Vec<String>,
    unless: Vec<String>,
}

#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRule {
    pub name: String,
    pub category: Category,
    /// Patterns of words.
    #[serde(default)]
    pub any: Vec<String>,
    /// Regular expressions over words with one space behind each, for sentences with a digit or an `@`.
    #[serde(default)]
    pub figures: Vec<String>,
    /// What else must stand in the sentence, in whatever order: one pattern of each list.
    #[serde(default)]
    pub with: Vec<Vec<String>>,
    /// Guards: patterns that silence the rule within the sentence.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Patterns that make it a mention within the sentence.
    #[serde(default)]
    pub mention: Vec<String>,
}

impl Written {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|fault| fault.to_string())
    }

    fn vocabulary(&self) -> Vocabulary {
        let folded: Vec<String> = self.families.values().map(|words| normal::folded(words)).collect();
        Vocabulary::new(self.families.keys().map(String::as_str).zip(folded.iter().map(String::as_str)))
    }
}

/// An expression that is compiled when it is first needed: in most texts most rules never are.
pub(super) struct Expression {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Expression {
    fn new(source: String) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| pattern::build(&self.source).ok()).as_ref()
    }

    /// The places where it stands in `text`.
    pub(super) fn find_iter<'t>(&'t self, text: &'t str) -> impl Iterator<Item = regex::bytes::Match<'t>> {
        self.regex().into_iter().flat_map(|regex| regex.find_iter(text.as_bytes()))
    }

    /// The first words of `text` that it fits.
    pub(super) fn find(&self, text: &str) -> Option<String> {
        self.regex()?.find(text.as_bytes()).map(|words| words_of(words.as_bytes()))
    }
}

/// A match as words.
pub(super) fn words_of(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).trim().to_owned()
}

pub(super) struct Rule {
    pub name: String,
    pub category: Category,
    pub any: Expression,
    /// All of these must stand in the sentence, too.
    pub with: Vec<Expression>,
    pub unless: Option<Expression>,
    pub mention: Option<Expression>,
}

/// A compiled table.
pub(super) struct Table {
    version: u32,
    pub language: String,
    spelling: normal::Spelling,
    pub rules: Vec<Rule>,
    /// Which rules are worth a look.
    pub gate: Gate,
    /// The words of the families.
    pub vocabulary: Vocabulary,
    pub denied: Expression,
    pub denied_after: Option<Expression>,
    pub past: Expression,
    pub present: Expression,
}

impl Table {
    pub(super) fn compile(written: &Written) -> Result<Self, String> {
        let sets = &written.sets;
        let expression = |name: &str, any: &[String], figures: &[String]| {
            pattern::any_of(any, figures, sets).map(Expression::new).map_err(|fault| format!("rule `{name}`: {fault}"))
        };
        let optional = |name: &str, any: &[String]| {
            if any.is_empty() { Ok(None) } else { expression(name, any, &[]).map(Some) }
        };
        let mut rules = Vec::new();
        for rule in &written.rules {
            rules.push(Rule {
                name: rule.name.clone(),
                category: rule.category,
                any: expression(&rule.name, &rule.any, &rule.figures)?,
                with: rule.with.iter().map(|any| expression(&rule.name, any, &[])).collect::<Result<_, _>>()?,
                unless: optional(&rule.name, &rule.unless)?,
                mention: optional(&rule.name, &rule.mention)?,
            });
        }
        let mut gate = Gate::default();
        for (at, rule) in written.rules.iter().enumerate() {
            gate.add(at, rule, sets);
        }
        let after = |patterns: &[String]| {
            if patterns.is_empty() {
                Ok(None)
            } else {
                pattern::beginning(patterns, sets).map(Expression::new).map(Some)
            }
        };
        let mut spelling = written.spelling.clone();
        normal::add_slips(&written.slips, &mut spelling);
        Ok(Self {
            version: written.version,
            language: written.language.clone(),
            spelling: spelling.into_iter().collect(),
            rules,
            gate,
            vocabulary: written.vocabulary(),
            denied: Expression::new(pattern::ending(&written.denial.words, &written.denial.between, sets)?),
            denied_after: after(&written.denial.after)?,
            past: expression("past", &written.past.any, &[])?,
            present: expression("past", &written.past.unless, &[])?,
        })
    }

    /// Compile at once what [`Self::compile`] leaves until it is needed.
    pub(super) fn check(&self, written: &Written) -> Result<(), String> {
        if self.compile_all() {
            return Ok(());
        }
        Err(Self::fault(written).unwrap_or_else(|| "an expression is too large".to_owned()))
    }

    /// Compile at once what would be compiled when a text first needs it; whether all of it can be.
    fn compile_all(&self) -> bool {
        let of_rules = self.rules.iter().flat_map(|rule| {
            let guards = [Some(&rule.any), rule.unless.as_ref(), rule.mention.as_ref()];
            guards.into_iter().chain(rule.with.iter().map(Some))
        });
        let others = [Some(&self.denied), self.denied_after.as_ref(), Some(&self.past), Some(&self.present)];
        of_rules.chain(others).flatten().all(|expression| expression.regex().is_some())
    }

    /// The first pattern that can't be read, with its rule.
    fn fault(written: &Written) -> Option<String> {
        let past = [&written.past.any, &written.past.unless].map(|patterns| ("past", patterns, false));
        let denial = std::iter::once(("denial", &written.denial.after, false));
        let rules = written.rules.iter().flat_map(|rule| {
            let patterns = [(&rule.any, false), (&rule.figures, true), (&rule.unless, false), (&rule.mention, false)];
            let patterns = patterns.into_iter().chain(rule.with.iter().map(|any| (any, false)));
            patterns.map(|(patterns, is_expression)| (rule.name.as_str(), patterns, is_expression))
        });
        rules.chain(past).chain(denial).find_map(|(name, patterns, is_expression)| {
            patterns.iter().find_map(|text| {
                let (any, figures) = if is_expression {
                    (&[][..], std::slice::from_ref(text))
                } else {
                    (std::slice::from_ref(text), &[][..])
                };
                let fault =
                    pattern::any_of(any, figures, &written.sets).and_then(|source| pattern::build(&source).map(drop));
                let why = fault.err()?;
                let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
                Some(format!("rule `{name}`, pattern `{text}`: {why}"))
            })
        })
    }

    /// `en 2`.
    pub(super) fn edition(&self) -> String {
        format!("{} {}", self.language, self.version)
    }

    /// The sentences of a folded text, one in a line, and an empty line between its parts.
    pub(super) fn sentences(&self, folded: &[String]) -> String {
        let mut sentences = String::with_capacity(folded.iter().map(String::len).sum::<usize>() + 64);
        for part in folded {
            if !sentences.is_empty() {
                sentences.push_str("\n\n");
            }
            normal::push_sentences(&mut sentences, part, &self.spelling);
        }
        // Folding may have made it longer.
        super::both_ends(&sentences).into_owned()
    }
}
