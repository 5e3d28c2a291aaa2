//! Outgoing mail written anew: an allow-list of header fields, never an edited original. The only use of mail-builder.

use super::headers::{AutoSubmitted, ListFields};
use super::{Address, Mailbox};
use crate::clock::Timestamp;

/// One message as it is to leave, apart from its recipient.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// From.
    pub from: Mailbox,
    /// Reply-To, where answers go elsewhere than to From.
    pub reply_to: Option<Address>,
    /// Subject, decoded, any characters; line breaks become spaces.
    pub subject: String,
    /// Message-ID without angle brackets.
    pub message_id: String,
    /// References without angle brackets, oldest first; the last is also In-Reply-To.
    pub references: Vec<String>,
    /// Date.
    pub date: Timestamp,
    /// The zone that Date is written in.
    pub zone: chrono_tz::Tz,
    /// List-*, Precedence: list and the loop mark; `None` for a notice to one person.
    pub list: Option<ListFields>,
    /// Auto-Submitted.
    pub auto_submitted: AutoSubmitted,
    /// Content-Language.
    pub language: String,
    /// The plain text, lines ended by LF.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
}

/// Write the message apart from its To field: header fields, an empty line, the body; CRLF, no line over 998 octets.
/// The same input gives the same bytes, boundaries included.
#[must_use]
pub fn compose(_outgoing: &Outgoing) -> Vec<u8> {
    todo!()
}

/// One recipient's copy: the To field before the bytes of [`compose`].
#[must_use]
pub fn address_copy(_composed: &[u8], _to: &Address) -> Vec<u8> {
    todo!()
}
