//! What sort of mail a message is: a person's words, an automatic answer, a report (RFC 3834, 3464, 5965, 8098).

/// The sort of a message, as `inspect` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A person's mail that answers nothing.
    Post,
    /// A person's mail that answers another.
    Reply,
    /// A delivery status report (RFC 3464) or its older forms.
    Bounce,
    /// An automatic answer (RFC 3834).
    AutoReply,
    /// A feedback report (RFC 5965).
    Feedback,
    /// A read receipt (RFC 8098).
    Receipt,
}
