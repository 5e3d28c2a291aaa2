//! What a person's words ask for: a moderator's decision, a member's confirmation. An explicit word or nothing.
//!
//! It works by allowing, never by forbidding: every word of a reply must be known to be harmless beside the verb, so a
//! negation, a condition, a second verb or anything unforeseen decides nothing. Total: any text has a reading.

mod address;
mod audience;
mod choice;
mod confirm;
mod reading;
mod table;
#[cfg(test)]
mod tests;
mod texted;
mod wish;

pub use address::{AddressWish, read_address_wish, says_yes};
pub use audience::{Audience, read_audience};
pub use choice::{Offered, read_choice};
pub use confirm::{Confirmation, read_confirmation};
pub use reading::Which;
use std::collections::HashMap;
use std::sync::LazyLock;
pub use texted::without_sign_off;
pub use wish::{
    Choice, MOST_OCTETS as MOST_WISH_OCTETS, Place as WordPlace, Said as SaidWords, Until, Wish, read_wish,
    says_nothing,
};

use table::{Meaning, NO_NAMES, PERHAPS_PROGRAM_LINES, PROGRAM_LINES, WORDS};

use super::words::fold;

/// What a moderator decides by a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// Publish a held post.
    Approve,
    /// Give it back to its author with a note.
    Return,
    /// Claim it.
    Mine,
    /// Take the last decision back.
    Undo,
    /// Withdraw a published post.
    Retract,
    /// Publish a held post with other words.
    Edit,
    /// Publish a held post and hold no other of its author for being new.
    Trust,
    /// Ask everybody else who looks after the group, now.
    Escalate,
    /// Write to the author alone.
    Private,
    /// Keep words about the author for the moderators.
    Note,
}

impl Verb {
    /// Words must stand behind it, after a colon, a dash or the line's end.
    #[must_use]
    pub fn takes_text(self) -> bool {
        matches!(self, Self::Return | Self::Edit | Self::Private | Self::Note)
    }

    /// It lets a post go to its group.
    #[must_use]
    pub fn releases(self) -> bool {
        matches!(self, Self::Approve | Self::Edit | Self::Trust)
    }
}

/// What a reply says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// A decision. `text` is there with the verbs that take one, and with no other.
    Decision {
        /// What is to be done.
        verb: Verb,
        /// The words behind it.
        text: Option<String>,
    },
    /// Posts of a reading list, or the one that the mail is about, were read.
    Read(Which),
    /// The post of this number on a reading list is to be taken back.
    RetractNumber(u32),
    /// No decision.
    Nothing(WhyNothing),
}

impl Reading {
    /// Whether one of the words for moderators was meant, carried out or not.
    #[must_use]
    pub fn is_a_word(&self) -> bool {
        !matches!(self, Self::Nothing(WhyNothing::NoVerb | WhyNothing::Unclear))
    }
}

/// Why a reply decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNothing {
    /// There is no verb in it.
    NoVerb,
    /// There is a verb, and more than a verb.
    Unclear,
    /// A verb that takes a text, without one.
    TextMissing(Verb),
    /// A verb that this version does not have yet, as it is written in a notice.
    NotYet(&'static str),
}

/// Read the new words of a moderator's reply (quotes and signature taken off as far as they were known). Words of
/// `moderator_name`, the registered one, count as her signature; it may be empty.
#[must_use]
pub fn read_decision(new_text: &str, moderator_name: &str) -> Reading {
    let lines = own_lines(new_text, moderator_name);
    if let Some(reading) = reading::of_list(&lines.join("\n"), moderator_name) {
        return reading;
    }
    if let Some(reading) = texted::read(&lines, moderator_name) {
        return reading;
    }
    let words = split(&lines.join("\n"));
    match judge(&words, moderator_name) {
        Ok(Meaning::Verb(verb)) if verb.takes_text() => Reading::Nothing(WhyNothing::TextMissing(verb)),
        Ok(Meaning::Verb(verb)) => Reading::Decision { verb, text: None },
        Ok(Meaning::Later(name)) => Reading::Nothing(WhyNothing::NotYet(name)),
        Ok(_) => Reading::Nothing(WhyNothing::NoVerb),
        Err(()) if names_a_verb(&words) => Reading::Nothing(WhyNothing::Unclear),
        Err(()) => Reading::Nothing(WhyNothing::NoVerb),
    }
}

