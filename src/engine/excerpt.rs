//! What a notice shows of a long text: its beginning, and where the rest is. A mail server refuses a mail of several
//! megabytes, and an alert that is refused reaches nobody. Pure; the text itself is kept whole.

use super::render::words::filesize;
use crate::mail::parse::Attachment;
use crate::model::wording::Wording;

/// Octets of a text that a notice shows.
const MOST_TEXT: usize = 48 * 1024;
/// Octets of a line, such as a subject or the name of a file.
const MOST_LINE: usize = 500;

/// The text, or its beginning and a last line that says so; `where_else` tells how to read the rest.
#[must_use]
pub fn excerpt(text: &str, where_else: Option<&str>, words: &Wording) -> String {
    if text.len() <= MOST_TEXT {
        return text.to_owned();
    }
    let size = filesize(i64::try_from(text.len()).unwrap_or(i64::MAX), words);
    let rest = match where_else {
        Some(how) => words.fill("cut.rest-with", &[("size", &size), ("how", how)]),
        None => words.fill("cut.rest", &[("size", &size)]),
    };
    format!("{}\n\n{rest}", beginning(text, MOST_TEXT).trim_end())
}

/// One line, or its beginning.
#[must_use]
pub fn line(text: &str) -> String {
    if text.len() <= MOST_LINE { text.to_owned() } else { format!("{}…", beginning(text, MOST_LINE)) }
}

/// The files of a post, none with a name that fills a mail.
#[must_use]
pub fn files(attachments: &[Attachment]) -> Vec<Attachment> {
    let mut shown = attachments.to_vec();
    for file in &mut shown {
        file.name = file.name.as_deref().map(line);
        file.media_type = line(&file.media_type);
    }
    shown
}

/// How an administrator reads a whole post.
#[must_use]
pub fn post_show(id: i64, words: &Wording) -> String {
    words.fill("cut.post", &[("id", &id.to_string())])
}

/// How an administrator reads a whole message.
#[must_use]
pub fn spool_show(id: i64, words: &Wording) -> String {
    words.fill("cut.spool", &[("id", &id.to_string())])
}

fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters_and_says_so() {
        assert_eq!(excerpt("short", None, Wording::english()), "short");
        let cut = excerpt(&"é€".repeat(20_000), Some("look there"), Wording::english());
        assert!(cut.len() < MOST_TEXT + 100 && cut.starts_with("é€"), "{}", cut.len());
        assert!(
            cut.ends_with("\n\n(… cut here: the whole message has 100 KB; look there)"),
            "{}",
            &cut[cut.len() - 80..]
        );
        assert!(line(&"€".repeat(500)).len() < MOST_LINE + 4);
    }
}
