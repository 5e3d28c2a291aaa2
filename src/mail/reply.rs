//! What is new in a message: the author's words apart from the quote and the signature. When unsure, keep.

/// A text taken apart. Together the parts hold every line of the readable text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewText {
    /// What the author newly wrote; quoted lines that an answer follows stand in it, marked "> ".
    pub reply: String,
    /// The quoted history with its attribution or header block.
    pub quoted: String,
    /// The signature without its delimiter.
    pub signature: String,
}
