//! The few words that mails need from the program itself: the names of days, why a post is held, what stands where something
//! was taken out. Each language has them in `templates/<language>/words.toml`, and what it lacks is said in English, key by
//! key. Total: a key that nobody has is said as it is.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use rust_embed::RustEmbed;

/// The language that is always complete.
pub const FALLBACK: &str = "en";
/// The file of a language's folder that has its words.
pub const FILE: &str = "words.toml";
/// Tables that each language fills as it needs.
const FREE: [&str; 3] = ["places.", "names.reserved.", "times.half."];

/// All that stands in `templates/`.
#[derive(RustEmbed)]
#[folder = "templates/"]
pub struct Templates;

/// One language's words, by the path of their keys: `times.months.0`.
#[derive(Debug, Clone, Default)]
pub struct Wording {
    own: HashMap<String, String>,
}

impl Wording {
    /// The built-in words of a language; English where there are none.
    #[must_use]
    pub fn of(language: &str) -> &'static Self {
        EMBEDDED.of(language)
    }

    /// The built-in words of English.
    #[must_use]
    pub fn english() -> &'static Self {
        Self::of(FALLBACK)
    }

    /// The words of a key.
    #[must_use]
    pub fn say<'a>(&'a self, key: &'a str) -> &'a str {
        let english = || Self::english().own.get(key);
        self.own.get(key).or_else(english).map_or(key, String::as_str)
    }

    /// The words of a key that only some languages have.
    #[must_use]
    pub fn own(&self, key: &str) -> Option<&str> {
        self.own.get(key).map(String::as_str)
    }

    /// The words of a key with values in the place of `{name}`. A value is never looked into.
    #[must_use]
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut said = String::new();
        let mut rest = self.say(key);
        while let Some((before, name, after)) = next_place(rest) {
            said.push_str(before);
            said.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
            rest = after;
        }
        said + rest
    }

    /// Every word below a table: `covered.` has what stands where something was taken out.
    fn below<'a>(&'a self, table: &'a str) -> impl Iterator<Item = &'a str> {
        self.own.iter().filter(move |(key, _)| key.starts_with(table)).map(|(_, words)| words.as_str())
    }
}

/// What stands before the first `{name}`, the name, and what stands behind it.
fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

fn places(text: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some((_, name, after)) = next_place(rest) {
        found.push(name);
        rest = after;
    }
    found
}

/// The words of every language.
#[derive(Debug, Clone)]
pub struct Wordings {
    languages: BTreeMap<String, Wording>,
    english: Wording,
}

static EMBEDDED: LazyLock<Wordings> = LazyLock::new(Wordings::read_embedded);

/// All that may stand where something was taken out, in any language that is built in.
pub static COVERED: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let all = EMBEDDED.languages.values().flat_map(|words| words.below("covered."));
    all.collect()
});

/// What no name may have in it, folded, in any language that is built in.
pub static RESERVED: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let all = EMBEDDED.languages.values().flat_map(|words| words.below("names.reserved."));
    all.collect()
});

impl Wordings {
    /// The built-in ones.
    #[must_use]
    pub fn embedded() -> Self {
        EMBEDDED.clone()
    }

    fn read_embedded() -> Self {
        let mut languages = BTreeMap::new();
        for name in Templates::iter() {
            let Some((language, FILE)) = name.split_once('/') else { continue };
            let source = Templates::get(&name).map(|file| String::from_utf8_lossy(&file.data).into_owned());
            // A test rules out that one can't be read.
            let own = source.and_then(|source| read(&source).ok()).unwrap_or_default();
            languages.insert(language.to_owned(), Wording { own });
        }
        Self { english: languages.get(FALLBACK).cloned().unwrap_or_default(), languages }
    }

    /// Lay a file over the words of a language. It is taken whole or not at all.
    ///
    /// # Errors
    /// What is wrong with it, in one sentence.
    pub fn lay_over(&mut self, language: &str, source: &str) -> Result<(), String> {
        let laid = read(source)?;
        for (key, words) in &laid {
            let is_free = FREE.iter().any(|table| key.starts_with(table));
            let Some(english) = self.english.own.get(key) else {
                if is_free {
                    continue;
                }
                return Err(format!("there is no key `{key}`"));
            };
            let known = places(english);
            // A time may be told by any of its parts.
            let is_known = |place: &&str| known.contains(place) || (key.starts_with("times.") && TIMES.contains(place));
            if let Some(wrong) = places(words).into_iter().find(|place| !is_known(place)) {
                return Err(format!("`{key}` has nothing to put in place of {{{wrong}}}"));
            }
        }
        self.languages.entry(language.to_owned()).or_default().own.extend(laid);
        Ok(())
    }

