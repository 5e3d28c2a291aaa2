//! Raw bytes to facts. Cannot fail: what can't be read says so in [`Incoming::trouble`]. The only use of mail-parser.

use super::address::{Address, Mailbox};
use super::kind::Kind;
use super::reply::NewText;
use super::report::FailedRecipient;

/// What a message says, as far as it can be read.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Why the message can't be read in full; such a message is set aside for a person.
    pub trouble: Option<Trouble>,
    /// Who the From field names.
    pub author: Author,
    /// The decoded subject, one line, spaces folded; empty when there is none.
    pub subject: String,
    /// The subject without reply and forward prefixes, list tags and trailing "(fwd)" (RFC 5256 §2.1), lower case.
    pub base_subject: String,
    /// The subject begins with a reply prefix (Re:, AW:, SV: …).
    pub is_reply_by_subject: bool,
    /// Message-ID without angle brackets.
    pub message_id: Option<String>,
    /// In-Reply-To, without angle brackets, in order.
    pub in_reply_to: Vec<String>,
    /// References, without angle brackets, oldest first.
    pub references: Vec<String>,
    /// What sort of mail this is.
    pub kind: Kind,
    /// Why this counts as automatic mail (RFC 3834), in a few words; `None` for mail that a person wrote.
    pub automatic: Option<&'static str>,
    /// The text, taken apart.
    pub text: NewText,
    /// What is attached; the parts themselves stay in the original.
    pub attachments: Vec<Attachment>,
    /// Whom a delivery report says was not reached.
    pub failed_recipients: Vec<FailedRecipient>,
    /// How many Received fields there are (RFC 5321 §6.3: a loop shows here).
    pub received: usize,
    /// Loop marks of ours (`X-Loop` or List-Id values), so that own copies that come back are known.
    pub loop_marks: Vec<String>,
}

/// Who the From field names (RFC 5322 §3.6.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// Exactly one mailbox in exactly one From field.
    One(Mailbox),
    /// No From field that can be read.
    Nobody,
    /// Several mailboxes, or several From fields: nobody in particular.
    Several(Vec<Address>),
}

/// Why a message can't be read in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// More than [`MAX_PARTS`] parts.
    #[error("more than {MAX_PARTS} parts")]
    TooManyParts,
    /// Parts nested deeper than [`MAX_DEPTH`].
    #[error("parts nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// More than [`MAX_HEADER_BYTES`] of header fields.
    #[error("more than 256 KB of header fields")]
    HeaderTooLarge,
    /// More than [`MAX_ADDRESSES`] addresses in the header.
    #[error("more than {MAX_ADDRESSES} addresses in the header")]
    TooManyAddresses,
    /// A white space inside a field name, which some readers take for From.
    #[error("a field name with a space in it")]
    BrokenFieldName,
    /// The reader gave up.
    #[error("the message could not be read")]
    Unreadable,
}

/// The most parts that are read.
pub const MAX_PARTS: usize = 1_000;
/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 20;
/// The most octets of header that are read.
pub const MAX_HEADER_BYTES: usize = 256 * 1024;
/// The most addresses in the header.
pub const MAX_ADDRESSES: usize = 1_000;

/// Something attached, described and left where it is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Attachment {
    /// The file's name as the message gives it (RFC 2231 decoded); for moderators only.
    pub name: Option<String>,
    /// `image/jpeg` and the like, in lower case.
    pub media_type: String,
    /// Octets after decoding.
    pub size: usize,
}

impl Attachment {
    /// Whether it is a picture.
    #[must_use]
    pub fn is_picture(&self) -> bool {
        self.media_type.starts_with("image/")
    }
}

/// Read a message.
#[must_use]
pub fn parse(_raw: &[u8]) -> Incoming {
    todo!()
}
