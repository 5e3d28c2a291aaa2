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
pub fn cover(text: &str, roster: &Roster, kept: &Kept) -> Covered {
    cover_where(text, roster, kept, &|_| true)
}

/// The same for what is wanted alone; the rest stays as it is.
#[must_use]
pub fn cover_where(text: &str, roster: &Roster, _kept: &Kept, wanted: &dyn Fn(&Taken) -> bool) -> Covered {
    let taken = roster.names(text).into_iter().map(|named| {
        let what = if named == Named::Address { Identifying::RosterAddress } else { Identifying::RealName };
        Taken { what, words: String::new() }
    });
    Covered { text: text.to_owned(), taken: taken.filter(|taken| wanted(taken)).collect() }
}

impl Identifying {
    /// Whether the roster knows it.
    #[must_use]
    pub fn is_on_roster(self) -> bool {
        matches!(self, Self::RosterAddress | Self::RealName)
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

    /// What it is, to begin a plain sentence with.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::RosterAddress => "the address of somebody in the group",
            Self::RealName => "the real name of somebody in the group",
            Self::EmailAddress => "an e-mail address",
            Self::PhoneNumber => "a telephone number",
            Self::StreetAddress => "a street address",
            Self::Account => "the name of an account elsewhere",
            Self::Link => "a link that may tell who somebody is",
            Self::FileName => "the name of a file",
            Self::Signature => "a block of contact details",
        }
    }

    /// Whether a person looks at a post in which it was.
    #[must_use]
    pub fn holds(self) -> bool {
        self != Self::FileName
    }
}