    /// The words of a language; English where there are none.
    #[must_use]
    pub fn of(&self, language: &str) -> &Wording {
        self.languages.get(language).unwrap_or(&self.english)
    }
}

/// The parts of a time.
const TIMES: [&str; 8] = ["weekday", "short-weekday", "day", "month", "clock", "hour", "hour-of-12", "minute"];

/// The texts of a file, and those of its lists by their place.
fn read(source: &str) -> Result<HashMap<String, String>, String> {
    let table: toml::Table = source.parse().map_err(|fault: toml::de::Error| {
        let at = fault.span().map_or(0, |span| span.start);
        let line = source.get(..at).unwrap_or_default().matches('\n').count() + 1;
        format!("line {line}: {}", fault.message().trim())
    })?;
    let mut found = HashMap::new();
    gather("", &toml::Value::Table(table), &mut found)?;
    Ok(found)
}

fn gather(path: &str, value: &toml::Value, found: &mut HashMap<String, String>) -> Result<(), String> {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        toml::Value::String(text) => {
            found.insert(path.to_owned(), text.clone());
        }
        toml::Value::Table(table) => {
            table.iter().try_for_each(|(name, value)| gather(&below(name), value, found))?;
        }
        toml::Value::Array(list) => {
            list.iter().enumerate().try_for_each(|(at, value)| gather(&below(&at.to_string()), value, found))?;
        }
        _ => return Err(format!("`{path}` must be a text in quotes")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_file_can_be_laid_over_and_says_something_for_each_key() {
        let mut over = Wordings::embedded();
        for name in Templates::iter().filter(|name| name.ends_with(FILE)) {
            let source = String::from_utf8(Templates::get(&name).unwrap().data.into_owned()).unwrap();
            let language = name.split('/').next().unwrap();
            assert_eq!(over.lay_over(language, &source), Ok(()), "{name}");
            assert!(over.of(language).own.values().all(|words| !words.trim().is_empty()), "{name}");
        }
        assert!(Wording::english().own.len() > 80);
    }

    #[test]
    fn what_a_language_lacks_is_said_in_english() {
        let mut words = Wordings::embedded();
        assert_eq!(words.of("tlh").say("times.months.0"), "January");
        words.lay_over("de", "[times]\nmonths = [\"Januar\"]\n[places]\n\"Europe/Vienna\" = \"Wien\"\n").unwrap();
        let german = words.of("de");
        assert_eq!([german.say("times.months.0"), german.say("times.months.1")], ["Januar", "February"]);
        assert_eq!(german.own("places.Europe/Vienna"), Some("Wien"));
        assert_eq!(german.say("no.such.key"), "no.such.key");
    }

    #[test]
    fn a_faulty_file_says_what_is_wrong_and_changes_nothing() {
        let mut words = Wordings::embedded();
        for (source, fault) in [
            ("[verbs]\napprove = \"JA\"\naprove = \"JA\"", "there is no key `verbs.aprove`"),
            ("[sizes]\nbyte = \"{number} Byte\"", "`sizes.byte` has nothing to put in place of {number}"),
            ("[verbs]\napprove = 1", "`verbs.approve` must be a text in quotes"),
            (
                "[times]\nmonths = [\"x\",\"x\",\"x\",\"x\",\"x\",\"x\",\"x\",\"x\",\"x\",\"x\",\"x\",\"x\",\"y\"]",
                "there is no key `times.months.12`",
            ),
        ] {
            assert_eq!(words.lay_over("de", source), Err(fault.to_owned()));
        }
        assert!(words.lay_over("de", "[verbs]\napprove = ").unwrap_err().starts_with("line 2: "));
        assert_eq!(words.of("de").say("verbs.approve"), "APPROVE");
    }

    #[test]
    fn what_is_put_in_is_never_looked_into() {
        let words = Wording::english();
        let said = words.fill("reasons.flagged", &[("what", "{words}"), ("words", "{what} {")]);
        assert_eq!(said, "{words}: matched “{what} {”");
    }
}
