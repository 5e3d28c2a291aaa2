//! One recipient's copy. The content is looked at and made ready for the wire once, however many get it; each copy adds
//! its own few fields, which are looked at for each.
//!
//! A copy that is not addressed to its recipient alone never leaves, nor one whose claim ran out.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::leave::Lease;
use super::outcome::{DeliveryError, Stage};
use crate::mail::{Address, ReversePath};

/// Content without its recipient's fields, ready for any number of copies.
pub struct Message {
    /// As SMTP wants it: lines that begin with a dot have a second one, and the last line is a dot alone.
    wire: String,
    /// Some line has a second dot.
    is_stuffed: bool,
    /// It needs no 8BITMIME.
    pub(super) is_ascii: bool,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} octets)", self.wire.len())
    }
}

impl Message {
    /// Look at what was composed, once.
    ///
    /// # Errors
    /// A temporary error when it names a recipient, or holds a bare CR or LF or what is no text.
    pub fn prepare(composed: Vec<u8>) -> Result<Self, DeliveryError> {
        let ours = |text| Err(DeliveryError::new(Stage::Rcpt, None, text));
        check_fields(&composed)?;
        if !has_whole_line_ends(&composed) {
            return ours("the copy holds a bare CR or LF");
        }
        let Ok(mut wire) = String::from_utf8(composed) else { return ours("the copy is no text") };
        let is_ascii = wire.is_ascii();
        // RFC 5321 §4.5.2. The first line follows a field, so no dot stands at its beginning unseen.
        let is_stuffed = wire.starts_with('.') || wire.contains("\r\n.");
        if is_stuffed {
            wire = wire.split_inclusive("\r\n").fold(String::with_capacity(wire.len() + 64), |mut all, line| {
                all.push_str(if line.starts_with('.') { "." } else { "" });
                all.push_str(line);
                all
            });
        }
        wire.push_str(if wire.ends_with("\r\n") { ".\r\n" } else { "\r\n.\r\n" });
        wire.shrink_to_fit();
        Ok(Self { wire, is_stuffed, is_ascii })
    }

    /// How many octets it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.wire.len()
    }

    /// As it was composed.
    pub(super) fn plain(&self) -> Cow<'_, str> {
        let text = self.wire.strip_suffix(".\r\n").unwrap_or(&self.wire);
        if !self.is_stuffed {
            return Cow::Borrowed(text);
        }
        Cow::Owned(text.split_inclusive("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line)).collect())
    }
}

/// No field of the content names a recipient, and it begins with a field of its own.
fn check_fields(composed: &[u8]) -> Result<(), DeliveryError> {
    let ours = |text| Err(DeliveryError::new(Stage::Rcpt, None, text));
    // RFC 5322 §2.2.3: a line that begins with a space goes on with the field above it.
    if composed.starts_with(b" ") || composed.starts_with(b"\t") {
        return ours("the copy is not addressed to its recipient");
    }
    let end = composed.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(composed.len());
    let names_others = |line: &[u8]| {
        let name = line.split(|b| *b == b':').next().unwrap_or_default().trim_ascii_end();
        ["to", "cc", "bcc"].iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()))
    };
    if composed[..end].split(|b| *b == b'\n').any(names_others) {
        return ours("the copy is addressed to somebody else as well");
    }
    Ok(())
}

/// RFC 5321 §2.3.8: CR and LF only together; a bare one is how messages are smuggled.
fn has_whole_line_ends(composed: &[u8]) -> bool {
    let mut before = 0;
    for &byte in composed {
        if (before == b'\r') != (byte == b'\n') {
            return false;
        }
        before = byte;
    }
    before != b'\r'
}

/// One copy, ready to leave.
#[derive(Debug)]
pub struct Copy {
    /// Where a bounce goes.
    pub reverse_path: ReversePath,
    /// Whose it is.
    pub to: Address,
    /// The fields of this copy alone, each a whole line.
    pub fields: String,
    /// The content.
    pub message: Arc<Message>,
    /// Until when it may be sent.
    pub lease: Lease,
}

