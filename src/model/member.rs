//! A person on a group's roster.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::forgotten::FORMER_MEMBER;
use super::group::Group;
use super::ids::{GroupId, MemberId};
use super::schedule::{Own, Time, WeekDays};
use super::wording::{RESERVED, Wording};
use crate::clock::Timestamp;
use crate::mail::Address;

/// Member or moderator. A moderator reads the group as a member does, and looks after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Takes part under a pseudonym.
    Member,
    /// The professional who looks after the group, under her own name.
    Moderator,
}

/// How the group's posts come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// Every post as a mail of its own.
    Each,
    /// A digest a day.
    Daily,
    /// A digest a week.
    Weekly,
    /// Nothing.
    None,
}

impl Delivery {
    /// Whether posts come in digests.
    #[must_use]
    pub fn is_digest(self) -> bool {
        matches!(self, Self::Daily | Self::Weekly)
    }
}

/// In which form a digest comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A page, and plain text that says the same.
    #[default]
    Html,
    /// Plain text alone.
    Text,
    /// Each post a message of its own inside one mail (RFC 2046 §5.1.5).
    Mime,
    /// The plain digest of RFC 1153.
    Rfc1153,
}

/// Where a person stands. `Suspended` and `Removed` are a moderator's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MemberState {
    /// Asked, not confirmed.
    Invited,
    /// Takes part.
    Active,
    /// Gets no posts for now; may write.
    Paused,
    /// Gone.
    Left,
    /// A moderator who may not decide for now.
    Suspended,
    /// A moderator no more.
    Removed,
}

/// One person on a group's roster.
#[derive(Debug, Clone)]
pub struct Member {
    /// The row.
    pub id: MemberId,
    /// The group.
    pub group: GroupId,
    /// Member or moderator.
    pub role: Role,
    /// Where mail goes.
    pub address: Address,
    /// The pseudonym; a moderator's own name.
    pub name: String,
    /// The registered real name, never shown to members.
    pub real_name: Option<String>,
    /// How posts come.
    pub delivery: Delivery,
    /// Own zone; the group's when `None`.
    pub zone: Option<Tz>,
    /// Own hour; the group's when `None`.
    pub hour: Option<Time>,
    /// Own days of the week; the group's when `None`.
    pub days: Option<WeekDays>,
    /// In which form digests come.
    pub format: Format,
    /// Content notes whose posts stand at the end of a digest, each one folded; `all` stands for every note.
    pub folds: Vec<String>,
    /// While paused: when posts come again by themselves.
    pub paused_until: Option<Timestamp>,
    /// Where the person stands.
    pub state: MemberState,
    /// Since when no post is held for being the first.
    pub trusted_since: Option<Timestamp>,
    /// Since when a first post was approved.
    pub known_since: Option<Timestamp>,
    /// Since when on the roster.
    pub joined_at: Timestamp,
    /// The last release that a digest of this person covered.
    pub cursor: i64,
    /// When the next digest is due.
    pub next_digest_at: Option<Timestamp>,
    /// How many posts of this person the group got.
    pub published: i64,
}

impl Member {
    /// The name that stands over this person's posts.
    #[must_use]
    pub fn shown_name(&self, words: &Wording) -> String {
        shown_name(&self.name, self.role, words)
    }

    /// When digests come to this person, apart from the group's schedule.
    #[must_use]
    pub fn own(&self) -> Own {
        Own { hour: self.hour, days: self.days, weekly: self.delivery == Delivery::Weekly }
    }

    /// The group as a mail for this person alone knows it: times stand in her own zone.
    #[must_use]
    pub fn local(&self, group: &Group) -> Group {
        Group { zone: self.zone.unwrap_or(group.zone), ..group.clone() }
    }

    /// Whether this person decides about posts.
    #[must_use]
    pub fn is_active_moderator(&self) -> bool {
        self.role == Role::Moderator && self.state == MemberState::Active
    }
}

/// The name over a post: a moderator's says so, and whoever was forgotten has none.
#[must_use]
pub fn shown_name(name: &str, role: Role, words: &Wording) -> String {
    match role {
        Role::Member if name == FORMER_MEMBER => words.say("names.former-member").to_owned(),
        Role::Member => name.to_owned(),
        Role::Moderator => words.fill("names.moderator", &[("name", name)]),
    }
}

/// The form by which two pseudonyms are the same.
#[must_use]
pub fn name_key(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    name.nfkc().collect::<String>().to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Check a pseudonym or a moderator's name.
///
/// # Errors
/// One sentence for the command line.
pub fn check_name(name: &str) -> Result<(), String> {
    let trimmed = name.trim();
    if trimmed.is_empty() || trimmed.chars().count() > 60 {
        return Err("a name has 1 to 60 characters".to_owned());
    }
    if trimmed.contains('@') {
        return Err("a name is shown to the whole group: it can't be an address".to_owned());
    }
    if trimmed.chars().any(|c| c.is_control() || "<>\"\\".contains(c)) {
        return Err("a name can't have < > \" \\ or control characters".to_owned());
    }
    let folded = super::words::fold(trimmed);
    if let Some(word) = RESERVED.iter().find(|word| folded.contains(**word)) {
        return Err(format!("a name can't have the word {word}: Lamplight adds it where it is true"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_can_be_taken_for_a_moderator() {
        for name in [
            "Moderator",
            "Kit (moderator)",
            "Dana, MODERATOR",
            "Ana (moderadora)",
            "moderador",
            "Dana (moderación)",
            "MODERACION",
            "Mode\u{301}rator",
        ] {
            assert!(check_name(name).is_err(), "{name}");
        }
        for name in ["Kit", "Moderna", "Mira de la Rosa", "Ána", "Moder Ata"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        assert_eq!(shown_name("Dana", Role::Moderator, Wording::english()), "Dana (moderator)");
        assert_eq!(shown_name("Dana", Role::Moderator, Wording::of("es")), "Dana (moderación)");
        assert_eq!(shown_name("Kit", Role::Member, Wording::of("es")), "Kit");
        assert_eq!(shown_name(FORMER_MEMBER, Role::Member, Wording::english()), FORMER_MEMBER);
        assert_eq!(shown_name(FORMER_MEMBER, Role::Member, Wording::of("es")), "Alguien que ya no está");
    }
}
