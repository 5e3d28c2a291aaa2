//! Words that tell a telephone number from a count.

use std::sync::LazyLock;

use regex::Regex;

/// How plainly the words before a number say that it is one of a telephone; the later the plainer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cue {
    None,
    /// "call" or "phone" in the same sentence.
    Near,
    /// "call me at" right before it.
    Call,
    /// "my number is", "phone:" right before it.
    Number,
}

/// Octets that are looked at before a number, and behind it.
const BEFORE: usize = 60;
const BEHIND: usize = 30;

const NOUNS: &str = "tel|tele?fono?s?|telefon(?:nummer)?|telephone|phone|mobile|mobil|movil|cell|cellphone|cell phone|fax|handy(?:nummer)?|festnetz\
|landline|whats ?app|portable|fixe|mon numero|mi numero|mi fijo|meine nummer|(?:my|our|his|her|home|phone|work|cell|mobile) number|number\\s*:|numero\\s*:|nummer\\s*:";
const VERBS: &str = "call|calling|ring|text|texting|dial|phone|sms|reach me|llama(?:me|d|dme)?|llamen|marca|escribeme|ruf|rufe?n?|ruft|anrufen|anruf|wahle|\
appelle[zr]?|appelez|appeler|joindre|telephone[zr]?";
const FILL: &str = "(?:[\\s:.,*_>-]|me|us|him|her|them|the|nurse|line|at|on|to|is|it's|no|nr|number|now|here|under|unter|ist|an|mich|es|el|la|al|del|numero|est|le|au|moi|-moi|sous)*";

struct Patterns {
    number: Regex,
    call: Regex,
    near: Regex,
    measure_before: Regex,
    measure: Regex,
}

#[allow(clippy::unwrap_used, reason = "the patterns are constants that a test compiles")]
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let of = |pattern: &str| Regex::new(pattern).unwrap();
    Patterns {
        number: of(&format!(r"(?-u:\b)(?:{NOUNS})(?-u:\b)?{FILL}\(?$")),
        call: of(&format!(r"(?-u:\b)(?:{NOUNS}|{VERBS})(?-u:\b){FILL}\(?$")),
        near: of(&format!(r"(?-u:\b)(?:{NOUNS}|{VERBS}|number|nummer|numero)(?-u:\b)")),
        measure_before: of(
            r"(?:[$€£]\s?|(?-u:\b)(?:between|from|zwischen|entre|von|de|nct|code|codes|eur|usd|page|pages|isbn|issn|pmid|doi)\s*)\(?$",
        ),
        measure: of(concat!(
            r"^(?:\s?-?\s?(?:\d+[.,]?\d*\s?)?)\s?(?:mg|ml|mcg|ug|kg|g|lbs?|oz|cm|mm|km|m|miles?|meters?|iu|ui|ie|units?|u|mmhg|bpm|kcal|cal|calories|",
            r"gy|cgy|steps|schritte|pasos|pas|hours?|hrs?|h|min|minutes?|days?|weeks?|months?|years?|people|patients|women|men|dollars|euros?|usd|eur|",
            r"stunden|minuten|tage|wochen|uhr|horas|minutos|dias|personas|heures|jours|personnes|platelets|cells|cells/ul|/ul|/l|k|am|pm|a\.m|p\.m)(?-u:\b)|^\s?[%$€£°^]"
        )),
    }
});

/// Whether there are such words at all.
pub(super) fn are_in(text: &str) -> bool {
    PATTERNS.near.is_match(text)
}

pub(super) fn before(text: &str) -> Cue {
    let text = end(text, BEFORE);
    let patterns = &*PATTERNS;
    if patterns.number.is_match(text) {
        return Cue::Number;
    }
    if patterns.call.is_match(text) {
        return Cue::Call;
    }
    let sentence = text.rfind(['!', '?', '\n']).map_or(text, |at| &text[at..]);
    let sentence = sentence.rfind(". ").map_or(sentence, |at| &sentence[at..]);
    if patterns.near.is_match(sentence) { Cue::Near } else { Cue::None }
}

/// Whether the words behind a number say so: "… is my number".
pub(super) fn is_behind(text: &str) -> bool {
    let text = start(text, BEHIND);
    let sentence = text.split(['.', '!', '?', '\n']).next().unwrap_or_default();
    PATTERNS.near.is_match(sentence)
}

/// Whether something is measured or counted by it.
pub(super) fn is_measure(before: &str, behind: &str) -> bool {
    PATTERNS.measure_before.is_match(end(before, BEFORE)) || PATTERNS.measure.is_match(start(behind, BEHIND))
}

fn end(text: &str, octets: usize) -> &str {
    let from = text.len().saturating_sub(octets);
    let from = (from..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    &text[from..]
}

fn start(text: &str, octets: usize) -> &str {
    let to = octets.min(text.len());
    let to = (0..=to).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..to]
}
