//! Which lexicon reads for a group: its language's, with the group's own file over it where there is one.
//!
//! The files lie in the state folder, `lexicon/lexicon.GROUP.toml`, and are read once, when Lamplight is opened. One that
//! can't be read is refused then, with its rule and pattern: a group must not be read by less than was meant.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, anyhow};

use super::Lamplight;
use crate::model::group::Group;
use crate::model::lexicon::{Lexicon, Overlay};

/// The groups' own files.
#[derive(Default)]
pub struct Lexicons {
    overlays: HashMap<String, Overlay>,
    /// By group and language, as they are asked for.
    made: Mutex<HashMap<(String, String), Arc<Lexicon>>>,
}

impl Lexicons {
    /// Read the files of a state folder.
    ///
    /// # Errors
    /// One sentence that names the file, and the rule and pattern that can't be read.
    pub fn open(state_dir: &Path) -> Result<Self> {
        let folder = folder(state_dir);
        let entries = match std::fs::read_dir(&folder) {
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            entries => entries.with_context(|| format!("can't read {}", folder.display()))?,
        };
        let mut overlays = HashMap::new();
        for entry in entries {
            let path = entry.with_context(|| format!("can't read {}", folder.display()))?.path();
            if let Some(group) = group_of(&path) {
                overlays.insert(group.to_owned(), read(group, &path)?);
            }
        }
        Ok(Self { overlays, made: Mutex::default() })
    }

    /// The lexicon of a group.
    #[must_use]
    pub fn of(&self, group: &str, language: &str) -> Arc<Lexicon> {
        let Some(overlay) = self.overlays.get(group) else { return Lexicon::of(language) };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (group.to_owned(), language.to_owned());
        Arc::clone(made.entry(key).or_insert_with(|| Arc::new(Lexicon::with(language, overlay))))
    }

    /// Over which language's table the file of a group stands, if it has one.
    #[must_use]
    pub fn language_of(&self, group: &str) -> Option<&str> {
        self.overlays.get(group).map(Overlay::language)
    }
}

/// Where the groups' files lie.
#[must_use]
pub fn folder(state_dir: &Path) -> PathBuf {
    state_dir.join("lexicon")
}

/// The group that a file is for, by its name.
fn group_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()?.strip_prefix("lexicon.")?.strip_suffix(".toml").filter(|name| !name.is_empty())
}

fn read(group: &str, path: &Path) -> Result<Overlay> {
    let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    Overlay::parse(group, &text).map_err(|fault| anyhow!("{}: {fault}", path.display()))
}

impl Lamplight {
    /// The lexicon by which a group's mail is read.
    pub(super) fn lexicon(&self, group: &Group) -> Arc<Lexicon> {
        self.lexicons.of(&group.name, &group.language)
    }

    /// The lexicon of mail that is for no group.
    pub(super) fn lexicon_of_service(&self) -> Arc<Lexicon> {
        Lexicon::of(&self.config.service.language)
    }
}
