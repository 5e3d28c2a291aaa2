//! The folder of an administrator's own templates: which of its files can be used, and what is wrong with the others.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use anyhow::Context as _;
use tera::{ErrorKind, Tera};

use super::tags;

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Its name below the folder.
    pub file: String,
    /// Where: line and column from 1, where there is such a place.
    pub place: Option<(usize, usize)>,
    /// One sentence without a full stop.
    pub what: String,
}

impl Fault {
    /// A fault of the whole file.
    #[must_use]
    pub fn of_file(file: &str, what: &str) -> Self {
        Self { file: file.to_owned(), place: None, what: what.to_owned() }
    }

    /// One that was told as `line 1, column 2: …`.
    pub(super) fn told(file: &str, told: &str) -> Self {
        let parse = || {
            let (line, rest) = told.strip_prefix("line ")?.split_once(", column ")?;
            let (column, what) = rest.split_once(": ")?;
            Some((line.parse().ok()?, column.parse().ok()?, what))
        };
        match parse() {
            Some((line, column, what)) => Self { place: Some((line, column)), ..Self::of_file(file, what) },
            None => Self::of_file(file, told),
        }
    }

    /// Of an error; `name` is the file where it names none.
    pub(super) fn of(error: &tera::Error, name: &str) -> Self {
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => Self {
                file: report.filename().to_owned(),
                place: Some((report.span().start_line, report.span().start_col + 1)),
                what: report.message().to_owned(),
            },
            _ => Self::of_file(name, &error.to_string()),
        }
    }

    /// That the file is not used for it.
    #[must_use]
    pub fn left_out(&self) -> String {
        let Self { file, what, .. } = self;
        match self.place {
            Some((line, column)) => format!("{file} is left out: line {line}, column {column}: {what}"),
            None => format!("{file} is left out: {what}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "{}, line {line}, column {column}: {}", self.file, self.what),
            None => write!(f, "{}: {}", self.file, self.what),
        }
    }
}

/// The templates below a folder, by name, and its style sheet.
///
/// # Errors
/// When the folder can't be read.
pub(super) fn read(folder: &Path, faults: &mut Vec<Fault>) -> anyhow::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    collect(folder, folder, &mut found, faults).with_context(|| format!("can't read {}", folder.display()))?;
    found.sort();
    Ok(found)
}

/// The names of the files of a folder that are templates, in order.
///
/// # Errors
/// When it can't be read.
pub fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    Ok(read(folder, &mut Vec::new())?.into_iter().map(|(name, _)| name).collect())
}

/// Find the `.txt`, `.html` and `.toml` files below `folder`, and the style sheet; links are not followed.
fn collect(
    root: &Path,
    folder: &Path,
    found: &mut Vec<(String, String)>,
    faults: &mut Vec<Fault>,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let relative = path.strip_prefix(root).unwrap_or(&path);
        let name = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        if entry.file_type()?.is_dir() {
            collect(root, &path, found, faults)?;
        } else if name == super::STYLE
            || path.extension().is_some_and(|end| end == "txt" || end == "html" || end == "toml")
        {
            match std::fs::read_to_string(&path) {
                Ok(source) => found.push((name, source)),
                Err(error) => faults.push(Fault::of_file(&name, &error.to_string())),
            }
        }
    }
    Ok(())
}

/// Try each file on a copy, as it is written, so that places are those of the file; then as `dress` makes it. A file may lean
/// on another of the folder, so the failed ones are tried until none fits any more.
pub(super) fn lay_over(
    mut served: Tera,
    mut waiting: Vec<(String, String)>,
    dress: impl Fn(&str) -> String,
    faults: &mut Vec<Fault>,
) -> Tera {
    let known: HashSet<String> = variables(&served);
    // As a rule none has a fault, and then they need not be tried one by one.
    if let Some(all) = all_at_once(&served, &waiting, &dress, &known) {
        return all;
    }
    loop {
        let mut failed = Vec::new();
        let mut complaints = Vec::new();
        let before = waiting.len();
        for (name, source) in waiting {
            match tried(&served, &name, &source, &dress, &known) {
                Ok(trial) => served = trial,
                Err(complaint) => {
                    complaints.push(complaint);
                    failed.push((name, source));
                }
            }
        }
        if failed.is_empty() || failed.len() == before {
            faults.append(&mut complaints);
            return served;
        }
        waiting = failed;
    }
}

fn all_at_once(
    served: &Tera,
    files: &[(String, String)],
    dress: impl Fn(&str) -> String,
    known: &HashSet<String>,
) -> Option<Tera> {
    let mut trial = served.clone();
    trial.add_raw_templates(files.iter().map(|(name, source)| (name, source))).ok()?;
    files.iter().try_for_each(|(name, source)| only_known(&trial, name, source, known)).ok()?;
    let pages = files.iter().filter(|(name, _)| name.ends_with(".html"));
    trial.add_raw_templates(pages.map(|(name, source)| (name, dress(source)))).ok()?;
    Some(trial)
}

fn tried(
    served: &Tera,
    name: &str,
    source: &str,
    dress: impl Fn(&str) -> String,
    known: &HashSet<String>,
) -> Result<Tera, Fault> {
    let fault = |error: tera::Error| Fault::of(&error, name);
    let mut trial = served.clone();
    trial.add_raw_template(name, source).map_err(fault)?;
    only_known(&trial, name, source, known)?;
    if name.ends_with(".html") {
        trial.add_raw_template(name, &dress(source)).map_err(fault)?;
    }
    Ok(trial)
}

/// Every variable that the embedded templates use.
fn variables(tera: &Tera) -> HashSet<String> {
    let all = tera.get_template_names().filter_map(|name| tera.get_template_variables(name).ok());
    all.flatten().map(str::to_owned).collect()
}

/// A misspelt variable would fail on the first mail only; it is found now, with the line where it stands.
fn only_known(tera: &Tera, name: &str, source: &str, known: &HashSet<String>) -> Result<(), Fault> {
    let used = tera.get_template_variables(name).map_err(|error| Fault::of(&error, name))?;
    let Some(unknown) = used.iter().filter(|used| !known.contains(**used)).min() else { return Ok(()) };
    let what = format!("there is no variable `{unknown}`");
    Err(Fault { place: Some(tags::place_of(source, unknown).unwrap_or((1, 1))), ..Fault::of_file(name, &what) })
}

/// Where a template failed, and with `why` also the fault.
pub(super) fn place(error: &tera::Error, why: bool) -> String {
    match error.kind() {
        ErrorKind::SyntaxError(_) | ErrorKind::RenderingError(_) => {
            let Fault { file, place, what } = Fault::of(error, "");
            let (line, column) = place.unwrap_or_default();
            let place = format!("{file} line {line}, column {column}");
            if why { format!("{place}: {what}") } else { place }
        }
        _ if why => error.to_string(),
        _ => "a template".to_owned(),
    }
}
