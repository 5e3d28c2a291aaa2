//! Where settings are written: a TOML file and `LAMPLIGHT_SECTION__KEY` variables. Faults are collected with their
//! file and line, or their variable, and reading goes on; a fault of the file's syntax ends the file.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::keys::{KEYS, NOT_YET, SECTIONS, nearest, not_yet};

/// One value as somebody wrote it.
pub(super) struct Setting {
    /// Its dotted key, always one of [`KEYS`].
    pub(super) key: &'static str,
    /// `lamplight.toml:12` or the variable's name.
    pub(super) origin: String,
    value: Written,
    /// The bare text of a variable: what it means where a text is wanted.
    bare: Option<String>,
}

/// The kinds of value that some key takes.
enum Written {
    Text(String),
    Whole(i64),
    Flag(bool),
    List(Vec<Written>),
    SecretFile(String),
    Other,
}

impl Written {
    fn read(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Integer(digits) => {
                i64::from_str_radix(digits.as_str(), digits.radix()).map_or(Self::Other, Self::Whole)
            }
            DeValue::Boolean(flag) => Self::Flag(*flag),
            DeValue::Array(items) => Self::List(items.iter().map(|item| Self::read(item.get_ref())).collect()),
            DeValue::Table(table) => match (table.len(), table.get("file").map(|file| file.get_ref())) {
                (1, Some(DeValue::String(path))) => Self::SecretFile(path.to_string()),
                _ => Self::Other,
            },
            DeValue::Float(_) | DeValue::Datetime(_) => Self::Other,
        }
    }
}

impl Setting {
    /// The value as text.
    pub(super) fn text(&self) -> Result<&str, String> {
        match (&self.value, &self.bare) {
            (Written::Text(text), _) => Ok(text),
            (_, Some(bare)) => Ok(bare),
            _ => Err("must be a text in quotes".into()),
        }
    }

    /// The value as a whole number from `least` to `most`.
    pub(super) fn whole(&self, least: u32, most: u32) -> Result<u32, String> {
        match self.value {
            Written::Whole(number) => u32::try_from(number).ok().filter(|number| (least..=most).contains(number)),
            _ => None,
        }
        .ok_or_else(|| format!("must be a whole number from {least} to {most}"))
    }

    /// The same, or "never" for no number. 0 is neither: it might be meant as "at once".
    pub(super) fn whole_or_never(&self, least: u32, most: u32) -> Result<Option<u32>, String> {
        if self.text().is_ok_and(|text| text.trim() == "never") {
            return Ok(None);
        }
        self.whole(least, most).map(Some).map_err(|wrong| format!("{wrong}, or \"never\""))
    }

    /// The value as true or false.
    pub(super) fn flag(&self) -> Result<bool, String> {
        match self.value {
            Written::Flag(flag) => Ok(flag),
            _ => Err("must be true or false".into()),
        }
    }

    /// The value as a list of texts.
    pub(super) fn list(&self) -> Result<Vec<String>, String> {
        let text = |item: &Written| match item {
            Written::Text(text) => Some(text.clone()),
            _ => None,
        };
        match &self.value {
            Written::List(items) => items.iter().map(text).collect(),
            _ => None,
        }
        .ok_or_else(|| "must be a list of texts, like [\"one\", \"two\"]".to_owned())
    }

    /// The value, or what stands in the file it names; line ends at the end of that file don't count.
    pub(super) fn secret(&self) -> Result<String, String> {
        let Written::SecretFile(path) = &self.value else {
            return self.text().map(str::to_owned).map_err(|_| "must be a text in quotes or { file = \"…\" }".into());
        };
        std::fs::read_to_string(Path::new(path))
            .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
            .map_err(|cause| format!("`{path}` can't be read: {cause}"))
    }
}