impl Copy {
    /// The last look before it leaves: addressed to its recipient and nobody else.
    ///
    /// # Errors
    /// A temporary error when it is not.
    pub(super) fn check(&self) -> Result<(), DeliveryError> {
        let rest = self.fields.strip_prefix(&format!("To: <{}>\r\n", self.to.as_str()));
        let one_reply_to = |rest: &str| {
            rest.strip_prefix("Reply-To: <")
                .and_then(|rest| rest.strip_suffix(">\r\n"))
                .is_some_and(|address| !address.contains(['\r', '\n', '<', '>', ',']))
        };
        match rest {
            Some(rest) if rest.is_empty() || one_reply_to(rest) => Ok(()),
            _ => Err(DeliveryError::new(Stage::Rcpt, None, "the copy is not addressed to its recipient")),
        }
    }
}

/// The recipient's fields and the content, in one piece.
impl fmt::Display for Copy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fields)?;
        f.write_str(&self.message.wire)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn check(copy: &str) -> bool {
        let (fields, message) = copy.split_at(copy.find("\r\n").map_or(0, |end| end + 2));
        let Ok(message) = Message::prepare(message.into()) else { return false };
        assert!(copy.ends_with(&*message.plain()));
        let copy = Copy {
            reverse_path: ReversePath::Null,
            to: Address::parse("kit@home.example").unwrap(),
            fields: fields.to_owned(),
            message: Arc::new(message),
            lease: Lease::until(Instant::now()),
        };
        copy.check().is_ok()
    }

    #[test]
    fn a_copy_is_for_its_recipient_alone() {
        assert!(check("To: <kit@home.example>\r\nFrom: x\r\n\r\nTo: <ash@home.example>\r\n"));
        assert!(check("To: <kit@home.example>\r\nSubject: long\r\n to: fold\r\n\r\nhello\r\n"));
        assert!(!check("To: <kit@home.example>\r\n , <ash@home.example>\r\n\r\nhello\r\n"));
        assert!(!check("From: x\r\nTo: <kit@home.example>\r\n\r\nhello\r\n"));
        assert!(!check("To: <kit@home.example>, <ash@home.example>\r\n\r\nhello\r\n"));
        for other in ["To", "CC", "bcc ", "tO"] {
            assert!(
                !check(&format!("To: <kit@home.example>\r\n{other}: <ash@home.example>\r\n\r\nhello\r\n")),
                "{other}"
            );
        }
    }

    #[test]
    fn the_fields_of_a_copy_are_its_own_two() {
        let message = Arc::new(Message::prepare(b"From: x\r\n\r\nhello\r\n".to_vec()).unwrap());
        let table = [
            ("To: <kit@home.example>\r\n", true),
            ("To: <kit@home.example>\r\nReply-To: <a@b.example>\r\n", true),
            ("To: <kit@home.example>\r\nReply-To: <a@b.example>\r\nCc: <c@b.example>\r\n", false),
            ("To: <kit@home.example>\r\nReply-To: <a@b.example>, <c@b.example>\r\n", false),
            ("To: <kit@home.example>\r\nCc: <c@b.example>\r\n", false),
            ("To: <kit@home.example>", false),
            ("", false),
        ];
        for (fields, right) in table {
            let copy = Copy {
                reverse_path: ReversePath::Null,
                to: Address::parse("kit@home.example").unwrap(),
                fields: fields.to_owned(),
                message: Arc::clone(&message),
                lease: Lease::until(Instant::now()),
            };
            assert_eq!(copy.check().is_ok(), right, "{fields:?}");
        }
    }

    #[test]
    fn a_copy_has_whole_line_ends() {
        for body in ["a\nb", "a\rb", "a\r\r\nb", "a\n\r", "a\r", "\n.\r\n"] {
            assert!(!check(&format!("To: <kit@home.example>\r\n\r\n{body}")), "{body:?}");
        }
    }

    #[test]
    fn dots_are_doubled_once_for_all() {
        let wire = |text: &str| Message::prepare(text.into()).unwrap().wire;
        assert_eq!(wire("A: b\r\n\r\n.\r\n..x\r\na.b\r\n"), "A: b\r\n\r\n..\r\n...x\r\na.b\r\n.\r\n");
        assert_eq!(wire("A: b\r\n\r\nx"), "A: b\r\n\r\nx\r\n.\r\n");
    }
}
