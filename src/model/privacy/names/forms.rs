//! The ways in which a real name may stand in a text, and which of its words are a family's.

use super::super::everyday::is_everyday;
use super::super::folded::words;
use super::Where;

/// A name of one word is looked for only if it has so many letters: "Ed" and "May" are words.
const SHORTEST: usize = 4;

const TITLES: [&str; 22] = [
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "rev", "fr", "sr", "sra", "srta", "don", "dona", "frau",
    "herr", "mme", "mlle", "monsieur", "madame", "sister",
];
const DEGREES: [&str; 20] = [
    "jr", "sr", "ii", "iii", "iv", "md", "phd", "rn", "bsn", "np", "msw", "lcsw", "lmsw", "mba", "ma", "ba", "bsc",
    "msc", "esq", "dds",
];
/// Words that stand before a family name and are none.
const PARTICLES: [&str; 28] = [
    "van", "der", "den", "de", "la", "las", "los", "del", "da", "do", "dos", "das", "di", "du", "des", "le", "von",
    "vom", "zu", "zum", "zur", "ter", "ten", "te", "al", "el", "bin", "y",
];
/// Where people have two family names, and go by the first.
const TWO_FAMILIES: [&str; 4] = ["es", "pt", "ca", "gl"];

/// The parts of a folded name between spaces, the given ones first, without titles and degrees.
fn parts(name: &str) -> Vec<Vec<&str>> {
    let turned = name.split_once(',').filter(|(_, given)| !is_degree(given));
    let spaces = match turned {
        Some((family, given)) => [given, family].map(str::split_whitespace).into_iter().flatten().collect::<Vec<_>>(),
        None => name.split_whitespace().collect(),
    };
    let mut parts: Vec<Vec<&str>> = spaces
        .iter()
        .map(|part| words(part).map(|(_, word)| word).collect())
        .filter(|part: &Vec<_>| !part.is_empty())
        .collect();
    while parts.len() > 1 && parts[0].len() == 1 && TITLES.contains(&parts[0][0]) {
        parts.remove(0);
    }
    while parts.len() > 1 && parts.last().is_some_and(|last| DEGREES.contains(&last.concat().as_str())) {
        parts.pop();
    }
    parts
}

fn is_degree(words: &str) -> bool {
    let letters: String = words.chars().filter(|c| c.is_alphanumeric()).collect();
    DEGREES.contains(&letters.as_str())
}

/// Where in the parts the family begins, its particles included.
fn family_begins(parts: &[Vec<&str>], language: &str) -> usize {
    let is_particle = |part: &Vec<&str>| part.len() == 1 && PARTICLES.contains(&part[0]);
    let mut at = parts.len() - 1;
    if at > 1 && TWO_FAMILIES.contains(&language) {
        let given = parts[..at].iter().rposition(|part| !is_particle(part));
        at = given.filter(|first| *first > 0).unwrap_or(at);
    }
    while at > 1 && is_particle(&parts[at - 1]) {
        at -= 1;
    }
    at
}

/// The words of the whole name in the orders in which people write it, each joined by spaces.
pub(super) fn whole(name: &str, language: &str) -> Vec<String> {
    let all: Vec<&str> = words(name).map(|(_, word)| word).collect();
    let parts = parts(name);
    if parts.len() < 2 {
        return if all.is_empty() { Vec::new() } else { vec![all.join(" ")] };
    }
    let all = all.join(" ");
    let begins = family_begins(&parts, language);
    let (given, family) = parts.split_at(begins);
    let (given, family) = (given.concat().join(" "), family.concat().join(" "));
    let first = parts[0].join(" ");
    let last = parts[parts.len() - 1].join(" ");
    let mut forms = vec![
        all,
        format!("{given} {family}"),
        format!("{family} {given}"),
        format!("{first} {family}"),
        format!("{family} {first}"),
        format!("{first} {last}"),
        format!("{last} {first}"),
    ];
    // Who has two family names goes by the first.
    if TWO_FAMILIES.contains(&language) && begins + 1 < parts.len() {
        let short: Vec<&str> = parts[begins..parts.len() - 1].concat();
        forms.push(format!("{first} {}", short.join(" ")));
        forms.push(format!("{given} {}", short.join(" ")));
    }
    forms.sort();
    forms.dedup();
    forms
}

