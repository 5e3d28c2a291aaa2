//! A private talk: one member and the moderators of her group, names covered both ways.

use super::ids::{GroupId, MemberId, TalkId};
use super::member::Member;

/// After so many days of silence, or under another subject, a member begins another talk.
pub const QUIET_DAYS: i64 = 60;

/// So many of the latest mails that a side has are named in what it gets next, and the first.
const MOST_NAMED: usize = 8;

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one member.
    Member,
    /// The moderators, all of them.
    Moderators,
}

impl Side {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Member, Self::Moderators];

    /// Each side has an address of its own: whoever reads the other's mail can't write as this one.
    #[must_use]
    pub fn generation(self) -> i64 {
        match self {
            Self::Member => 1,
            Self::Moderators => 2,
        }
    }
}

/// A talk.
#[derive(Debug, Clone)]
pub struct Talk {
    /// The row, from which its address is made.
    pub id: TalkId,
    /// The group.
    pub group: GroupId,
    /// The member.
    pub member: MemberId,
    /// What she wrote about, without prefixes.
    pub subject: String,
    /// The Message-IDs of what she has of it: ours to her, and those of her own mails.
    pub member_has: Vec<String>,
    /// Of what the moderators have; ours alone.
    pub moderators_have: Vec<String>,
}

/// Who wrote to the address of a talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// The member of the talk.
    Member,
    /// Somebody who looks after the group now.
    Moderator,
    /// Anybody else, other members of the group among them.
    Other,
}

impl Talk {
    /// Who this is to the talk; `None` for somebody who takes no part in the group.
    #[must_use]
    pub fn writer(&self, sender: Option<&Member>) -> Writer {
        match sender {
            Some(sender) if sender.id == self.member && sender.group == self.group => Writer::Member,
            Some(sender) if sender.is_active_moderator() && sender.group == self.group => Writer::Moderator,
            _ => Writer::Other,
        }
    }

    /// What a side has of it by mail, oldest first.
    #[must_use]
    pub fn had_by(&self, side: Side) -> &[String] {
        match side {
            Side::Member => &self.member_has,
            Side::Moderators => &self.moderators_have,
        }
    }

    /// A side has one mail more.
    pub fn has_got(&mut self, side: Side, message_id: &str) {
        let had = match side {
            Side::Member => &mut self.member_has,
            Side::Moderators => &mut self.moderators_have,
        };
        had.push(message_id.to_owned());
        if had.len() > MOST_NAMED + 1 {
            // The first one holds the talk together in every mail program.
            had.drain(1..had.len() - MOST_NAMED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_latest_are_named() {
        let nothing = Vec::new();
        let mut talk = Talk {
            id: TalkId(1),
            group: GroupId(1),
            member: MemberId(1),
            subject: String::new(),
            member_has: nothing.clone(),
            moderators_have: nothing,
        };
        for number in 0..20 {
            talk.has_got(Side::Moderators, &format!("{number}@x"));
        }
        let had = talk.had_by(Side::Moderators);
        assert_eq!((had.len(), had[0].as_str(), had[1].as_str(), had[8].as_str()), (9, "0@x", "12@x", "19@x"));
        assert!(talk.had_by(Side::Member).is_empty());
    }
}
