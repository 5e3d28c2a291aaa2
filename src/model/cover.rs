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
use super::wording::{COVERED, Wording};
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
    /// The key of what stands in its place.
    pub(super) fn placeholder(self) -> &'static str {
        match self {
            Self::RosterAddress | Self::EmailAddress => "covered.address",
            Self::RealName => "covered.name",
            Self::PhoneNumber => "covered.phone-number",
            Self::StreetAddress => "covered.street-address",
            Self::Account => "covered.account",
            Self::Link => "covered.link",
            Self::FileName => "covered.file-name",
            Self::Signature => "covered.signature",
        }
    }

    /// The reason for holding a post, as listings print it.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::RosterAddress => "names-an-address",
            Self::RealName => "names-someone",
            Self::EmailAddress => "gives-away:address",
            Self::PhoneNumber => "gives-away:phone",
            Self::StreetAddress => "gives-away:street",
            Self::Account => "gives-away:account",
            Self::Link => "gives-away:link",
            Self::FileName => "gives-away:file-name",
            Self::Signature => "gives-away:signature",
        }
    }

    /// What it is, as a part of a plain sentence.
    #[must_use]
    pub fn sentence_in(self, words: &Wording) -> String {
        words.fill(&format!("identifying.{}", self.reason()), &[])
    }

    /// Whether the roster knows it.
    #[must_use]
    pub fn is_on_roster(self) -> bool {
        matches!(self, Self::RosterAddress | Self::RealName)
    }
}

/// Stands where a mail program wrote that there was a picture.
const PICTURE: &str = "covered.picture";

/// The length of the placeholder with which a text begins, in whatever language.
pub(super) fn placeholder_at(text: &str) -> Option<usize> {
    COVERED.iter().find(|placeholder| text.starts_with(**placeholder)).map(|placeholder| placeholder.len())
}

/// Something that was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What it is.
    pub what: Identifying,
    /// As it stood there.
    pub words: String,
}

impl Taken {
    /// Whether a post that has it waits for a moderator; a file's name is taken out and that is all, unless it may be words of
    /// the author's: whoever writes "[photo 2: he must not take it]" says something.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.what != Identifying::FileName || files::may_be_words(&self.words)
    }
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
    cover_where(text, roster, kept, &|_| true)
}

/// The same for what is wanted alone; the rest stays as it is.
#[must_use]
pub fn cover_where(text: &str, roster: &Roster, kept: &Kept, wanted: &dyn Fn(&Taken) -> bool) -> Covered {
    let mut places = Places::of(text, Wording::of(roster.language()));
    for look in 0.. {
        let mut found = Look::at(places.text(), roster, kept).found();
        found.retain(|found| {
            let words = || places.text()[found.place.clone()].to_owned();
            found.what.is_none_or(|what| wanted(&Taken { what, words: words() }))
        });
        if found.is_empty() {
            break;
        }
        places.take(found, look >= LOOKS);
    }
    places.covered()
}

#[cfg(test)]
mod tests;
