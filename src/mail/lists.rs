//! Lists that people write with ">" before each item, in mail that answers nothing: there is nothing to quote. Never fails;
//! what may be a quote stays one, and is looked at as such.

use super::marks::{has_bracketed_address, has_clock, is_date, is_empty_quote, is_quote, tells_of_writing};
use super::reply;

/// A longer line that goes on in small letters was wrapped, as items hardly are.
const LONG: usize = 60;

/// The text of a mail that answers nothing, its lists marked as everybody reads them: "- ".
#[must_use]
pub fn with_own_lists(text: String) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let items = || lines.iter().enumerate().filter(|(_, line)| is_marked(line)).map(|(at, _)| at);
    if items().next().is_none() || !items().all(|at| is_item(&lines, at)) || names_a_writer(&text) {
        return text;
    }
    let own = |line: &&str| match line.trim_start().strip_prefix('>') {
        Some(item) if is_marked(line) => format!("- {}\n", item.trim_start()),
        _ => format!("{line}\n"),
    };
    lines.iter().map(own).collect()
}

fn is_marked(line: &str) -> bool {
    line.trim_start().starts_with('>') && is_quote(line)
}

/// One line of a list: words, below words of the author, and not wrapped.
fn is_item(lines: &[&str], at: usize) -> bool {
    let item = lines[at].trim_start()[1..].trim_start();
    let goes_on = |next: &&&str| is_marked(next) && next.trim_start_matches(['>', ' ']).starts_with(char::is_lowercase);
    let is_wrapped = lines[at].chars().count() >= LONG && lines.get(at + 1).as_ref().is_some_and(goes_on);
    let above = lines[..at].iter().rev().find(|line| !line.trim().is_empty());
    let is_told =
        |line: &str| has_bracketed_address(line) || (is_date(line) && has_clock(line)) || tells_of_writing(line);
    // What somebody wrote may be somebody else's, and private.
    let is_below_words = above.is_some_and(|line| is_marked(line) || !is_told(line));
    is_below_words && !is_empty_quote(lines[at]) && !item.starts_with('>') && !is_wrapped
}

/// Whether anything says who wrote what is marked.
fn names_a_writer(text: &str) -> bool {
    reply::split(text).quoted.lines().any(|line| !line.trim().is_empty() && !is_marked(line))
}
