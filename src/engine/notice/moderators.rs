//! What the moderators of a group get; where nobody looks after it, some of it goes to the administrators.

use serde::Serialize;

use super::reading::{ListedPost, NothingRead};
use super::shown::{LostLetter, ShownAlert, ShownPost, StrangerMail, WaitingPost};
use crate::clock::Timestamp;
use crate::engine::knowing::Knowing;
use crate::mail::parse::Attachment;
use crate::model::changes::Change;
use crate::model::ids::{PostId, TalkId};
use crate::model::moderation::NothingDecided;
use crate::model::talk::Side;

/// To one moderator or to all of a group.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum ToModerators {
    /// To every moderator: its author meant the whole group, which has it now.
    MeantForGroup {
        /// The post.
        post: ShownPost,
    },
    /// To a moderator: one message to read.
    Hold {
        /// The post.
        post: ShownPost,
        /// A moderator reads it by then.
        read_by: Timestamp,
        /// An earlier notice went unanswered, was undone or came too late.
        again: Option<Again>,
        /// The moderator's name who has claimed it with MINE.
        claimed_by: Option<String>,
        /// It is a step of an alert.
        alert: Option<ShownAlert>,
        /// What is known of its author.
        knowing: Knowing,
    },
    /// To every moderator: so many posts came in one member's name that not each has a notice.
    HeldMore {
        /// The pseudonym.
        author: String,
        /// How many of hers wait.
        waiting: i64,
        /// How many of an hour are told one by one.
        most: i64,
    },
    /// To a moderator: what is risky needs a second word.
    AskAgain {
        /// The post; after EDIT with her words.
        post: ShownPost,
        /// The verb that was read, in capitals.
        verb: String,
        /// What EDIT takes out and puts in.
        changes: Vec<Change>,
    },
    /// To every moderator: what was decided, and by whom.
    Echo {
        /// The post.
        post: ShownPost,
        /// The verb, in capitals.
        verb: String,
        /// Who decided.
        moderator: String,
        /// The reader decided it.
        by_reader: bool,
        /// The decision takes effect then, until which UNDO is possible; `None` when it has.
        undo_until: Option<Timestamp>,
        /// The words that go with RETURN, PRIVATE and NOTE.
        note: Option<String>,
        /// What EDIT takes out and puts in.
        changes: Vec<Change>,
        /// Whom ESCALATE asked.
        asked: Vec<String>,
        /// The post still waits: this mail can be answered with a decision.
        waits: bool,
    },
    /// To everybody else who looks after a group: a moderator asks for help with a post, now.
    Escalated {
        /// The post.
        post: ShownPost,
        /// Who asks.
        moderator: String,
        /// What is known of its author.
        knowing: Knowing,
        /// The post waits for a decision.
        waits: bool,
        /// The readers are the administrators, who decide nothing by mail and are shown no words of members.
        administrators: bool,
    },
    /// To a moderator: a verb came to an address that decides nothing. Which post was meant?
    WhichPost {
        /// The verb, in capitals.
        verb: String,
        /// The first line that was read.
        line: String,
        /// The posts that wait, oldest first.
        waiting: Vec<WaitingPost>,
        /// How many more there are.
        more: usize,
    },
    /// To a moderator: nothing was decided, and why.
    Explanation {
        /// Why.
        why: NothingDecided,
        /// The verb that lacks its text, in capitals, or that had a name in it.
        verb: Option<String>,
        /// The first line that was read, to see what was understood.
        line: String,
        /// The post, when it is known and the reader may see it.
        post: Option<ShownPost>,
        /// What was decided before, and by whom.
        decided: Option<String>,
    },
    /// To every moderator: posts that the group has and nobody has read.
    ReadingList {
        /// The posts.
        posts: Vec<ListedPost>,
        /// How many of them should have been read by now.
        late: usize,
        /// By when the first of them is read.
        read_by: Timestamp,
        /// How many others are unread and stand on other lists.
        others: usize,
    },
    /// To a moderator: her answer to a reading list marked nothing, and why.
    NothingRead {
        /// Why.
        why: NothingRead,
        /// The first line that was read, to see what was understood.
        line: String,
        /// The last number of the list.
        last: usize,
    },
    /// To every moderator: a post was taken back; what could not be undone.
    Retracted {
        /// The post.
        post: ShownPost,
        /// Who took it back.
        moderator: String,
        /// Copies that were stopped.
        stopped: i64,
        /// Copies that had been sent.
        sent: i64,
    },
    /// To every moderator: messages that waited are gone, and whose they were is not said.
    Gone {
        /// How many.
        count: usize,
    },
    /// To a moderator: you wrote to the group; is it you?
    ConfirmOwn {
        /// Her words.
        text: String,
        /// Her subject.
        subject: String,
        /// The post.
        #[serde(skip)]
        post: PostId,
        /// How many pictures the group gets with it.
        pictures: u32,
        /// It stands on top of the next digest.
        on_top: bool,
    },
    /// To every moderator: a member wrote to -owner, -join, -help or -request.
    PrivateLine {
        /// The talk that it belongs to; `None` where nobody can answer by it.
        #[serde(skip)]
        talk: Option<TalkId>,
        /// The member's pseudonym. Her address stands in no notice; an administrator can look it up, on the record.
        author: String,
        /// Whom a reply reaches.
        reply_reaches: Reaches,
        /// Where it was written to: `-owner` …; empty where it goes on in a talk.
        written_to: String,
        /// The subject.
        subject: String,
        /// The new words.
        text: String,
        /// Pictures and files that were left out.
        attachments: Vec<Attachment>,
        /// Something in it may tell of a danger to life.
        urgent: bool,
        /// It may tell of a wish not to live, and is no alarm.
        concern: bool,
        /// Nothing in it may, and an alert about its author waits for an answer.
        alert_open: bool,
        /// It was held as a post, and its author says that it is for the moderators alone.
        was_held: bool,
        /// No trusted mail server says that its author wrote it.
        not_verified: bool,
    },
    /// To the moderators: what one of them answered.
    PrivateCopy {
        /// The talk.
        #[serde(skip)]
        talk: TalkId,
        /// Who answered.
        moderator: String,
        /// The reader answered.
        by_reader: bool,
        /// Whom: the pseudonym.
        author: String,
        /// What the member wrote about.
        subject: String,
        /// The answer.
        text: String,
        /// Pictures and files that were left out.
        attachments: Vec<Attachment>,
    },
    /// To a moderator: her answer did not go to the member, and why.
    PrivateUnsent {
        /// The talk; `None` where it is not known.
        #[serde(skip)]
        talk: Option<TalkId>,
        /// Why.
        why: Unsent,
        /// The member's pseudonym; empty where it is not known.
        author: String,
        /// What was read as new in her answer.
        text: String,
    },
    /// To every moderator: words for a member alone did not arrive.
    PrivateUndelivered {
        /// The letters.
        letters: Vec<LostLetter>,
    },
    /// To every moderator, once a day: mail from people who are not in the group.
    Strangers {
        /// The messages.
        messages: Vec<StrangerMail>,
    },
    /// To every moderator, at once: words from outside may tell of a danger to life.
    StrangerUrgent {
        /// The message; several where too many came for one notice each.
        messages: Vec<StrangerMail>,
        /// It is a step of an alert.
        alert: Option<ShownAlert>,
    },
    /// To whoever heard of an alert and has no other notice of its end.
    AlertEnded {
        /// Its number.
        id: i64,
        /// Who answered.
        who: String,
        /// The reader answered.
        by_reader: bool,
        /// When it was raised.
        raised_at: Timestamp,
    },
    /// To a moderator who answered something else: an alert about the same member is open, and MINE in reply takes it.
    AlertOpen {
        /// What it is about.
        messages: Vec<StrangerMail>,
    },
    /// To every moderator: a message to the group could not be read, and its sender was told that it arrived.
    SetAside {
        /// The messages, with whatever could be read of them.
        messages: Vec<StrangerMail>,
        /// Something in one may tell of a danger to life.
        urgent: bool,
    },
}

