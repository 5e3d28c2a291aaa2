//! What automatic answers say, language by language: the table `phrases.txt`, read once.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// What a phrase tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// That a program wrote this.
    Program,
    /// Thanks for a mail, or that it came.
    Thanks,
    /// That somebody is not there.
    Away,
    /// That mail is not read, or will be answered.
    Unread,
    /// When somebody comes back.
    Later,
    /// What to do when it is urgent.
    Urgent,
    /// Whom to ask instead.
    Contact,
    /// That an answer to this is in vain.
    NoAnswer,
    /// That a mail waits for its writer to do something.
    Waits,
    /// What the writer has to do to be taken for a person.
    Prove,
    /// What a person tells and no responder does.
    Personal,
    /// Greetings, which tell nothing.
    Polite,
}

/// Each by its name in the table.
const MEANINGS: [(&str, Means); 12] = [
    ("program", Means::Program),
    ("thanks", Means::Thanks),
    ("away", Means::Away),
    ("unread", Means::Unread),
    ("later", Means::Later),
    ("urgent", Means::Urgent),
    ("contact", Means::Contact),
    ("no-answer", Means::NoAnswer),
    ("waits", Means::Waits),
    ("prove", Means::Prove),
    ("personal", Means::Personal),
    ("polite", Means::Polite),
];

/// Where the scripts of the far East begin, which put nothing between words.
pub const WIDE: char = '\u{2e80}';

/// A few words, and what they tell.
#[derive(Debug)]
pub struct Phrase {
    /// What it tells.
    pub means: Means,
    /// In lower case.
    pub text: String,
    /// Letters may follow.
    goes_on: bool,
    /// The script parts words.
    is_spaced: bool,
}

/// The phrases of each language; those of everybody stand last.
pub static LANGUAGES: LazyLock<Vec<Vec<Phrase>>> = LazyLock::new(|| read(include_str!("phrases.txt")));

fn read(table: &str) -> Vec<Vec<Phrase>> {
    let mut languages: Vec<Vec<Phrase>> = Vec::new();
    let mut means = None;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with('[') {
            languages.push(Vec::new());
            continue;
        }
        let named = line.split_once(": ").filter(|_| !line.starts_with(' '));
        if let Some((name, _)) = named {
            means = MEANINGS.iter().find(|(known, _)| *known == name).map(|(_, means)| *means);
        }
        if let (Some(language), Some(means)) = (languages.last_mut(), means) {
            let phrases = named.map_or(line, |(_, phrases)| phrases).split('|').map(str::trim);
            language.extend(phrases.filter(|text| !text.is_empty()).map(|text| Phrase::new(means, text)));
        }
    }
    languages
}

/// The phrases of all languages, each with its language, and what finds all of them in one pass.
struct Index {
    phrases: Vec<(usize, &'static Phrase)>,
    finder: Option<AhoCorasick>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let of_language =
        |(language, phrases): (usize, &'static Vec<Phrase>)| phrases.iter().map(move |one| (language, one));
    let phrases: Vec<(usize, &Phrase)> = LANGUAGES.iter().enumerate().flat_map(of_language).collect();
    let finder = AhoCorasick::new(phrases.iter().map(|(_, phrase)| &phrase.text)).ok();
    Index { phrases, finder }
});

/// The phrases that stand in a text in lower case, language by language: few of thousands.
#[must_use]
pub fn that_stand_in(text: &str) -> Vec<Vec<&'static Phrase>> {
    let mut found = vec![Vec::new(); LANGUAGES.len()];
    let matches = INDEX.finder.iter().flat_map(|finder| finder.find_overlapping_iter(text));
    let whole = matches.filter(|found| {
        let phrase = INDEX.phrases.get(found.pattern().as_usize());
        phrase.is_some_and(|(_, phrase)| phrase.is_whole(text, found.start(), found.end()))
    });
    let numbers: BTreeSet<usize> = whole.map(|found| found.pattern().as_usize()).collect();
    for (language, phrase) in numbers.into_iter().filter_map(|number| INDEX.phrases.get(number)) {
        found[*language].push(*phrase);
    }
    found
}

impl Phrase {
    fn new(means: Means, text: &str) -> Self {
        let goes_on = text.ends_with('*');
        let text = text.trim_end_matches('*');
        let is_spaced = text.chars().next().is_some_and(|c| c < WIDE);
        Self { means, text: text.to_owned(), goes_on, is_spaced }
    }

    /// Where the phrase ends in a text, if it stands there between other words.
    #[must_use]
    pub fn find_end(&self, text: &str) -> Option<usize> {
        let mut found = text.match_indices(&self.text).map(|(at, found)| (at, at + found.len()));
        found.find(|(at, end)| self.is_whole(text, *at, *end)).map(|(_, end)| end)
    }

    /// Whether it stands between other words there.
    fn is_whole(&self, text: &str, at: usize, end: usize) -> bool {
        let ends = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        let behind = self.goes_on || ends(text[end..].chars().next());
        !self.is_spaced || (ends(text[..at].chars().next_back()) && behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_whole() {
        let table = include_str!("phrases.txt");
        let lines = || table.lines().filter(|line| !line.starts_with(['#', '[']));
        let names = lines().filter(|line| !line.starts_with(' ')).filter_map(|line| line.split_once(": "));
        for (name, _) in names {
            assert!(MEANINGS.iter().any(|(known, _)| *known == name), "{name}");
        }
        assert_eq!(LANGUAGES.len(), 21);
        for (at, language) in LANGUAGES.iter().enumerate() {
            let has = |means| language.iter().any(|phrase| phrase.means == means);
            let wanted = [Means::Program, Means::Thanks, Means::Away, Means::Unread, Means::Urgent, Means::NoAnswer];
            assert!(has(Means::Personal) || wanted.into_iter().all(has), "language {at}");
            for phrase in language {
                assert_eq!(phrase.text, phrase.text.to_lowercase());
                assert!(!phrase.text.contains('’'), "{}", phrase.text);
            }
        }
    }

    #[test]
    fn every_phrase_is_found_by_its_word() {
        for (language, phrases) in LANGUAGES.iter().enumerate() {
            for phrase in phrases {
                let found = &that_stand_in(&phrase.text)[language];
                assert!(found.iter().any(|one| one.text == phrase.text), "{}", phrase.text);
            }
        }
        assert!(that_stand_in("xyzzy 123").iter().all(Vec::is_empty));
    }

    #[test]
    fn a_phrase_stands_between_words() {
        let phrase = |text| Phrase::new(Means::Thanks, text);
        let says = |text: &str, words| {
            let phrase = phrase(words);
            phrase.find_end(text).is_some()
        };
        assert!(says("so, thank you for your message.", "thank you for your message"));
        assert!(!says("thank you for your messages", "thank you for your message"));
        assert!(!says("abthank you", "thank you"));
        assert!(says("automatisch erstellte nachricht", "automatisch erstellt*"));
        assert!(says("krank, schmerzen", "schmerz*"));
        assert!(says("您的来信已收到", "来信已收到"));
        assert!(says("à mon retour", "à mon retour"));
    }
}
