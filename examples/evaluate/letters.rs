//! Files of letters, and what is read in a report.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use lamplight::mail::Incoming;

/// What a report says of whom: `bounce: kit@home.example failed`.
pub fn read_report(incoming: &Incoming) -> String {
    let kind = format!("{:?}", incoming.kind).to_lowercase();
    let named: Vec<String> = incoming
        .failed_recipients
        .iter()
        .map(|failed| {
            let how = match (failed.delayed, failed.permanent) {
                (true, _) => "delayed",
                (_, true) => "failed",
                _ => "later",
            };
            format!("{} {how}", failed.address.as_str())
        })
        .collect();
    if named.is_empty() { kind } else { format!("{kind}: {}", named.join(", ")) }
}

/// The letters of a file, each under a line of four equal signs and its name.
pub fn letters(path: &Path) -> Result<Vec<(String, String)>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let letters = text.split("\n==== ").skip(1);
    Ok(letters
        .filter_map(|letter| letter.split_once('\n'))
        .map(|(name, raw)| (name.to_owned(), raw.to_owned()))
        .collect())
}
