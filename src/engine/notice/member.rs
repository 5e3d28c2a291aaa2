//! What a member gets.

use serde::Serialize;

use super::shown::{Choice, Gets, Missed, MutedTopic, PublishedPost};
use crate::clock::Timestamp;
use crate::model::ids::{PostId, TalkId};
use crate::model::talk::Side;

/// To one member.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum ToMember {
    /// To an author: we have your message.
    Held {
        /// A moderator reads it by then.
        read_by: Timestamp,
        /// The author is new here, so every first message is read.
        first: bool,
        /// The group is read in full.
        all: bool,
        /// It may tell of a danger to life: whom to call stands first, and no hour of reading is named.
        urgent: bool,
        /// The group gets it without what would give somebody away.
        taken_out: bool,
        /// The author's subject, to know which message is meant.
        subject: String,
    },
    /// To an author who reads neither single mails nor digests: your message is published.
    Published {
        /// The post.
        #[serde(skip)]
        about: PostId,
        /// The author's subject.
        subject: String,
    },
    /// To an author: your own words, with a kind note.
    Returned {
        /// The post.
        #[serde(skip)]
        about: PostId,
        /// The moderator who returned it.
        moderator: String,
        /// The moderator's note.
        note: String,
        /// The author's subject.
        subject: String,
        /// The author's words.
        text: String,
    },
    /// To an author: it was taken back as asked.
    Withdrawn {
        /// The post.
        #[serde(skip)]
        about: PostId,
        /// The author's subject.
        subject: String,
    },
    /// To an author who answered a digest: which of its conversations is meant?
    WhichConversation {
        /// Asked once more, because the answer was not understood.
        again: bool,
        /// The conversations.
        choices: Vec<Choice>,
        /// The author's words.
        text: String,
        /// A moderator reads it besides, by then.
        read_by: Option<Timestamp>,
    },
    /// To an author whose post reads as if it was not meant for everybody: did you mean the whole group?
    WholeGroup {
        /// Her subject.
        subject: String,
        /// Her words.
        text: String,
        /// A moderator reads it by then.
        read_by: Timestamp,
        /// It waits for a moderator even if she meant the group.
        read_first: bool,
    },
    /// To an author: only the moderators have it, as she said.
    WentPrivate {
        /// The talk that it became.
        #[serde(skip)]
        talk: TalkId,
        /// Her subject.
        subject: String,
    },
    /// To an author: too late or unclear; a person will read the answer.
    PassedOn,
    /// To a member: the group is closed, the message was not passed on.
    GroupClosed {
        /// The author's subject.
        subject: String,
    },
    /// To a member: answer this mail to leave.
    LeaveAsk,
    /// To a member: you have left.
    LeaveDone,
    /// To a member, at her first address: did you ask to write from this one as well, or no more?
    AddressAsk {
        /// The other address, as it was written.
        address: String,
        /// No more.
        remove: bool,
    },
    /// To whoever reads another address: did you ask for this? Nothing says who did.
    AddressOther,
    /// To a member: it is done.
    AddressDone {
        /// The other address.
        address: String,
        /// Where our mail comes to.
        first: String,
        /// It counts as hers no more.
        removed: bool,
    },
    /// To a member: her word about her mail was carried out, or why not.
    Changed {
        /// The first post of the conversation that it is about: an answer to this mail is about it, too.
        #[serde(skip)]
        about: Option<PostId>,
        /// `delivery`, `paused`, `resumed`, `muted`, `unmuted`, `folded`, `unfolded`, `settings`; or what she is asked or told:
        /// `which-day`, `how-to-mute`, `too-many-folds`, `moderator`.
        what: &'static str,
        /// How she gets mail now.
        gets: Gets,
        /// The subject of the conversation that it is about.
        topic: Option<String>,
        /// The content note; `None` for all of them.
        note: Option<String>,
        /// What came while her mail rested.
        missed: Option<Missed>,
        /// The conversations that she muted, where she asks what is set.
        muted: Vec<MutedTopic>,
        /// So many more than these.
        muted_more: i64,
        /// She wrote where posts go.
        meant_for_group: bool,
    },
    /// To a member: the day that she named has come, and mail comes again.
    Back {
        /// How she gets mail now.
        gets: Gets,
        /// What came meanwhile.
        missed: Option<Missed>,
    },
    /// To a member: the words that she can write.
    Help {
        /// A social worker has her words.
        told: bool,
    },
    /// To a member whom an administrator added with `--welcome`.
    Welcome {
        /// `each`, `daily`, `weekly` or `none`.
        delivery: String,
    },
    /// To an author: a moderator's words for her alone.
    PrivateNote {
        /// The post.
        #[serde(skip)]
        about: PostId,
        /// The talk in which she can answer; moderators among themselves need none.
        #[serde(skip)]
        talk: Option<TalkId>,
        /// The moderator who wrote it.
        moderator: String,
        /// The moderator's words.
        note: String,
        /// The author's subject.
        subject: String,
        /// The author's words.
        text: String,
        /// The post still waits for a moderator.
        waits: bool,
    },
    /// To a member: a moderator's private answer. Her words, under her name.
    PrivateAnswer {
        /// The talk.
        #[serde(skip)]
        talk: TalkId,
        /// "Dana, moderator".
        moderator: String,
        /// What the member wrote about; empty where the group's subjects are neutral.
        subject: String,
        /// The moderator's words.
        post: PublishedPost,
    },
    /// To an author who may be in danger: whom to call, and that a person reads it.
    Crisis {
        /// A social worker's mail server took the alert.
        alerted: bool,
        /// A social worker reads it by then.
        read_by: Timestamp,
        /// The author's subject.
        subject: String,
        /// It is a post that its author can take back.
        can_take_back: bool,
    },
}

