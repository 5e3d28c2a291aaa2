//! What stands in notices and pages: posts, messages, alerts and people as their readers see them.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::mail::parse::Attachment;
use crate::mail::picture::Picture;
use crate::model::digest::Piece;
use crate::model::ids::PostId;
use crate::model::member::{Delivery, Format, Role};
use crate::model::post::Post;

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
    /// The new words as the group gets them.
    pub text: String,
    /// The subject and the words as their author wrote them, where the group gets them without what would give somebody away.
    pub written: Option<String>,
    /// What stands below her words, which the group does not get.
    pub signature: Option<String>,
    /// Pictures and files that were left out of the group's copy.
    pub attachments: Vec<Attachment>,
    /// How many pictures the group gets, made anew of what came.
    pub pictures: u32,
    /// Every reason for holding, each a plain sentence.
    pub reasons: Vec<String>,
    /// The post is held because it may tell of a danger to life.
    pub urgent: bool,
    /// The post is held because it may tell of a wish not to live, and is no alarm.
    pub concern: bool,
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
    /// No trusted mail server says that it is that person's.
    #[serde(default)]
    pub not_verified: bool,
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

/// A moderator's words for a member alone that did not arrive. Her address, and what a mail server said of it, stand in no mail.
#[derive(Debug, Clone, Serialize)]
pub struct LostLetter {
    /// The member's pseudonym.
    pub member: String,
    /// The subject of the mail.
    pub subject: String,
    /// When it was written.
    pub written_at: Timestamp,
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
    /// Pictures that are with it.
    pub shown: usize,
    /// Pictures that were left out.
    pub pictures: usize,
    /// Other files that were left out.
    pub files: usize,
    /// A moderator put other words in place of the author's.
    pub edited: bool,
}

impl PublishedPost {
    /// The same with these pictures of the post's files.
    #[must_use]
    pub fn with(self, pictures: &[Picture], post: &Post) -> Self {
        let is_with = |at: &usize| pictures.iter().any(|picture| picture.file == *at);
        let left: Vec<&Attachment> =
            post.attachments.iter().enumerate().filter(|(at, _)| !is_with(at)).map(|(_, file)| file).collect();
        let left_out = left.iter().filter(|file| file.is_picture()).count();
        Self { shown: pictures.len(), pictures: left_out, files: left.len() - left_out, ..self }
    }
}

/// A post in a digest.
#[derive(Debug, Clone, Serialize)]
pub struct DigestPost {
    /// As a single mail shows it, too.
    #[serde(flatten)]
    pub post: PublishedPost,
    /// When the post was published that it answers, where that one is not in this digest.
    pub answered_at: Option<Timestamp>,
    /// It stands at the end, because its reader asked so.
    pub folded: bool,
    /// Its content notes.
    pub notes: Vec<String>,
    /// Where the post is longer than a mail: which piece of it, and how many there are.
    pub piece: Option<Piece>,
}

/// A conversation that waits for a first answer.
#[derive(Debug, Clone, Serialize)]
pub struct Waiting {
    /// The subject.
    pub subject: String,
    /// Who began it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// Answers by mail go here.
    pub reply_to: String,
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
    /// A moderator's words that stand on top are among its posts.
    pub on_top: bool,
    /// The pseudonyms of its authors, each once, in order.
    pub authors: Vec<String>,
    /// The new posts, oldest first.
    pub posts: Vec<DigestPost>,
}

/// A digest edition: nothing personal stands in it, so that it serves everybody with the same posts due.
#[derive(Debug, Clone, Serialize)]
pub struct DigestPage {
    /// The day it is for: its noon in the group's zone.
    pub day: Timestamp,
    /// The group's year.
    pub volume: i64,
    /// Which digest of that year.
    pub number: i64,
    /// Which mail of the digest, from 1 on.
    pub part: usize,
    /// How many there are.
    pub parts: usize,
    /// How many posts.
    pub count: usize,
    /// It is the first one of somebody new.
    pub welcome: bool,
    /// The conversations: those with a moderator's words on top, then the one with the oldest new post.
    pub conversations: Vec<Conversation>,
    /// How many posts stand at the end.
    pub folded: usize,
    /// Conversations that wait for a first answer.
    pub waiting: Vec<Waiting>,
}

/// A single mail to the group's members on `each`.
#[derive(Debug, Clone, Serialize)]
pub struct SinglePage {
    /// The conversation's subject as the author wrote it.
    pub subject: String,
    /// The post.
    pub post: PublishedPost,
}

/// How a member gets mail.
#[derive(Debug, Clone, Serialize)]
pub struct Gets {
    /// `each`, `daily`, `weekly` or `none`.
    pub delivery: Delivery,
    /// Her own days, Sunday being 0; none where they are the group's or all.
    pub days: Vec<u8>,
    /// `html`, `text`, `mime` or `rfc1153`.
    pub format: Format,
    /// Nothing comes for now.
    pub paused: bool,
    /// Until then.
    pub paused_until: Option<Timestamp>,
    /// When the next digest comes, or the first after her pause.
    pub next: Option<Timestamp>,
    /// Content notes whose messages stand at the end of her digests.
    pub folds: Vec<String>,
    /// Every message with a content note does.
    pub folds_all: bool,
    /// `member` or `moderator`.
    pub role: Role,
}

/// What came while somebody's mail rested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// Messages of others.
    pub messages: i64,
    /// In so many conversations.
    pub conversations: i64,
}

/// A conversation that she muted.
#[derive(Debug, Clone, Serialize)]
pub struct MutedTopic {
    /// Its first post, where the group has one.
    #[serde(skip)]
    pub first: Option<PostId>,
    /// Its subject.
    pub subject: String,
    /// Since when.
    pub since: Timestamp,
}
