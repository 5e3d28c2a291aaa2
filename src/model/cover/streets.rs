//! Street addresses, boxes at the post and postal codes with their towns.

mod patterns;

use std::ops::Range;

use super::Identifying::StreetAddress;
use super::look::Look;
use super::places::Found;
use patterns::{PATTERNS, Wants};

pub(super) fn find(look: &Look<'_>, found: &mut Vec<Found>) {
    if !look.signs.digit {
        return;
    }
    let text = look.folded.text.as_str();
    for pattern in PATTERNS.iter() {
        let mut at = 0;
        while let Some(captured) = pattern.regex.captures_at(text, at) {
            let Some(whole) = captured.get(0) else { break };
            // What begins inside of it may be one when it is none: "2 doors from 12 Oak Street".
            at = next(text, whole.start());
            let names = captured.name("n").map(|name| name.range());
            if !is_address(look, pattern, whole.range(), names) {
                continue;
            }
            let mut place = whole.range();
            // "12 rue Victor Hugo", and not "12 rue Molière est …".
            if let (Some(more), Some(word)) = (captured.name("m"), captured.name("w"))
                && !look.is_capitalised(word.range())
            {
                place.end = more.start();
            }
            if pattern.continues {
                place.end += patterns::length_behind(look, place.end);
            }
            at = place.end.max(at);
            found.push(Found::new(look.folded.range(place), StreetAddress));
        }
    }
}

/// The next word.
fn next(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let word = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()).max(1);
    let word = (word..=rest.len()).find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
    at + word
}

fn is_address(look: &Look<'_>, pattern: &patterns::Pattern, whole: Range<usize>, names: Option<Range<usize>>) -> bool {
    let text = look.folded.text.as_str();
    let begins = !text[..whole.start]
        .ends_with(|c: char| c.is_alphanumeric() || ".,$€£/:".contains(c) && is_digit_before(text, whole.start));
    let names = names.unwrap_or(whole.clone());
    let words = || text[names.clone()].split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_plain = || !words().any(|word| patterns::NO_NAMES.contains(&word) || patterns::is_no_street(word));
    let fits = match pattern.wants {
        Wants::Nothing => true,
        Wants::Names => is_plain(),
        Wants::Capitals => is_plain() && look.is_capitalised(names.clone()),
        Wants::Code => patterns::is_postcode(look, whole.clone()),
        Wants::State => patterns::is_state(look, names.clone()),
    };
    begins && fits && !patterns::is_measured(&text[whole.end..], pattern)
}

fn is_digit_before(text: &str, at: usize) -> bool {
    text[..at].chars().nth_back(1).is_some_and(|c| c.is_ascii_digit())
}
