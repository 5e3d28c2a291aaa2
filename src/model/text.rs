//! Which words of a message are judged, and which would be published.

use super::lexicon::{Flag, Lexicon, may_be_in_danger};
use crate::mail::Incoming;

/// With fewer new words than this, the quoted ones are judged too.
const LITTLE: usize = 3;

/// All that the group would get: the subject and the new text, with the quoted lines between its answers.
#[must_use]
pub fn published(message: &Incoming) -> String {
    format!("{}\n{}", message.subject, message.text.reply)
}

/// The quoted lines that would be published between the answers, without their marks.
pub fn quoted_lines(message: &Incoming) -> impl Iterator<Item = &str> {
    message.text.reply.lines().filter(|line| line.starts_with('>')).map(|line| line.trim_start_matches(['>', ' ']))
}

/// What quoted lines raise that stand in no post of the conversation: whoever can type a `>` can say anything behind it.
#[must_use]
pub fn flags_of_invented_quotes(message: &Incoming, conversation: &[&str], language: &str) -> Vec<Flag> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let known: Vec<String> = conversation.iter().map(|text| words(text)).collect();
    let invented: Vec<&str> =
        quoted_lines(message).filter(|line| !known.iter().any(|text| text.contains(&words(line)))).collect();
    if invented.is_empty() { Vec::new() } else { Lexicon::of(language).read(&invented.join("\n")) }
}

/// What the text raises, apart from its quoted lines.
///
/// Danger is looked for in everything the author wrote, the signature, other versions and text files included, and in the quote where next to nothing
/// is new. What the group should not get is looked for in what it would get: a telephone number in a signature, which
/// nobody gets, holds nothing.
#[must_use]
pub fn flags(message: &Incoming, language: &str) -> Vec<Flag> {
    let text = &message.text;
    let new = text.reply.lines().filter(|line| !line.starts_with('>')).collect::<Vec<_>>().join("\n");
    let little = new.split_whitespace().count() < LITTLE;
    let rest = if little { text.quoted.as_str() } else { "" };
    let lexicon = Lexicon::of(language);
    let copy = format!("{}.\n{new}", message.subject);
    let mut flags = lexicon.read(&format!("{copy}\n{}\n{rest}", text.signature));
    if !text.signature.is_empty() || !rest.is_empty() {
        let in_copy = lexicon.read(&copy);
        flags.retain(|flag| may_be_in_danger(flag.category) || in_copy.contains(flag));
    }
    if !message.elsewhere.text.is_empty() {
        let beside = lexicon.read(&message.elsewhere.text);
        flags.extend(beside.into_iter().filter(|flag| may_be_in_danger(flag.category)));
    }
    flags
}
