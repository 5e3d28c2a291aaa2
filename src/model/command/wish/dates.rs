//! "Until 3 January", "for two weeks": the day on which mail comes again. What can be read in two ways is not guessed.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::super::Word;
use super::super::confirm::longest;
use super::times::weekday;
use super::{numbers, vague};

/// Until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Until she says so.
    Open,
    /// The first day on which mail comes again.
    Day(NaiveDate),
    /// A day was meant, and nobody can say which.
    Unclear,
}

/// Nobody pauses for longer; she may have mistyped the year.
const LONGEST_DAYS: i64 = 2 * 366;

const UNTIL: &str = "until|untill|till|til|'til|up to|hasta|hasta el|hasta el dia|hasta la|until the";
/// The day that is named is the last one.
const THROUGH: &str = "through|thru|up to and including|until and including";
const INCLUSIVE: &str = "inclusive|included|incluido|incluido ese dia|inclusivo";
const FOR: &str = "for|for the next|the next|por|durante|por los proximos|durante los proximos|las proximas|los proximos|por las proximas|\
    durante las proximas|de";
/// Early on a day is that day.
const EARLY: &str = "morning|early|in the morning|early in the morning|por la manana|en la manana|a la manana|temprano";
const OPEN: &str = "for a while|for a little while|for a bit|for now|for some time|for the moment|for the time being|until further notice|\
    till further notice|until i say so|until i write again|until i come back to you|por un tiempo|por un tiempito|por un rato|\
    por un ratito|por ahora|de momento|por el momento|hasta nuevo aviso|hasta que avise|hasta que les avise";
/// Behind "until" or "for", without a number.
const UNCLEAR: &str = "a date|date|some day|one day|later|a few days|a few weeks|a few months|some days|some weeks|some months|several days|\
    several weeks|several months|a long time|una fecha|fecha|mas tarde|unos dias|unas semanas|unos meses|algunos dias|algunas semanas|\
    algunos meses|varios dias|varias semanas|varios meses|mucho tiempo";
const TOMORROW: &str = "tomorrow|manana";
const AFTER_TOMORROW: &str = "the day after tomorrow|day after tomorrow|pasado manana";
const NEXT_WEEK: &str = "next week|la semana que viene|la proxima semana|semana que viene|proxima semana";
const NEXT_MONTH: &str = "next month|el mes que viene|el proximo mes|mes que viene|proximo mes";
/// Of the week's days, the one that comes first,
const THIS: &str = "this|coming|this coming|the coming|el|este";
/// or one of the week after.
const NEXT: &str = "next|the next|el proximo|proximo|este proximo";
const COMING: &str = "que viene|proximo|siguiente";

/// Beside the numbers.
const COUNTS: &[(&str, u32)] = &[("a|an", 1), ("a couple of|couple of|un par de|couple|the couple of", 2)];
/// Of a span, in days; months are counted by the calendar.
const DAY: &str = "day|days|dia|dias|diita|diitas";
const WEEK: &str = "week|weeks|semana|semanas|semanita|semanitas";
const FORTNIGHT: &str = "fortnight|fortnights|quincena|quincenas";
const MONTH: &str = "month|months|mes|meses|mesecito|mesecitos";
const YEAR: &str = "year|years|ano|anos";
/// Those that stand behind more than one number: "2-3 weeks".
pub(super) const UNITS: &str = "day|days|dia|dias|week|weeks|semana|semanas|month|months|mes|meses";

const MONTHS: &[&str] = &[
    "january|jan|enero|ene",
    "february|feb|febrero",
    "march|mar|marzo",
    "april|apr|abril|abr",
    "may|mayo",
    "june|jun|junio",
    "july|jul|julio",
    "august|aug|agosto|ago",
    "september|sep|sept|septiembre|setiembre|set",
    "october|oct|octubre",
    "november|nov|noviembre",
    "december|dec|diciembre|dic",
];

/// What of the first words says until when, and how many words that are.
pub(super) fn until(words: &[Word], today: NaiveDate) -> Option<(Until, usize)> {
    let open = longest(words, OPEN);
    if open > 0 {
        return Some((Until::Open, open));
    }
    let clear = through(words, today).or_else(|| behind_until(words, today)).or_else(|| behind_for(words, today));
    let vague = vague::length(words, today);
    // More such words make another day of it: "Monday evening".
    clear.filter(|(_, length)| *length >= vague).or((vague > 0).then_some((Until::Unclear, vague)))
}

fn behind_until(words: &[Word], today: NaiveDate) -> Option<(Until, usize)> {
    let behind = |lead: usize| {
        let (until, length) = date(words.get(lead..)?, today)?;
        let rest = &words[lead + length..];
        let inclusive = longest(rest, INCLUSIVE);
        let until = if inclusive > 0 { day_after(until, &words[lead..lead + length]) } else { until };
        let more = if inclusive > 0 { inclusive } else { longest(rest, EARLY) };
        Some((checked(until, today), lead + length + more))
    };
    // "Hasta el" belongs together before "3 de enero", and "el" to the day in "el lunes" and "el 15".
    let all = (1..=longest(words, UNTIL)).filter_map(behind);
    all.max_by_key(|(until, length)| (*length, *until != Until::Unclear))
}

