//! `template`: the words and the looks of every mail: list them, print one to copy it, check those of one's own.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::json;

use super::Global;
use super::house;
use super::show::{self, Out};
use crate::engine::render::built_in;
use crate::engine::render::check::{self, Report, Standing};
use crate::engine::render::folder;

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the templates, and whose file serves
    List,
    /// Print a template, the one that serves, to be copied and changed
    Show {
        /// Its name, like en/held/body.txt
        name: String,
        /// The built-in one, also where one of your own serves
        #[arg(long)]
        built_in: bool,
    },
    /// Try a folder's templates on a sample of every mail; 1 when one has a fault
    Check {
        /// The folder [default: service.templates of the settings]
        folder: Option<PathBuf>,
    },
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// When the folder or the settings can't be read, there is no such template, or one has a fault.
    pub fn run(self, global: &Global) -> Result<()> {
        let out = Out::new(global.json);
        let own = || anyhow::Ok(house::settings(global)?.service.templates);
        match self {
            Self::List => list(own()?.as_deref(), out),
            Self::Show { name, built_in } => {
                let own = if built_in { None } else { own()? };
                show_one(&name, own.as_deref(), out)
            }
            Self::Check { folder } => match folder.map_or_else(own, |folder| Ok(Some(folder)))? {
                Some(folder) => checked(&folder, out),
                None => bail!("there is no folder to check: name one, or set service.templates"),
            },
        }
    }
}

fn list(own: Option<&Path>, out: Out) -> Result<()> {
    let files = match own {
        Some(folder) => folder::names(folder)?,
        None => Vec::new(),
    };
    let mut names = built_in::names();
    names.extend(files.iter().cloned());
    let rows = names.iter().map(|name| {
        let from = if files.contains(name) { "your folder" } else { "built-in" };
        json!({ "name": name, "from": from })
    });
    out.listing("templates", &[("Name", "name"), ("From", "from")], rows.collect())
}

fn show_one(name: &str, own: Option<&Path>, out: Out) -> Result<()> {
    let is_own = own.map(folder::names).transpose()?.is_some_and(|names| names.iter().any(|known| known == name));
    let source = match own.filter(|_| is_own) {
        Some(folder) => Some(std::fs::read_to_string(folder.join(name))?),
        None => built_in::source(name),
    };
    let Some(source) = source else {
        let near = check::nearest(name, &built_in::names()).map(|near| format!("; is it {near}?")).unwrap_or_default();
        bail!("there is no template {name}{near}");
    };
    let from = if is_own { "your folder" } else { "built-in" };
    if out.is_json() {
        return out.thing(&json!({ "name": name, "from": from, "source": source }), String::new);
    }
    show::bytes(source.as_bytes())
}

fn checked(folder: &Path, out: Out) -> Result<()> {
    let Report { files, faults } = check::check(folder)?;
    let json = json!({
        "files": files.iter().map(|(name, standing)| json!({ "name": name, "standing": standing })).collect::<Vec<_>>(),
        "faults": faults.iter().map(|fault| json!({
            "file": fault.file,
            "line": fault.place.map(|(line, _)| line),
            "column": fault.place.map(|(_, column)| column),
            "what": fault.what,
        })).collect::<Vec<_>>(),
    });
    out.thing(&json, || {
        let mut lines: Vec<String> =
            files.iter().map(|(name, standing)| format!("{name}: {}", said(*standing))).collect();
        lines.push(String::new());
        lines.extend(faults.iter().map(ToString::to_string));
        lines.push(format!(
            "{}, {}",
            show::count(files.len() as u64, "file"),
            show::count(faults.len() as u64, "fault")
        ));
        lines.join("\n")
    })?;
    match faults.len() {
        0 => Ok(()),
        1 => bail!("1 fault in {}", folder.display()),
        many => bail!("{many} faults in {}", folder.display()),
    }
}

fn said(standing: Standing) -> &'static str {
    match standing {
        Standing::Overrides => "serves in place of the built-in one",
        Standing::Translates => "the same in another language",
        Standing::TakenIn => "taken in by another file",
        Standing::Unused => "not used",
    }
}
