//! Content notes that a reader has folded away: how she may name them.

use super::words::{fold, plain};

/// Stands for every note.
pub const ALL: &str = "all";
/// So many one reader has at most.
pub const MOST: usize = 20;
/// Characters of one.
pub const LONGEST: usize = 40;

/// A note as it is kept: small letters, single spaces.
///
/// # Errors
/// One sentence when it is none.
pub fn normal(note: &str) -> Result<String, String> {
    let note = plain(note).to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let note = note.trim_matches(['"', '\'', '.', ',', ':', ';', '!']).trim().to_owned();
    if note.is_empty() || note.chars().count() > LONGEST {
        return Err(format!("a content note has 1 to {LONGEST} characters"));
    }
    if note.chars().any(|c| !(c.is_alphanumeric() || matches!(c, ' ' | '-' | '\'' | '&' | '/'))) {
        return Err("a content note has letters, digits, spaces, - & / and '".to_owned());
    }
    Ok(note)
}

/// Whether two are the same, however they were typed.
#[must_use]
pub fn are_same(one: &str, other: &str) -> bool {
    fold(one) == fold(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_one_form() {
        assert_eq!(normal("  Hair\u{a0} LOSS. ").unwrap(), "hair loss");
        assert_eq!(normal("Pérdida").unwrap(), "pérdida");
        for wrong in ["", " . ", "a\u{7}b", "<b>", &"x".repeat(LONGEST + 1)] {
            assert!(normal(wrong).is_err(), "{wrong}");
        }
        assert!(are_same("pérdida", "perdida") && !are_same("hair", "hair loss"));
    }
}
