//! Words that everybody uses, a sorted file for each language. Looked up in the text of the file itself: a set of them
//! would stand in memory for nothing most of the time.

use std::cmp::Ordering;

/// A language, and its words of small letters without accents, a line each; lines of `#` stand above them.
const FILES: [(&str, &str); 4] = [
    ("en", include_str!("../../../config/everyday.en.txt")),
    ("es", include_str!("../../../config/everyday.es.txt")),
    ("de", include_str!("../../../config/everyday.de.txt")),
    ("fr", include_str!("../../../config/everyday.fr.txt")),
];

/// Whether a folded word is one of a language's; English where there is no file.
pub(crate) fn is_everyday(word: &str, language: &str) -> bool {
    let file = FILES.iter().find(|(name, _)| *name == language).unwrap_or(&FILES[0]);
    stands_in(file.1, word)
}

/// Whether a folded word is one of any language's.
pub(crate) fn is_everyday_anywhere(word: &str) -> bool {
    FILES.iter().any(|(_, file)| stands_in(file, word))
}

fn stands_in(file: &str, word: &str) -> bool {
    // `low` and `high` begin lines, or end the file.
    let (mut low, mut high) = (0, file.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = file.as_bytes()[..middle].iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1).max(low);
        let line = file.as_bytes()[start..].split(|octet| *octet == b'\n').next().unwrap_or_default();
        match line.cmp(word.as_bytes()) {
            Ordering::Equal => return true,
            Ordering::Less => low = start + line.len() + 1,
            Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::words::fold;

    #[test]
    fn the_files_are_sorted_and_folded() {
        for (language, file) in FILES {
            let words: Vec<&str> = file.lines().collect();
            assert!(words.is_sorted_by(|a, b| a < b), "{language}");
            for word in words.iter().filter(|word| !word.starts_with('#')) {
                assert_eq!(*word, fold(word), "{language}");
                assert!(word.chars().all(char::is_alphanumeric), "{language}: {word}");
                assert!(is_everyday(word, language), "{language}: {word}");
            }
        }
    }

    #[test]
    fn a_word_is_found_or_not() {
        for word in ["rose", "hope", "grace", "brown", "young", "mom", "phone", "cancer", "survivor", "hodgkin"] {
            assert!(is_everyday(word, "en"), "{word}");
        }
        for word in ["jansen", "okafor", "", "zzz", "#", "abc"] {
            assert!(!is_everyday(word, "en"), "{word}");
        }
        assert!(is_everyday("flores", "es") && !is_everyday("flores", "en"));
        assert!(is_everyday("berg", "de") && !is_everyday("berg", "fr"));
        assert!(is_everyday("hope", "xx"), "English where there is no file");
    }
}
