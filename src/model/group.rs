//! A group: who looks after it is on its roster, how it decides stands here.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::hours::ReadingHours;
use super::ids::GroupId;
use super::schedule::Schedule;
use crate::clock::Timestamp;
use crate::mail::envelope::is_group_name_shape;

/// Which posts are read before the group sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Moderation {
    /// Until one post of the author was approved, unless the member is trusted.
    First,
    /// Every post, trusted or not.
    All,
    /// Nobody's for being new.
    None,
}

/// Which subject a single mail carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subjects {
    /// The author's.
    Own,
    /// The group's title and the pseudonym.
    Neutral,
}

/// Whether a group takes posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupState {
    /// It does.
    Open,
    /// It is closed; its moderators are still reached.
    Closed,
}

/// One group.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its row.
    pub id: GroupId,
    /// `[a-z][a-z0-9-]{0,29}`; the local part of its address.
    pub name: String,
    /// What stands in headers and mails.
    pub title: String,
    /// The language of what Lamplight writes.
    pub language: String,
    /// The zone of its days and times.
    pub zone: Tz,
    /// When digests are due.
    pub schedule: Schedule,
    /// Which posts are read first.
    pub moderation: Moderation,
    /// Since when nothing is published without a decision, whatever else holds.
    pub hold_everything_since: Option<Timestamp>,
    /// When its moderators read.
    pub reading: ReadingHours,
    /// Which subject single mails carry.
    pub subjects: Subjects,
    /// Whether pictures go to the group, each written anew and looked at first.
    pub pictures: bool,
    /// For example "911".
    pub emergency_number: Option<String>,
    /// For example "call or text 988".
    pub lifeline: Option<String>,
    /// Open or closed.
    pub state: GroupState,
    /// The number of the latest release.
    pub release_seq: i64,
}

/// Local parts that mean something else.
const RESERVED: &[&str] = &["postmaster", "abuse", "mailer-daemon", "double-bounce", "root", "ask"];
/// Endings that mean a service address of another group.
const RESERVED_ENDINGS: &[&str] = &["-join", "-leave", "-help", "-request", "-owner", "-moderators", "-resources"];

/// Check the name of a new group; `mailbox` is the base of the machine's own addresses.
///
/// # Errors
/// One sentence for the command line.
pub fn check_name(name: &str, mailbox: &str) -> Result<(), String> {
    if !is_group_name_shape(name) {
        return Err(format!(
            "`{name}` can't be a group's name: use 1 to 30 of a-z, 0-9 and -, beginning with a letter"
        ));
    }
    if RESERVED.contains(&name) || name == mailbox {
        return Err(format!("`{name}` is a reserved name"));
    }
    if let Some(ending) = RESERVED_ENDINGS.iter().find(|ending| name.ends_with(*ending)) {
        return Err(format!("a group's name can't end in {ending}: that is an address of another group"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in ["rose", "r", "new-rose", "rose2", "a23456789012345678901234567890"] {
            assert_eq!(check_name(name, "lamplight"), Ok(()), "{name}");
        }
        for name in [
            "",
            "Rose",
            "2rose",
            "-rose",
            "ro se",
            "rösé",
            "ask",
            "root",
            "lamplight",
            "rose-join",
            "rose-resources",
            "a234567890123456789012345678901",
        ] {
            assert!(check_name(name, "lamplight").is_err(), "{name}");
        }
    }
}
