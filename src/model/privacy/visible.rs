//! A text without the characters that only a program sees. Total.

use crate::model::words::is_invisible;

/// The text that a reader sees, without the characters that only a program does: marks of no width can carry a
/// message of their own or tell copies apart, and marks of direction show another text than the one that is judged.
///
/// A joiner stays between two emoji, and an emoji keeps its colour; without them a family falls into its members.
#[must_use]
pub fn visible(text: &str) -> String {
    if text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n' | b'\r' | b'\t')) {
        return text.to_owned();
    }
    let mut seen = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let coloured = |seen: &str| seen.ends_with(is_emoji);
        match c {
            '\u{2028}' | '\u{2029}' | '\u{85}' => seen.push('\n'),
            '\u{200d}' => {
                let joins = seen.trim_end_matches('\u{fe0f}').ends_with(is_emoji);
                if joins && rest.peek().is_some_and(|next| is_emoji(*next)) {
                    seen.push(c);
                }
            }
            '\u{fe0f}' if coloured(&seen) => seen.push(c),
            c if is_invisible(c) || is_filler(c) || (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) => {}
            c => seen.push(c),
        }
    }
    seen
}

/// Characters without a picture beyond those of [`is_invisible`]: fillers, annotation marks, tags, further selectors.
fn is_filler(c: char) -> bool {
    matches!(c, '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{3164}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{203c}'..='\u{2049}' | '\u{2100}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}
