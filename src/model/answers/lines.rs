//! The lines of a reply in their order, each new or quoted: what was taken apart is laid out again.

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
            laid.extend(matches!(laid.last(), Some(Line::New(_))).then_some(Line::New("")));
            continue;
        }
        let (is_new, is_quoted) = (!is_marked(line) && new.is_next(line), quoted.is_next(line));
        // Where it could be either, it goes on as the line above it.
        let goes_on = matches!(laid.last(), Some(Line::New(_)));
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