/// The lines that are hers: no quotes, nothing under a signature mark, no mail program's line at the end. Such a line above
/// words is hers: "the two pages that you / sent with your letter. / Call me if it gets dark."
fn own_lines<'a>(text: &'a str, moderator_name: &str) -> Vec<&'a str> {
    // RFC 3676 §4.3: "-- " begins a signature; programs lose the space.
    let above = text.lines().take_while(|line| line.trim_end() != "--");
    let mut lines: Vec<&str> = above.filter(|line| !line.trim_start().starts_with('>')).collect();
    let says_nothing = |line: &&str| {
        is_a_programs(line) || is_a_link(line) || matches!(judge(&split(line), moderator_name), Ok(Meaning::Polite))
    };
    let end = lines.iter().rev().take_while(|line| says_nothing(line)).count();
    let last = lines.len() - end;
    if let Some(at) = lines[last..].iter().position(|line| is_a_programs(line)) {
        lines.truncate(last + at);
    }
    lines
}

/// A line that a mail program writes beneath a reply. It begins one; a line that a broken sentence goes on with does not.
fn is_a_programs(line: &str) -> bool {
    let folded = fold(line);
    let begins = |starts: &[&str]| starts.iter().any(|start| folded.trim().starts_with(start));
    let is_capital = line.trim_start().starts_with(char::is_uppercase);
    let goes_on = line.trim_end().trim_end_matches('.').contains([',', ':', ';', '?', '!', '.']);
    is_capital && (begins(PROGRAM_LINES) || (begins(PERHAPS_PROGRAM_LINES) && !goes_on))
}

fn is_a_link(line: &str) -> bool {
    line.contains("://") && line.split_whitespace().count() == 1
}

/// A word, folded, and how it stood.
#[derive(Debug, Clone)]
struct Word {
    text: String,
    /// As it was written.
    raw: String,
    capital: bool,
    /// A comma, a dash or a line end stands before it.
    apart: bool,
    /// No word: a mark that makes a text undecided.
    foreign: bool,
}

/// Cut a text into words. Emphasis and harmless marks vanish; a question mark, an ellipsis, a strike-through and every
/// mark that is not known become words nobody knows.
fn split(text: &str) -> Vec<Word> {
    let mut text = super::words::plain(text);
    for smile in [":-)", ":)", ";-)", ";)", ":-D", ":D"] {
        text = text.replace(smile, " ");
    }
    let mut words = Vec::new();
    let (mut current, mut apart) = (String::new(), true);
    let end = |current: &mut String, apart: &mut bool, words: &mut Vec<Word>| {
        let raw = current.trim_matches(['\'', '-', '_', '.']);
        if !raw.is_empty() {
            let capital = raw.starts_with(char::is_uppercase);
            words.push(Word { text: fold(raw), raw: raw.to_owned(), capital, apart: *apart, foreign: false });
            *apart = false;
        }
        current.clear();
    };
    let mut previous = ' ';
    for c in text.chars() {
        match c {
            c if c.is_alphanumeric() || matches!(c, '\'' | '-' | '_') => current.push(c),
            '.' if previous != '.' => current.push(c),
            ' ' | '\t' | '\r' | '!' | '*' | '"' | '👍' | '🙂' | '😊' | '🙏' | '✅' | '✔' | '❤' | '🏻'..='🏿' =>
            {
                end(&mut current, &mut apart, &mut words);
            }
            ',' | '\n' | '–' | '—' | ':' => {
                end(&mut current, &mut apart, &mut words);
                apart = true;
            }
            _ => {
                end(&mut current, &mut apart, &mut words);
                words.push(Word { text: c.to_string(), raw: c.to_string(), capital: false, apart, foreign: true });
            }
        }
        previous = c;
    }
    end(&mut current, &mut apart, &mut words);
    words
}

