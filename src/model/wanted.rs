//! Whether a copy that is due is still to go out (promise I6): who has left hears that it is done, and nothing more.

use serde::Deserialize;

use super::member::{MemberState, Role};

/// What a copy is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// A single mail to the group.
    Post,
    /// A digest.
    Digest,
    /// A word to one person.
    Notice,
}

/// What is known of a copy when it is due.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    /// What it is of.
    pub content: Content,
    /// A post in it was taken back.
    pub retracted: bool,
    /// It tells a member that the leaving is done.
    pub farewell: bool,
    /// Somebody may be in danger.
    pub urgent: bool,
    /// Who is to read it, as the roster has them now; `None` for an administrator.
    pub reader: Option<(Role, MemberState)>,
}

/// What is done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes out.
    Send,
    /// It is a digest that must be written anew first.
    Rewrite,
    /// It is an alarm, and this moderator has gone: where nobody else has it, whoever looks after the group now gets it.
    PassOn,
    /// Nobody gets it, and why.
    Drop(&'static str),
}

/// Decide on one copy.
#[must_use]
pub fn fate(due: &Due) -> Fate {
    if due.content == Content::Post && due.retracted {
        return Fate::Drop("the post was taken back");
    }
    let unwanted = due.reader.is_some_and(|(role, state)| match (role, state) {
        (_, MemberState::Active) => false,
        (Role::Moderator, _) => true,
        (Role::Member, MemberState::Left) => due.content != Content::Notice || !due.farewell,
        (Role::Member, _) => due.content != Content::Notice,
    });
    let alarm = due.urgent && due.reader.is_some_and(|(role, _)| role == Role::Moderator);
    match (unwanted, due.content) {
        (true, Content::Notice) if alarm => Fate::PassOn,
        (true, _) => Fate::Drop("no longer takes part"),
        (false, Content::Digest) if due.retracted => Fate::Rewrite,
        (false, _) => Fate::Send,
    }
}

#[cfg(test)]
mod tests {
    use super::Content::{Digest, Notice, Post};
    use super::MemberState::{Active, Invited, Left, Paused, Removed, Suspended};
    use super::Role::{Member, Moderator};
    use super::*;

    const GONE: Fate = Fate::Drop("no longer takes part");
    const BACK: Fate = Fate::Drop("the post was taken back");

    #[test]
    fn who_still_gets_what() {
        let table = [
            (Some((Member, Active)), [Fate::Send, Fate::Send, Fate::Send]),
            (Some((Member, Paused)), [GONE, GONE, Fate::Send]),
            (Some((Member, Invited)), [GONE, GONE, Fate::Send]),
            (Some((Member, Left)), [GONE, GONE, GONE]),
            (Some((Moderator, Active)), [Fate::Send, Fate::Send, Fate::Send]),
            (Some((Moderator, Suspended)), [GONE, GONE, GONE]),
            (Some((Moderator, Removed)), [GONE, GONE, GONE]),
            (None, [Fate::Send, Fate::Send, Fate::Send]),
        ];
        for (reader, fates) in table {
            for (content, expected) in [Post, Digest, Notice].into_iter().zip(fates) {
                let due = Due { content, retracted: false, farewell: false, urgent: false, reader };
                assert_eq!(fate(&due), expected, "{due:?}");
            }
        }
    }

    #[test]
    fn what_was_taken_back_and_the_last_word() {
        let due = |content, retracted, farewell, state| {
            fate(&Due { content, retracted, farewell, urgent: false, reader: Some((Member, state)) })
        };
        assert_eq!(due(Post, true, false, Active), BACK);
        assert_eq!(due(Post, true, false, Left), BACK);
        assert_eq!(due(Digest, true, false, Active), Fate::Rewrite);
        assert_eq!(due(Digest, true, false, Left), GONE);
        assert_eq!(due(Notice, false, true, Left), Fate::Send);
        assert_eq!(due(Digest, false, true, Left), GONE);
    }

    #[test]
    fn an_alarm_outlives_its_moderators() {
        let due = |content, role, state| {
            fate(&Due { content, retracted: false, farewell: false, urgent: true, reader: Some((role, state)) })
        };
        assert_eq!(due(Notice, Moderator, Active), Fate::Send);
        assert_eq!(due(Notice, Moderator, Suspended), Fate::PassOn);
        assert_eq!(due(Notice, Moderator, Removed), Fate::PassOn);
        assert_eq!(due(Post, Moderator, Removed), GONE);
        assert_eq!(due(Notice, Member, Left), GONE);
    }
}
