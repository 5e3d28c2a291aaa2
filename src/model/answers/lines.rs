//! The lines of a reply in their order, each new or quoted: what was taken apart is laid out again.

use super::super::quote::Said;
use super::Issue;
use crate::mail::reply::NewText;

/// A line of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// The author's, or empty.
    New(&'a str),
    /// Of the quote, whether it bears a mark or not.
    Quoted(&'a str),
}

/// The next filled lines of one part.
struct Rest<'a>(std::iter::Peekable<Box<dyn Iterator<Item = &'a str> + 'a>>);

impl<'a> Rest<'a> {
    fn of(text: &'a str, belongs: fn(&str) -> bool) -> Self {
        let filled = text.lines().filter(move |line| !line.trim().is_empty() && belongs(line));
        let filled: Box<dyn Iterator<Item = &'a str> + 'a> = Box::new(filled);
        Self(filled.peekable())
    }

    fn is_next(&mut self, line: &str) -> bool {
        self.0.peek().is_some_and(|next| next.trim_end() == line.trim_end())
    }
}

fn is_marked(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// Lay the parts of `text` out as they stand in `readable`, the signature left out. `None` when they do not fit: then
/// nobody can say what stands above what.
#[must_use]
pub fn lines<'a>(readable: &'a str, text: &'a NewText) -> Option<Vec<Line<'a>>> {
    let mut new = Rest::of(&text.reply, |line| !is_marked(line));
    let mut quoted = Rest::of(&text.quoted, |_| true);
    let mut signature = Rest::of(&text.signature, |_| true);
    let mut laid: Vec<Line<'a>> = Vec::new();
    for line in readable.lines() {
        if line.trim().is_empty() {
            laid.push(Line::New(""));
            continue;
        }
        let (is_new, is_quoted) = (!is_marked(line) && new.is_next(line), quoted.is_next(line));
        // Where it could be either, it goes on as the line above it.
        let goes_on =
            laid.iter().rev().find(|line| **line != Line::New("")).is_some_and(|line| matches!(line, Line::New(_)));
        if is_new && (!is_quoted || goes_on) {
            new.0.next();
            laid.push(Line::New(line));
        } else if is_quoted {
            quoted.0.next();
            laid.push(Line::Quoted(line));
        } else if signature.is_next(line) {
            signature.0.next();
        } else if !matches!(line.trim(), "--" | "__") {
            return None;
        }
    }
    new.0.peek().is_none().then_some(laid)
}

/// The same with the lines below an unmarked quote that nobody said before: they are the author's as far as can be told.
/// `None` when one of them is not found.
#[must_use]
pub fn with_unmarked<'a>(mut laid: Vec<Line<'a>>, left_out: &str) -> Option<Vec<Line<'a>>> {
    let mut left = left_out.lines().filter(|line| !line.trim().is_empty()).peekable();
    for line in &mut laid {
        if let Line::Quoted(text) = *line
            && !is_marked(text)
            && left.peek().is_some_and(|next| next.trim_end() == text.trim_end())
        {
            left.next();
            *line = Line::New(text);
        }
    }
    left.peek().is_none().then_some(laid)
}

/// Whether lines of ours stand among the new ones: with no words above it, an old message without marks was kept.
#[must_use]
pub fn holds_ours(laid: &[Line<'_>], issue: &Issue) -> bool {
    let is_ours = |line: &str| {
        let lower = line.to_lowercase();
        let tokens = issue.items.iter().map(|item| &item.token);
        tokens.chain(&issue.footer).any(|mark| !mark.is_empty() && lower.contains(&mark.to_lowercase()))
    };
    laid.iter().any(|line| matches!(line, Line::New(text) if is_ours(text)))
}

/// The same, and what was said before is quoted.
#[must_use]
pub fn without_said<'a>(mut laid: Vec<Line<'a>>, said: &Said) -> Vec<Line<'a>> {
    let new = |line: &Line<'a>| match *line {
        Line::New(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    };
    let text = laid.iter().filter_map(new).collect::<Vec<_>>().join("\n");
    let mut unknown = said.unknown(&text).into_iter().peekable();
    for line in &mut laid {
        if let Some(text) = new(line)
            && unknown.next_if(|next| *next == text).is_none()
        {
            *line = Line::Quoted(text);
        }
    }
    laid
}