/// "Through Friday": mail comes on Saturday.
fn through(words: &[Word], today: NaiveDate) -> Option<(Until, usize)> {
    let lead = longest(words, THROUGH);
    let rest = words.get(lead..).filter(|_| lead > 0)?;
    let (until, length) = date(rest, today)?;
    let inclusive = longest(&rest[length..], INCLUSIVE);
    Some((checked(day_after(until, &rest[..length]), today), lead + length + inclusive))
}

/// The day after one that these words name; a week or a month has more than one.
fn day_after(until: Until, named: &[Word]) -> Until {
    let names_day = (0..named.len()).any(|at| {
        let word = named[at].text.as_str();
        weekday(word).is_some()
            || longest(&named[at..], TOMORROW) > 0
            || numbers::day(&named[at..]).is_some()
            || word.contains(['-', '_', '.'])
    });
    match until {
        Until::Day(day) if names_day => day.succ_opt().map_or(Until::Unclear, Until::Day),
        _ => Until::Unclear,
    }
}

fn behind_for(words: &[Word], today: NaiveDate) -> Option<(Until, usize)> {
    let lead = longest(words, FOR);
    let (until, length) = span(words.get(lead..)?, today)?;
    Some((checked(until, today), lead + length))
}

/// A day that is past, or too far, was not meant.
fn checked(until: Until, today: NaiveDate) -> Until {
    match until {
        Until::Day(day) if day <= today || (day - today).num_days() > LONGEST_DAYS => Until::Unclear,
        other => other,
    }
}

/// "Two weeks".
pub(super) fn span(words: &[Word], today: NaiveDate) -> Option<(Until, usize)> {
    let unclear = longest(words, UNCLEAR);
    if unclear > 0 {
        return Some((Until::Unclear, unclear));
    }
    let (count, length) = count(words)?;
    let rest = words.get(length..)?;
    let after = |days: u64| today.checked_add_days(Days::new(days * u64::from(count)));
    let months = |months: u32| today.checked_add_months(Months::new(months * count));
    let choices = [
        (longest(rest, DAY), after(1)),
        (longest(rest, WEEK), after(7)),
        (longest(rest, FORTNIGHT), after(14)),
        (longest(rest, MONTH), months(1)),
        (longest(rest, YEAR), months(12)),
    ];
    let (unit, day) = choices.into_iter().find(|(unit, _)| *unit > 0)?;
    Some((day.map_or(Until::Unclear, Until::Day), length + unit))
}

/// A number of at most three digits, or in words.
fn count(words: &[Word]) -> Option<(u32, usize)> {
    if let Some(number) = numbers::digits(words.first()?, 3) {
        return Some((number, 1));
    }
    let found = COUNTS.iter().map(|(runs, number)| (*number, longest(words, runs))).max_by_key(|(_, length)| *length);
    found.filter(|(_, length)| *length > 0).or_else(|| numbers::cardinal(words))
}

/// "Tomorrow", "Monday", "3 January".
pub(super) fn date(words: &[Word], today: NaiveDate) -> Option<(Until, usize)> {
    let choices = [
        (longest(words, UNCLEAR), None),
        (longest(words, AFTER_TOMORROW), today.checked_add_days(Days::new(2))),
        (longest(words, TOMORROW), today.succ_opt()),
        (longest(words, NEXT_WEEK), Some(coming_day(today, Weekday::Mon))),
        (longest(words, NEXT_MONTH), today.with_day(1).and_then(|day| day.checked_add_months(Months::new(1)))),
    ];
    if let Some((length, day)) = choices.into_iter().find(|(length, _)| *length > 0) {
        return Some((day.map_or(Until::Unclear, Until::Day), length));
    }
    of_week(words, today).or_else(|| of_month(words, today)).or_else(|| of_numbers(words, today))
}

/// "Monday", "next Monday", "Monday, 3 January".
fn of_week(words: &[Word], today: NaiveDate) -> Option<(Until, usize)> {
    let (this, next) = (longest(words, THIS), longest(words, NEXT));
    let at = this.max(next);
    let day = weekday(&words.get(at)?.text).filter(|_| !words[at].foreign)?;
    let rest = &words[at + 1..];
    if let Some((until, length)) = of_month(rest, today).or_else(|| of_numbers(rest, today)) {
        // The number counts; where the two don't agree, she is asked.
        let agrees = matches!(until, Until::Day(found) if found.weekday() == day);
        return Some((if agrees { until } else { Until::Unclear }, at + 1 + length));
    }
    let coming = longest(rest, COMING);
    let found = coming_day(today, day);
    // "Next Friday" said on a Thursday: tomorrow, or in eight days.
    let is_ambiguous = (next > this || coming > 0) && are_of_one_week(today, found);
    Some((if is_ambiguous { Until::Unclear } else { Until::Day(found) }, at + 1 + coming))
}

