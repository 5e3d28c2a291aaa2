//! A group's own file over a language's table: it adds rules, words of sets and spellings, and silences rules by name.
//!
//! It is refused as a whole, with its rule and pattern, where anything in it can't be read.

use std::collections::{BTreeMap, BTreeSet};

use super::table::{Table, Written, WrittenRule};
use super::{BUILT_IN, BuiltIn};

/// A file as it stands.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Additions {
    version: u32,
    /// Over which table it stands.
    #[serde(default = "english")]
    language: String,
    /// Rules of any table that this group does without.
    #[serde(default)]
    silence: Vec<String>,
    #[serde(default)]
    spelling: BTreeMap<String, String>,
    /// A set that the language has gets these words, too.
    #[serde(default)]
    sets: BTreeMap<String, String>,
    #[serde(default, rename = "rule")]
    rules: Vec<WrittenRule>,
}

fn english() -> String {
    "en".to_owned()
}

/// A group's own file, read and checked.
#[derive(Clone)]
pub struct Overlay {
    name: String,
    additions: Additions,
    silenced: BTreeSet<String>,
    base: Written,
}

impl Overlay {
    /// Read the file of the group `name`.
    ///
    /// # Errors
    /// A sentence with the place in the file, or the rule and the pattern that can't be read.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let additions: Additions = toml::from_str(text).map_err(|fault| in_one_line(&fault, text))?;
        let base = written(&additions.language)?;
        let mut known: BTreeSet<String> = BTreeSet::new();
        for BuiltIn { language, .. } in &BUILT_IN {
            known.extend(written(language)?.rules.into_iter().map(|rule| rule.name));
        }
        if let Some(unknown) = additions.silence.iter().find(|rule| !known.contains(*rule)) {
            return Err(format!("silence: there is no rule `{unknown}`"));
        }
        let mut names = BTreeSet::new();
        for rule in &additions.rules {
            if known.contains(&rule.name) || !names.insert(&rule.name) {
                return Err(format!("rule `{}`: there is a rule of this name already", rule.name));
            }
        }
        let silenced = additions.silence.iter().cloned().collect();
        let overlay = Self { name: name.to_owned(), additions, silenced, base };
        // Its own rules alone: the others are known to compile.
        let mut own = overlay.over();
        own.rules.clone_from(&overlay.additions.rules);
        Table::compile(&own)?.check(&own)?;
        Ok(overlay)
    }

    /// Over which table it stands.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.additions.language
    }

    /// `rose 1`.
    #[must_use]
    pub fn edition(&self) -> String {
        format!("{} {}", self.name, self.additions.version)
    }

    pub(super) fn silenced(&self) -> &BTreeSet<String> {
        &self.silenced
    }

    /// The language's table with the additions.
    pub(super) fn over(&self) -> Written {
        let mut table = self.base.clone();
        table.spelling.extend(self.additions.spelling.clone());
        for (name, words) in &self.additions.sets {
            let set = table.sets.entry(name.clone()).or_default();
            *set = if set.is_empty() { words.clone() } else { format!("{set}|{words}") };
        }
        table.rules.extend(self.additions.rules.iter().cloned());
        table
    }
}

fn in_one_line(fault: &toml::de::Error, text: &str) -> String {
    let before = fault.span().and_then(|place| text.get(..place.start)).unwrap_or_default();
    format!("line {}: {}", before.matches('\n').count() + 1, fault.message().replace('\n', " "))
}

fn written(language: &str) -> Result<Written, String> {
    let known = BUILT_IN.iter().find(|table| table.language == language);
    let table = known.ok_or_else(|| {
        let have: Vec<&str> = BUILT_IN.iter().map(|table| table.language).collect();
        format!("language: there is no table of `{language}`; there are {}", have.join(", "))
    })?;
    Written::parse(table.text)
}
