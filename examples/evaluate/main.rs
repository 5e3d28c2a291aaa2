//! How well Lamplight reads, measured against mail that other projects publish as test data: figures for each ability, and
//! with `--misses` what was read otherwise than expected.
//!
//! `cargo run --release --example evaluate -- ../shared/corpus`

mod delivery;
mod reply;
mod threads;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::Parser;
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};

/// Measure how well mail is read.
#[derive(Parser)]
struct Options {
    /// The folder with `reply`, `threading`, `delivery` and `mime`
    corpus: PathBuf,
    /// Print what was read otherwise than expected
    #[arg(long)]
    misses: bool,
    /// Only abilities whose name holds this
    #[arg(long, value_name = "WORDS")]
    only: Option<String>,
}

/// So many of so many.
pub struct Figure {
    /// Which ability.
    pub ability: &'static str,
    /// What was counted.
    pub what: &'static str,
    /// So many.
    pub found: usize,
    /// Of so many.
    pub of: usize,
}

/// What one ability came to.
#[derive(Default)]
pub struct Outcome {
    /// In the order in which they are told.
    pub figures: Vec<Figure>,
    /// For a person to read.
    pub misses: Vec<String>,
}

/// One ability, measured with the corpus.
type Measure = fn(&Path) -> Result<Outcome>;

const ABILITIES: &[(&str, Measure)] =
    &[("reply", reply::measure), ("threads", threads::measure), ("delivery", delivery::measure)];

fn main() -> Result<()> {
    let options = Options::parse();
    ensure!(options.corpus.is_dir(), "{} is no folder", options.corpus.display());
    let mut table = Table::new();
    table.load_preset(ASCII_MARKDOWN).set_header(["ability", "what", "found", "of", "%"]);
    for (name, measure) in ABILITIES {
        if options.only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        let outcome = measure(&options.corpus)?;
        if options.misses {
            outcome.misses.iter().for_each(|miss| println!("{miss}\n"));
        }
        for figure in outcome.figures {
            let percent = 100.0 * figure.found as f64 / figure.of.max(1) as f64;
            let cells = [figure.found.to_string(), figure.of.to_string(), format!("{percent:.1}")];
            table.add_row([figure.ability, figure.what].map(str::to_owned).into_iter().chain(cells));
        }
    }
    for column in 2..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    println!("{table}");
    Ok(())
}

/// Every file below a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// White space folded.
pub fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
