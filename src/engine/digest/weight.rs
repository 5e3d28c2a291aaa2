//! What a post will take up in a mail, told before the mail is written.

use super::super::render::words;
use crate::model::member::Format;
use crate::model::post::Post;

/// The page, the footer, the list of what waits: what a mail takes up without any post.
pub(super) const FRAME: usize = 16_000;
/// A post's heading, its line in the list of contents and the address of its conversation, in one version.
const HEADING: usize = 900;
/// What the style sheet writes into their tags on a page, into those of a paragraph and into those of a quote.
const STYLED_HEADING: usize = 1_000;
const STYLED_PARAGRAPH: usize = 40;
const STYLED_QUOTE: usize = 120;

/// Octets on the wire.
pub(super) fn of_post(post: &Post, format: Format) -> usize {
    let names = 2 * (post.subject.len() + post.author_name.len());
    let plain = encoded(&post.text) + HEADING + names;
    match format {
        Format::Html => plain + of_page(&words::paragraphs(&post.text)) + HEADING + STYLED_HEADING + names,
        Format::Text | Format::Rfc1153 => plain,
        Format::Mime => plain + HEADING,
    }
}

fn of_page(page: &str) -> usize {
    let often = |tag: &str| page.matches(tag).count();
    encoded(page) + often("<p ") * STYLED_PARAGRAPH + often("<blockquote") * STYLED_QUOTE
}

/// Quoted-printable and base64 take up so much, whichever is chosen: RFC 2045 §6.7, §6.8.
fn encoded(text: &str) -> usize {
    let others = text.bytes().filter(|byte| !byte.is_ascii() || *byte == b'=').count();
    let lines = text.len() / 70 * 3 + text.lines().count() * 3;
    text.len() + lines + (2 * others).min(text.len() / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::render::sheet::Sheet;

    #[test]
    fn the_style_sheet_is_no_heavier_than_is_counted_with() {
        let sheet = Sheet::parse(include_str!("../../../templates/style.css")).unwrap();
        let written = |tag: &str| encoded(&sheet.inline(tag)) - encoded(tag);
        assert!(written("<p>") <= STYLED_PARAGRAPH && written("<blockquote>") <= STYLED_QUOTE);
        let heading = "<h2 class=\"talk\"><div class=\"post\"><h3><span class=\"when\"><p class=\"quiet\"><p>\
                       <a class=\"answer\" href=\"\"><li><span class=\"quiet\">";
        assert!(written(heading) <= STYLED_HEADING, "{}", written(heading));
    }
}