/// Whether somebody may take both for days of one week, which begins on a Sunday or on a Monday.
fn are_of_one_week(one: NaiveDate, other: NaiveDate) -> bool {
    [Weekday::Sun, Weekday::Mon].into_iter().any(|first| one.week(first).first_day() == other.week(first).first_day())
}

/// The first such day after today.
fn coming_day(today: NaiveDate, day: Weekday) -> NaiveDate {
    let ahead = (6 + day.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7 + 1;
    today.checked_add_days(Days::new(u64::from(ahead))).unwrap_or(today)
}

/// "3 January", "the 3rd of January 2027", "January 3", "3 de enero de 2027", "January".
fn of_month(words: &[Word], today: NaiveDate) -> Option<(Until, usize)> {
    let mut at = longest(words, "the|el|dia|el dia|on the");
    let mut day = None;
    if let Some((first, length)) = words.get(at..).and_then(numbers::day) {
        at += length;
        at += words.get(at..).map_or(0, |rest| longest(rest, "of|de|of the"));
        day = Some(first);
    }
    let month = words.get(at..).and_then(month_of)?;
    at += 1;
    let the = words.get(at..).map_or(0, |rest| longest(rest, "the"));
    if day.is_none()
        && let Some((found, length)) = words.get(at + the..).and_then(numbers::day)
    {
        at += the + length;
        day = Some(found);
    }
    let of = words.get(at..).map_or(0, |rest| longest(rest, "de|del|of"));
    let year = words.get(at + of).and_then(|word| numbers::digits(word, 4)).filter(|year| *year >= 1000);
    if year.is_some() {
        at += of + 1;
    }
    let until = match year {
        Some(year) => i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day.unwrap_or(1))),
        None => next_such(today, month, day.unwrap_or(1)),
    };
    Some((until.map_or(Until::Unclear, Until::Day), at))
}

/// The first such date after today; 29 February may be some years away.
fn next_such(today: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    (0..=2).filter_map(|years| NaiveDate::from_ymd_opt(today.year() + years, month, day)).find(|found| *found > today)
}

/// "2027-01-03", "25/12/2026", "31.12.", "the 15th".
fn of_numbers(words: &[Word], today: NaiveDate) -> Option<(Until, usize)> {
    let the = longest(words, "the|el|el dia|on the");
    let word = words.get(the).filter(|word| !word.foreign)?;
    if let Some(found) = iso(&word.text) {
        return Some((found.map_or(Until::Unclear, Until::Day), the + 1));
    }
    if let Some(found) = parted(&word.text, today) {
        return Some((found, the + 1));
    }
    let (day, length) = numbers::day(&words[the..])?;
    if the == 0 && !word.text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if the == 0 && numbers::is_figures(&word.text) {
        return Some((Until::Unclear, 1));
    }
    let mut months = (0..=12).filter_map(|ahead| today.with_day(1)?.checked_add_months(Months::new(ahead)));
    let found = months.find_map(|month| month.with_day(day).filter(|found| *found > today));
    Some((found.map_or(Until::Unclear, Until::Day), the + length))
}

/// Year, month and day; `Some(None)` where it is no date.
fn iso(text: &str) -> Option<Option<NaiveDate>> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return None };
    let number = |part: &str, long: usize| {
        (part.len() <= long && numbers::is_figures(part)).then(|| part.parse::<u32>().ok()).flatten()
    };
    match (number(year, 4).filter(|_| year.len() == 4), number(month, 2), number(day, 2)) {
        (Some(year), Some(month), Some(day)) => {
            Some(i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day)))
        }
        (None, Some(_), _) if number(day, 4).is_some() && number(year, 2).is_some() => Some(None),
        _ => None,
    }
}

/// Two or three numbers with slashes or points: clear only where one of the first two can be no month, or both are the same.
fn parted(text: &str, today: NaiveDate) -> Option<Until> {
    let parts: Vec<&str> = text.split(['_', '.']).collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let numbers: Option<Vec<u32>> = parts
        .iter()
        .map(|part| {
            let is_number = part.len() <= 4 && numbers::is_figures(part);
            part.parse().ok().filter(|_| is_number)
        })
        .collect();
    let numbers = numbers?;
    let (day, month) = match (numbers[0], numbers[1]) {
        (first, second) if first > 12 && second <= 12 => (first, second),
        (first, second) if first <= 12 && second > 12 => (second, first),
        (first, second) if first == second => (first, second),
        _ => return Some(Until::Unclear),
    };
    let found = match numbers.get(2) {
        None => next_such(today, month, day),
        Some(year) => {
            let year = if *year < 100 { year + 2000 } else { *year };
            i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
        }
    };
    Some(found.map_or(Until::Unclear, Until::Day))
}

fn month_of(words: &[Word]) -> Option<u32> {
    MONTHS.iter().zip(1u32..).find(|(runs, _)| longest(words, runs) > 0).map(|(_, month)| month)
}

/// Whether a word names a month.
pub(super) fn is_month(word: &str) -> bool {
    MONTHS.iter().any(|names| names.split('|').any(|name| name == word))
}
