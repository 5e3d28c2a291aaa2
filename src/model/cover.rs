//! What a text gives away of a person, taken out of it: what the group gets reads as before, with "[phone number]" where one
//! stood. Total; what is unsure is taken out, because a person looks at it before anything is published.
//!
//! What is left is looked at again until nothing is found, so nothing is found in it afterwards either.

mod accounts;
mod block;
mod files;
mod kept;
mod links;
mod look;
mod mails;
mod phones;
mod places;
mod streets;

use serde::{Deserialize, Serialize};

pub use kept::Kept;

use super::privacy::Roster;
use look::Look;
use places::Places;

/// What tells who somebody is, or where to reach her.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identifying {
    /// An address of the roster.
    #[serde(rename = "address")]
    RosterAddress,
    /// A real name of the roster, registered or learnt.
    RealName,
    /// Any other e-mail address.
    EmailAddress,
    /// A telephone number.
    PhoneNumber,
    /// A street address, a postal code with its town.
    StreetAddress,
    /// The name of an account elsewhere.
    Account,
    /// A link to a person's page, or one that tells who opened it.
    Link,
    /// The name of a file.
    FileName,
    /// A block of contact details below the words.
    Signature,
}

impl Identifying {
    /// What stands in its place.
    #[must_use]
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::RosterAddress | Self::EmailAddress => "[e-mail address]",
            Self::RealName => "[name]",
            Self::PhoneNumber => "[phone number]",
            Self::StreetAddress => "[street address]",
            Self::Account => "[account name]",
            Self::Link => "[link]",
            Self::FileName => "[file name]",
            Self::Signature => "[contact details]",
        }
    }

    /// Whether a post that has it waits for a moderator; a file's name is taken out and that is all.
    #[must_use]
    pub fn holds(self) -> bool {
        self != Self::FileName
    }
}

/// Stands where a mail program wrote that there was a picture.
const PICTURE: &str = "[picture]";

const PLACEHOLDERS: [&str; 9] = [
    "[e-mail address]",
    "[name]",
    "[phone number]",
    "[street address]",
    "[account name]",
    "[link]",
    "[file name]",
    "[contact details]",
    PICTURE,
];

/// The length of the placeholder with which a text begins.
pub(super) fn placeholder_at(text: &str) -> Option<usize> {
    PLACEHOLDERS.iter().find(|placeholder| text.starts_with(**placeholder)).map(|placeholder| placeholder.len())
}

/// Something that was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What it is.
    pub what: Identifying,
    /// As it stood there.
    pub words: String,
}

/// A text, and what was taken out of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Covered {
    /// What is left, with a word in square brackets where something was.
    pub text: String,
    /// In the order in which it stood there.
    pub taken: Vec<Taken>,
}

/// A text is looked at so often; what is found from then on takes its whole line with it, so that it ends.
const LOOKS: usize = 6;

/// Take out of a text what would give somebody away.
#[must_use]
pub fn cover(text: &str, roster: &Roster, kept: &Kept) -> Covered {
    let mut places = Places::of(text);
    for look in 0.. {
        let found = Look::at(places.text(), roster, kept).found();
        if found.is_empty() {
            break;
        }
        places.take(found, look >= LOOKS);
    }
    places.covered()
}

#[cfg(test)]
mod tests;