impl ToMember {
    /// The post that it is about; no token of its reader says so.
    #[must_use]
    pub fn about(&self) -> Option<PostId> {
        match self {
            Self::Published { about, .. }
            | Self::Returned { about, .. }
            | Self::Withdrawn { about, .. }
            | Self::PrivateNote { about, .. } => Some(*about),
            Self::Changed { about, .. } => *about,
            _ => None,
        }
    }

    /// Further posts that it names.
    #[must_use]
    pub fn names(&self) -> Vec<PostId> {
        match self {
            Self::Changed { muted, .. } => muted.iter().filter_map(|topic| topic.first).collect(),
            _ => Vec::new(),
        }
    }

    /// The private talk that it belongs to, and which side gets it.
    #[must_use]
    pub fn talk(&self) -> Option<(TalkId, Side)> {
        let talk = match self {
            Self::PrivateNote { talk, .. } => *talk,
            Self::PrivateAnswer { talk, .. } | Self::WentPrivate { talk, .. } => Some(*talk),
            _ => None,
        };
        talk.map(|talk| (talk, Side::Member))
    }

    /// Whose words it carries, where that name stands over it instead of the group's.
    #[must_use]
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::PrivateAnswer { moderator, .. } => Some(moderator),
            _ => None,
        }
    }

    /// The folder of its templates.
    #[must_use]
    pub fn folder(&self) -> &'static str {
        match self {
            Self::Held { .. } => "held",
            Self::Published { .. } => "published",
            Self::Returned { .. } => "returned",
            Self::Withdrawn { .. } => "withdrawn",
            Self::WhichConversation { .. } => "which-conversation",
            Self::WholeGroup { .. } => "whole-group",
            Self::WentPrivate { .. } => "went-private",
            Self::PassedOn => "passed-on",
            Self::GroupClosed { .. } => "group-closed",
            Self::LeaveAsk => "leave-ask",
            Self::LeaveDone => "leave-done",
            Self::AddressAsk { .. } => "address-ask",
            Self::AddressOther => "address-other",
            Self::AddressDone { .. } => "address-done",
            Self::Changed { .. } => "changed",
            Self::Back { .. } => "back",
            Self::Help { .. } => "help",
            Self::Welcome { .. } => "welcome",
            Self::PrivateNote { .. } => "private-note",
            Self::PrivateAnswer { .. } => "private-answer",
            Self::Crisis { .. } => "crisis",
        }
    }
}
