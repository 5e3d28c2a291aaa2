//! "At 7 pm", "on Mon, Wed and Fri": when digests come.

use chrono::Weekday;

use super::super::Word;
use super::super::confirm::longest;
use super::numbers::{cardinal, is_figures};
use crate::model::schedule::{Time, WeekDays};

const AT: &str = "at|a las|a la|at about|at around|around|sobre las|hacia las|a eso de las";
const NOON: &str = "at noon|at midday|a mediodia|al mediodia";
const MIDNIGHT: &str = "at midnight|a medianoche|a la medianoche";
const HOURS: &str = "o'clock|oclock|h|hs|hrs|hours|horas|en punto|sharp";
/// Minutes before the hour: "half past seven",
const PAST: &[(&str, i32)] = &[
    ("half past|half after", 30),
    ("quarter past|a quarter past|quarter after|a quarter after", 15),
    ("quarter to|a quarter to", -15),
];
/// and behind it: "las siete y media".
const MINUTES: &[(&str, i32)] = &[
    ("thirty|y media|y treinta|treinta|y 30", 30),
    ("fifteen|y cuarto|y quince|quince|y 15", 15),
    ("forty-five|forty five|cuarenta y cinco|y cuarenta y cinco|y 45", 45),
    ("menos cuarto|menos quince", -15),
];
const PARTS: &[(&str, PartOfDay)] = &[
    ("am|a.m|a m|de la madrugada", PartOfDay::Am),
    ("pm|p.m|p m", PartOfDay::Pm),
    ("in the morning|de la manana|por la manana", PartOfDay::Morning),
    ("noon|midday|del mediodia|de mediodia|del dia", PartOfDay::Midday),
    ("in the afternoon|de la tarde|por la tarde", PartOfDay::Afternoon),
    ("in the evening", PartOfDay::Evening),
    ("at night|de la noche|por la noche|midnight", PartOfDay::Night),
];
/// What makes one hour of two that nobody can tell, between them,
const OR: &str = "or|o|and|y|to|a|past|after|before|menos|or at|and at|o a las|o a la|y a las|y a la|y las|y la";
/// before one ("half seven" is 6:30 for some),
const HALF: &str = "half";
/// and behind one: her zone is set elsewhere.
const ABOUT: &str = "or so|more or less|approximately|y pico|mas o menos|aproximadamente|est|edt|et|eastern|eastern time|cst|cdt|ct|central|\
    central time|mst|mdt|mt|mountain time|pst|pdt|pt|pacific|pacific time|utc|gmt|cet";
const BETWEEN: &str = "between|entre las|entre la";
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

/// To which part of the day an hour belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PartOfDay {
    Am,
    Pm,
    Morning,
    Midday,
    Afternoon,
    Evening,
    Night,
}

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

/// An hour, and how many words say it; `None` inside where one was meant and nobody can say which.
pub(super) fn hour(words: &[Word]) -> Option<(Option<Time>, usize)> {
    for (runs, hour) in [(NOON, 12), (MIDNIGHT, 0)] {
        let length = longest(words, runs);
        if length > 0 {
            return Some((Some(Time { hour, minute: 0 }), length));
        }
    }
    let between = longest(words, BETWEEN);
    if between > 0 {
        let hours = some_hours(&words[between..]);
        return (hours > 0).then_some((None, between + hours));
    }
    let lead = longest(words, AT);
    let rest = words.get(lead..).filter(|_| lead > 0)?;
    // "At once" is English.
    if words[0].text == "at" && rest.first()?.text == "once" {
        return None;
    }
    let clear = clock(rest);
    let unclear = some_hours(rest);
    // More numbers make two hours of it: "at 7 or 8".
    let found = clear.filter(|(_, length)| *length >= unclear).or((unclear > 0).then_some((None, unclear)));
    found.map(|(hour, length)| (hour, lead + length))
}

