//! Which mail answers which: with the headers that say so, and with In-Reply-To, References and Thread-Index taken away.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use lamplight::cli::inspect::threads;
use lamplight::mail::mbox;
use serde_json::Value;

use super::measure::{Figure, Outcome, files};

const TAKEN_AWAY: &[&str] = &["in-reply-to", "references", "thread-index"];

#[derive(Default)]
struct Count {
    /// Messages, each with a parent or without one.
    all: usize,
    right: usize,
    /// Messages that have a parent.
    with_parent: usize,
    found: usize,
    /// Parents that were named.
    named: usize,
    named_right: usize,
    /// Parents that were named, of the same conversation.
    together: usize,
}

/// See the top of this file.
pub fn measure(corpus: &Path) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let (mut with, mut without) = (Count::default(), Count::default());
    for path in files(&corpus.join("threading")).iter().filter(|path| path.ends_with("full.mbox")) {
        let json = fs::read(path.with_file_name("expected.json"))?;
        let expected: Value = serde_json::from_slice(&json)?;
        let messages = mbox::messages(&fs::read(path)?).with_context(|| path.display().to_string())?;
        let bare: Vec<Vec<u8>> = messages.iter().map(|raw| without_fields(raw, TAKEN_AWAY)).collect();
        let name = path.display().to_string();
        count(&name, &expected, &threads(&messages), &mut with, &mut outcome.misses);
        count(&format!("{name}, bare"), &expected, &threads(&bare), &mut without, &mut outcome.misses);
    }
    let figure = |what, found, of| Figure { what, found, of };
    outcome.figures = vec![
        figure("with headers: right, parent or none", with.right, with.all),
        figure("with headers: parents found", with.found, with.with_parent),
        figure("without: right, parent or none", without.right, without.all),
        figure("without: parents found", without.found, without.with_parent),
        figure("without: named parents that are right", without.named_right, without.named),
        figure("without: named parents of the conversation", without.together, without.named),
    ];
    Ok(outcome)
}

fn count(name: &str, expected: &Value, found: &Value, count: &mut Count, misses: &mut Vec<String>) {
    let messages: Vec<(&str, Option<&str>)> = expected["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|message| Some((message["id"].as_str()?, message["parent"].as_str())))
        .collect();
    let root = |mut id: String| {
        let mut seen = HashSet::new();
        while let Some(parent) = messages.iter().find(|(of, _)| *of == id).and_then(|(_, parent)| *parent)
            && seen.insert(id.clone())
        {
            id = parent.to_owned();
        }
        id
    };
    for (id, wanted) in &messages {
        let parent = found["parents"][*id].as_str();
        count.all += 1;
        count.right += usize::from(parent == *wanted);
        count.with_parent += usize::from(wanted.is_some());
        count.found += usize::from(wanted.is_some() && parent == *wanted);
        if let Some(parent) = parent {
            count.named += 1;
            count.named_right += usize::from(Some(parent) == *wanted);
            count.together += usize::from(root(parent.to_owned()) == root((*id).to_owned()));
        }
        if parent != *wanted {
            let or_none = |id: Option<&str>| id.unwrap_or("none").to_owned();
            misses.push(format!("{name}: {id}\n  wanted {}\n  found  {}", or_none(*wanted), or_none(parent)));
        }
    }
}

/// A message without some of its header fields.
fn without_fields(raw: &[u8], names: &[&str]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(raw.len());
    let (mut in_header, mut is_left_out) = (true, false);
    for line in raw.split_inclusive(|&b| b == b'\n') {
        if in_header {
            in_header = !line.trim_ascii().is_empty();
            if !line.starts_with(b" ") && !line.starts_with(b"\t") {
                let field = line.split(|&b| b == b':').next().unwrap_or_default().trim_ascii();
                is_left_out = names.iter().any(|name| field.eq_ignore_ascii_case(name.as_bytes()));
            }
            if in_header && is_left_out {
                continue;
            }
        }
        kept.extend_from_slice(line);
    }
    kept
}
