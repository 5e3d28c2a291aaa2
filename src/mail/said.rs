//! What a text says of what automatic answers say, sentence by sentence, in the language in which it says most.

use super::phrases::{self, Means, Phrase, WIDE};

/// Letters in a sentence; what is shorter greets, or is a name.
const SENTENCE: usize = 12;

/// What a text says of what responders say.
#[derive(Default)]
pub(super) struct Said {
    means: Vec<Means>,
    /// Sentences, those that say any of this, and questions.
    pub(super) sentences: usize,
    pub(super) matching: usize,
    asks: usize,
    /// Words that are a person's, or thanks to somebody by name.
    personal: bool,
}

/// What answers say; a challenge is made of the others.
const ANSWERS: [Means; 8] = [
    Means::Program,
    Means::Thanks,
    Means::Away,
    Means::Unread,
    Means::Later,
    Means::Urgent,
    Means::Contact,
    Means::NoAnswer,
];
/// Those of them that people hardly say to people.
const FORMAL: [Means; 4] = [Means::Program, Means::Unread, Means::Urgent, Means::NoAnswer];

impl Said {
    /// In the language in which it says most; what is personal in one is so in all.
    pub(super) fn of(own: &str) -> Self {
        let mut phrases = phrases::that_stand_in(own);
        let everybody = phrases.pop().unwrap_or_default();
        // Sentences and questions count where nothing else is said as well.
        phrases.retain(|phrases| !phrases.is_empty());
        phrases.push(Vec::new());
        let all = phrases.into_iter().map(|phrases| Self::in_language(own, &[phrases, everybody.clone()].concat()));
        let all: Vec<Self> = all.collect();
        let personal = all.iter().any(|said| said.personal);
        let most =
            all.into_iter().max_by_key(|said| (said.kinds() + usize::from(said.challenges()) * 8, said.matching));
        Self { personal, ..most.unwrap_or_default() }
    }

    fn in_language(own: &str, phrases: &[&Phrase]) -> Self {
        let mut said = Self::default();
        for sentence in sentences(own) {
            said.asks += usize::from(sentence.ends_with(['?', '？']));
            let (mut matches, mut is_polite) = (false, false);
            for phrase in phrases {
                let Some(end) = phrase.find_end(sentence) else { continue };
                match phrase.means {
                    Means::Polite => is_polite = true,
                    Means::Personal => said.personal = true,
                    means => {
                        matches = true;
                        said.personal |= means == Means::Thanks && is_name(&sentence[end..]);
                        said.means.push(means);
                    }
                }
            }
            let is_long = !is_polite && sentence.chars().map(width).sum::<usize>() >= SENTENCE;
            said.sentences += usize::from(is_long || matches);
            said.matching += usize::from(matches);
        }
        said
    }

    pub(super) fn says(&self, means: Means) -> bool {
        self.means.contains(&means)
    }

    /// How many different things.
    pub(super) fn kinds(&self) -> usize {
        ANSWERS.into_iter().filter(|means| self.says(*means)).count()
    }

    /// Somebody who wrote shall show that they are a person.
    pub(super) fn challenges(&self) -> bool {
        self.says(Means::Waits) && self.says(Means::Prove)
    }

    /// Whether it asks nothing, and says nothing that only a person would.
    pub(super) fn is_plain(&self) -> bool {
        self.asks == 0 && !self.personal
    }

    pub(super) fn is_formal(&self) -> bool {
        FORMAL.into_iter().any(|means| self.says(means))
    }

    /// Whether it says hardly anything else.
    pub(super) fn is_all(&self) -> bool {
        self.matching * 4 >= self.sentences * 3
    }

    /// Whether it says little else.
    pub(super) fn covers(&self) -> bool {
        self.matching * 2 >= self.sentences
    }
}

/// "Thank you for your message, Tom.": a responder knows no names.
fn is_name(behind: &str) -> bool {
    let rest = behind.trim_start().strip_prefix([',', '，', '、']);
    rest.is_some_and(|rest| (1..=2).contains(&rest.split_whitespace().count()) && rest.trim().chars().count() > 2)
}

/// A sign that stands for a word takes the room of several letters.
fn width(c: char) -> usize {
    if c >= WIDE { 3 } else { 1 }
}

/// The sentences of a text.
fn sentences(own: &str) -> Vec<&str> {
    let (mut found, mut from) = (Vec::new(), 0);
    for (at, c) in own.char_indices() {
        let end = at + c.len_utf8();
        let is_end = match c {
            '\n' | '!' | '?' | '。' | '！' | '？' => true,
            // Not "13. March", nor "work.example".
            '.' => {
                let after_digit = own[..at].ends_with(|c: char| c.is_ascii_digit());
                !after_digit && own[end..].chars().next().is_none_or(char::is_whitespace)
            }
            _ => false,
        };
        if is_end {
            found.push(own[from..end].trim());
            from = end;
        }
    }
    found.push(own[from..].trim());
    found.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    found
}