/// The settings of a file, which is called `name` in errors.
pub(super) fn from_file(text: &str, name: &str, errors: &mut Vec<String>) -> Vec<Setting> {
    let (root, faults) = DeTable::parse_recoverable(text);
    for fault in &faults {
        let line = fault.span().map_or(1, |span| line_of(text, span.start));
        errors.push(format!("{name}:{line}: not TOML: {}", fault.message()));
    }
    let mut settings = Vec::new();
    if faults.is_empty() {
        let mut reader = FileReader { text, name, errors, settings: &mut settings };
        reader.table("", root.get_ref());
    }
    settings
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

struct FileReader<'a> {
    text: &'a str,
    name: &'a str,
    errors: &'a mut Vec<String>,
    settings: &'a mut Vec<Setting>,
}

impl FileReader<'_> {
    fn table(&mut self, path: &str, table: &DeTable<'_>) {
        // The table is sorted by name; people read a file from top to bottom.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(word, _)| word.span().start);
        for (word, value) in entries {
            let key = if path.is_empty() { word.get_ref().to_string() } else { format!("{path}.{}", word.get_ref()) };
            let origin = format!("{}:{}", self.name, line_of(self.text, word.span().start));
            self.entry(&key, origin, value.get_ref());
        }
    }

    fn entry(&mut self, key: &str, origin: String, value: &DeValue<'_>) {
        if let Some((known, _)) = KEYS.iter().find(|(known, _)| *known == key) {
            self.settings.push(Setting { key: known, origin, value: Written::read(value), bare: None });
        } else if NOT_YET.contains(&key) {
            self.errors.push(format!("{origin}: {}", not_yet(key)));
        } else if SECTIONS.contains(&key) {
            match value {
                DeValue::Table(table) => self.table(key, table),
                _ => self.errors.push(format!("{origin}: {key}: must be a table, [{key}]")),
            }
        } else if matches!(value, DeValue::Table(_)) {
            let near = nearest(key, SECTIONS.iter().copied());
            self.errors.push(format!("{origin}: unknown section `{key}`; did you mean `{near}`?"));
        } else {
            let near = nearest(key, KEYS.iter().map(|(known, _)| *known));
            self.errors.push(format!("{origin}: unknown key `{key}`; did you mean `{near}`?"));
        }
    }
}

/// The settings of variables named `LAMPLIGHT_SECTION__KEY`. Other variables that begin with LAMPLIGHT_ are none of
/// ours, unless they are a key with one underscore too few.
pub(super) fn from_variables(env: &[(String, String)], errors: &mut Vec<String>) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (name, value) in env {
        let Some(rest) = name.strip_prefix("LAMPLIGHT_") else { continue };
        let wanted = rest.to_ascii_lowercase().replace("__", ".");
        let known = KEYS.iter().map(|(known, _)| *known);
        if let Some(key) = known.clone().find(|known| *known == wanted) {
            settings.push(variable(key, name, value));
        } else if let Some(section) = NOT_YET.iter().find(|section| wanted.starts_with(&format!("{section}."))) {
            errors.push(format!("{name}: {}", not_yet(section)));
        } else if let Some(key) =
            known.clone().find(|known| rest.contains("__") || known.replace('.', "_") == wanted.replace('.', "_"))
        {
            let near = if rest.contains("__") { nearest(&wanted, known) } else { key };
            errors.push(format!("{name}: unknown key; did you mean `{}`?", variable_name(near)));
        }
    }
    settings
}

fn variable_name(key: &str) -> String {
    format!("LAMPLIGHT_{}", key.to_ascii_uppercase().replace('.', "__"))
}

/// A variable's value is TOML where it reads as such, and otherwise the text itself.
fn variable(key: &'static str, name: &str, value: &str) -> Setting {
    let line = format!("value = {value}");
    let written = DeTable::parse(&line)
        .ok()
        .filter(|table| table.get_ref().len() == 1)
        .and_then(|table| table.get_ref().get("value").map(|value| Written::read(value.get_ref())))
        .unwrap_or_else(|| Written::Text(value.to_owned()));
    Setting { key, origin: name.to_owned(), value: written, bare: Some(value.to_owned()) }
}
