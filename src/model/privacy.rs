//! What a text would give away: an address or a registered real name of somebody on the group's roster, and marks that
//! nobody sees.
//!
//! Total, and on the safe side: a coincidence holds a post that a person then reads. Accents, case, line breaks,
//! invisible characters and "mira (at) home dot example" hide nothing.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::ids::MemberId;
use super::words::{fold, is_invisible};

/// What the roster knows of one person.
#[derive(Clone)]
pub struct Known {
    /// The address, any case.
    pub address: String,
    /// The registered real name.
    pub real_name: Option<String>,
}

/// What a text names. Carries the kind only: the words themselves are private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Named {
    /// An address of the roster.
    Address,
    /// A registered real name.
    RealName,
}

/// A real name of one word is looked for only if it has so many letters: "Ed" and "May" are words.
const SHORTEST_SINGLE_NAME: usize = 4;

/// The roster of a group, laid out for looking; made once, asked for every text.
#[derive(Debug, Default)]
pub struct Roster {
    by_domain: HashMap<String, HashSet<String>>,
    domain_lengths: BTreeSet<usize>,
    longest_local: usize,
    /// Names begin with a word at which so many words may be one of them.
    by_word: HashMap<String, BTreeSet<usize>>,
    of_words: HashSet<String>,
    /// Or, in scripts without spaces, with a character at which so many octets may be.
    by_character: HashMap<char, BTreeSet<usize>>,
    of_characters: HashSet<String>,
    /// The names of those who look after the group now; members see them anyway.
    pub moderators: Vec<String>,
    /// The names that were learnt of each person, in the form by which two are the same.
    pub learnt: HashSet<(MemberId, String)>,
}

impl Roster {
    /// Lay out a roster. A real name that equals one of `spared` (pseudonyms and titles that members see anyway) is not
    /// looked for.
    #[must_use]
    pub fn new(known: &[Known], spared: &[&str]) -> Self {
        let mut roster = Self::default();
        for person in known {
            if let Some((local, domain)) = fold(&person.address).rsplit_once('@') {
                roster.by_domain.entry(domain.to_owned()).or_default().insert(local.to_owned());
                // No run is looked at further than the longest address goes (RFC 5321 §4.5.3.1: 64 and 255 octets).
                roster.domain_lengths.insert(domain.len());
                roster.longest_local = roster.longest_local.max(local.len());
            }
        }
        let spared: HashSet<String> = spared.iter().map(|name| words(&fold(name)).join(" ")).collect();
        for name in known.iter().filter_map(|person| person.real_name.as_deref()) {
            roster.add_name(&fold(name), &spared);
        }
        roster
    }

    fn add_name(&mut self, name: &str, spared: &HashSet<String>) {
        let parts = words(name);
        let joined = parts.join(" ");
        if spared.contains(&joined) {
            return;
        }
        let name = name.trim();
        // Scripts without spaces have no word bounds to match at.
        if let (true, Some(first)) = (is_without_spaces(name), name.chars().next()) {
            self.by_character.entry(first).or_default().insert(name.len());
            self.of_characters.insert(name.to_owned());
        } else if parts.len() > 1 || parts.first().is_some_and(|only| only.chars().count() >= SHORTEST_SINGLE_NAME) {
            self.by_word.entry(parts[0].to_owned()).or_default().insert(parts.len());
            self.of_words.insert(joined);
        }
    }

    /// The kinds of thing in `text` that are on the roster, each once.
    #[must_use]
    pub fn names(&self, text: &str) -> Vec<Named> {
        let folded = fold(text);
        let mut found = Vec::new();
        if self.names_address(&folded) {
            found.push(Named::Address);
        }
        if self.names_person(&folded) {
            found.push(Named::RealName);
        }
        found
    }

    fn names_address(&self, folded: &str) -> bool {
        let mut text = folded.to_owned();
        for (disguise, plain) in DISGUISES.iter() {
            // Most texts hold none, and then nothing is copied.
            if let std::borrow::Cow::Owned(changed) = disguise.replace_all(&text, *plain) {
                text = changed;
            }
        }
        let longest_domain = self.domain_lengths.last().copied().unwrap_or_default();
        text.match_indices('@').any(|(at, _)| {
            endings(&text[at + 1..], longest_domain)
                .filter(|domain| self.domain_lengths.contains(&domain.len()))
                .filter_map(|domain| self.by_domain.get(domain))
                .any(|known| beginnings(&text[..at], self.longest_local).iter().any(|local| known.contains(*local)))
        })
    }

