//! The header fields that mark what Lamplight sends: List-* (RFC 2369, 2919), Auto-Submitted (RFC 3834), loop marks.

use super::Address;

/// The list header fields of a group (RFC 2369, RFC 2919).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFields {
    /// List-Id without angle brackets: `rose.groups.example.org`.
    pub id: String,
    /// Shown before the List-Id: the group's title.
    pub title: String,
    /// List-Post.
    pub post: Address,
    /// List-Unsubscribe.
    pub unsubscribe: Address,
    /// List-Help.
    pub help: Address,
    /// List-Owner.
    pub owner: Address,
}

/// RFC 3834 §5: what made a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoSubmitted {
    /// A member's post: no such field.
    No,
    /// Lamplight wrote it of its own accord.
    Generated,
    /// Lamplight wrote it in answer to a message.
    Replied,
}
