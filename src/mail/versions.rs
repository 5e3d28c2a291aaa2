//! The texts of a message that its readable text does not show: the other versions of a `multipart/alternative`, text
//! files, and messages inside it. Nobody reads them out, but somebody may have put her words there.

use std::collections::HashSet;

use super::body::{self, is_body, tidy};
use super::html::Budget;
use super::known::Known;
use super::part::{Content, Part};
use super::reply::{self, Torn};
use super::uuencoded;

/// So many octets of them are read in all: the words of a letter stand at its beginning.
const MOST_OCTETS: usize = 512 * 1024;
/// So many words that the readable text lacks make another version of it.
const OTHER_WORDS: usize = 3;

/// What the other texts of a message say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Newly written words that do not stand in the readable text.
    pub text: String,
    /// What another version quotes and the readable text does not show: somebody's words, or hers.
    pub quoted: String,
    /// What messages inside the message say, and the quotes of text files.
    pub attached: String,
    /// Words of a colour of their own that another version has inside a quote.
    pub coloured: Vec<Torn>,
    /// Another version of it shares few words with the readable one.
    pub differs: bool,
}

/// Read the texts that `readable` does not show.
#[must_use]
pub fn elsewhere(root: &Part, readable: &str) -> Elsewhere {
    let mut texts = Vec::new();
    unshown(root, Is::Shown, &mut texts);
    let mut found = Elsewhere::default();
    if texts.is_empty() {
        return found;
    }
    let known = Known::of(&[readable]);
    let (mut left, mut budget) = (MOST_OCTETS, Budget::default());
    for (part, is) in texts {
        for file in files_in(part, left) {
            left = left.saturating_sub(file.len());
            found.read(&file, if is == Is::Inside { is } else { Is::File }, &known);
        }
        if is == Is::Shown && is_body(part) {
            continue;
        }
        let Some(text) = body::text_within(part, left, &mut budget) else { continue };
        left = left.saturating_sub(part.text().map_or(0, str::len));
        let is = if is == Is::Version && !is_body(part) { Is::File } else { is };
        let own = found.read(&text, is, &known);
        found.differs |= is == Is::Version && differs(&own, readable);
    }
    found
}

impl Elsewhere {
    /// Add what a text says beside what is known; all that is new in it.
    fn read(&mut self, text: &str, is: Is, known: &Known) -> String {
        let mut new = reply::split(&tidy(text));
        if is == Is::Version {
            self.coloured.append(&mut new.coloured);
        }
        let own = new.reply.lines().filter(|line| !line.starts_with('>')).collect::<Vec<_>>().join("\n");
        // Most of what a version quotes is quoted in the readable text, too.
        let quotes = if is == Is::Version { &mut self.quoted } else { &mut self.attached };
        add(quotes, &known.rest(&new.quoted));
        let words = if is == Is::Inside { &mut self.attached } else { &mut self.text };
        [&own, &new.signature].iter().for_each(|text| add(words, &known.rest(text)));
        own
    }
}

/// Text files that stand in a text, as far as they are read.
fn files_in(part: &Part, most: usize) -> Vec<String> {
    let files = part.text().filter(|_| holds_files(part)).map(|text| uuencoded::take_out(text).1).unwrap_or_default();
    let mut left = most;
    let texts = files.into_iter().filter_map(|file| file.text);
    texts
        .take_while(|text| {
            left = left.saturating_sub(text.len());
            left > 0
        })
        .collect()
}

fn holds_files(part: &Part) -> bool {
    part.media_type != "text/html" && part.text().is_some_and(uuencoded::may_hold)
}

fn add(all: &mut String, text: &str) {
    if !text.is_empty() {
        all.push_str(text);
        all.push('\n');
    }
}

/// What a part is to what is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    Shown,
    Version,
    File,
    /// It belongs to a message inside the message.
    Inside,
}

/// Collect the texts that are not shown, and what each is to what is.
fn unshown<'a>(part: &'a Part, is: Is, found: &mut Vec<(&'a Part, Is)>) {
    match &part.content {
        Content::Parts(parts) if part.media_type == "multipart/alternative" => {
            let shown = body::shown_alternative(parts);
            for (at, part) in parts.iter().enumerate() {
                let of_version = if is == Is::Inside { is } else { Is::Version };
                unshown(part, if is == Is::Shown && shown == Some(at) { is } else { of_version }, found);
            }
        }
        // RFC 6522 §3: behind a report's first part stands what is for machines, and the message that it is about.
        Content::Parts(parts) if part.is_report() => {
            for (at, part) in parts.iter().enumerate().filter(|(_, part)| !matches!(part.content, Content::Message(_)))
            {
                unshown(part, if at > 0 && is == Is::Shown { Is::File } else { is }, found);
            }
        }
        Content::Parts(parts) => parts.iter().for_each(|part| unshown(part, is, found)),
        Content::Message(inner) => inner.iter().for_each(|inner| unshown(inner, Is::Inside, found)),
        Content::Text(_) if is == Is::Shown && is_body(part) && !holds_files(part) => {}
        Content::Text(_) if part.media_type.starts_with("text/") && part.media_type != "text/rfc822-headers" => {
            found.push((part, is));
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
