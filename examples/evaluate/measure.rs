//! What a measurement is told in, and what every one needs.

use std::path::{Path, PathBuf};

/// So many of so many.
pub struct Figure {
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
