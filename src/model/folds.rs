//! The content notes that a reader has folded away: which she may name, and how many.

use super::content::{EVERY_NOTE, spelling};

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

/// Fold one more; whether it is a change, and `None` when there are too many.
#[must_use]
pub fn put_in(folds: &mut Vec<String>, note: &str) -> Option<bool> {
    if folds.iter().any(|one| one == note) {
        return Some(false);
    }
    (folds.len() < MOST).then(|| folds.push(note.to_owned()))?;
    Some(true)
}

/// Fold one no more, or none at all with [`EVERY_NOTE`]; whether it is a change.
pub fn take_out(folds: &mut Vec<String>, note: &str) -> bool {
    let before = folds.len();
    folds.retain(|one| note != EVERY_NOTE && one != note);
    folds.len() < before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_one_form() {
        assert_eq!(note("  Hair\u{a0} LOSS. ").unwrap(), "hair loss");
        assert_eq!(note("Pérdida").unwrap(), "perdida");
        let mut kept: Vec<String> = (0..MOST).map(|number| format!("note {number}")).collect();
        assert_eq!((put_in(&mut kept, "note 3"), put_in(&mut kept, "hospice")), (Some(false), None));
        assert_eq!((take_out(&mut kept, "hospice"), take_out(&mut kept, "note 3")), (false, true));
        assert_eq!((put_in(&mut kept, "hospice"), kept.len()), (Some(true), MOST));
        assert!(take_out(&mut kept, EVERY_NOTE) && kept.is_empty() && !take_out(&mut kept, EVERY_NOTE));
        for wrong in ["", " . ", &"x".repeat(LONGEST + 1)] {
            assert!(note(wrong).is_err(), "{wrong}");
        }
    }
}
