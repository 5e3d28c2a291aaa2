//! The readable text of a message: text/plain as it stands, text/html turned into lines; flowed text joined (RFC 3676).
//! Never fails: a part that is no text is an attachment.

use super::html;
use super::parse::Attachment;
use super::part::{Content, Part};
use super::reply;
use super::structure;
use super::uuencoded;

/// The text that a reader of the message would see, lines ended by LF.
#[must_use]
pub fn readable(root: &Part) -> String {
    tidy(&text_of(root, &mut html::Budget::default()).unwrap_or_default())
}

/// Read the text files of a telephone's message as its text, where there is no other: gateways attach what was typed as
/// `text_0.txt`.
pub fn read_gateways_texts(root: &mut Part) {
    if holds_gateways_text(root) && readable(root).trim().is_empty() {
        unattach(root);
    }
}

fn unattach(part: &mut Part) {
    part.is_attachment &= !is_gateways_text(part);
    if let Content::Parts(parts) = &mut part.content {
        parts.iter_mut().for_each(unattach);
    }
}

fn holds_gateways_text(part: &Part) -> bool {
    match &part.content {
        Content::Parts(parts) => parts.iter().any(holds_gateways_text),
        _ => is_gateways_text(part),
    }
}

fn is_gateways_text(part: &Part) -> bool {
    part.is_attachment && part.media_type == "text/plain" && part.name.as_deref().is_some_and(is_gateways_name)
}

/// A number and a word that says no more than that it is a text.
fn is_gateways_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    let Some(stem) = lower.strip_suffix(".txt") else { return false };
    let word = stem.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(['_', '-', '.', ' ']);
    matches!(word, "" | "text" | "txt" | "message" | "msg" | "mms" | "sms" | "part" | "body" | "smstext" | "mmstext")
}

/// Whether an HTML text of the message quotes by an element.
#[must_use]
pub fn has_quotes(root: &Part) -> bool {
    match &root.content {
        Content::Parts(parts) => parts.iter().any(has_quotes),
        Content::Text(text) if root.media_type == "text/html" => {
            text.to_ascii_lowercase().contains("<blockquote") || structure::quotes(text)
        }
        _ => false,
    }
}

/// Something that [`readable`] does not show.
pub(super) enum Attached<'p> {
    /// A part.
    Part(&'p Part),
    /// Files that stand in this text.
    InText(&'p str),
}

/// Everything that [`readable`] does not show, described.
#[must_use]
pub fn attachments(root: &Part) -> Vec<Attachment> {
    attached(root).into_iter().flat_map(described).collect()
}

/// The same where it stands, in the same order.
pub(super) fn attached(root: &Part) -> Vec<Attached<'_>> {
    let mut found = Vec::new();
    collect(root, &mut found);
    found
}

/// Line ends become LF; NUL, byte order marks and spaces at the ends of lines go, the signature's delimiter apart.
#[must_use]
pub fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace(['\0', '\u{feff}'], "");
    let mut tidied = String::with_capacity(text.len());
    for line in text.lines() {
        // RFC 3676 §4.3: "-- " is a signature's delimiter by its space.
        tidied.push_str(if line == "-- " { line } else { line.trim_end() });
        tidied.push('\n');
    }
    tidied
}

fn collect<'p>(part: &'p Part, found: &mut Vec<Attached<'p>>) {
    match &part.content {
        Content::Parts(parts) => parts.iter().for_each(|part| collect(part, found)),
        Content::Text(text) if is_body(part) => {
            if uuencoded::may_hold(text) {
                found.push(Attached::InText(text));
            }
        }
        _ => found.push(Attached::Part(part)),
    }
}

fn described(attached: Attached<'_>) -> Vec<Attachment> {
    match attached {
        Attached::Part(part) => vec![Attachment {
            name: part.name.clone().or_else(|| well_known_name(&part.media_type)),
            media_type: part.media_type.clone(),
            size: part.size,
        }],
        Attached::InText(text) => {
            let in_text = |file: uuencoded::Uuencoded| Attachment {
                name: Some(file.name),
                media_type: "application/octet-stream".to_owned(),
                size: file.size,
            };
            uuencoded::take_out(text).1.into_iter().map(in_text).collect()
        }
    }
}

/// Outlook's own envelope often comes without a name.
fn well_known_name(media_type: &str) -> Option<String> {
    matches!(media_type, "application/ms-tnef" | "application/vnd.ms-tnef").then(|| "winmail.dat".to_owned())
}

/// A text that is read as part of the message; RFC 2183 §2.2: not one that is marked as an attachment.
pub(super) fn is_body(part: &Part) -> bool {
    let is_text = matches!(part.media_type.as_str(), "text/plain" | "text/html" | "text/enriched" | "text/richtext");
    // A multipart whose boundary never comes is read as the text that it is.
    let is_wreck = part.media_type.starts_with("multipart/");
    !part.is_attachment && (is_text || is_wreck) && matches!(part.content, Content::Text(_))
}

fn text_of(part: &Part, budget: &mut html::Budget) -> Option<String> {
    match &part.content {
        Content::Parts(parts) if part.media_type == "multipart/alternative" => {
            alternative(parts, budget).map(|(_, text)| text)
        }
        // RFC 6522 §3: the first part of a report is for people, the others for machines.
        Content::Parts(parts) if part.is_report() => parts.first().and_then(|part| text_of(part, budget)),
        Content::Parts(parts) => join(parts.iter().filter_map(|part| text_of(part, budget))),
        Content::Text(text) if is_body(part) => Some(plain(part, text, budget)),
        _ => None,
    }
    .filter(|text| !text.trim().is_empty())
}

