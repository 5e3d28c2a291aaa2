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

impl AutoSubmitted {
    /// The value of the field; `None` where it must not stand (RFC 3834 §5).
    #[must_use]
    pub fn value(self) -> Option<&'static str> {
        match self {
            Self::No => None,
            Self::Generated => Some("auto-generated"),
            Self::Replied => Some("auto-replied"),
        }
    }
}

/// A `mailto:` link to an address (RFC 6068 §2), all in ASCII and without anything that ends a link in brackets.
#[must_use]
pub fn mailto(address: &Address) -> String {
    let mut link = String::from("mailto:");
    for byte in address.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => link.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b'+' | b'@' | b'=' | b'!' | b'$' | b'\'' | b'*' => link.push(char::from(byte)),
            _ => link.push_str(&format!("%{byte:02X}")),
        }
    }
    link
}

/// One line of plain characters: line breaks, controls and marks that turn or hide text become spaces.
///
/// Whatever is put into a header field goes through here first, so that no value can begin a second field or show
/// its reader something else than it says.
#[must_use]
pub fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() || is_hidden_mark(c) { ' ' } else { c }).collect::<String>();
    let line = plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    // RFC 2047 §2: text that looks like an encoded word would be read as one, and may decode to anything.
    line.replace("=?", "= ?")
}

/// Line and paragraph separators, bidirectional marks (Unicode UAX #9), and marks without width. U+200C and U+200D
/// stay: Persian and Indic words and family emoji are written with them.
fn is_hidden_mark(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A message id as it may stand between angle brackets; `None` when nothing that could be one is left of it.
#[must_use]
pub fn message_id(text: &str) -> Option<String> {
    let id: String = text.chars().filter(|c| c.is_ascii_graphic() && !"<>,;()\\\"".contains(*c)).collect();
    // RFC 5322 §2.1.1: with the field's name and brackets it stays under 998 octets; real ones have under 200.
    (!id.is_empty() && id.len() <= 900).then_some(id)
}

/// At most this many ids in References.
pub const MAX_REFERENCES: usize = 20;

/// The ids for References: the first, where the conversation began, and the newest (RFC 5322 §3.6.4).
#[must_use]
pub fn references(ids: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for id in ids.iter().filter_map(|id| message_id(id)) {
        // The last mention counts: its parent is named last.
        kept.retain(|known| *known != id);
        kept.push(id);
    }
    if kept.len() > MAX_REFERENCES {
        kept.drain(1..=kept.len() - MAX_REFERENCES);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_on_its_line() {
        assert_eq!(one_line("a\r\nBcc: x\u{2028}y\0z\u{202e}"), "a Bcc: x y z");
        assert_eq!(one_line(" \t "), "");
        assert_eq!(one_line("=?utf-8?q?=0D=0A?="), "= ?utf-8?q?=0D=0A?=");
        assert_eq!(one_line("👩\u{200d}👩\u{200d}👧"), "👩\u{200d}👩\u{200d}👧");
    }

    #[test]
    fn links_are_ascii() {
        let link = |text| mailto(&Address::parse(text).unwrap());
        assert_eq!(link("rose+t.abc@groups.example"), "mailto:rose+t.abc@groups.example");
        assert_eq!(link("\"a>?b\"@x.example"), "mailto:%22a%3E%3Fb%22@x.example");
        assert_eq!(link("ä@x.example"), "mailto:%C3%A4@x.example");
    }

    #[test]
    fn references_keep_the_first_and_the_newest() {
        let ids: Vec<String> = (0..50).map(|n| format!("{n}@x")).collect();
        let kept = references(&ids);
        assert_eq!((kept.len(), kept[0].as_str(), kept[1].as_str(), kept[19].as_str()), (20, "0@x", "31@x", "49@x"));
        assert_eq!(references(&["<a>\r\n".into(), String::new(), "b".into(), "a".into()]), ["b", "a"]);
    }
}
