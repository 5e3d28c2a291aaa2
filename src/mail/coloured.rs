//! Answers that people write into a quote in a colour of their own. Whether the quoted message held them nobody can tell from
//! the mail alone, so they are told apart and nothing else. Never fails.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::reply::Torn;

/// What stands around words of a colour; neither is seen.
const BEGINS: char = '\u{2062}';
const ENDS: char = '\u{2064}';
/// A letter has few such words; beyond that it is a newsletter.
const MOST: usize = 100;
/// How far apart the strongest and the weakest of red, green and blue are: black, grey and the navy of programs are no colour.
const VIVID: u8 = 96;

#[allow(clippy::expect_used, reason = "the expressions are constants, and tests compile them")]
fn expression(source: &str) -> Regex {
    Regex::new(source).expect("a constant expression")
}

static TAG: LazyLock<Regex> = LazyLock::new(|| expression("<(/?)([A-Za-z][A-Za-z0-9]*)\\b([^<>]*)>"));
static COLOUR_WORD: LazyLock<Regex> = LazyLock::new(|| expression("(?i)color"));
static COLOUR: LazyLock<Regex> =
    LazyLock::new(|| expression(r#"(?i)(?:^|[\s;"'])color\s*[:=]\s*["']?\s*(#[0-9a-f]{3,6}|rgba?\([^)]*\)|[a-z]+)"#));
/// Names of colours that nobody writes a letter in but to be told apart.
const NAMES: [&str; 22] = [
    "red",
    "blue",
    "green",
    "purple",
    "orange",
    "magenta",
    "fuchsia",
    "navy",
    "teal",
    "maroon",
    "brown",
    "crimson",
    "darkblue",
    "darkred",
    "darkgreen",
    "royalblue",
    "dodgerblue",
    "violet",
    "indigo",
    "lime",
    "olive",
    "tomato",
];

/// The document with marks around words of a colour.
#[must_use]
pub fn marked(html: &str) -> Cow<'_, str> {
    if !COLOUR_WORD.is_match(html) {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len() + 64);
    // The elements that are open: their names, and whether a mark stands at their beginning.
    let mut open: Vec<(String, bool)> = Vec::new();
    let (mut from, mut found) = (0, 0);
    for tag in TAG.captures_iter(html) {
        let (Some(whole), name) = (tag.get(0), tag[2].to_ascii_lowercase()) else { continue };
        if is_void(&name) {
            continue;
        }
        if tag[1].is_empty() {
            let is_inside = |element: &str| open.iter().any(|(name, _)| name == element);
            let is_own = found < MOST && !matches!(name.as_str(), "a" | "blockquote" | "body") && !is_inside("a");
            let is_coloured = is_own && !open.iter().any(|(_, marked)| *marked) && is_vivid(&tag[3]);
            if is_coloured {
                found += 1;
                out.push_str(&html[from..whole.end()]);
                out.push(BEGINS);
                from = whole.end();
            }
            open.push((name, is_coloured));
        } else if let Some(at) = open.iter().rposition(|(open, _)| *open == name)
            && open.drain(at..).any(|(_, marked)| marked)
        {
            out.push_str(&html[from..whole.start()]);
            out.push(ENDS);
            from = whole.start();
        }
        if open.len() > MOST_OPEN {
            return Cow::Borrowed(html);
        }
    }
    out.push_str(&html[from..]);
    Cow::Owned(out)
}

/// Deeper documents are not looked at.
const MOST_OPEN: usize = 200;

/// Elements that hold nothing, or that nobody closes.
fn is_void(name: &str) -> bool {
    matches!(name, "br" | "hr" | "img" | "input" | "meta" | "link" | "col" | "li" | "p" | "o" | "wbr" | "area" | "base")
}

fn is_vivid(attributes: &str) -> bool {
    let Some(value) = COLOUR.captures(attributes).map(|found| found[1].to_ascii_lowercase()) else { return false };
    let parts: Vec<u8> = if let Some(digits) = value.strip_prefix('#') {
        let width = if digits.len() == 3 { 1 } else { 2 };
        let parts = digits.as_bytes().chunks(width).filter_map(|part| std::str::from_utf8(part).ok());
        parts.filter_map(|part| u8::from_str_radix(&part.repeat(3 - width), 16).ok()).collect()
    } else if value.starts_with("rgb") {
        value.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).take(3).collect()
    } else {
        return NAMES.contains(&value.as_str());
    };
    let (strongest, weakest) = (parts.iter().max().unwrap_or(&0), parts.iter().min().unwrap_or(&0));
    parts.len() == 3 && strongest - weakest >= VIVID
}

/// A readable text without the marks, and what stood between them with the line above, each with the number of its first line.
#[must_use]
pub fn taken(text: &str) -> (Cow<'_, str>, Vec<(usize, Torn)>) {
    if !text.contains([BEGINS, ENDS]) {
        return (Cow::Borrowed(text), Vec::new());
    }
    let mut found: Vec<(usize, Torn)> = Vec::new();
    let (mut above, mut current, mut began) = (String::new(), None::<String>, 0);
    for (at, line) in text.lines().enumerate() {
        let mut before = String::new();
        for c in line.chars() {
            match (c, &mut current) {
                (BEGINS, _) => (current, began) = (Some(String::new()), at),
                (ENDS, Some(_)) => {
                    let above = format!("{above} {before}");
                    let torn = current.take().map(|rest| Torn { above, rest: rest.trim().to_owned() });
                    found.extend(torn.map(|torn| (began, torn)));
                }
                (ENDS, None) => {}
                (c, Some(words)) => words.push(c),
                (c, None) => before.push(c),
            }
        }
        if let Some(words) = &mut current {
            words.push('\n');
        } else if before.contains(char::is_alphanumeric) {
            above = before;
        }
    }
    found.retain(|(_, torn)| torn.rest.contains(char::is_alphanumeric));
    (Cow::Owned(text.replace([BEGINS, ENDS], "")), found)
}
