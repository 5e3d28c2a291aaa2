//! "At 7 pm", "on Mon, Wed and Fri": when digests come.

use chrono::Weekday;

use super::super::Word;
use super::super::confirm::longest;
use crate::model::schedule::{Time, WeekDays};

const AT: &str = "at|a las|a la|at about|around|sobre las";
const NOON: &str = "at noon|at midday|a mediodia|al mediodia";
const MORNING: &str = "am|a.m|in the morning|de la manana|de la madrugada";
const EVENING: &str = "pm|p.m|in the evening|in the afternoon|at night|de la tarde|de la noche";
const HOURS: &str = "o'clock|oclock|h|hrs|hours|horas";
const ON: &str = "on|only on|every|each|los|el|solo los|solo el|cada|todos los|on every";
const AND: &str = "and|y|e|&|and on|y los|y el";
const TO: &str = "to|through|till|until|a|al|hasta";
const EVERY_DAY: &str = "every day|each day|every single day|all days|todos los dias|cada dia|on all days";
const WORKING: &str =
    "on weekdays|weekdays|every weekday|on working days|entre semana|los dias laborables|los dias habiles";
const WEEKEND: &str = "on weekends|on the weekend|weekends|at weekends|at the weekend|los fines de semana|el fin de semana|fines de semana";

const NAMES: [&str; 7] = [
    "sunday|sundays|sun|domingo|domingos|dom",
    "monday|mondays|mon|lunes|lun",
    "tuesday|tuesdays|tue|tues|martes",
    "wednesday|wednesdays|wed|weds|miercoles|mie",
    "thursday|thursdays|thu|thur|thurs|jueves|jue",
    "friday|fridays|fri|viernes|vie",
    "saturday|saturdays|sat|sabado|sabados|sab",
];

/// Sunday is 0.
fn number(word: &str) -> Option<usize> {
    NAMES.iter().position(|names| names.split('|').any(|name| name == word))
}

/// The day of a week that a word names.
pub(super) fn weekday(word: &str) -> Option<Weekday> {
    let number = number(word)?;
    // Sunday is the seventh of these.
    Weekday::try_from(u8::try_from((number + 6) % 7).ok()?).ok()
}

/// An hour, and how many words say it.
pub(super) fn hour(words: &[Word]) -> Option<(Time, usize)> {
    let noon = longest(words, NOON);
    if noon > 0 {
        return Some((Time { hour: 12, minute: 0 }, noon));
    }
    let mut at = longest(words, AT);
    let word = words.get(at).filter(|word| at > 0 && !word.foreign)?;
    let (text, half) = match (word.text.strip_suffix("am"), word.text.strip_suffix("pm")) {
        (Some(text), _) => (text, Some(false)),
        (_, Some(text)) => (text, Some(true)),
        _ => (word.text.as_str(), None),
    };
    let (hour, minute) = text.split_once(['.', 'h']).unwrap_or((text, "00"));
    let is_number = |text: &str, long: std::ops::RangeInclusive<usize>| {
        long.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let minute = if minute.is_empty() { "00" } else { minute };
    if !is_number(hour, 1..=2) || !is_number(minute, 2..=2) {
        return None;
    }
    let (hour, minute): (u8, u8) = (hour.parse().ok()?, minute.parse().ok()?);
    at += 1;
    let rest = words.get(at..).unwrap_or_default();
    let (morning, evening) = (longest(rest, MORNING), longest(rest, EVENING));
    at += morning.max(evening);
    if morning + evening == 0 {
        at += longest(rest, HOURS);
    }
    let half = half.or((morning > 0).then_some(false)).or((evening > 0).then_some(true));
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(after) => hour % 12 + if after { 12 } else { 0 },
    };
    (hour < 24 && minute < 60).then_some((Time { hour, minute }, at))
}

/// Days of the week, how many words say them, and whether they were named with a word such as "on".
pub(super) fn days(words: &[Word]) -> Option<(WeekDays, usize, bool)> {
    for (runs, list) in [(EVERY_DAY, "*"), (WORKING, "1-5"), (WEEKEND, "0,6")] {
        let length = longest(words, runs);
        if length > 0 {
            return Some((WeekDays::parse(list).ok()?, length, true));
        }
    }
    let lead = longest(words, ON).max(usize::from(begins_range(words)));
    let (mut at, mut found) = (lead, Vec::new());
    while let Some((days, length)) = words.get(at..).and_then(some_days) {
        found.extend(days);
        at += length;
        let and = words.get(at..).map_or(0, |rest| longest(rest, AND).max(usize::from(is_mark(rest))));
        if words.get(at + and..).and_then(some_days).is_none() {
            break;
        }
        at += and;
    }
    let list: Vec<String> = found.iter().map(ToString::to_string).collect();
    let days = WeekDays::parse(&list.join(",")).ok().filter(|_| !list.is_empty())?;
    Some((days, at, lead > 0))
}

/// "De lunes a viernes".
fn begins_range(words: &[Word]) -> bool {
    words.first().is_some_and(|word| word.text == "de" || word.text == "from")
}

fn is_mark(words: &[Word]) -> bool {
    words.first().is_some_and(|word| word.foreign && matches!(word.text.as_str(), "&" | "/" | "+"))
}

/// One day, or a range: "mon-fri", "Monday to Friday".
fn some_days(words: &[Word]) -> Option<(Vec<usize>, usize)> {
    let word = words.first().filter(|word| !word.foreign)?;
    if let Some((first, last)) = word.text.split_once('-') {
        return Some((range(number(first)?, number(last)?), 1));
    }
    let first = number(&word.text)?;
    let to = longest(&words[1..], TO);
    if to > 0
        && let Some(last) = words.get(1 + to).filter(|word| !word.foreign).and_then(|word| number(&word.text))
    {
        return Some((range(first, last), to + 2));
    }
    Some((vec![first], 1))
}

/// It may pass the week's end.
fn range(first: usize, last: usize) -> Vec<usize> {
    let length = (7 + last - first) % 7;
    (0..=length).map(|ahead| (first + ahead) % 7).collect()
}
