//! What Lamplight itself has to say: each notice with all that its template may show.
//!
//! A notice is one folder of templates (`templates/<language>/<folder>/{subject.txt, body.txt, body.html}`). Times are
//! microseconds; the filter `localtime` writes them in the reader's zone.

mod reading;

use serde::{Deserialize, Serialize};

use super::knowing::Knowing;
use crate::clock::Timestamp;
use crate::mail::parse::Attachment;
use crate::model::changes::Change;
use crate::model::ids::{PostId, TalkId};
pub use crate::model::moderation::NothingDecided;
use crate::model::talk::Side;
pub use reading::{LateGroup, ListedPost, NothingRead};

/// What every notice knows of its group and reader.
#[derive(Debug, Clone, Serialize)]
pub struct Setting {
    /// The service's neutral name.
    pub service: String,
    /// The group's name, as in its address; empty for mail from the service itself.
    pub group: String,
    /// The group's title, or the service's name.
    pub title: String,
    /// The group's address, or empty.
    pub group_address: String,
    /// `group-leave@…`, or empty.
    pub leave_address: String,
    /// `group-owner@…`, or empty.
    pub owner_address: String,
    /// The zone for times, as an IANA name.
    pub timezone: String,
    /// Whom to call in danger, for example "911"; `None` prints no number.
    pub emergency_number: Option<String>,
    /// For example "call or text 988".
    pub lifeline: Option<String>,
    /// The mail has an answer address of its own, which nobody else should get.
    pub answerable: bool,
    /// The reader's name: pseudonym of a member, name of a moderator; empty for administrators.
    pub name: String,
}

/// A post as a notice shows it to moderators.
#[derive(Debug, Clone, Serialize)]
pub struct ShownPost {
    /// For `held show ID`.
    pub id: i64,
    /// The author's pseudonym.
    pub author: String,
    /// Days since the author joined.
    pub days_a_member: i64,
    /// Posts of the author that were published before.
    pub earlier_posts: i64,
    /// The subject.
    pub subject: String,
    /// The new words.
    pub text: String,
    /// Pictures and files that were left out of the group's copy.
    pub attachments: Vec<Attachment>,
    /// Every reason for holding, each a plain sentence.
    pub reasons: Vec<String>,
    /// The post is held because it may tell of a danger to life.
    pub urgent: bool,
}

/// A message that people hear of, as a summary or an alarm shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StrangerMail {
    /// Where it can be read: `spool show ID`.
    pub spool_id: i64,
    /// Who the From field names; moderators may need to answer. Empty when it names nobody in particular.
    pub from: String,
    /// The subject.
    pub subject: String,
    /// The first words.
    pub beginning: String,
    /// Which address it was written to: `rose`, `rose-join` …
    pub written_to: String,
    /// It was written to -join, -help, -request or -owner; such mail is listed first.
    pub asks_for_something: bool,
    /// When it came.
    pub received_at: Timestamp,
    /// The words that may tell of a danger to life.
    pub matched: Vec<String>,
    /// Somebody of the group wrote it to the moderators alone; `from` is a pseudonym.
    #[serde(default)]
    pub takes_part: bool,
}

/// An alert as its mails show it.
#[derive(Debug, Clone, Serialize)]
pub struct ShownAlert {
    /// Its number, for `alert show`.
    pub id: i64,
    /// Who was told before, the first first.
    pub told: Vec<ToldBefore>,
    /// What happens next.
    pub next: NextStep,
}

/// A step that was taken.
#[derive(Debug, Clone, Serialize)]
pub struct ToldBefore {
    /// Names, or "the administrators".
    pub who: Vec<String>,
    /// When.
    pub at: Timestamp,
}

/// The step that comes when nobody answers.
#[derive(Debug, Clone, Serialize)]
pub struct NextStep {
    /// Names, or "the administrators"; empty where everybody is told again.
    pub who: Vec<String>,
    /// When.
    pub at: Timestamp,
}

/// A person to reach.
#[derive(Debug, Clone, Serialize)]
pub struct Contact {
    /// The name.
    pub name: String,
    /// The address.
    pub address: String,
}

/// A conversation that an author may have meant.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// 1, 2, 3 …, as in the digest.
    pub number: usize,
    /// The subject.
    pub subject: String,
    /// The pseudonyms of its authors in the digest.
    pub authors: Vec<String>,
    /// When its latest post in the digest was published.
    pub at: Timestamp,
}