/// Where a whole name counts; `None` for one that is too short to be looked for.
pub(super) fn place(form: &str, language: &str) -> Option<Where> {
    if form.contains(' ') {
        return Some(Where::Anywhere);
    }
    let is_long = form.chars().count() >= SHORTEST;
    match (is_long, is_everyday(form, language), language) {
        (false, ..) => None,
        (true, false, _) => Some(Where::Anywhere),
        // Every German noun has a capital.
        (true, true, "de") => None,
        (true, true, _) => Some(Where::Capital),
    }
}

/// Family names that tell who it is alone, each joined by spaces.
pub(super) fn families(name: &str, language: &str) -> Vec<String> {
    let parts = parts(name);
    let is_particle = |word: &&str| PARTICLES.contains(word);
    let family = match parts.len() {
        0 => return Vec::new(),
        // "Mrs Jansen" has a family, "Hannelore" none that is known.
        1 if name.split_whitespace().count() < 2 => return Vec::new(),
        1 => parts.iter(),
        _ => parts[family_begins(&parts, language)..].iter(),
    };
    let mut found = Vec::new();
    for part in family {
        found.push(part.join(" "));
        // "O'Neil" is written "ONeil"; of "Meyer-Schmidt" each half is a name.
        let is_one = part.iter().any(|piece| piece.chars().count() < SHORTEST);
        match (part.len() > 1, is_one) {
            (true, true) => found.push(part.concat()),
            (true, false) => found.extend(part.iter().map(|piece| (*piece).to_owned())),
            (false, _) => {}
        }
    }
    found.retain(|family| {
        let letters = family.chars().filter(|c| c.is_alphabetic()).count();
        letters >= SHORTEST && !is_particle(&family.as_str()) && !is_everyday(family, language)
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn family_names() {
        for (name, language, expected) in [
            ("mira jansen", "en", vec!["jansen"]),
            ("jansen, mira", "en", vec!["jansen"]),
            ("dr. mira jansen, phd", "en", vec!["jansen"]),
            ("mira jansen jr.", "en", vec!["jansen"]),
            ("mira van der linden", "en", vec!["linden"]),
            ("mira van der linden", "de", vec![]),
            ("jose o'neil", "en", vec!["o neil", "oneil"]),
            ("ada meyer-schmidt", "de", vec!["meyer schmidt", "meyer", "schmidt"]),
            ("ana garcia lopez", "es", vec!["garcia", "lopez"]),
            ("ana garcia lopez", "en", vec!["lopez"]),
            ("maria jose garcia flores", "es", vec!["garcia"]),
            ("ana de la cruz", "es", vec![]),
            ("tom wu", "en", vec![]),
            ("tom brown", "en", vec![]),
            ("hannelore", "en", vec![]),
            ("mrs jansen", "en", vec!["jansen"]),
            ("don jansen", "es", vec!["jansen"]),
        ] {
            assert_eq!(families(name, language), expected, "{name} in {language}");
        }
    }

    #[test]
    fn whole_names() {
        assert_eq!(whole("mira jansen", "en"), ["jansen mira", "mira jansen"]);
        assert!(whole("don jansen", "es").contains(&"don jansen".to_owned()));
        let long = whole("mira sofie van der linden", "en");
        for form in ["mira sofie van der linden", "van der linden mira", "mira linden"] {
            assert!(long.contains(&form.to_owned()), "{form}");
        }
        assert!(whole("ana garcia lopez", "es").contains(&"ana garcia".to_owned()));
        assert_eq!(whole("hope", "en"), ["hope"]);
        assert!(whole(",", "en").is_empty() && whole("", "en").is_empty());
    }
}