/// Whom a reply to a member's private words reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reaches {
    /// Their author, names covered.
    Author,
    /// All the moderators: they were a moderator's.
    Moderators,
    /// Nobody in particular: an administrator reads them, because nobody looks after the group.
    Nobody,
}

/// Why a moderator's answer did not go to the member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unsent {
    /// It is a decision's word.
    Verb,
    /// An address of the group's roster is in it.
    Address,
    /// Another person's real name is in it.
    RealName,
    /// Nothing new was found in it.
    NothingNew,
    /// Words stand where they would be lost: below the quote, or in another version.
    WordsLeft,
    /// It is longer than a mail should be.
    TooLong,
    /// The member takes no part in the group any more.
    Gone,
    /// The address is of no talk.
    Unknown,
    /// No trusted mail server says that it came from her.
    SenderNotVerified,
}

/// Why a notice about a post comes a second time.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Again {
    /// Nobody has answered yet.
    Reminder {
        /// When the post came.
        since: Timestamp,
    },
    /// The decision was undone.
    Undone {
        /// Who undid it.
        moderator: String,
    },
    /// The group was set to hold everything after the decision and before it took effect.
    HoldEverything,
    /// The answer came after the old address had expired.
    Late,
    /// The answer came to an address of the group, which decides nothing.
    Unaddressed {
        /// The verb, in capitals.
        verb: String,
    },
}

