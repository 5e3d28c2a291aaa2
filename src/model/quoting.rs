//! What a message quotes, by how near it is: the words that are answered, those before them, and whom the line above names.

use std::collections::HashSet;

use super::words::fold;
use crate::mail::languages::Label;
use crate::mail::marks::{introduces, is_original_mark, label};
use crate::mail::reply::NewText;

/// Lines above a quote in which its author may be named.
const CREDIT_LINES: usize = 6;
/// A longer line is none that introduces a quote.
const CREDIT_CHARACTERS: usize = 500;
/// Letters before a quote mark that may be somebody's initials.
const MOST_INITIALS: usize = 3;

/// The quotes of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quoted {
    /// What is quoted once: the words that are answered.
    pub nearest: String,
    /// What was a quote already.
    pub deeper: String,
    /// What introduces the nearest words, folded: "On Monday Kit wrote:", "From: Kit".
    pub credit: String,
}

impl Quoted {
    /// The quotes of a text that was taken apart.
    #[must_use]
    pub fn of(text: &NewText) -> Self {
        let credit = credit(&text.quoted).chars().take(CREDIT_CHARACTERS).collect::<String>();
        let mut quoted = Self { credit: fold(&credit), ..Self::default() };
        let body: HashSet<&str> = text.unmarked.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        // Heads that were passed, and whether words without marks stood below one of them.
        let (mut heads, mut in_head, mut is_bare) = (0, false, false);
        for line in text.quoted.lines().filter(|line| !line.trim().is_empty()) {
            let marks = depth(line);
            if marks == 0 && !body.contains(line.trim()) {
                // An attribution, a header block, a footer: nobody's words.
                heads += usize::from(!in_head);
                in_head = true;
                continue;
            }
            in_head = false;
            is_bare |= marks == 0;
            let depth = if is_bare { marks + heads } else { marks };
            if marks > 0 && introduces(&without_marks(line).to_lowercase(), 1).is_some() {
                // Who wrote what is quoted below: nobody's words.
                continue;
            }
            let place = if depth <= 1 { &mut quoted.nearest } else { &mut quoted.deeper };
            place.push_str(without_marks(line));
            place.push('\n');
        }
        quoted
    }

    /// Nothing is quoted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nearest.trim().is_empty() && self.deeper.trim().is_empty()
    }

    /// Whether the quote is introduced as the words of somebody who has one of these names or addresses, folded.
    #[must_use]
    pub fn names(&self, author: &[String]) -> bool {
        author.iter().filter(|name| name.chars().count() > 1).any(|name| {
            self.credit.match_indices(name.as_str()).any(|(at, _)| {
                let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() || !c.is_ascii());
                is_edge(self.credit[..at].chars().next_back()) && is_edge(self.credit[at + name.len()..].chars().next())
            })
        })
    }
}

/// A quoted line; some programs put the author's initials before the mark: " KB> ".
#[must_use]
pub fn is_marked(line: &str) -> bool {
    depth(line) > 0
}

/// How many quote marks a line bears.
fn depth(line: &str) -> usize {
    let marks = line.len() - without_marks(line).len();
    line[..marks].bytes().filter(|b| *b == b'>').count()
}

fn without_marks(line: &str) -> &str {
    let mut rest = line.trim_start();
    loop {
        let initials = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        match rest[if initials <= MOST_INITIALS { initials } else { 0 }..].strip_prefix('>') {
            Some(behind) => rest = behind.trim_start(),
            None => return rest,
        }
    }
}

/// The lines that introduce a quote: up to the quote, and of a header block the author alone. Some programs put the mark
/// before this line already.
fn credit(quoted: &str) -> String {
    let mut lines = quoted.lines().skip_while(|line| line.trim().is_empty() || is_original_mark(line)).peekable();
    if let Some(first) = lines.peek().filter(|line| is_marked(line)) {
        let first = without_marks(first);
        return if introduces(&first.to_lowercase(), 1).is_some() { first.to_owned() } else { String::new() };
    }
    let lines: Vec<&str> = lines.take_while(|line| !is_marked(line)).take(CREDIT_LINES).collect();
    if let Some(from) = lines.iter().find(|line| label(line) == Some(Label::From)) {
        return (*from).to_owned();
    }
    lines.into_iter().take_while(|line| !line.trim().is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::reply::split;

    fn of(text: &str) -> Quoted {
        Quoted::of(&split(text))
    }

    #[test]
    fn quotes_by_how_near_they_are() {
        let marked = of("Yes\n\nOn 2 Mar 2026 at 9:12, Kit <k@h.example> wrote:\n> new\n> > old\n>> older");
        assert_eq!((marked.nearest.trim(), marked.deeper.as_str()), ("new", "old\nolder\n"));
        let outlook = "Yes\n\nFrom: Kit <k@h.example>\nSent: Monday\nTo: Mira\nSubject: x\n\nnew\n\nFrom: Tom \
                       <t@h.example>\nSent: Sunday\nTo: Kit\nSubject: x\n\nold";
        let outlook = of(outlook);
        assert_eq!((outlook.nearest.trim(), outlook.deeper.trim()), ("new", "old"));
        assert!(of("Yes").is_empty() && !marked.is_empty());
        let footer = of("Yes\n____________________\nrose mailing list\nhttp://lists.example");
        assert!(footer.is_empty(), "nobody's words: {footer:?}");
        let initials = of(" KB> new\n KB> and\n\nYes\n\n KB> more\n\nNo");
        assert_eq!(initials.nearest, "new\nand\nmore\n");
    }

    #[test]
    fn the_line_above_names_the_author() {
        let names = |text: &str, name: &str| of(text).names(&[name.to_owned()]);
        let gmail = "Yes\n\nOn 2 Mar 2026 at 9:12, Kit <k@h.example> wrote:\n> Mira said so";
        assert!(names(gmail, "kit") && names(gmail, "k@h.example"));
        assert!(!names(gmail, "mira") && !names(gmail, "ki") && !names(gmail, ""));
        let apple = "Yes\n\n> On 2 Mar 2026, at 09:12, Kit <k@h.example> wrote:\n>\n> Mira said so";
        assert!(names(apple, "kit") && !names(apple, "mira") && of(apple).nearest.trim() == "Mira said so");
        let outlook = "Yes\n\n-----Original Message-----\nFrom: Kit\nSent: Monday, March 2, 2026 9:12 AM\nTo: Mira\nSubject: x\n\nnew";
        assert!(names(outlook, "kit") && !names(outlook, "mira"));
    }
}
