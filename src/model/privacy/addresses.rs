//! Addresses of a roster in a text, in whatever dress: "mira (at) home dot example", "mira%40home.example". Total.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::folded::Folded;
use crate::model::words::fold;

/// The addresses of a roster, laid out for looking.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    by_domain: HashMap<String, HashSet<String>>,
    domain_lengths: BTreeSet<usize>,
    longest_local: usize,
}

impl Addresses {
    pub(super) fn add(&mut self, address: &str) {
        if let Some((local, domain)) = fold(address).rsplit_once('@') {
            self.by_domain.entry(domain.to_owned()).or_default().insert(local.to_owned());
            // No run is looked at further than the longest address goes (RFC 5321 §4.5.3.1: 64 and 255 octets).
            self.domain_lengths.insert(domain.len());
            self.longest_local = self.longest_local.max(local.len());
        }
    }

    /// Where they stand in a text without disguises, as places of that view.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let signs = text.match_indices('@').map(|(at, _)| at);
        signs.filter_map(|at| self.around(text, at)).collect()
    }

    fn around(&self, text: &str, at: usize) -> Option<Range<usize>> {
        let longest_domain = self.domain_lengths.last().copied().unwrap_or_default();
        let after = at + 1;
        let known = endings(&text[after..], longest_domain)
            .filter(|domain| self.domain_lengths.contains(&domain.len()))
            .filter_map(|domain| Some((domain.len(), self.by_domain.get(domain)?)));
        let both = known.filter_map(|(length, known)| {
            let locals = beginnings(&text[..at], self.longest_local);
            let local = locals.into_iter().filter(|local| known.contains(*local)).map(str::len).max()?;
            Some(at - local..after + length)
        });
        both.max_by_key(Range::len)
    }
}

/// Whether there may be an address at all; most texts end here.
pub(crate) fn may_hold_one(text: &str) -> bool {
    let has_dot = || {
        ["dot", "punkt", "punto", "point"].iter().any(|dot| text.contains(dot))
            || text.as_bytes().windows(3).any(is_inner_dot)
    };
    let is_spelled = || {
        (text.contains("at") && AT.is_match(text) && has_dot()) || text.contains("arroba") || text.contains("arobase")
    };
    text.contains('@') || text.contains("%40") || is_spelled()
}

fn is_inner_dot(three: &[u8]) -> bool {
    three[1] == b'.' && three[0] > b' ' && three[2] > b' '
}

#[allow(clippy::unwrap_used, reason = "the patterns are constants that a test compiles")]
static AT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\sat\s|[(\[{<]\s*at\s*[)\]}>]").unwrap());

#[allow(clippy::unwrap_used, reason = "the patterns are constants that a test compiles")]
static DISGUISES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let named_point = r"[@.][\w-]+(?<x>\s+(?:punto|punkt|point)\s+)\w";
    [
        (r"\s*[(\[{<]\s*(?:at|@|arroba|arobase)\s*[)\]}>]\s*|\s*%40\s*|\s+@\s*|@\s+", "@"),
        (r"\s*[(\[{<]\s*(?:dot|\.|punkt|punto|point)\s*[)\]}>]\s*", "."),
        (r"\w(?<x>\s+(?:arroba|arobase)\s+)\w", "@"),
        (r"\w(?<x>\s+dot\s+)", "."),
        (named_point, "."),
        (named_point, "."),
        (r"(?<x>\s+at\s+)[\w-]+(?:\.[\w-]+)+", "@"),
    ]
    .map(|(pattern, plain)| (Regex::new(pattern).unwrap(), plain))
    .into()
});

/// A line that a program broke behind a dot.
#[allow(clippy::unwrap_used, reason = "the pattern is a constant that a test compiles")]
static BROKEN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"@[\w-]*(?:\.[\w-]+)*\.(?<x>[ \t]*\r?\n\s*)\w").unwrap());

/// The text with its disguises taken off; `None` where there are none.
pub(crate) fn undisguised<'a>(folded: &Folded<'a>) -> Option<Folded<'a>> {
    let mut view = None;
    for (disguise, plain) in DISGUISES.iter() {
        if let Some(next) = view.as_ref().unwrap_or(folded).replaced(disguise, plain) {
            view = Some(next);
        }
    }
    view
}

/// The text with addresses that go over a line's end in one piece; `None` where there are none.
pub(super) fn unbroken<'a>(folded: &Folded<'a>) -> Option<Folded<'a>> {
    folded.replaced(&BROKEN, "")
}

/// What a local part before an @ may be. "=mira@home.example." holds it too: every beginning behind a mark.
fn beginnings(before: &str, longest: usize) -> Vec<&str> {
    let mut found = Vec::new();
    for (index, c) in before.char_indices().rev() {
        let behind = index + c.len_utf8();
        let is_inside = c.is_alphanumeric() || "!#$%&'*+-/=?^_{|}~.".contains(c);
        if before.len() - behind > longest {
            return found;
        }
        if !c.is_alphanumeric() {
            found.push(&before[behind..]);
        }
        if !is_inside {
            return found;
        }
    }
    found.push(before);
    found
}

/// What a domain behind an @ may be: every end before a mark.
fn endings(after: &str, longest: usize) -> impl Iterator<Item = &str> {
    let within = after.char_indices().take_while(move |(index, _)| *index <= longest);
    let mut is_over = false;
    let marks = within.map_while(move |(index, c)| {
        let is_begun = !is_over;
        is_over |= !(c.is_alphanumeric() || matches!(c, '.' | '-'));
        is_begun.then_some((index, c))
    });
    let whole = std::iter::once(after).filter(move |after| after.len() <= longest);
    marks.filter(|(_, c)| !c.is_alphanumeric()).map(|(index, _)| &after[..index]).chain(whole)
}
