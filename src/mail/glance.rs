//! The words of a message at a glance, before anybody reads it: enough to see whether it may tell of danger. Total, and
//! bounded: of a long message the beginning.

use super::parse::{self, strip_html};
use super::part::{Content, Part};
use super::salvage;

/// So many octets of a message are looked at.
pub const MOST_OCTETS: usize = 256 * 1024;
/// So many octets of words are given.
const MOST_WORDS: usize = 128 * 1024;

/// The subject and every text in the message, other versions, text files and messages inside it included, quotes without
/// their marks.
#[must_use]
pub fn words(raw: &[u8]) -> String {
    let head = parse::with_line_feeds(beginning(raw));
    let head = parse::without_mbox_line(&head);
    let mut seen = Seen::default();
    seen.add(&parse::subject_and_author(head).0);
    match parse::parts(head) {
        Ok(root) => seen.gather(&root),
        Err(_) => seen.add(&salvage::words(head)),
    }
    seen.words
}

/// What its author wrote, without what is quoted below: for mail that answers a mail with somebody else's words.
#[must_use]
pub fn own_words(raw: &[u8]) -> String {
    let mut seen = Seen::default();
    seen.add(&parse::parse(beginning(raw)).text.reply);
    seen.words
}

fn beginning(raw: &[u8]) -> &[u8] {
    &raw[..raw.len().min(MOST_OCTETS)]
}

#[derive(Default)]
struct Seen {
    words: String,
    /// The letters of the last text: most pages say what the plain text before them says.
    last: String,
}

impl Seen {
    fn gather(&mut self, part: &Part) {
        match &part.content {
            Content::Text(text) if part.media_type == "text/html" => self.add(&strip_html(text).unwrap_or_default()),
            Content::Text(text) => self.add(text),
            Content::Parts(parts) => parts.iter().for_each(|part| self.gather(part)),
            Content::Message(Some(inside)) => self.gather(inside),
            Content::Message(None) | Content::Octets => {}
        }
    }

    /// One text behind the others, as far as there is room.
    fn add(&mut self, text: &str) {
        let room = MOST_WORDS.saturating_sub(self.words.len());
        let text = &text[..text.floor_char_boundary(room)];
        let letters = text.chars().filter(|c| c.is_alphanumeric()).collect();
        if self.last == letters {
            return;
        }
        self.last = letters;
        for line in text.lines() {
            self.words.push_str(line.trim_start_matches(['>', ' ']));
            self.words.push('\n');
        }
        // An empty line ends a sentence.
        self.words.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(fields: &str, body: &str) -> Vec<u8> {
        format!("From: kit@home.example\nSubject: Tea\nMIME-Version: 1.0\n{fields}\n\n{body}")
            .replace('\n', "\r\n")
            .into()
    }

    #[test]
    fn what_is_seen() {
        let parts = "Content-Type: multipart/alternative; boundary=b";
        let rows = [
            ("plain", mail("X: y", "I like\n  it hot."), "Tea\n\nI like\nit hot.\n\n"),
            ("quotes lose their marks", mail("X: y", "> > He said\n> so."), "Tea\n\nHe said\nso.\n\n"),
            (
                "both versions, where they differ",
                mail(parts, "--b\n\nOne.\n--b\nContent-Type: text/html\n\n<p>Two.</p>\n--b--"),
                "Tea\n\nOne.\n\nTwo.\n\n",
            ),
            (
                "one of them, where the words are the same",
                mail(parts, "--b\n\nOne\nand two.\n--b\nContent-Type: text/html\n\n<p>One <b>and</b> two.</p>\n--b--"),
                "Tea\n\nOne\nand two.\n\n",
            ),
            ("no picture", mail("Content-Type: image/png\nContent-Transfer-Encoding: base64", "QUJD"), "Tea\n\n"),
            ("nothing", Vec::new(), "\n"),
        ];
        for (name, raw, expected) in rows {
            assert_eq!(words(&raw).trim(), expected.trim(), "{name}");
        }
        let no_structure = format!("{}\n\nI want{}", "a".repeat(9), " x".repeat(9));
        assert!(words(no_structure.as_bytes()).contains("I want x"));
    }

    #[test]
    fn her_own_words_alone() {
        let answer = mail("X: y", "Yes, that.\n\nOn Mon, 2 Mar 2026 at 9:12, Rose wrote:\n\n> Not mine.\n");
        assert_eq!(own_words(&answer).trim(), "Yes, that.");
    }

    #[test]
    fn no_more_than_so_much() {
        for line in ["word and word ", "word and word\n", "\n", "> "] {
            let found = words(&mail("X: y", &line.repeat(100_000)));
            assert!(found.len() < MOST_WORDS + 10, "{}", found.len());
            assert!(found.contains("word and word") == line.contains("word"));
        }
        let picture = data_encoding::BASE64_MIME.encode(&vec![7; 300_000]);
        let behind =
            format!("--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n{picture}\n--b\n\nBehind.");
        assert!(!words(&mail("Content-Type: multipart/mixed; boundary=b", &behind)).contains("Behind"));
    }

    proptest::proptest! {
        #[test]
        fn any_octets(raw in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = (words(&raw), own_words(&raw));
        }
    }
}
