//! The small language of the tables: words, `(a|b c)`, `{set}`, `word?`, `pre*`, `...` (up to four words), `..2`.
//!
//! It becomes a regular expression over text in which every word has one space behind it, so a word is always whole. A
//! word that may be any is a run of octets up to the space: read as characters it would be ten times as large.

use std::collections::BTreeMap;

use regex::bytes::{Regex, RegexBuilder};

type Sets = BTreeMap<String, String>;

/// One expression for all of `patterns` and `expressions`.
pub(super) fn any_of(patterns: &[String], expressions: &[String], sets: &Sets) -> Result<String, String> {
    let mut parts = Vec::new();
    for pattern in patterns {
        parts.push(expression(pattern, sets, 0)?);
    }
    parts.extend(expressions.iter().cloned());
    if parts.is_empty() {
        return Err("it has no pattern".into());
    }
    // A text is read as a whole, and each of its lines is a sentence.
    Ok(format!("(?m)(?:^| )(?:{})", parts.join("|")))
}

/// One expression for all of `patterns` at the beginning of a text.
pub(super) fn beginning(patterns: &[String], sets: &Sets) -> Result<String, String> {
    let parts = patterns.iter().map(|pattern| expression(pattern, sets, 0)).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("^ ?(?:{})", parts.join("|")))
}

/// `words`, then any number of `between`, at the end of a text.
pub(super) fn ending(words: &str, between: &str, sets: &Sets) -> Result<String, String> {
    let (words, between) = (expression(words, sets, 0)?, expression(between, sets, 0)?);
    Ok(format!("(?:^|[ \\n])(?:{words})(?:{between})*$"))
}

pub(super) fn build(expression: &str) -> Result<Regex, String> {
    RegexBuilder::new(expression).size_limit(32 << 20).build().map_err(|fault| fault.to_string())
}

fn expression(pattern: &str, sets: &Sets, depth: usize) -> Result<String, String> {
    if depth > 5 {
        return Err(format!("`{pattern}`: sets within sets within sets"));
    }
    let mut made = String::new();
    let mut rest = pattern.trim();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '{' => {
                let end = rest.find('}').ok_or_else(|| format!("`{pattern}`: a brace is open"))?;
                let name = &rest[1..end];
                let set = sets.get(name).ok_or_else(|| format!("`{pattern}`: there is no set `{name}`"))?;
                made.push_str(&format!("(?:{})", expression(set, sets, depth + 1)?));
                end + 1
            }
            '(' => {
                made.push_str("(?:");
                1
            }
            ')' | '|' | '?' => {
                made.push(first);
                1
            }
            c if c.is_whitespace() => c.len_utf8(),
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "(){}|?".contains(c)).unwrap_or(rest.len());
                made.push_str(&word(&rest[..end]));
                end
            }
        };
        rest = &rest[length..];
    }
    Ok(made)
}

fn word(text: &str) -> String {
    match text.strip_prefix("..") {
        Some(".") => "(?:(?-u:[^ \\n])+ ){0,4}".to_owned(),
        Some(most) if most.parse::<u8>().is_ok() => format!("(?:(?-u:[^ \\n])+ ){{0,{most}}}"),
        _ => format!("(?:{} )", regex::escape(text).replace("\\*", "(?-u:[^ \\n])*")),
    }
}
