//! Telephone numbers: by their shape, or by words such as "call" before them. Doses, dates, times and counts are none.

mod cues;
mod shapes;
mod spelled;

use std::ops::Range;

use super::Identifying::PhoneNumber;
use super::look::{Look, overlap};
use super::places::Found;
use cues::Cue;

/// Digits in a row.
#[derive(Debug, Clone)]
struct Group {
    place: Range<usize>,
    /// Whether a number may begin or end here, by the characters right before and behind it.
    begins: bool,
    ends: bool,
    /// What parts it from the one before.
    apart: Range<usize>,
}

/// Groups that may be one number, and digits.
const LONGEST: usize = 8;
const FEWEST: usize = 6;
const MOST: usize = 17;

pub(super) fn find(look: &Look<'_>, links: &[Range<usize>], found: &mut Vec<Found>) {
    let text = look.folded.text.as_str();
    let mut places = spelled::find(text, look.signs.digit);
    if look.signs.digit {
        let has_cues = cues::are_in(text);
        for run in runs(text) {
            in_run(look, &run, has_cues, &mut places);
        }
    }
    let places = places.into_iter().map(|place| look.folded.range(place));
    let new = places.filter(|place| !links.iter().any(|link| overlap(link, place)));
    found.extend(new.map(|place| Found::new(place, PhoneNumber)));
}

fn in_run(look: &Look<'_>, run: &[Group], has_cues: bool, places: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while at < run.len() {
        let longest = LONGEST.min(run.len() - at);
        let lengths = (1..=longest).rev().filter(|length| is_whole(&look.folded.text, run, at, at + length));
        let mut cue = None;
        let mut numbers = lengths.filter_map(|length| {
            let number = number(look, &run[at..at + length], &mut cue, has_cues)?;
            Some((number, length))
        });
        match numbers.next() {
            Some((place, length)) => {
                places.extend(place);
                at += length;
            }
            None => at += 1,
        }
    }
}

/// Groups of digits that nothing but the marks of telephone numbers parts.
fn runs(text: &str) -> Vec<Vec<Group>> {
    let octets = text.as_bytes();
    let mut runs: Vec<Vec<Group>> = Vec::new();
    let mut at = 0;
    while let Some(next) = octets[at..].iter().position(u8::is_ascii_digit) {
        let start = at + next;
        let length = octets[start..].iter().position(|octet| !octet.is_ascii_digit());
        let end = length.map_or(octets.len(), |length| start + length);
        let group = Group { begins: begins(text, start), ends: ends(text, end), place: start..end, apart: at..start };
        match runs.last_mut() {
            Some(run) if is_apart(&text[at..start]) => run.push(group),
            _ => runs.push(vec![group]),
        }
        at = end;
    }
    runs
}

/// Whether this parts the groups of one number.
fn is_apart(between: &str) -> bool {
    let marks =
        |c: char| matches!(c, ' ' | '\t' | '.' | '-' | '/' | '(' | ')' | '\u{2010}' | '–' | '—' | '·' | '+' | '_');
    // A line may end behind a dash, or behind the code in its brackets; the next one may be quoted.
    let unmarked = between.strip_suffix("> ").unwrap_or(between);
    let between = unmarked.strip_suffix('\n').filter(|rest| rest.ends_with(['-', ' ', ')'])).unwrap_or(between);
    !between.is_empty() && between.chars().count() <= 4 && between.chars().all(marks)
}

fn begins(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches(['(', '+']);
    let second = before.chars().nth_back(1).unwrap_or(' ');
    match before.chars().next_back() {
        None => true,
        Some('.' | ',' | '-' | '/') => !second.is_ascii_digit(),
        Some(':') => !second.is_ascii_digit(),
        Some(c) => !c.is_alphanumeric() && !"$€£#_%^~".contains(c),
    }
}

fn ends(text: &str, at: usize) -> bool {
    let mut behind = text[at..].chars();
    match (behind.next(), behind.next().unwrap_or(' ')) {
        (Some(',' | ':' | '.'), second) => !second.is_ascii_digit(),
        (Some('%' | '€' | '$' | '£' | '\u{b0}' | '^'), _) => false,
        (Some('x'), second) => second.is_ascii_digit() || second == ' ',
        (Some(c), _) => !c.is_alphanumeric(),
        (None, _) => true,
    }
}

/// Whether these groups are no part of something longer.
fn is_whole(text: &str, run: &[Group], from: usize, to: usize) -> bool {
    let is_loose = |group: &Group| text[group.apart.clone()].contains([' ', '\t', '\n', '/']);
    let begins = run[from].begins && (from == 0 || is_loose(&run[from]));
    begins && run[to - 1].ends && run.get(to).is_none_or(is_loose)
}

/// Whether these groups are a number: `Some(None)` for one of a service.
///
/// `cue` is what the words before the first of them say, once that is known.
fn number(look: &Look<'_>, run: &[Group], cue: &mut Option<Cue>, has_cues: bool) -> Option<Option<Range<usize>>> {
    let text = look.folded.text.as_str();
    let (first, last) = (run.first()?, run.last()?);
    let count: usize = run.iter().map(|group| group.place.len()).sum();
    // Digits that stand alone are looked at as words are.
    if !(FEWEST..=MOST).contains(&count) || 2 * count < 3 * run.len() {
        return None;
    }
    let before = &text[..first.place.start];
    let mark = before.trim_end_matches('(');
    let is_international = mark.ends_with('+');
    let mark = mark.trim_end_matches(['+', '(']);
    let groups: Vec<&str> = run.iter().map(|group| &text[group.place.clone()]).collect();
    let apart: Vec<&str> = run[1..].iter().map(|group| &text[group.apart.clone()]).collect();
    let shape = shapes::Shape { groups: &groups, apart: &apart, is_international, in_brackets: before.ends_with('(') };
    let digits = groups.concat();
    if look.kept.has_number(&digits, is_international) {
        return Some(None);
    }
    let is_number = match shape.kind() {
        shapes::Kind::Number => true,
        shapes::Kind::Likely => !cues::is_measure(before, &text[last.place.end..]),
        shapes::Kind::WithCue(wanted) => {
            let cue = *cue.get_or_insert_with(|| if has_cues { cues::before(before) } else { Cue::None });
            let is_near =
                cue >= wanted || (has_cues && wanted == Cue::Near && cues::is_behind(&text[last.place.end..]));
            is_near && !cues::is_measure(before, &text[last.place.end..])
        }
        shapes::Kind::None => false,
    };
    is_number.then(|| Some(mark.len()..last.place.end + extension(&text[last.place.end..])))
}

/// The length of "ext. 12" behind a number.
fn extension(behind: &str) -> usize {
    const WORDS: [&str; 12] =
        ["extension", "extn.", "extn", "ext.", "ext", "x", "#", "durchwahl", "dw", "poste", "anexo", "int."];
    let rest = behind.trim_start_matches([' ', ',', '(']);
    let word = WORDS.iter().find_map(|word| rest.strip_prefix(word));
    let Some(rest) = word.map(|rest| rest.trim_start_matches([' ', ':', '.'])) else { return 0 };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let is_whole = !rest[digits..].starts_with(char::is_alphanumeric);
    if (1..=6).contains(&digits) && is_whole { behind.len() - rest.len() + digits } else { 0 }
}
