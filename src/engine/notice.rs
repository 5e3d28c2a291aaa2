//! What Lamplight itself has to say: each notice with all that its template may show.
//!
//! A notice is one folder of templates (`templates/<language>/<folder>/{subject.txt, body.txt, body.html}`). Times are
//! microseconds; the filter `localtime` writes them in the reader's zone.

mod administrators;
mod member;
mod moderators;
mod reading;
mod shown;

use serde::Serialize;

use crate::model::ids::{PostId, TalkId};
pub use crate::model::moderation::NothingDecided;
use crate::model::talk::Side;
pub use administrators::{Far, ToAdministrators};
pub use member::ToMember;
pub use moderators::{Again, Reaches, ToModerators, Unsent};
pub use reading::{LateGroup, ListedPost, NothingRead};
pub use shown::{
    Choice, Contact, Conversation, DigestPage, DigestPost, Gets, LostLetter, Missed, MutedTopic, NextStep,
    PublishedPost, ShownAlert, ShownPost, SinglePage, StrangerMail, ToldBefore, UndeliveredNotice, Waiting,
    WaitingPost,
};

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
    /// `group-help@…`, or empty.
    pub help_address: String,
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

/// A notice, by who reads it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
#[allow(clippy::large_enum_variant, reason = "each is made, rendered and gone")]
pub enum Notice {
    /// A member.
    Member(ToMember),
    /// Moderators.
    Moderators(ToModerators),
    /// Administrators.
    Administrators(ToAdministrators),
}

impl From<ToMember> for Notice {
    fn from(notice: ToMember) -> Self {
        Self::Member(notice)
    }
}

impl From<ToModerators> for Notice {
    fn from(notice: ToModerators) -> Self {
        Self::Moderators(notice)
    }
}

impl From<ToAdministrators> for Notice {
    fn from(notice: ToAdministrators) -> Self {
        Self::Administrators(notice)
    }
}

impl Notice {
    /// The post that it is about, where no token of its readers says so.
    #[must_use]
    pub fn about(&self) -> Option<PostId> {
        match self {
            Self::Member(notice) => notice.about(),
            Self::Moderators(notice) => notice.about(),
            Self::Administrators(_) => None,
        }
    }

    /// Further posts that it names.
    #[must_use]
    pub fn names(&self) -> Vec<PostId> {
        match self {
            Self::Member(notice) => notice.names(),
            Self::Moderators(_) | Self::Administrators(_) => Vec::new(),
        }
    }

    /// The post whose pictures go with it.
    #[must_use]
    pub fn shows_pictures_of(&self) -> Option<PostId> {
        match self {
            Self::Moderators(notice) => notice.shows_pictures_of(),
            Self::Member(_) | Self::Administrators(_) => None,
        }
    }

    /// The private talk that it belongs to, and which side gets it.
    #[must_use]
    pub fn talk(&self) -> Option<(TalkId, Side)> {
        match self {
            Self::Member(notice) => notice.talk(),
            Self::Moderators(notice) => notice.talk(),
            Self::Administrators(_) => None,
        }
    }

    /// Whose words it carries, where that name stands over it instead of the group's.
    #[must_use]
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::Member(notice) => notice.by(),
            Self::Moderators(notice) => notice.by(),
            Self::Administrators(_) => None,
        }
    }

    /// It is a member's words that leave ahead of other notices.
    #[must_use]
    pub fn is_read_first(&self) -> bool {
        match self {
            Self::Moderators(ToModerators::PrivateLine { urgent, concern, alert_open, .. }) => {
                *urgent || *concern || *alert_open
            }
            _ => false,
        }
    }

    /// The folder of its templates.
    #[must_use]
    pub fn folder(&self) -> &'static str {
        match self {
            Self::Member(notice) => notice.folder(),
            Self::Moderators(notice) => notice.folder(),
            Self::Administrators(notice) => notice.folder(),
        }
    }
}
