//! The verbs behind which words stand: RETURN, EDIT, PRIVATE and NOTE, after a colon, a dash or the line's end.

use super::{Meaning, Reading, Verb, WhyNothing, Word, judge, known, split};
use crate::model::words::fold;

/// Words on a line of their own, right below the verb, that take it back.
const SECOND_THOUGHTS: &[&str] = &[
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
    "espera",
    "espere",
    "no espera",
    "no, espera",
    "un momento",
    "olvidalo",
    "olvidelo",
    "mejor no",
    "cancelar",
    "deshacer",
];

/// Read the first line that is more than polite; `None` where it names no verb that may take words.
pub(super) fn read(lines: &[&str], moderator_name: &str) -> Option<Reading> {
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
    let text = format!("{}\n{}", tail.trim(), below).trim().to_owned();
    match meaning {
        Meaning::Later(name) if divided || !text.is_empty() || words.len() > 1 => {
            Some(Reading::Nothing(WhyNothing::NotYet(name)))
        }
        Meaning::Verb(verb) if verb.takes_text() => Some(with_text(verb, text, &below, divided, moderator_name)),
        _ => None,
    }
}

/// The verb with its text, unless the text takes it back or says nothing.
fn with_text(verb: Verb, text: String, below: &str, divided: bool, moderator_name: &str) -> Reading {
    let second_verb = text
        .lines()
        .any(|line| matches!(judge(&split(line), moderator_name), Ok(Meaning::Verb(_) | Meaning::Later(_))));
    // Words on lines of their own may be a second thought; behind a colon they are what she wants to say.
    let second_thought = SECOND_THOUGHTS.iter().any(|start| !divided && fold(below).trim_start().starts_with(start));
    if second_verb || second_thought {
        return Reading::Nothing(WhyNothing::Unclear);
    }
    match judge(&split(&text), moderator_name) {
        Ok(_) => Reading::Nothing(WhyNothing::TextMissing(verb)),
        Err(()) => Reading::Decision { verb, text: Some(text) },
    }
}

/// The words of an EDIT without the moderator's own name and regards below them: they go out under the author's name.
/// What the author wrote herself stays.
#[must_use]
pub fn without_sign_off(edited: &str, moderator_name: &str, original: &str) -> String {
    let lines: Vec<&str> = edited.trim_end().lines().collect();
    let is_polite = |line: &str| matches!(judge(&split(line), moderator_name), Ok(Meaning::Polite));
    let is_original = |line: &str| original.lines().any(|known| !line.trim().is_empty() && known.trim() == line.trim());
    let own_name: Vec<String> = split(moderator_name).into_iter().map(|word| word.text).collect();
    let is_signed = |line: &str| split(line).iter().any(|word| own_name.contains(&word.text));
    // Regards and a name take two lines or three.
    let mut kept = lines.len();
    while kept > 0 && lines.len() - kept < 4 && is_polite(lines[kept - 1]) && !is_original(lines[kept - 1]) {
        kept -= 1;
    }
    if lines[kept..].iter().any(|line| is_signed(line)) {
        return lines[..kept].join("\n").trim_end().to_owned();
    }
    edited.trim_end().to_owned()
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
