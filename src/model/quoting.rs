//! What a message quotes, by how near it is: the words that are answered, those before them, and whom the line above names.

use super::words::fold;
use crate::mail::marks::{introduces, is_original_mark, label};
use crate::mail::reply::NewText;
use crate::mail::words::Label;

/// Lines above a quote in which its author may be named.
const CREDIT_LINES: usize = 6;

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
        let mut quoted = Self { credit: fold(&credit(&text.quoted)), ..Self::default() };
        let between = text.reply.lines().filter(|line| is_marked(line));
        let (mut blocks, mut in_head) = (0, false);
        for line in text.quoted.lines().chain(between) {
            let marks = depth(line);
            let is_head = marks == 0 && (heads(line) || (in_head && label(line).is_some()));
            // The fields of one header block, and an attribution with the mark above it, are one head.
            blocks += usize::from(is_head && !in_head);
            in_head = is_head || (in_head && line.trim().is_empty());
            if is_head {
                continue;
            }
            let place = if marks.max(blocks) <= 1 { &mut quoted.nearest } else { &mut quoted.deeper };
            place.push_str(line.trim_start_matches(['>', ' ', '|']));
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

/// A quoted line.
#[must_use]
pub fn is_marked(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// How many quote marks a line bears.
fn depth(line: &str) -> usize {
    line.chars().take_while(|c| matches!(c, '>' | ' ' | '\t')).filter(|c| *c == '>').count()
}

fn heads(line: &str) -> bool {
    label(line) == Some(Label::From)
        || is_original_mark(line)
        || introduces(&line.trim().to_lowercase(), 1) == Some(true)
}

/// The lines that introduce a quote: up to the quote, and of a header block the author alone.
fn credit(quoted: &str) -> String {
    let lines = quoted.lines().skip_while(|line| line.trim().is_empty() || is_original_mark(line));
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
    }

    #[test]
    fn the_line_above_names_the_author() {
        let names = |text: &str, name: &str| of(text).names(&[name.to_owned()]);
        let gmail = "Yes\n\nOn 2 Mar 2026 at 9:12, Kit <k@h.example> wrote:\n> Mira said so";
        assert!(names(gmail, "kit") && names(gmail, "k@h.example"));
        assert!(!names(gmail, "mira") && !names(gmail, "ki") && !names(gmail, ""));
        let outlook = "Yes\n\n-----Original Message-----\nFrom: Kit\nSent: Monday\nTo: Mira\nSubject: x\n\nnew";
        assert!(names(outlook, "kit") && !names(outlook, "mira"));
    }
}
