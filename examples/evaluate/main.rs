//! How well Lamplight reads, measured against mail that other projects publish as test data: figures for each ability, and
//! with `--misses` what was read otherwise than expected.
//!
//! `cargo run --release --example evaluate -- ../shared/corpus`

mod delivery;
mod letters;
mod measure;
mod reply;
mod threads;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::Parser;
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use measure::Outcome;

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
            let cells = [
                (*name).to_owned(),
                figure.what.to_owned(),
                figure.found.to_string(),
                figure.of.to_string(),
                format!("{percent:.1}"),
            ];
            table.add_row(cells);
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
