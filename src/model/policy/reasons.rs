//! Why a post is held: a name for listings and a plain sentence for the notice of each.

use serde::{Deserialize, Serialize};

use crate::model::cover::Identifying;
use crate::model::lexicon::{Category, Flag, is_urgent};
use crate::model::wording::Wording;

/// Why a post is held; each carries its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum HoldReason {
    /// The author's first post here.
    FirstPost,
    /// Every post of this group is read.
    EveryPostIsRead,
    /// `hold-everything` is on.
    HoldEverything,
    /// A flag of the lexicon.
    Flagged {
        /// The flag.
        flag: Flag,
    },
    /// It would give somebody away; the group gets it without.
    #[serde(alias = "names-someone")]
    GivesAway {
        /// What was found.
        what: Identifying,
        /// As it stands there.
        #[serde(default)]
        words: String,
    },
    /// It answers a digest, and it can't be known which conversation.
    WhichConversation,
    /// It reads as if it was not meant for the whole group; its author is asked.
    ReadsPrivate,
    /// Nothing newly written was found in it.
    NothingNew,
    /// In its quote or its signature stand words that nobody said before; the copy would lose them.
    LeftOut {
        /// The words, or their beginning.
        words: String,
    },
    /// Between its answers it quotes words that nobody said in the group; the copy would show them.
    QuotesUnknown {
        /// The words, or their beginning.
        words: String,
    },
    /// Its words stand between those of a quote without marks; each was told from the others by what was said before.
    WithoutMarks,
    /// It quotes more than is compared with what was said before.
    TooMuchQuoted,
    /// It is so long that a person should look at it first.
    VeryLong,
    /// It says that a moderator wrote it, and that can't be verified.
    SenderUnverified,
    /// It came in a member's name, and no trusted mail server says that it is hers.
    SenderNotVerified,
    /// The group is closed.
    GroupClosed,
    /// Its plain text and its page have few words in common.
    VersionsDiffer,
    /// It bears a mark of automatic mail that people's mail bears, too.
    LooksAutomatic,
    /// It has pictures, and the group gets pictures.
    HasPictures,
}

impl HoldReason {
    /// Whether a flag is the reason.
    #[must_use]
    pub fn is_flag(&self) -> bool {
        matches!(self, Self::Flagged { .. })
    }

    /// Whether something that would give somebody away is the reason.
    #[must_use]
    pub fn gives_away(&self) -> bool {
        matches!(self, Self::GivesAway { .. })
    }

    /// What the flag may mean, where one is the reason.
    #[must_use]
    pub fn flagged_as<'a>(&self, words: &'a Wording) -> Option<&'a str> {
        match self {
            Self::Flagged { flag } => Some(words.say(category_key(flag.category))),
            _ => None,
        }
    }

    /// Whether it may tell of a danger to life.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        matches!(self, Self::Flagged { flag } if is_urgent(flag.category))
    }

    /// The reason's name, as listings print it: `first-post`, `flag:crisis` …
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::FirstPost => "first-post".to_owned(),
            Self::EveryPostIsRead => "every-post-is-read".to_owned(),
            Self::HoldEverything => "hold-everything".to_owned(),
            Self::Flagged { flag } => format!("flag:{}", category_word(flag.category)),
            Self::GivesAway { what, .. } => what.reason().to_owned(),
            Self::WhichConversation => "which-conversation".to_owned(),
            Self::ReadsPrivate => "reads-private".to_owned(),
            Self::NothingNew => "nothing-new".to_owned(),
            Self::LeftOut { .. } => "words-in-the-quote".to_owned(),
            Self::QuotesUnknown { .. } => "unknown-quote".to_owned(),
            Self::WithoutMarks => "without-marks".to_owned(),
            Self::TooMuchQuoted => "too-much-quoted".to_owned(),
            Self::VeryLong => "very-long".to_owned(),
            Self::SenderUnverified => "sender-unverified".to_owned(),
            Self::SenderNotVerified => "sender-not-verified".to_owned(),
            Self::GroupClosed => "group-closed".to_owned(),
            Self::VersionsDiffer => "versions-differ".to_owned(),
            Self::LooksAutomatic => "looks-automatic".to_owned(),
            Self::HasPictures => "has-pictures".to_owned(),
        }
    }

    /// A plain sentence for the notice.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.sentence_in(Wording::english())
    }

    /// The same in another language.
    #[must_use]
    pub fn sentence_in(&self, say: &Wording) -> String {
        match self {
            Self::Flagged { flag } => {
                let what = say.say(category_key(flag.category));
                say.fill("reasons.flagged", &[("what", what), ("words", &flag.words)])
            }
            Self::GivesAway { what, words } => {
                let key = if words.is_empty() { "reasons.gives-away" } else { "reasons.gives-away-words" };
                say.fill(key, &[("what", &what.sentence_in(say)), ("words", words)])
            }
            Self::LeftOut { words } | Self::QuotesUnknown { words } => {
                say.fill(&format!("reasons.{}", self.word()), &[("words", words)])
            }
            _ => say.fill(&format!("reasons.{}", self.word()), &[]),
        }
    }
}

fn category_word(category: Category) -> &'static str {
    let key = category_key(category);
    key.rsplit('.').next().unwrap_or(key)
}

fn category_key(category: Category) -> &'static str {
    match category {
        Category::Crisis => "flags.crisis",
        Category::Concern => "flags.concern",
        Category::Mention => "flags.mention",
        Category::Safeguard => "flags.safeguard",
        Category::Abuse => "flags.abuse",
        Category::Medical => "flags.medical",
        Category::Solicit => "flags.solicit",
        Category::Contact => "flags.contact",
        Category::Minor => "flags.minor",
        Category::Distress => "flags.distress",
    }
}
