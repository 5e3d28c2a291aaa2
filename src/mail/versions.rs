//! The texts of a message that its readable text does not show: the other versions of a `multipart/alternative`, and text
//! files. Nobody reads them out, but somebody may have put her words there.

use std::collections::HashSet;

use super::body::{self, is_body, tidy};
use super::known::Known;
use super::part::{Content, Part};
use super::reply;

/// So many octets of them are read in all: the words of a letter stand at its beginning.
const MOST_OCTETS: usize = 512 * 1024;
/// So many words that the readable text lacks make another version of it.
const OTHER_WORDS: usize = 3;

/// What the other texts of a message say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Newly written words that do not stand in the readable text.
    pub text: String,
    /// Another version of it shares few words with the readable one.
    pub differs: bool,
}

/// Read the texts that `readable` does not show.
#[must_use]
pub fn elsewhere(root: &Part, readable: &str) -> Elsewhere {
    let mut texts = Vec::new();
    unshown(root, true, false, &mut texts);
    let mut found = Elsewhere::default();
    if texts.is_empty() {
        return found;
    }
    let known = Known::of(&[readable]);
    let mut left = MOST_OCTETS;
    for (part, is_version) in texts {
        let Some(text) = body::text_within(part, left) else { continue };
        left = left.saturating_sub(part.text().map_or(0, str::len));
        // What it quotes is quoted in the readable text, too; and a quote is nobody's cry.
        let new = reply::split(&tidy(&text));
        let own = new.reply.lines().filter(|line| !line.starts_with('>')).collect::<Vec<_>>().join("\n");
        found.differs |= is_version && differs(&own, readable);
        for text in [&own, &new.signature] {
            let rest = known.rest(text);
            if !rest.is_empty() {
                found.text.push_str(&rest);
                found.text.push('\n');
            }
        }
    }
    found
}

/// Collect the texts that are not shown, and whether each is a version of what is.
fn unshown<'a>(part: &'a Part, is_shown: bool, is_version: bool, found: &mut Vec<(&'a Part, bool)>) {
    match &part.content {
        Content::Parts(parts) if part.media_type == "multipart/alternative" => {
            let shown = body::shown_alternative(parts);
            for (at, part) in parts.iter().enumerate() {
                unshown(part, is_shown && shown == Some(at), true, found);
            }
        }
        // RFC 6522 §3: what stands behind a report's first part is for machines, and the message that it is about.
        Content::Parts(parts) if part.media_type == "multipart/report" => {
            parts.iter().take(1).for_each(|part| unshown(part, is_shown, is_version, found));
        }
        Content::Parts(parts) => parts.iter().for_each(|part| unshown(part, is_shown, is_version, found)),
        Content::Text(_) if is_shown && is_body(part) => {}
        Content::Text(_) if part.media_type.starts_with("text/") && part.media_type != "text/rfc822-headers" => {
            found.push((part, is_version && is_body(part)));
        }
        _ => {}
    }
}

/// Most words of one are not in the other.
fn differs(version: &str, readable: &str) -> bool {
    let shown: HashSet<String> = words(readable).collect();
    let version: HashSet<String> = words(version).collect();
    let others = version.difference(&shown).count();
    others >= OTHER_WORDS && 2 * others > version.len()
}

/// Words in lower case; of scripts without spaces between them, the characters.
fn words(text: &str) -> impl Iterator<Item = String> {
    let pieces = text.split(|c: char| !c.is_alphanumeric()).filter(|piece| !piece.is_empty());
    pieces.flat_map(|piece| {
        let without_spaces = piece.contains(|c: char| c >= '\u{e00}');
        let whole = (!without_spaces).then(|| piece.to_lowercase());
        let letters = without_spaces.then(|| piece.chars().map(String::from));
        whole.into_iter().chain(letters.into_iter().flatten())
    })
}
