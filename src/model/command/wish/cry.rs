//! A few words that call for help: they are for people, never for the group and never for a machine.

use super::super::Word;
use super::table::{BESIDE_HELP, CALLS, IN_NEED, in_table};
use super::{Place, Said, is_courtesy, is_hers, is_signature, lines, split};
use crate::mail::subject;

/// A call with what stands beside it has no more words; a longer text says something.
const MOST_WORDS: usize = 8;
/// Lines at the end that may be a name.
const MOST_NAMES: usize = 2;

/// Whether these are such words, in the text or in a subject above none.
pub(super) fn calls(said: &Said<'_>, names: &[String], text: &str) -> bool {
    let heading = subject::read(said.subject);
    let own = if heading.is_reply { "" } else { said.subject };
    if is_courtesy(text, names, said.today, false) {
        return read(own, names).is_some();
    }
    let Some(is_in_need) = read(text, names) else { return false };
    // "My daughter", and "Help" below it: the others are asked about something.
    is_in_need || said.place != Place::Group || is_courtesy(own, names, said.today, true) || read(own, names).is_some()
}

/// `None` where it is no call; whether it says more than "help".
fn read(text: &str, names: &[String]) -> Option<bool> {
    let text = without_names(text);
    let words: Vec<Word> = split(&text)
        .into_iter()
        // Signs and pictures are no words.
        .filter(|word| !word.foreign && !is_hers(&word.text, names))
        .collect();
    let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let is_known = |at: usize| {
        in_table(CALLS, words[at])
            || in_table(BESIDE_HELP, words[at])
            || words[at] == "ayudar"
            || words[at] == "you" && at > 0 && words[at - 1] == "thank"
    };
    let is_for_her = words.iter().any(|word| ["me", "us", "nos"].contains(word));
    // "Me pueden ayudar" is a call, "quiero ayudar" is an offer.
    let is_call = words.iter().any(|word| in_table(CALLS, word) || *word == "ayudar" && is_for_her);
    let all = words.len() <= MOST_WORDS && (0..words.len()).all(is_known);
    (is_call && all && !offers(&words, is_for_her) && !praises(&words))
        .then(|| words.iter().any(|word| in_table(IN_NEED, word)))
}

/// "I can help", "Can I help?"
fn offers(words: &[&str], is_for_her: bool) -> bool {
    let is_offer = |pair: &[&str]| matches!(pair, ["i" | "we", "can" | "could"] | ["can" | "could", "i" | "we"]);
    !is_for_her && words.windows(2).any(is_offer)
}

/// "Me ayuda": that does me good.
fn praises(words: &[&str]) -> bool {
    let asks = words.iter().any(|word| ["alguien", "favor", "porfavor", "porfa", "puede", "pueden"].contains(word));
    !asks && words.windows(2).any(|pair| matches!(pair, ["me" | "nos", "ayuda"]))
}

/// A name below the words, whoever knows it, is none of them.
fn without_names(text: &str) -> String {
    let mut lines: Vec<&str> =
        text.lines().filter(|line| !line.trim().is_empty() && !lines::is_of_device(line)).collect();
    for _ in 0..MOST_NAMES {
        if lines.len() > 1 && lines.last().is_some_and(|line| is_name(line)) {
            lines.pop();
        }
    }
    lines.join("\n")
}

fn is_name(line: &str) -> bool {
    let words = split(line);
    is_signature(&words) && !words.iter().any(|word| in_table(CALLS, &word.text) || in_table(BESIDE_HELP, &word.text))
}