impl ToModerators {
    /// The post that it is about, where no token of its readers says so.
    #[must_use]
    pub fn about(&self) -> Option<PostId> {
        match self {
            Self::Escalated { post, .. } | Self::Explanation { post: Some(post), .. } => Some(PostId(post.id)),
            _ => None,
        }
    }

    /// The post whose pictures go with it, as the group would get them: whoever is asked about it looks at them.
    #[must_use]
    pub fn shows_pictures_of(&self) -> Option<PostId> {
        match self {
            Self::Hold { post, .. } | Self::Escalated { post, administrators: false, .. } if post.pictures > 0 => {
                Some(PostId(post.id))
            }
            Self::ConfirmOwn { post, pictures, .. } if *pictures > 0 => Some(*post),
            _ => None,
        }
    }

    /// The private talk that it belongs to, and which side gets it.
    #[must_use]
    pub fn talk(&self) -> Option<(TalkId, Side)> {
        let talk = match self {
            Self::PrivateLine { talk, .. } | Self::PrivateUnsent { talk, .. } => *talk,
            Self::PrivateCopy { talk, .. } => Some(*talk),
            _ => None,
        };
        talk.map(|talk| (talk, Side::Moderators))
    }

    /// Whose words it carries, where that name stands over it instead of the group's.
    #[must_use]
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::PrivateLine { talk: Some(_), author, .. } => Some(author),
            _ => None,
        }
    }

    /// The folder of its templates.
    #[must_use]
    pub fn folder(&self) -> &'static str {
        match self {
            Self::MeantForGroup { .. } => "meant-for-group",
            Self::Hold { .. } => "hold",
            Self::HeldMore { .. } => "held-more",
            Self::AskAgain { .. } => "ask-again",
            Self::Echo { .. } => "echo",
            Self::Escalated { .. } => "escalated",
            Self::WhichPost { .. } => "which-post",
            Self::Explanation { .. } => "explanation",
            Self::ReadingList { .. } => "reading-list",
            Self::NothingRead { .. } => "nothing-read",
            Self::Retracted { .. } => "retracted",
            Self::Gone { .. } => "gone",
            Self::ConfirmOwn { .. } => "confirm-own",
            Self::PrivateLine { .. } => "private-line",
            Self::PrivateCopy { .. } => "private-copy",
            Self::PrivateUnsent { .. } => "private-unsent",
            Self::PrivateUndelivered { .. } => "private-undelivered",
            Self::Strangers { .. } => "strangers",
            Self::StrangerUrgent { .. } => "stranger-urgent",
            Self::AlertEnded { .. } => "alert-ended",
            Self::AlertOpen { .. } => "alert-open",
            Self::SetAside { .. } => "set-aside",
        }
    }
}
