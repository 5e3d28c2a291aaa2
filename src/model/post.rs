//! A post: a member's contribution, from held to published or back.

use serde::{Deserialize, Serialize};

use super::ids::{GroupId, MemberId, PostId, SpoolId, ThreadId};
use super::lexicon::Category;
use super::member::{Role, shown_name};
use super::policy::HoldReason;
use super::token::content_hash;
use super::wording::Wording;
use super::words::fold;
use crate::clock::Timestamp;
use crate::mail::parse::Attachment;

/// Where a post stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PostState {
    /// Waits for a person; also while a decision can still be undone.
    Held,
    /// The group has it.
    Published,
    /// Its author has it back, with a note.
    Returned,
    /// Its author took it back before anybody read it.
    Withdrawn,
    /// Taken back after it was approved.
    Retracted,
}

/// One post.
#[derive(Debug, Clone)]
pub struct Post {
    /// The row.
    pub id: PostId,
    /// The group.
    pub group: GroupId,
    /// The conversation.
    pub thread: ThreadId,
    /// The post that this one answers.
    pub parent: Option<PostId>,
    /// Who wrote it.
    pub author: MemberId,
    /// The name at the time of writing.
    pub author_name: String,
    /// The role at the time of writing.
    pub author_role: Role,
    /// The original.
    pub spool: Option<SpoolId>,
    /// As the group gets it, in one line.
    pub subject: String,
    /// The new words as the group gets them: the author's, without what would give somebody away, or a moderator's in
    /// their place.
    pub text: String,
    /// What was left out.
    pub attachments: Vec<Attachment>,
    /// Why it was held.
    pub reasons: Vec<HoldReason>,
    /// Where it stands.
    pub state: PostState,
    /// When it came.
    pub created_at: Timestamp,
    /// A moderator reads it by then.
    pub read_by: Timestamp,
    /// Who said MINE.
    pub claimed_by: Option<MemberId>,
    /// When the group got it.
    pub published_at: Option<Timestamp>,
    /// Its number in the group.
    pub release_seq: Option<i64>,
    /// What the author wrote, where other words stand in `text`.
    pub original: Option<String>,
    /// The same of the subject.
    pub original_subject: Option<String>,
    /// What stood below the author's words: her signature. No copy has it, and moderators do.
    pub signature: Option<String>,
    /// Since when a moderator's words stand in `text`.
    pub edited_since: Option<Timestamp>,
    /// A moderator's words that stand on top of the next digest.
    pub on_top: bool,
}

impl Post {
    /// The name over the post.
    #[must_use]
    pub fn shown_author(&self, words: &Wording) -> String {
        shown_name(&self.author_name, self.author_role, words)
    }

    /// What the author wrote, whatever moderators made of it.
    #[must_use]
    pub fn written(&self) -> &str {
        self.original.as_ref().unwrap_or(&self.text)
    }

    /// The subject as its author wrote it.
    #[must_use]
    pub fn written_subject(&self) -> &str {
        self.original_subject.as_ref().unwrap_or(&self.subject)
    }

    /// What a decision is bound to: another text is another post.
    #[must_use]
    pub fn content_hash(&self) -> String {
        content_hash(&[&self.subject, &self.text, &self.author_name])
    }

    /// Whether its release needs a second word: a flag held it, and its senders can't be verified.
    #[must_use]
    pub fn is_flagged(&self) -> bool {
        self.reasons.iter().any(HoldReason::is_flag)
    }

    /// Whether it may tell of a danger to life, said plainly: its author gets the text for a crisis.
    #[must_use]
    pub fn is_crisis(&self) -> bool {
        let is_crisis =
            |why: &HoldReason| matches!(why, HoldReason::Flagged { flag } if flag.category == Category::Crisis);
        self.reasons.iter().any(is_crisis)
    }

    /// Whether it may tell of a danger to life.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.reasons.iter().any(HoldReason::is_urgent)
    }

    /// Whether it may tell of a wish not to live, and of no danger said plainly: no alarm, but it is read before others.
    #[must_use]
    pub fn is_concern(&self) -> bool {
        let is_concern =
            |why: &HoldReason| matches!(why, HoldReason::Flagged { flag } if flag.category == Category::Concern);
        !self.is_urgent() && self.reasons.iter().any(is_concern)
    }

    /// Whether what moderators hear of it leaves before everything else.
    #[must_use]
    pub fn goes_first(&self) -> bool {
        self.is_urgent() || self.is_concern()
    }
}

/// How a moderator begins the subject of words that should stand on top of the next digest, in one spelling.
const ON_TOP: &[&str] = &["top", "on top", "arriba", "obenan", "en tete"];

/// A moderator's subject without "Top:", where it begins so.
#[must_use]
pub fn on_top(subject: &str) -> Option<&str> {
    let (mark, rest) = subject.split_once(':')?;
    let rest = rest.trim_start();
    (ON_TOP.contains(&fold(mark).trim()) && !rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_on_top_says_so_at_its_beginning() {
        for (subject, rest) in [
            ("Top: Friday", "Friday"),
            ("ON TOP:  Friday: no group", "Friday: no group"),
            ("arriba: viernes", "viernes"),
        ] {
            assert_eq!(on_top(subject), Some(rest), "{subject}");
        }
        for subject in ["Re: Top: Friday", "Topics: tea", "Top", "Top:", "The top: a view", ""] {
            assert_eq!(on_top(subject), None, "{subject}");
        }
    }
}
