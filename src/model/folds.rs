//! The content notes that a reader has folded away: which she may name, and how many.

use super::content::spelling;

/// So many one reader has at most.
pub const MOST: usize = 20;
/// Characters of one.
pub const LONGEST: usize = 40;

/// A note as it is kept, in the one spelling by which notes are compared.
///
/// # Errors
/// One sentence when it is none.
pub fn note(words: &str) -> Result<String, String> {
    let note = spelling(words);
    if note.is_empty() || words.trim().chars().count() > LONGEST {
        return Err(format!("a content note has 1 to {LONGEST} letters, digits and spaces"));
    }
    Ok(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_one_form() {
        assert_eq!(note("  Hair\u{a0} LOSS. ").unwrap(), "hair loss");
        assert_eq!(note("Pérdida").unwrap(), "perdida");
        for wrong in ["", " . ", &"x".repeat(LONGEST + 1)] {
            assert!(note(wrong).is_err(), "{wrong}");
        }
    }
}
