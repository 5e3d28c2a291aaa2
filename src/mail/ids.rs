//! The ids by which mail names other mail: Message-ID, In-Reply-To, References, and Outlook's Thread-Index. Never fails:
//! what is no id is passed over.

use std::collections::HashSet;

use data_encoding::BASE64;

/// At most this many ids of one field are read; the last ones name the nearest messages.
const MAX_IDS: usize = 1_000;
/// RFC 5322 §2.1.1: a line has no more octets.
const MAX_ID: usize = 998;

/// Octets of a Thread-Index that begins a conversation; every answer adds five ([MS-OXOMSG] §2.2.1.3).
const FIRST_INDEX: usize = 22;
const INDEX_STEP: usize = 5;
/// A longer one is nothing that a mail program wrote.
const MAX_INDEX: usize = FIRST_INDEX + 200 * INDEX_STEP;

/// The ids in Message-ID, In-Reply-To or References, without angle brackets, each once, in order.
///
/// White space inside the brackets is a fold gone wrong and is taken out; comments (RFC 5322 §3.2.2) are passed over; a
/// field without any brackets is read word by word, as old programs wrote it, and so are words between brackets as long as
/// all of them could be ids.
#[must_use]
pub fn message_ids(value: &str) -> Vec<String> {
    let value = without_comments(value);
    let mut found: Vec<String> = Vec::new();
    let mut bare: Vec<(usize, &str)> = Vec::new();
    let mut rest = value.as_str();
    while let Some(start) = rest.find('<') {
        bare.extend(words(&rest[..start]).map(|word| (found.len(), word)));
        let inner = &rest[start + 1..];
        // An id that was never closed ends where the next begins.
        let end = inner.find(['<', '>']).unwrap_or(inner.len());
        found.push(inner[..end].chars().filter(|c| !c.is_whitespace()).collect());
        rest = inner[end..].strip_prefix('>').unwrap_or(&inner[end..]);
    }
    bare.extend(words(rest).map(|word| (found.len(), word)));
    let is_prose = bare.iter().any(|(_, word)| !word.contains('@'));
    match bare.as_slice() {
        // An id without an at sign, alone.
        [(0, word)] if found.is_empty() => found.push((*word).to_owned()),
        // "Your message of Monday, kit@home.example": what has an at sign may be an id.
        _ if found.is_empty() => {
            found = bare.iter().map(|(_, id)| *id).filter(|id| id.contains('@')).map(str::to_owned).collect()
        }
        _ if is_prose => {}
        _ => found = merged(found, &bare),
    }
    let mut seen = HashSet::new();
    found.retain(|id| !id.is_empty() && id.len() <= MAX_ID && seen.insert(id.clone()));
    found.drain(..found.len().saturating_sub(MAX_IDS));
    found
}

/// The bare words, each in front of the id in brackets that follows it.
fn merged(found: Vec<String>, bare: &[(usize, &str)]) -> Vec<String> {
    let mut all = Vec::with_capacity(found.len() + bare.len());
    let mut bare = bare.iter().peekable();
    for (at, id) in found.into_iter().enumerate() {
        while let Some((_, word)) = bare.next_if(|(before, _)| *before <= at) {
            all.push((*word).to_owned());
        }
        all.push(id);
    }
    all.extend(bare.map(|(_, word)| (*word).to_owned()));
    all
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    words.map(|word| word.trim_matches(['>', '"', '\''])).filter(|word| !word.is_empty())
}

/// Comments in brackets, nested ones too; a bracket that is never closed is none, and neither is one inside an id.
fn without_comments(value: &str) -> String {
    let mut kept = String::with_capacity(value.len());
    let mut open: Vec<usize> = Vec::new();
    let mut in_id = false;
    for c in value.chars() {
        match c {
            '<' if open.is_empty() => in_id = true,
            '>' if open.is_empty() => in_id = false,
            '(' if !in_id => open.push(kept.len()),
            ')' if !in_id => {
                if let Some(start) = open.pop() {
                    kept.truncate(start);
                    kept.push(' ');
                    continue;
                }
            }
            _ => {}
        }
        kept.push(c);
    }
    kept
}

/// Outlook's place of a message in its conversation: the index of the first message, and five octets for each answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ThreadIndex(Vec<u8>);

impl ThreadIndex {
    /// Read the value of a Thread-Index field; `None` when it is none.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut digits: Vec<u8> = value.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'=').collect();
        if digits.len() > MAX_INDEX * 2 {
            return None;
        }
        while !digits.len().is_multiple_of(4) {
            digits.push(b'=');
        }
        let octets = BASE64.decode(&digits).ok()?;
        let steps = octets.len().checked_sub(FIRST_INDEX)?;
        (steps.is_multiple_of(INDEX_STEP) && octets.len() <= MAX_INDEX).then_some(Self(octets))
    }

    /// The indexes of the messages before it, nearest first.
    pub fn before(&self) -> impl Iterator<Item = Self> {
        let steps = (self.0.len() - FIRST_INDEX) / INDEX_STEP;
        (0..steps).rev().map(|step| Self(self.0[..FIRST_INDEX + step * INDEX_STEP].to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_every_shape() {
        for (value, ids) in [
            ("<a@b>", vec!["a@b"]),
            ("<a@b> <c@d>", vec!["a@b", "c@d"]),
            ("<a@b><c@d> <a@b>", vec!["a@b", "c@d"]),
            ("<a@b>,<c@d>;\t<e@f>", vec!["a@b", "c@d", "e@f"]),
            ("<a@b\t c> (x)", vec!["a@bc"]),
            ("<a@b <c@d>", vec!["a@b", "c@d"]),
            ("<<a@b>>", vec!["a@b"]),
            ("Your message of Monday <a@b>", vec!["a@b"]),
            ("<a@b> (Kit's message of \"Mon (late)\" <x@y>)", vec!["a@b"]),
            ("<a(1)@b> <c@d", vec!["a(1)@b", "c@d"]),
            (":-( <a@b>", vec!["a@b"]),
            ("a@b, c@d", vec!["a@b", "c@d"]),
            ("a@b <c@d> e@f", vec!["a@b", "c@d", "e@f"]),
            ("\"a@b\"", vec!["a@b"]),
            ("20261125-17", vec!["20261125-17"]),
            ("Your message of Monday", vec![]),
            ("", vec![]),
            ("<>", vec![]),
        ] {
            assert_eq!(message_ids(value), ids, "{value}");
        }
    }

    #[test]
    fn of_too_many_the_last_ones_are_kept() {
        let many: String = (0..MAX_IDS + 5).map(|n| format!("<{n}@x> ")).collect();
        let ids = message_ids(&many);
        assert_eq!((ids.len(), ids[0].as_str()), (MAX_IDS, "5@x"));
        assert_eq!(message_ids(&"(".repeat(100_000)).len(), 0);
    }

    #[test]
    fn an_index_names_those_before_it() {
        let index = |octets: &[u8]| ThreadIndex::parse(&BASE64.encode(octets));
        let octets: Vec<u8> = (1..=32).collect();
        let third = index(&octets).unwrap();
        assert_eq!(third.before().collect::<Vec<_>>(), [index(&octets[..27]).unwrap(), index(&octets[..22]).unwrap()]);
        assert_eq!(index(&octets[..22]).unwrap().before().count(), 0);
        for wrong in [&octets[..21], &octets[..23], &[]] {
            assert_eq!(index(wrong), None);
        }
        assert_eq!(ThreadIndex::parse("no index!"), None);
        assert_eq!(ThreadIndex::parse(&BASE64.encode(&octets).replace('=', "").replace('F', "\r\n F")), Some(third));
    }
}
