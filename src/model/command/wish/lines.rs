//! Which lines of a text are hers, and which a program wrote below them.

use super::table::{BESIDE_DEVICES, in_table};
use crate::mail::devices::{Named, named};
use crate::mail::reply::is_programs_line;
use crate::model::words::fold;

/// The lines above the mark of a signature, without a program's at their end; and those below it.
pub(super) fn parted(text: &str) -> (String, String) {
    // RFC 3676 §4.3: "-- " begins a signature; programs lose the space.
    let mut lines = text.lines();
    let mut above: Vec<&str> = lines.by_ref().take_while(|line| line.trim_end() != "--").collect();
    while above.last().is_some_and(|line| line.trim().is_empty() || is_of_device(line)) {
        above.pop();
    }
    (above.join("\n"), lines.collect::<Vec<_>>().join("\n"))
}

/// A program's line of nothing but such words and the names of devices: "Sent from my deathbed" and "Sent from my phone for the
/// last time" are hers.
pub(super) fn is_of_device(line: &str) -> bool {
    let words = line.split_once('<').map_or(line, |(words, _)| words);
    let is_known = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        bare.is_empty() || in_table(BESIDE_DEVICES, &fold(bare)) || named(bare) != Named::Nothing
    };
    is_programs_line(line) && named(words) != Named::Nothing && words.split_whitespace().all(is_known)
}
