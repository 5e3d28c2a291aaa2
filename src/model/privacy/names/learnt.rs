//! Which display names tell a real name: programs and families write others there as well.

use super::super::everyday::is_everyday;
use super::super::folded::{Folded, words};
use super::joined;
use crate::model::words::fold;

/// Characters of a display name beyond which it is none of a person.
const LONGEST: usize = 60;

/// Words of firms, houses and machines.
#[rustfmt::skip]
const NOBODYS: [&str; 47] = [
    "via", "inc", "llc", "ltd", "plc", "corp", "gmbh", "ag", "kg", "ev", "sarl", "sas", "bv", "srl", "company", "foundation", "university",
    "hospital", "clinic", "klinik", "clinica", "center", "centre", "team", "support", "service", "services", "newsletter", "noreply",
    "reply", "mailer", "daemon", "postmaster", "admin", "administrator", "notifications", "notification", "alerts", "billing",
    "bank", "church", "school", "society", "association", "shop", "store", "account",
];

/// The name to keep from the display name of somebody's own From, `None` where it tells none. `pseudonyms` are those of the
/// group.
#[must_use]
pub fn learnable(display_name: &str, pseudonyms: &[&str]) -> Option<String> {
    let name = display_name.split(['(', '[', '<', '|']).next().unwrap_or_default();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.trim_matches(['"', '\'', ' ', ',', ';', '“', '”']);
    let folded = fold(name);
    let is_address = folded.contains(['@', '/', ':', '=']) || folded.contains("www.");
    if display_name.contains('@') || is_address || name.chars().count() > LONGEST || name.chars().any(char::is_control)
    {
        return None;
    }
    let is_nobodys = words(&folded).any(|(_, word)| NOBODYS.contains(&word));
    let is_seen = pseudonyms.iter().any(|pseudonym| joined(&fold(pseudonym)) == joined(&folded));
    (of_letters(&folded) >= 2 && !is_nobodys && !is_seen).then(|| name.to_owned())
}

/// Whether a learnt name is a person's: "Cancer Survivor", "Mom's Phone" and "The Millers iPad" would hold every post.
#[must_use]
pub fn is_somebodys(name: &str, language: &str) -> bool {
    let folded = fold(name);
    let is_known = |word: &str| is_everyday(word, language) || is_everyday(word, "en");
    let mut long = words(&folded).filter(|(_, word)| is_of_letters(word) && word.chars().count() > 1);
    of_letters(&folded) >= 2 && long.any(|(_, word)| !is_known(word))
}

/// Whether a folded word is everybody's and no name that somebody gave away: two others use it, or one does in small letters.
/// Whoever writes in a member's name could else have it taken out of what all of them say. `said` are texts, each with a number
/// of its author.
#[must_use]
pub fn is_in_use<'a>(alone: &[String], said: impl Iterator<Item = (i64, &'a str)>) -> bool {
    let mut first = None;
    for (author, text) in said {
        let folded = Folded::of(text);
        let used = words(&folded.text).filter(|(_, word)| alone.iter().any(|one| one == word));
        for (at, _) in used {
            if !folded.is_capital(at) || *first.get_or_insert(author) != author {
                return true;
            }
        }
    }
    false
}

fn of_letters(folded: &str) -> usize {
    // "O'Neil" is one, and so is "Mom's".
    folded.split_whitespace().filter(|part| words(part).any(|(_, word)| is_of_letters(word))).count()
}

fn is_of_letters(word: &str) -> bool {
    word.chars().all(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names_that_tell_a_name() {
        for (display, kept) in [
            ("Mira Jansen", "Mira Jansen"),
            ("  \"Jansen,  Mira\" ", "Jansen, Mira"),
            ("José O’Neil", "José O’Neil"),
            ("M. Jansen (Home)", "M. Jansen"),
            ("Mira van der Linden", "Mira van der Linden"),
            ("田中 一郎", "田中 一郎"),
        ] {
            assert_eq!(learnable(display, &["Mira", "Tom Thumb"]).as_deref(), Some(kept), "{display}");
        }
        for display in [
            "",
            "Mira",
            "mira@home.example",
            "Mira Jansen <mira@home.example>",
            "Mira via Rose",
            "Tom Thumb",
            "tom  THUMB",
            "12 34",
            "Mira 1958",
            "Rose Team",
            "Okafor & Sons Ltd",
            "St. Mary Hospital",
            "http://x.example y",
            "Mail Delivery Daemon",
            "A name that is far longer than anybody's name was ever said to be in a mail",
        ] {
            assert_eq!(learnable(display, &["Mira", "Tom Thumb"]), None, "{display}");
        }
    }

    #[test]
    fn words_that_others_use_are_no_names() {
        let alone = ["brandvold".to_owned(), "letrozole".to_owned()];
        let used = |said: &[(i64, &str)]| is_in_use(&alone, said.iter().copied());
        assert!(used(&[(1, "I take letrozole."), (2, "Tea.")]));
        assert!(used(&[(1, "Letrozole helps."), (2, "No Letrozole.")]));
        assert!(!used(&[(1, "I met Ms Brandvold."), (1, "Ms Brandvold is kind.")]));
        assert!(!used(&[(1, "Letrozoles and brandvoldian")]) && !used(&[]));
    }

    #[test]
    fn roles_and_devices_are_nobody() {
        for name in ["Cancer Survivor", "Mom's Phone", "The Millers iPad", "Kit 2", "Jansen", "Stay Strong", "K J"] {
            assert!(!is_somebodys(name, "en"), "{name}");
        }
        for name in ["Mira Jansen", "Will Okafor", "J. Jansen", "José O'Neil"] {
            assert!(is_somebodys(name, "en"), "{name}");
        }
        assert!(!is_somebodys("Mi Abuela Rosa", "es"));
    }
}