/// A post that waits for a decision, in a list.
#[derive(Debug, Clone, Serialize)]
pub struct WaitingPost {
    /// Its group's title.
    pub group: String,
    /// The author's pseudonym.
    pub author: String,
    /// The subject.
    pub subject: String,
    /// When it came.
    pub since: Timestamp,
}

/// A notice that a moderator did not get.
#[derive(Debug, Clone, Serialize)]
pub struct UndeliveredNotice {
    /// Her group's name.
    pub group: String,
    /// Her name.
    pub moderator: String,
    /// Her address, which an administrator may have to mend.
    pub address: String,
    /// What the smarthost said.
    pub cause: String,
    /// When it was written.
    pub written_at: Timestamp,
    /// How many other readers were sent it.
    pub others: i64,
}

/// Each notice, with the facts that belong to it alone.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Notice {
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
    /// To every moderator: its author meant the whole group, which has it now.
    MeantForGroup {
        /// The post.
        post: ShownPost,
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
    /// To a member whom an administrator added with `--welcome`.
    Welcome {
        /// `each`, `daily`, `weekly` or `none`.
        delivery: String,
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
    /// To a moderator: you wrote to the group; is it you?
    ConfirmOwn {
        /// Her words.
        text: String,
        /// Her subject.
        subject: String,
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
        /// It was held as a post, and its author says that it is for the moderators alone.
        was_held: bool,
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
    /// To the administrators: nobody has answered an alert. A member's words are not in it; who reads them is.
    AlertUnanswered {
        /// The alert.
        alert: ShownAlert,
        /// The moderators and how to reach them.
        moderators: Vec<Contact>,
        /// The pseudonym of a post's author.
        author: Option<String>,
        /// `held show ID`.
        post_id: Option<i64>,
        /// `spool show ID`, where it is no post.
        spool_ids: Vec<i64>,
    },
    /// To whoever heard of an alert and has no other notice of its end.
    AlertEnded {
        /// Its number.
        id: i64,
        /// Who answered.
        who: String,
        /// When it was raised.
        raised_at: Timestamp,
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
    /// To every moderator: a message to the group could not be read, and its sender was told that it arrived.
    SetAside {
        /// The messages, with whatever could be read of them.
        messages: Vec<StrangerMail>,
        /// Something in one may tell of a danger to life.
        urgent: bool,
    },
    /// To the administrators: posts wait in a group without an active moderator.
    NoModerator {
        /// How many posts wait.
        waiting: i64,
        /// One of them may tell of a danger to life.
        urgent: bool,
    },
    /// To the administrators, once a day: posts that moderators should have read by now.
    Late {
        /// How many.
        count: i64,
        /// The groups, by name.
        groups: Vec<LateGroup>,
    },
    /// To the administrators: the smarthost does not take our mail, or not all of it. It leaves when it is taken itself.
    Refused {
        /// Since when.
        since: Timestamp,
        /// What the smarthost said.
        cause: String,
    },
    /// To the administrators: moderators did not get these notices.
    Undelivered {
        /// Somebody may be in danger.
        urgent: bool,
        /// The notices.
        notices: Vec<UndeliveredNotice>,
    },
    /// To the administrators: mail to postmaster@ or abuse@.
    Postmaster {
        /// Who the From field names.
        from: String,
        /// The address it was written to.
        written_to: String,
        /// The subject.
        subject: String,
        /// The text.
        text: String,
        /// `spool show ID`.
        spool_id: i64,
    },
    /// To the administrators: mail to postmaster@ or abuse@ beyond what is told one by one.
    PostmasterMore {
        /// The messages.
        messages: Vec<StrangerMail>,
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

impl Notice {
    /// The post that it is about, where no token of its readers says so.
    #[must_use]
    pub fn about(&self) -> Option<PostId> {
        match self {
            Self::Published { about, .. }
            | Self::Returned { about, .. }
            | Self::Withdrawn { about, .. }
            | Self::PrivateNote { about, .. } => Some(*about),
            Self::Escalated { post, .. } => Some(PostId(post.id)),
            Self::Explanation { post: Some(post), .. } => Some(PostId(post.id)),
            _ => None,
        }
    }

    /// The private talk that it belongs to, and which side gets it.
    #[must_use]
    pub fn talk(&self) -> Option<(TalkId, Side)> {
        match self {
            Self::PrivateLine { talk, .. } | Self::PrivateUnsent { talk, .. } => {
                talk.map(|talk| (talk, Side::Moderators))
            }
            Self::PrivateNote { talk, .. } => talk.map(|talk| (talk, Side::Member)),
            Self::PrivateCopy { talk, .. } => Some((*talk, Side::Moderators)),
            Self::PrivateAnswer { talk, .. } | Self::WentPrivate { talk, .. } => Some((*talk, Side::Member)),
            _ => None,
        }
    }

    /// Whose words it carries, where that name stands over it instead of the group's.
    #[must_use]
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::PrivateLine { talk: Some(_), author, .. } => Some(author),
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
            Self::MeantForGroup { .. } => "meant-for-group",
            Self::PassedOn => "passed-on",
            Self::GroupClosed { .. } => "group-closed",
            Self::LeaveAsk => "leave-ask",
            Self::LeaveDone => "leave-done",
            Self::Welcome { .. } => "welcome",
            Self::Hold { .. } => "hold",
            Self::AskAgain { .. } => "ask-again",
            Self::Echo { .. } => "echo",
            Self::Escalated { .. } => "escalated",
            Self::PrivateNote { .. } => "private-note",
            Self::WhichPost { .. } => "which-post",
            Self::Explanation { .. } => "explanation",
            Self::ReadingList { .. } => "reading-list",
            Self::NothingRead { .. } => "nothing-read",
            Self::Late { .. } => "late",
            Self::Retracted { .. } => "retracted",
            Self::ConfirmOwn { .. } => "confirm-own",
            Self::PrivateLine { .. } => "private-line",
            Self::PrivateAnswer { .. } => "private-answer",
            Self::PrivateCopy { .. } => "private-copy",
            Self::PrivateUnsent { .. } => "private-unsent",
            Self::Strangers { .. } => "strangers",
            Self::StrangerUrgent { .. } => "stranger-urgent",
            Self::AlertUnanswered { .. } => "alert-unanswered",
            Self::AlertEnded { .. } => "alert-ended",
            Self::Crisis { .. } => "crisis",
            Self::SetAside { .. } => "set-aside",
            Self::NoModerator { .. } => "no-moderator",
            Self::Refused { .. } => "refused",
            Self::Undelivered { .. } => "undelivered",
            Self::Postmaster { .. } => "postmaster",
            Self::PostmasterMore { .. } => "postmaster-more",
        }
    }
}

/// A post as a digest or a single mail shows it to the group.
#[derive(Debug, Clone, Serialize)]
pub struct PublishedPost {
    /// The pseudonym; a moderator's ends in " (moderator)".
    pub author: String,
    /// When it was published.
    pub at: Timestamp,
    /// The new words.
    pub text: String,
    /// The pseudonym of the post that this one answers, if that is not the conversation's first line in this digest.
    pub answers: Option<String>,
    /// Pictures that were left out.
    pub pictures: usize,
    /// Other files that were left out.
    pub files: usize,
    /// A moderator put other words in place of the author's.
    pub edited: bool,
}

/// A conversation in a digest.
#[derive(Debug, Clone, Serialize)]
pub struct Conversation {
    /// 1, 2, 3 …
    pub number: usize,
    /// The subject.
    pub subject: String,
    /// Answers by mail go here: `rose+t.TOKEN@…`.
    pub reply_to: String,
    /// It began before this digest.
    pub continued: bool,
    /// The pseudonyms of its authors, each once, in order.
    pub authors: Vec<String>,
    /// The new posts, oldest first.
    pub posts: Vec<PublishedPost>,
}

/// A digest edition: nothing personal stands in it, so that it serves everybody with the same posts due.
#[derive(Debug, Clone, Serialize)]
pub struct DigestPage {
    /// The day it is for.
    pub day: Timestamp,
    /// How many posts.
    pub count: usize,
    /// The conversations, oldest new post first.
    pub conversations: Vec<Conversation>,
}

/// A single mail to the group's members on `each`.
#[derive(Debug, Clone, Serialize)]
pub struct SinglePage {
    /// The conversation's subject as the author wrote it.
    pub subject: String,
    /// The post.
    pub post: PublishedPost,
}