/// Some words in a row, and what they mean.
type Run = (Meaning, Vec<&'static str>);

/// The runs of the table by their first word.
static RUNS: LazyLock<HashMap<&str, Vec<Run>>> = LazyLock::new(|| {
    let mut by_first: HashMap<&str, Vec<Run>> = HashMap::new();
    for (meaning, runs) in WORDS {
        for run in runs.split('|').map(|run| run.split(' ').collect::<Vec<_>>()) {
            by_first.entry(run[0]).or_default().push((*meaning, run));
        }
    }
    by_first
});

/// The longest known run at the start of `words`, and its length.
fn known(words: &[Word]) -> Option<(Meaning, usize)> {
    let begins = |run: &[&str]| {
        run.len() <= words.len() && run.iter().zip(words).all(|(text, word)| !word.foreign && *text == word.text)
    };
    let runs = RUNS.get(words.first()?.text.as_str())?;
    let fitting = runs.iter().filter(|(_, run)| begins(run)).map(|(meaning, run)| (*meaning, run.len()));
    fitting.max_by_key(|(_, length)| *length)
}

/// What all the words together say: one verb and nothing that could turn it round, `Polite` where there is no verb, or
/// an error where anything else stands.
fn judge(words: &[Word], moderator_name: &str) -> Result<Meaning, ()> {
    let own_name: Vec<String> = split(moderator_name).into_iter().map(|word| word.text).collect();
    let (mut found, mut closed, mut fillers) = (None, false, false);
    let mut at = 0;
    while let Some(word) = words.get(at) {
        // Her own name may also be a word of the table ("May", "Art"); after the verb it is a name.
        if !word.foreign && is_own_name(&word.text, &own_name) && (found.is_some() || known(&words[at..]).is_none()) {
            (at, closed) = (at + 1, true);
            continue;
        }
        let Some((meaning, length)) = known(&words[at..]) else {
            if closed && is_signature(&words[at..]) {
                break;
            }
            return Err(());
        };
        match meaning {
            Meaning::Verb(_) | Meaning::Later(_) if found.is_some_and(|earlier| earlier != meaning) => return Err(()),
            Meaning::Verb(_) | Meaning::Later(_) => found = Some(meaning),
            Meaning::Filler => fillers = true,
            _ => {}
        }
        closed = matches!(meaning, Meaning::Closing | Meaning::Title);
        at += length;
    }
    match found {
        Some(meaning) => Ok(meaning),
        None if fillers => Err(()),
        None => Ok(Meaning::Polite),
    }
}

/// A word of the registered name, or an initial of it.
fn is_own_name(word: &str, own_name: &[String]) -> bool {
    let initial = |name: &String| name.starts_with(word) && word.chars().count() == 1;
    own_name.iter().any(|name| name == word || initial(name))
}

/// One to three words with capitals, none of them a word that could mean something, behind a comma or on a line of
/// their own; titles may follow.
fn is_signature(words: &[Word]) -> bool {
    let name = |word: &&Word| {
        word.capital
            && word.text.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '-' | '.'))
            && !NO_NAMES.contains(&format!("|{}|", word.text))
            && known(std::slice::from_ref(word)).is_none()
    };
    let length = words.iter().take_while(name).count();
    let mut rest = length;
    while let Some((Meaning::Title, run)) = words.get(rest..).and_then(known) {
        rest += run;
    }
    (1..=3).contains(&length) && words[0].apart && rest == words.len()
}

fn names_a_verb(words: &[Word]) -> bool {
    (0..words.len()).any(|at| matches!(known(&words[at..]), Some((Meaning::Verb(_) | Meaning::Later(_), _))))
}