/// "7", "7 pm", "19:30", "half past seven", "siete y media de la tarde".
pub(super) fn clock(words: &[Word]) -> Option<(Option<Time>, usize)> {
    let (before, shift) = run_of(words, PAST).unwrap_or((0, 0));
    let (hour, minute, mut at) = figures(words.get(before..)?)?;
    at += before;
    let (behind, more) = run_of(&words[at..], MINUTES).filter(|_| shift == 0 && minute.is_none()).unwrap_or((0, 0));
    at += behind;
    at += longest(&words[at..], HOURS);
    let glued = [("am", PartOfDay::Am), ("pm", PartOfDay::Pm)];
    let glued = glued.into_iter().find(|(end, _)| words[before].text.ends_with(end)).map(|(_, part)| part);
    let (length, part) = run_of(&words[at..], PARTS).map_or((0, None), |(length, part)| (length, Some(part)));
    let hour = of_day(hour, glued.or(part)).filter(|_| minute.is_none_or(|minute| minute < 60));
    let time = hour.map(|hour| {
        let minutes = i32::from(hour) * 60 + i32::from(minute.unwrap_or(0)) + shift + more;
        minutes.rem_euclid(24 * 60)
    });
    let time =
        time.and_then(|all| Some(Time { hour: u8::try_from(all / 60).ok()?, minute: u8::try_from(all % 60).ok()? }));
    Some((time, at + length))
}

/// The hour as it is counted from midnight; `None` where the two don't agree, or people count in two ways.
fn of_day(hour: u8, part: Option<PartOfDay>) -> Option<u8> {
    use PartOfDay::{Afternoon, Am, Evening, Midday, Morning, Night, Pm};
    match (hour, part) {
        (0..=23, None) | (0..=11, Some(Am)) | (1..=11, Some(Morning)) | (0..=4, Some(Night)) => Some(hour),
        (13..=23, Some(Pm | Afternoon | Evening | Night)) => Some(hour),
        (12, Some(Am | Night)) => Some(0),
        // "Las 12 de la mañana" are noon for some and midnight for others.
        (12, Some(Pm | Midday | Afternoon)) => Some(12),
        (1..=3, Some(Midday)) | (5..=11, Some(Night)) | (1..=11, Some(Pm | Afternoon | Evening)) => Some(hour + 12),
        _ => None,
    }
}

/// The numbers of an hour: "7", "7pm", "19.30", "7h30", "seven".
fn figures(words: &[Word]) -> Option<(u8, Option<u8>, usize)> {
    let word = words.first().filter(|word| !word.foreign)?;
    let text = word.text.as_str();
    let text = text.strip_suffix("am").or(text.strip_suffix("pm")).unwrap_or(text);
    let (hour, minute) = text.split_once(['.', 'h']).unwrap_or((text, ""));
    if !is_figures(hour) || hour.len() > 2 {
        let (hour, length) = cardinal(words).filter(|(hour, _)| *hour <= 24)?;
        return Some((u8::try_from(hour).ok()?, None, length));
    }
    let is_minute = minute.is_empty() || minute.len() == 2 && is_figures(minute);
    is_minute.then_some(())?;
    Some((hour.parse().ok()?, minute.parse().ok(), 1))
}

/// More than one hour, or one that there is not: "7 or 8 pm", "7-8", "25".
fn some_hours(words: &[Word]) -> usize {
    let is_number = |text: &str| text.split(['-', '.', 'h']).all(|part| part.len() <= 4 && is_figures(part));
    let number = |words: &[Word]| {
        let half = longest(words, HALF);
        let in_figures = words.get(half).is_some_and(|word| !word.foreign && is_number(&word.text));
        let length = if in_figures { 1 } else { clock(&words[half..]).map_or(0, |(_, length)| length) };
        if length > 0 { half + length } else { 0 }
    };
    let mut at = 0;
    loop {
        let or = if at > 0 { longest(&words[at..], OR) } else { 0 };
        let found = number(&words[at + or..]);
        if found == 0 {
            return at;
        }
        at += or + found;
        at += longest(&words[at..], HOURS);
        at += run_of(&words[at..], PARTS).map_or(0, |(length, _)| length);
        at += longest(&words[at..], ABOUT);
    }
}

/// The longest run of a table that the words begin with.
fn run_of<T: Copy>(words: &[Word], table: &[(&str, T)]) -> Option<(usize, T)> {
    let all = table.iter().map(|(runs, meaning)| (longest(words, runs), *meaning));
    all.filter(|(length, _)| *length > 0).max_by_key(|(length, _)| *length)
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
