//! What a text would give away: an address or a real name of somebody on the group's roster, and marks that nobody sees.
//!
//! Total, and on the safe side: a coincidence holds a post that a person then reads. Accents, case, line breaks,
//! invisible characters and "mira (at) home dot example" hide nothing.

mod addresses;
pub(crate) mod everyday;
pub(crate) mod folded;
mod names;
#[cfg(test)]
mod tests;
mod visible;

use std::collections::HashSet;
use std::ops::Range;

use super::ids::MemberId;

pub use names::{is_in_use, is_somebodys, learnable, looked_for_alone};
pub use visible::visible;

pub(crate) use addresses::{may_hold_one, undisguised};

use addresses::{Addresses, unbroken};
use folded::Folded;
use names::Names;

/// What the roster knows of one person.
#[derive(Clone)]
pub struct Known {
    /// The address, any case.
    pub address: String,
    /// The registered real name.
    pub real_name: Option<String>,
    /// Names from the display names of her own mails.
    pub learnt: Vec<String>,
}

/// What a text names. Carries the kind only: the words themselves are private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Named {
    /// An address of the roster.
    Address,
    /// A registered or learnt real name.
    RealName,
}

/// The roster of a group, laid out for looking; made once, asked for every text.
#[derive(Debug, Default)]
pub struct Roster {
    addresses: Addresses,
    people: Names,
    /// The names of those who look after the group now; members see them anyway.
    pub moderators: Vec<String>,
    /// The names that were learnt of each person, in the form by which two are the same.
    pub learnt: HashSet<(MemberId, String)>,
}

impl Roster {
    /// Lay out a roster. A real name that equals one of `spared` (pseudonyms and titles that members see anyway) is not
    /// looked for, and a word of one is no family name. `language` is the group's: its everyday words are no family names.
    #[must_use]
    pub fn new(known: &[Known], spared: &[&str], language: &str) -> Self {
        let mut roster = Self { people: Names::new(spared, language), ..Self::default() };
        for person in known {
            roster.addresses.add(&person.address);
            person.real_name.iter().for_each(|name| roster.people.add(name));
            person.learnt.iter().for_each(|name| roster.people.add_learnt(name));
        }
        roster
    }

    /// The language of the group.
    #[must_use]
    pub fn language(&self) -> &str {
        self.people.language()
    }

    /// The kinds of thing in `text` that are on the roster, each once.
    #[must_use]
    pub fn names(&self, text: &str) -> Vec<Named> {
        let folded = Folded::of(text);
        let mut found = Vec::new();
        if !self.addresses_in(&folded).is_empty() {
            found.push(Named::Address);
        }
        if !self.people.find(&folded).is_empty() {
            found.push(Named::RealName);
        }
        found
    }

    /// Where addresses of the roster stand, as places of the text before it was folded.
    pub(crate) fn addresses_in(&self, folded: &Folded<'_>) -> Vec<Range<usize>> {
        if !may_hold_one(&folded.text) {
            return Vec::new();
        }
        let view = undisguised(folded);
        let view = view.as_ref().unwrap_or(folded);
        let joined = unbroken(view);
        let view = joined.as_ref().unwrap_or(view);
        self.addresses.find(&view.text).into_iter().map(|place| view.range(place)).collect()
    }

    /// Where real names of the roster stand, as places of the folded text.
    pub(crate) fn people_in(&self, folded: &Folded<'_>) -> Vec<Range<usize>> {
        self.people.find(folded)
    }

    /// Whether members know this folded word as somebody's name here, or from a title.
    pub(crate) fn is_seen(&self, word: &str) -> bool {
        self.people.is_seen(word)
    }
}
