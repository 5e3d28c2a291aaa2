//! What a person's words ask for: a moderator's decision, a member's confirmation. An explicit word or nothing.
//!
//! It works by allowing, never by forbidding: every word of a reply must be known to be harmless beside the verb, so a
//! negation, a condition, a second verb or anything unforeseen decides nothing. Total: any text has a reading.

mod audience;
mod choice;
mod confirm;
mod table;
#[cfg(test)]
mod tests;

pub use audience::{Audience, read_audience};
pub use choice::{Offered, read_choice};
pub use confirm::{Confirmation, read_confirmation};
use table::{Meaning, NO_NAMES, PROGRAM_LINES, WORDS};

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
}

/// What a reply says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// A decision. `text` is the note of a RETURN and `None` with every other verb.
    Decision {
        /// What is to be done.
        verb: Verb,
        /// The words for the author.
        text: Option<String>,
    },
    /// No decision.
    Nothing(WhyNothing),
}

/// Why a reply decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNothing {
    /// There is no verb in it.
    NoVerb,
    /// There is a verb, and more than a verb.
    Unclear,
    /// RETURN without words for the author.
    NoteMissing,
    /// A verb that this version does not have yet, as it is written in a notice.
    NotYet(&'static str),
}

/// Read the new words of a moderator's reply (quotes and signature taken off as far as they were known). Words of
/// `moderator_name`, the registered one, count as her signature; it may be empty.
#[must_use]
pub fn read_decision(new_text: &str, moderator_name: &str) -> Reading {
    let lines = own_lines(new_text);
    if let Some(reading) = with_text(&lines, moderator_name) {
        return reading;
    }
    let words = split(&lines.join("\n"));
    match judge(&words, moderator_name) {
        Ok(Meaning::Verb(Verb::Return)) => Reading::Nothing(WhyNothing::NoteMissing),
        Ok(Meaning::Verb(verb)) => Reading::Decision { verb, text: None },
        Ok(Meaning::Later(name)) => Reading::Nothing(WhyNothing::NotYet(name)),
        Ok(_) => Reading::Nothing(WhyNothing::NoVerb),
        Err(()) if names_a_verb(&words) => Reading::Nothing(WhyNothing::Unclear),
        Err(()) => Reading::Nothing(WhyNothing::NoVerb),
    }
}

/// The lines that are hers: no quotes, nothing under a signature mark or a mail program's line.
fn own_lines(text: &str) -> Vec<&str> {
    let ends = |line: &str| {
        let folded = fold(line);
        // RFC 3676 §4.3: "-- " begins a signature; programs lose the space.
        line.trim_end() == "--" || PROGRAM_LINES.iter().any(|start| folded.trim().starts_with(start))
    };
    text.lines().take_while(|line| !ends(line)).filter(|line| !line.trim_start().starts_with('>')).collect()
}

/// RETURN and the later verbs may take text after a colon, a dash or the line's end.
fn with_text(lines: &[&str], moderator_name: &str) -> Option<Reading> {
    let polite_only = |line: &str| matches!(judge(&split(line), moderator_name), Ok(Meaning::Polite));
    let first = lines.iter().position(|line| !polite_only(line))?;
    let line = lines[first];
    let (head, tail, divided) = match divide(line) {
        Some((head, tail)) => (head, tail, true),
        None => (line, "", false),
    };
    let words = split(head);
    let meaning = match judge(&words, moderator_name) {
        Ok(meaning) => meaning,
        // "READ all", "READ 1, 3": a verb of a later version with its own operands.
        Err(()) => match words.first().map(|word| known(&words[..1]).map_or((word, None), |(m, _)| (word, Some(m)))) {
            Some((_, Some(Meaning::Later("READ")))) if words[1..].iter().all(is_operand) => Meaning::Later("READ"),
            _ => return None,
        },
    };
    // "**Return:** the note": the emphasis ends behind the colon.
    let emphasis = ['*', '_'];
    let tail = if head.trim_start().starts_with(emphasis) { tail.trim_start_matches(emphasis) } else { tail };
    let below = lines[first + 1..].join("\n");
    let note = format!("{}\n{}", tail.trim(), below).trim().to_owned();
    match meaning {
        Meaning::Later(name) if divided || !note.is_empty() || words.len() > 1 => {
            Some(Reading::Nothing(WhyNothing::NotYet(name)))
        }
        Meaning::Verb(Verb::Return) => Some(returned(note, &below, divided, moderator_name)),
        _ => None,
    }
}

/// A RETURN with `note`, unless the note takes the decision back or says nothing.
fn returned(note: String, below: &str, divided: bool, moderator_name: &str) -> Reading {
    let second_verb = note
        .lines()
        .any(|line| matches!(judge(&split(line), moderator_name), Ok(Meaning::Verb(_) | Meaning::Later(_))));
    // A note on lines of its own may be a second thought; behind a colon it is a note.
    let second_thought = [
        "wait",
        "no wait",
        "no, wait",
        "hold on",
        "hang on",
        "scratch that",
        "never mind",
        "nevermind",
        "forget it",
        "cancel",
        "undo",
    ]
    .iter()
    .any(|start| !divided && fold(below).trim_start().starts_with(start));
    if second_verb || second_thought {
        return Reading::Nothing(WhyNothing::Unclear);
    }
    match judge(&split(&note), moderator_name) {
        Ok(_) => Reading::Nothing(WhyNothing::NoteMissing),
        Err(()) => Reading::Decision { verb: Verb::Return, text: Some(note) },
    }
}

fn is_operand(word: &Word) -> bool {
    word.text == "all" || word.text.chars().all(|c| c.is_ascii_digit() || c == '-')
}

/// The line before and after its first colon or dash; a hyphen divides only beside a space.
fn divide(line: &str) -> Option<(&str, &str)> {
    let after = |at: usize, length: usize| (&line[..at], &line[at + length..]);
    let hyphen = line.match_indices('-').map(|(at, _)| at).find(|at| {
        *at > 0 && (line[..*at].ends_with(char::is_whitespace) || line[at + 1..].starts_with(char::is_whitespace))
    });
    let other = line.char_indices().find(|(_, c)| matches!(c, ':' | '：' | '–' | '—'));
    match (other, hyphen) {
        (Some((at, c)), hyphen) if hyphen.is_none_or(|hyphen| at < hyphen) => Some(after(at, c.len_utf8())),
        (_, Some(at)) => Some(after(at, 1)),
        _ => None,
    }
}

/// A word, folded, and how it stood.
#[derive(Debug, Clone)]
struct Word {
    text: String,
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
            words.push(Word { text: fold(raw), capital, apart: *apart, foreign: false });
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
                words.push(Word { text: c.to_string(), capital: false, apart, foreign: true });
            }
        }
        previous = c;
    }
    end(&mut current, &mut apart, &mut words);
    words
}

/// The longest known run at the start of `words`, and its length.
fn known(words: &[Word]) -> Option<(Meaning, usize)> {
    let begins = |run: &str| {
        let run: Vec<&str> = run.split(' ').collect();
        let fits =
            run.len() <= words.len() && run.iter().zip(words).all(|(text, word)| !word.foreign && *text == word.text);
        fits.then_some(run.len())
    };
    WORDS
        .iter()
        .flat_map(|(meaning, runs)| runs.split('|').filter_map(move |run| begins(run).map(|length| (*meaning, length))))
        .max_by_key(|(_, length)| *length)
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
