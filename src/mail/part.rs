//! The parts of a message as a tree, apart from the library that read them.

/// One MIME part (RFC 2045, RFC 2046).
#[derive(Debug, Clone)]
pub struct Part {
    /// Its place among all the parts of the message.
    pub number: usize,
    /// `text/plain` and the like, in lower case.
    pub media_type: String,
    /// Content-Disposition says `attachment` (RFC 2183).
    pub is_attachment: bool,
    /// The file's name (RFC 2231 decoded).
    pub name: Option<String>,
    /// `format=flowed` (RFC 3676).
    pub flowed: bool,
    /// `delsp=yes` (RFC 3676).
    pub delsp: bool,
    /// Octets after decoding.
    pub size: usize,
    /// What the part holds.
    pub content: Content,
}

/// What a part holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// Decoded text of any `text/*`, or of a report's machine-readable part.
    Text(String),
    /// Octets, not kept.
    Octets,
    /// The parts of a multipart.
    Parts(Vec<Part>),
    /// A message inside the message; looked into if it is no deeper than one level and can be read.
    Message(Option<Box<Part>>),
}

impl Part {
    /// The first part of this media type in the tree, this one included; messages inside are not looked into.
    #[must_use]
    pub fn find(&self, media_type: &str) -> Option<&Part> {
        if self.media_type == media_type {
            return Some(self);
        }
        match &self.content {
            Content::Parts(parts) => parts.iter().find_map(|part| part.find(media_type)),
            _ => None,
        }
    }

    /// A report (RFC 6522 §3): a `multipart/report` with a part for machines behind the one for people. Whoever only writes
    /// the type has a letter of several parts.
    #[must_use]
    pub fn is_report(&self) -> bool {
        let is_machines = |part: &Part| {
            part.media_type.starts_with("message/") || matches!(part.media_type.as_str(), "text/rfc822-headers")
        };
        matches!(&self.content, Content::Parts(parts)
            if self.media_type == "multipart/report" && parts.iter().skip(1).any(is_machines))
    }

    /// Decoded text, where the part holds any.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }
}