    fn names_person(&self, folded: &str) -> bool {
        let is_named = |(at, c): (usize, char)| {
            let lengths = self.by_character.get(&c);
            lengths.is_some_and(|all| {
                all.iter()
                    .any(|length| folded.get(at..at + length).is_some_and(|name| self.of_characters.contains(name)))
            })
        };
        if !self.by_character.is_empty() && folded.char_indices().any(is_named) {
            return true;
        }
        if self.by_word.is_empty() {
            return false;
        }
        let text = words(folded);
        text.iter().enumerate().any(|(at, word)| {
            let lengths = self.by_word.get(*word);
            lengths.is_some_and(|all| {
                all.iter()
                    .any(|length| text.get(at..at + length).is_some_and(|name| self.of_words.contains(&name.join(" "))))
            })
        })
    }
}

fn is_without_spaces(name: &str) -> bool {
    name.chars().any(|c| c >= '\u{2e80}') && name.chars().count() >= 2
}

#[allow(clippy::unwrap_used, reason = "the pattern is a constant that a test compiles")]
static DISGUISES: LazyLock<[(Regex, &str); 4]> = LazyLock::new(|| {
    [
        (Regex::new(r"\s*[(\[{<]\s*(?:at|@)\s*[)\]}>]\s*|\s*%40\s*|\s+@\s*|@\s+").unwrap(), "@"),
        (Regex::new(r"\s*[(\[{<]\s*(?:dot|\.|punkt|punto|point)\s*[)\]}>]\s*").unwrap(), "."),
        (Regex::new(r"([@ ][\w-]+)\s+dot\s+").unwrap(), "$1."),
        (Regex::new(r"\s+at\s+([\w-]+(?:\.[\w-]+)+)").unwrap(), "@$1"),
    ]
});

/// What a local part before an @ may be. "=mira@home.example." holds it too: every beginning behind a mark.
fn beginnings(before: &str, longest: usize) -> Vec<&str> {
    let mut found = Vec::new();
    for (index, c) in before.char_indices().rev() {
        let behind = index + c.len_utf8();
        let is_inside = c.is_alphanumeric() || "!#$%&'*+-/=?^_{|}~.".contains(c);
        if before.len() - behind > longest {
            return found;
        }
        if !c.is_alphanumeric() {
            found.push(&before[behind..]);
        }
        if !is_inside {
            return found;
        }
    }
    found.push(before);
    found
}

/// What a domain behind an @ may be: every end before a mark.
fn endings(after: &str, longest: usize) -> impl Iterator<Item = &str> {
    let within = after.char_indices().take_while(move |(index, _)| *index <= longest);
    let mut is_over = false;
    let marks = within.map_while(move |(index, c)| {
        let is_begun = !is_over;
        is_over |= !(c.is_alphanumeric() || matches!(c, '.' | '-'));
        is_begun.then_some((index, c))
    });
    let whole = std::iter::once(after).filter(move |after| after.len() <= longest);
    marks.filter(|(_, c)| !c.is_alphanumeric()).map(|(index, _)| &after[..index]).chain(whole)
}

/// The name that somebody's mail program gives, if it may be a real one.
#[must_use]
pub fn learnable(name: &str) -> Option<String> {
    let name = name.trim();
    let is_name = name.split_whitespace().count() >= 2 && !name.contains('@') && name.chars().count() <= 60;
    is_name.then(|| name.to_owned())
}

