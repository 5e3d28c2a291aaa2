//! One look at a text, by every kind.

use std::ops::Range;

use super::places::Found;
use super::{Identifying, Kept, accounts, block, files, links, mails, phones, streets};
use crate::model::privacy::Roster;
use crate::model::privacy::folded::Folded;

/// A text that is looked at, and what it is looked at with.
pub(super) struct Look<'a> {
    pub(super) text: &'a str,
    pub(super) folded: Folded<'a>,
    pub(super) roster: &'a Roster,
    pub(super) kept: &'a Kept,
    pub(super) signs: Signs,
}

/// Characters by which most texts are known to hold nothing of a kind.
#[derive(Debug, Default)]
pub(super) struct Signs {
    pub(super) digit: bool,
    pub(super) at: bool,
    /// A dot, a slash, a colon or the like with something right before and behind it.
    pub(super) joint: bool,
    pub(super) bracket: bool,
}

impl Signs {
    fn of(folded: &str) -> Self {
        let mut signs = Self::default();
        let octets = folded.as_bytes();
        for (at, octet) in octets.iter().enumerate() {
            match octet {
                b'0'..=b'9' => signs.digit = true,
                b'@' => signs.at = true,
                b'[' | b'<' => signs.bracket = true,
                b'.' | b'/' | b'\\' | b'#' => {
                    signs.joint |= octets
                        .get(at + 1)
                        .is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'\\' || *next == b'/');
                }
                _ => {}
            }
        }
        signs
    }
}

impl<'a> Look<'a> {
    pub(super) fn at(text: &'a str, roster: &'a Roster, kept: &'a Kept) -> Self {
        let folded = Folded::of(text);
        let signs = Signs::of(&folded.text);
        Self { text, folded, roster, kept, signs }
    }

    /// Everything that is to be taken out, in no order.
    pub(super) fn found(&self) -> Vec<Found> {
        let people = self.roster.people_in(&self.folded).into_iter().map(|place| self.folded.range(place));
        let mut found: Vec<Found> = people.map(|place| Found::new(place, Identifying::RealName)).collect();
        mails::find(self, &mut found);
        // A link is one because of what stands in it, so it comes behind names and addresses.
        let links = links::find(self, &mut found);
        files::find(self, &links, &mut found);
        phones::find(self, &links, &mut found);
        streets::find(self, &mut found);
        accounts::find(self, &links, &mut found);
        block::find(self, &mut found);
        found
    }

    /// Whether each word of a place of the folded text began with a capital, or is none of letters.
    pub(super) fn is_capitalised(&self, folded: Range<usize>) -> bool {
        let mut at = folded.start;
        self.folded.text[folded].split_inclusive(char::is_whitespace).all(|word| {
            let begins = at;
            at += word.len();
            !word.starts_with(char::is_alphabetic) || self.folded.is_capital(begins)
        })
    }
}

/// Whether two places have anything in common.
pub(super) fn overlap(first: &Range<usize>, second: &Range<usize>) -> bool {
    first.start < second.end && second.start < first.end
}
