//! How a verb answers: a table on a terminal, tab-separated lines under the same headings in a pipe, JSON where it was
//! asked for.
//!
//! Text that came by mail can't steer a terminal: control characters are left out. A reader that went away
//! (`lamplight spool list | head`) is no failure.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::{Result, bail};
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use serde_json::Value;

use crate::mail::Address;
use crate::store::selection::Selection;

/// How long a listing may be.
#[derive(Debug, Clone, Copy, Args)]
pub struct Limit {
    /// Show the first N only [default: all]
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

impl Limit {
    /// What is shown of all there is.
    #[must_use]
    pub fn of<T>(self, mut all: Vec<T>) -> Vec<T> {
        all.truncate(self.limit.unwrap_or(usize::MAX));
        all
    }
}

/// Which part of a listing by time is shown.
#[derive(Debug, Clone, Copy, Args)]
pub struct Part {
    /// The newest first: with --limit N the last N
    #[arg(long)]
    pub newest: bool,
    /// How many.
    #[command(flatten)]
    pub limit: Limit,
}

impl Part {
    /// The rows in this state and to this address, in this order and so many.
    #[must_use]
    pub fn select<'a>(&self, state: Option<&'a str>, recipient: Option<&'a Address>) -> Selection<'a> {
        Selection { state, recipient: recipient.map(Address::as_str), newest: self.newest, limit: self.limit.limit }
    }

    /// What is shown of all there is, oldest first.
    #[must_use]
    pub fn of<T>(self, mut all: Vec<T>) -> Vec<T> {
        if self.newest {
            all.reverse();
        }
        self.limit.of(all)
    }
}

/// One column of a table: its heading, and the JSON field it shows.
pub type Column = (&'static str, &'static str);

/// Where answers go.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    json: bool,
    terminal: bool,
}

impl Out {
    /// Standard output; as JSON if asked for.
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { json, terminal: io::stdout().is_terminal() }
    }

    /// Whether JSON was asked for.
    #[must_use]
    pub fn is_json(self) -> bool {
        self.json
    }

    /// A listing of objects; `what` names them in the plural.
    ///
    /// # Errors
    /// When standard output can't be written.
    pub fn listing(self, what: &str, columns: &[Column], rows: Vec<Value>) -> Result<()> {
        if self.json {
            return print(&json_text(&Value::Array(rows)));
        }
        if rows.is_empty() {
            note(&format!("no {what}"));
            return Ok(());
        }
        let cells = |row: &Value| columns.iter().map(|(_, field)| cell(&row[*field])).collect::<Vec<_>>();
        let headings: Vec<String> = columns.iter().map(|(head, _)| head.to_uppercase()).collect();
        if self.terminal {
            let mut table = Table::new();
            table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
            table.set_header(headings);
            table.add_rows(rows.iter().map(cells));
            return print(&table.to_string());
        }
        let lines: Vec<String> =
            std::iter::once(headings).chain(rows.iter().map(cells)).map(|line| line.join("\t")).collect();
        print(&lines.join("\n"))
    }

    /// One thing: as JSON, or as the text that `words` gives.
    ///
    /// # Errors
    /// When standard output can't be written.
    pub fn thing(self, json: &Value, words: impl FnOnce() -> String) -> Result<()> {
        if self.json { print(&json_text(json)) } else { print(words().trim_end()) }
    }
}

/// A value as JSON text.
#[must_use]
pub fn json_text(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| "null".to_owned())
}

/// Lines to standard output.
///
/// # Errors
/// When it can't be written; a pipe that was closed counts as written.
pub fn print(text: &str) -> Result<()> {
    bytes(format!("{text}\n").as_bytes())
}

/// Octets to standard output, as they are.
///
/// # Errors
/// As [`print`].
pub fn bytes(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// A line to standard error, beside the answer.
pub fn note(text: &str) {
    eprintln!("lamplight: {text}");
}

/// The word that stands for a plain enum in JSON.
#[must_use]
pub fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A value in one line.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => one_line(text),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// "1 post", "2 posts".
#[must_use]
pub fn count(number: impl TryInto<i64>, thing: &str) -> String {
    match number.try_into().unwrap_or(i64::MAX) {
        1 => format!("1 {thing}"),
        number => format!("{number} {thing}s"),
    }
}

/// Text of a stranger in one line.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Text of a stranger in its lines, indented.
#[must_use]
pub fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {}\n", one_line(line))).collect()
}

/// `Name:  value` lines; values that are empty are left out.
#[must_use]
pub fn fields(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0) + 2;
    pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{:width$}{}\n", format!("{name}:"), one_line(value)))
        .collect()
}

/// Ask before something that can't be taken back; without a terminal `--yes` is the only answer.
///
/// # Errors
/// When the answer is not yes.
pub fn confirm(yes: bool, question: &str) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        bail!("{question} Say so with --yes; nothing was changed");
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => bail!("nothing was changed"),
    }
}