/// The runs of letters and digits.
fn words(folded: &str) -> Vec<&str> {
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(text: &str, known: &[Known], spared: &[&str]) -> Vec<Named> {
        Roster::new(known, spared).names(text)
    }

    fn roster() -> Vec<Known> {
        [
            ("Mira@Home.example", Some("Mira Jansen")),
            ("dots.o'nil@x.example", Some("José O’Neil")),
            ("ed@y.example", Some("Ed")),
            ("h@z.example", Some("Hannelore")),
            ("t@z.example", Some("田中 一郎")),
            ("q@z.example", None),
        ]
        .map(|(address, name)| Known { address: address.into(), real_name: name.map(str::to_owned) })
        .to_vec()
    }

    #[test]
    fn addresses_in_any_dress() {
        for text in [
            "write to mira@home.example.",
            "MIRA@HOME.EXAMPLE",
            "mira (at) home.example",
            "mira [at] home [dot] example",
            "mira at home dot example",
            "mira at home.example",
            "mira @ home.example",
            "mailto:mira@home.example?x",
            "mi\u{200b}ra@home.example",
            "mira＠home.example",
            "<mira@home.example>,",
            "to=mira@home.example&x",
            "mira%40home.example",
            "mira@\nhome.example",
            "dots.o'nil@x.example",
            "'q@z.example'",
            "q@z.example's",
        ] {
            assert_eq!(names(text, &roster(), &[]), [Named::Address], "{text}");
        }
        for text in [
            "amira@home.example",
            "mira@home.examples",
            "mira@homes.example",
            "we met at home",
            "mira",
            "@",
            "at dot at",
            "q@z",
        ] {
            assert_eq!(names(text, &roster(), &[]), [], "{text}");
        }
    }

    #[test]
    fn names_in_any_dress() {
        for text in [
            "Mira Jansen wrote",
            "MIRA  JANSEN",
            "mira\njansen's",
            "Míra Jänsen",
            "I am Jose O'Neil.",
            "josé o neil",
            "Dear Hannelore,",
            "田中 一郎さん",
            "mi\u{ad}ra jan\u{200d}sen",
        ] {
            assert_eq!(names(text, &roster(), &[]), [Named::RealName], "{text}");
        }
        for text in ["Mira", "Jansen", "Mira Jansens", "Ed", "ed wrote", "Hannelores", "Jansen Mira", ""] {
            assert_eq!(names(text, &roster(), &[]), [], "{text}");
        }
        assert_eq!(names("Hannelore and Mira Jansen", &roster(), &["hannelore", "Mira  Jansen"]), []);
        assert_eq!(names("Mira Jansen, mira@home.example", &roster(), &[]), [Named::Address, Named::RealName]);
    }

    #[test]
    fn marks_that_nobody_sees_go() {
        for (text, seen) in [
            ("pla\u{200b}in\u{feff} te\u{2060}xt\u{ad}", "plain text"),
            ("\u{202e}abc\u{202c} \u{2066}d\u{2069}\u{200f}", "abc d"),
            ("a\u{200d}b\u{200c}c", "abc"),
            ("x\u{e0041}\u{e0100}\u{fe01}\u{3164}y\0\u{7}", "xy"),
            ("one\u{2028}two\r\n\tthree", "one\ntwo\r\n\tthree"),
            ("👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥 ☀\u{fe0f}", "👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥 ☀\u{fe0f}"),
            ("👩\u{200d}x \u{200d}👧 a\u{fe0f} ☀\u{fe0f}\u{fe0f}", "👩x 👧 a ☀\u{fe0f}"),
            ("Zürich – “Größe”, 田中, é", "Zürich – “Größe”, 田中, é"),
        ] {
            assert_eq!(visible(text), seen, "{text:?}");
        }
    }

    #[test]
    fn a_large_roster_is_quick() {
        let known: Vec<Known> = (0..1_000)
            .map(|i| Known { address: format!("p{i}@home.example"), real_name: Some(format!("Ann Family{i}")) })
            .collect();
        let text = "Ann and I went to the clinic at noon. ".repeat(130);
        let start = std::time::Instant::now();
        for _ in 0..10 {
            assert_eq!(names(&text, &known, &[]), []);
        }
        eprintln!("privacy: {:?} for 1,000 people and {} bytes", start.elapsed() / 10, text.len());
        assert!(start.elapsed().as_secs() < 5);
    }

    #[test]
    fn hostile_texts_end_soon() {
        let known: Vec<Known> = (0..1_000)
            .map(|i| {
                let real_name = if i % 2 == 0 { format!("Ann Ann Family{i}") } else { format!("田田{i}") };
                Known { address: format!("{}{i}@{}b", "a-".repeat(25), "b-".repeat(100)), real_name: Some(real_name) }
            })
            .collect();
        let megabyte = |text: &str| text.repeat(1_000_000 / text.len());
        for (what, text) in [
            ("one @ with many marks", format!("{}@{}", "a-".repeat(4_000), "b-".repeat(4_000))),
            ("a megabyte of marks", format!("{}@{}", "a-".repeat(250_000), "b-".repeat(250_000))),
            ("many @ with many marks", megabyte(&format!("{}@{} ", "a-".repeat(32), "b-".repeat(127)))),
            ("only @", megabyte("@")),
            ("short addresses", megabyte("a@b ")),
            ("a name's beginnings", megabyte("ann ")),
            ("a name's first character", megabyte("田")),
        ] {
            let start = std::time::Instant::now();
            assert_eq!(names(&text, &known, &[]), [], "{what}");
            let took = start.elapsed();
            eprintln!("privacy: {took:?} for {what}");
            // Two seconds, and as much again for a busy machine.
            assert!(took.as_secs() < 4, "{what} took {took:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_always_finds(before in "\\PC{0,40}", after in "\\PC{0,40}") {
            let text = format!("{before} , mira jansen , {after}");
            prop_assert!(names(&text, &roster(), &[]).contains(&Named::RealName));
            let text = format!("{before} , mira@home.example , {after}");
            prop_assert!(names(&text, &roster(), &[]).contains(&Named::Address));
        }
    }
}
