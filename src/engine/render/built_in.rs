//! The built-in templates.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, anyhow};
use tera::Tera;

use super::sheet::Sheet;
use super::{STYLE, has_all, set_of};
use crate::model::wording::{FALLBACK, Templates, Wordings};

/// The names of the built-in templates, of the words of each language and of the style sheet.
#[must_use]
pub fn names() -> BTreeSet<String> {
    Templates::iter().map(|name| name.to_string()).collect()
}

/// A built-in file as it is written.
#[must_use]
pub fn source(name: &str) -> Option<String> {
    text(name).ok()
}

fn text(name: &str) -> anyhow::Result<String> {
    let file = Templates::get(name).ok_or_else(|| anyhow!("there is no template {name}"))?;
    Ok(String::from_utf8(file.data.into_owned())?)
}

/// The built-in style sheet.
pub(super) fn sheet() -> anyhow::Result<Sheet> {
    Sheet::parse(&text(STYLE)?).map_err(|fault| anyhow!("{STYLE}: {fault}"))
}

/// Every built-in template with its name.
pub(super) fn templates() -> anyhow::Result<Vec<(String, String)>> {
    let names = Templates::iter().filter(|name| *name != STYLE && !name.ends_with(".toml"));
    names.map(|name| Ok((name.to_string(), text(&name)?))).collect()
}

/// Those of a language, and what they take from another one, as a page takes the layout.
fn templates_of(language: &str) -> anyhow::Result<Vec<(String, String)>> {
    let begins = format!("{language}/");
    let (mut wanted, mut others): (Vec<_>, Vec<_>) =
        templates()?.into_iter().partition(|(name, _)| name.starts_with(&begins));
    let mut at = 0;
    while at < wanted.len() {
        let source = wanted[at].1.clone();
        let (taken, left) = others.into_iter().partition(|(name, _)| source.contains(&format!("\"{name}\"")));
        wanted.extend::<Vec<_>>(taken);
        others = left;
        at += 1;
    }
    Ok(wanted)
}

/// The built-in templates of every language. Each language is read when the first mail is written in it: that costs some
/// megabytes, and most services write in one. A test reads them all.
#[derive(Debug)]
pub(super) struct BuiltIn {
    /// Whether the style sheet is written into their tags.
    styled: bool,
    wordings: Arc<Wordings>,
    languages: BTreeMap<String, OnceLock<Tera>>,
}

impl BuiltIn {
    pub(super) fn new(styled: bool, wordings: &Arc<Wordings>) -> Self {
        let names = Templates::iter();
        let languages = names.filter_map(|name| Some((name.split_once('/')?.0.to_owned(), OnceLock::new())));
        Self { styled, wordings: Arc::clone(wordings), languages: languages.collect() }
    }

    /// The templates of a language that has all of these files, or of the one that always has; and which it is.
    ///
    /// # Errors
    /// When a built-in template is faulty, which a test rules out.
    pub(super) fn complete<'a>(
        &self,
        language: &'a str,
        folder: &str,
        files: &[&str],
    ) -> anyhow::Result<(&Tera, &'a str)> {
        if let Some(tera) = self.of(language)?.filter(|tera| has_all(tera, language, folder, files)) {
            return Ok((tera, language));
        }
        Ok((self.of(FALLBACK)?.context("there are no templates")?, FALLBACK))
    }

    fn of(&self, language: &str) -> anyhow::Result<Option<&Tera>> {
        let Some(place) = self.languages.get(language) else { return Ok(None) };
        if place.get().is_none() {
            let made = set_of(&templates_of(language)?, &sheet()?, self.styled, &self.wordings)?;
            // Somebody else may have read it just now.
            return Ok(Some(place.get_or_init(|| made)));
        }
        Ok(place.get())
    }
}
