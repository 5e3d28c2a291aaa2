//! What the administrators get.

use serde::Serialize;

use super::reading::LateGroup;
use super::shown::{Contact, ShownAlert, StrangerMail, UndeliveredNotice};
use crate::clock::Timestamp;

/// How far a clock went, in the largest unit of which it is two or more; the others are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Far {
    /// Days.
    pub days: u64,
    /// Hours.
    pub hours: u64,
    /// Minutes.
    pub minutes: u64,
}

impl Far {
    /// So many seconds, forward or back.
    #[must_use]
    pub fn of(seconds: i64) -> Self {
        match seconds.unsigned_abs() / 60 {
            minutes @ ..120 => Self { days: 0, hours: 0, minutes },
            minutes @ 120..2_880 => Self { days: 0, hours: minutes / 60, minutes: 0 },
            minutes => Self { days: minutes / 1_440, hours: 0, minutes: 0 },
        }
    }
}

/// To the administrators.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum ToAdministrators {
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
    /// To the administrators, once: the clock is not believed, and digests wait.
    ClockJumped {
        /// What it showed, with the year, in UTC.
        shown: String,
        /// It went forward, not back.
        forward: bool,
        /// How far; `None` where it is only known to show an earlier time than before.
        far: Option<Far>,
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

impl ToAdministrators {
    /// The folder of its templates.
    #[must_use]
    pub fn folder(&self) -> &'static str {
        match self {
            Self::AlertUnanswered { .. } => "alert-unanswered",
            Self::NoModerator { .. } => "no-moderator",
            Self::Late { .. } => "late",
            Self::ClockJumped { .. } => "clock-jumped",
            Self::Refused { .. } => "refused",
            Self::Undelivered { .. } => "undelivered",
            Self::Postmaster { .. } => "postmaster",
            Self::PostmasterMore { .. } => "postmaster-more",
        }
    }
}