fn plain(part: &Part, text: &str, budget: &mut html::Budget) -> String {
    match part.media_type.as_str() {
        "text/html" => html::to_text_within(text, budget),
        "text/enriched" | "text/richtext" => html::strip(text),
        _ if uuencoded::may_hold(text) => uuencoded::take_out(text).0,
        _ if part.flowed => unflow(text, part.delsp),
        _ => text.to_owned(),
    }
}

/// A part's text, file or not, or the beginning of so many octets.
#[must_use]
pub(super) fn text_within(part: &Part, most: usize, budget: &mut html::Budget) -> Option<String> {
    let text = part.text()?;
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at))?;
    Some(plain(part, &text[..end], budget))
}

/// Which of its parts a `multipart/alternative` is read by.
#[must_use]
pub(super) fn shown_alternative(parts: &[Part]) -> Option<usize> {
    alternative(parts, &mut html::Budget::default()).map(|(at, _)| at)
}

/// RFC 2046 §5.1.4 puts the richest last; for reading, plain text comes first unless it is empty, or unless only the HTML says
/// that it quotes. Each part is read once: they may be nested.
fn alternative(parts: &[Part], budget: &mut html::Budget) -> Option<(usize, String)> {
    let mut read = |(at, part): (usize, &Part)| text_of(part, budget).map(|text| (at, text));
    let plain = parts.iter().enumerate().filter(|(_, part)| holds_plain(part)).find_map(&mut read);
    let quotes = |part: &Part| part.media_type == "text/html" && part.text().is_some_and(structure::quotes);
    let told = parts.iter().enumerate().rev().find(|(_, part)| is_body(part) && quotes(part));
    match (plain, told) {
        (Some(plain), Some(told)) if reply::split(&plain.1).quoted.is_empty() => read(told).or(Some(plain)),
        (Some(plain), _) => Some(plain),
        (None, _) => parts.iter().enumerate().rev().find_map(read),
    }
}

fn holds_plain(part: &Part) -> bool {
    match &part.content {
        Content::Parts(parts) => parts.iter().any(holds_plain),
        _ => part.media_type == "text/plain" && is_body(part),
    }
}

fn join(texts: impl Iterator<Item = String>) -> Option<String> {
    texts.reduce(|all, next| format!("{}\n\n{}", all.trim_end(), next.trim_start_matches(['\r', '\n'])))
}

/// Join the lines of a flowed paragraph (RFC 3676 §4).
#[must_use]
pub fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // Quote depth of the paragraph that is still open.
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        // RFC 3676 §4.5: first count the quote marks, then take off one stuffed space.
        let content = line.trim_start_matches('>');
        let depth = line.len() - content.len();
        let content = content.strip_prefix(' ').unwrap_or(content);
        // §4.3: the signature's delimiter is never flowed.
        let is_delimiter = content == "-- ";
        let flows = content.ends_with(' ') && !is_delimiter;
        if open != Some(depth) || is_delimiter {
            if open.is_some() {
                out.push('\n');
            }
            if depth > 0 {
                out.push_str(&">".repeat(depth));
                out.push(' ');
            }
        }
        // §4.1: with DelSp the space that marked the flow goes as well.
        out.push_str(if flows && delsp { &content[..content.len() - 1] } else { content });
        open = flows.then_some(depth);
        if !flows {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowed_text_is_joined() {
        for (text, delsp, joined) in [
            ("a \r\nb\r\nc", false, "a b\nc\n"),
            ("a \nb", true, "ab\n"),
            (" >not a quote\n From stuffed", false, ">not a quote\nFrom stuffed\n"),
            ("> a \n> b\nc", false, "> a b\nc\n"),
            ("> a \nb", false, "> a \nb\n"),
            (">> a\n> b", false, ">> a\n> b\n"),
            ("a \n-- \nMira", false, "a \n-- \nMira\n"),
            ("a\n\nb", false, "a\n\nb\n"),
        ] {
            assert_eq!(unflow(text, delsp), joined, "{text:?}");
        }
    }

    fn leaf(media_type: &str, text: &str) -> Part {
        Part {
            number: 0,
            media_type: media_type.into(),
            is_attachment: false,
            name: None,
            flowed: false,
            delsp: false,
            size: text.len(),
            content: Content::Text(text.into()),
        }
    }

    fn multi(media_type: &str, parts: Vec<Part>) -> Part {
        Part { content: Content::Parts(parts), ..leaf(media_type, "") }
    }

    #[test]
    fn plain_is_preferred_unless_it_is_empty() {
        let both =
            |plain| multi("multipart/alternative", vec![leaf("text/plain", plain), leaf("text/html", "<p>rich</p>")]);
        assert_eq!(readable(&both("plain")), "plain\n");
        assert_eq!(readable(&both(" \n")).trim(), "rich");
    }

    #[test]
    fn several_texts_are_joined_and_attached_ones_are_not() {
        let attached = Part { is_attachment: true, name: Some("n.txt".into()), ..leaf("text/plain", "secret") };
        let root = multi("multipart/mixed", vec![leaf("text/plain", "one\n"), attached, leaf("text/plain", "two")]);
        assert_eq!(readable(&root), "one\n\ntwo\n");
        assert_eq!(attachments(&root)[0].name.as_deref(), Some("n.txt"));
    }
}
