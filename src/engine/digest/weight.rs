//! What a post will take up in a mail, told before the mail is written.

use super::super::render::words;
use crate::model::member::Format;
use crate::model::post::Post;

/// The page, the footer, the list of what waits: what a mail takes up without any post.
pub(super) const FRAME: usize = 16_000;
/// A post's heading, its line in the list of contents and the address of its conversation, in one version.
const HEADING: usize = 900;

/// Octets on the wire.
pub(super) fn of_post(post: &Post, format: Format) -> usize {
    let names = 2 * (post.subject.len() + post.author_name.len());
    let plain = encoded(&post.text) + HEADING + names;
    match format {
        Format::Html => plain + encoded(&words::paragraphs(&post.text)) + HEADING + names,
        Format::Text | Format::Rfc1153 => plain,
        Format::Mime => plain + HEADING,
    }
}

/// Quoted-printable and base64 take up so much, whichever is chosen: RFC 2045 §6.7, §6.8.
fn encoded(text: &str) -> usize {
    let others = text.bytes().filter(|byte| !byte.is_ascii() || *byte == b'=').count();
    let lines = text.len() / 70 * 3 + text.lines().count() * 3;
    text.len() + lines + (2 * others).min(text.len() / 2)
}
