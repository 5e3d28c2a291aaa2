//! When the moderators of a group read: weekly hours and holidays in the group's zone, and what is promised by them.
//!
//! Times are those on the wall; how long they last is counted in real time, so that a day which the clock change makes
//! shorter or longer is one. Exact across gaps and overlaps.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;

use super::schedule::{Time, civil_day, parse_hour, resolve, weekday};
use crate::clock::Timestamp;

const ALWAYS: &str = "always";
const WHOLE_DAY: u16 = 24 * 60;
/// As far as one looks ahead, in days: whoever reads nothing for longer reads never.
const HORIZON: u64 = 400;

/// Hours of the week without the holidays. The default is at all hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingHours {
    hours: String,
    holidays: String,
    /// From Monday on: minutes of the day, from and until, in order, none touching another.
    days: [Vec<(u16, u16)>; 7],
    /// First and last day.
    free: Vec<(NaiveDate, NaiveDate)>,
}

impl Default for ReadingHours {
    fn default() -> Self {
        Self {
            hours: ALWAYS.to_owned(),
            holidays: String::new(),
            days: std::array::from_fn(|_| vec![(0, WHOLE_DAY)]),
            free: Vec::new(),
        }
    }
}

impl fmt::Display for ReadingHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hours)
    }
}

impl ReadingHours {
    /// Read `always`, or days and times such as `Mon-Fri 9:00-12:00, 13:00-17:00; Sat 10:00-12:00`; and holidays such as
    /// `2026-12-25, 2026-12-31..2027-01-01`, or nothing.
    ///
    /// # Errors
    /// One sentence when one of them can't be read.
    pub fn parse(hours: &str, holidays: &str) -> Result<Self, String> {
        Self::default().with_hours(hours)?.with_holidays(holidays)
    }

    /// The same holidays with other hours.
    ///
    /// # Errors
    /// One sentence when they can't be read.
    pub fn with_hours(self, hours: &str) -> Result<Self, String> {
        let hours = hours.split_whitespace().collect::<Vec<_>>().join(" ");
        if hours.eq_ignore_ascii_case(ALWAYS) {
            return Ok(Self { holidays: self.holidays, free: self.free, ..Self::default() });
        }
        let mut days: [Vec<(u16, u16)>; 7] = Default::default();
        for part in hours.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            add_part(&mut days, part)?;
        }
        if days.iter().all(Vec::is_empty) {
            return Err(format!("`{hours}` has no hours; write them like Mon-Fri 9:00-17:00, or always"));
        }
        days.iter_mut().for_each(join);
        Ok(Self { hours, days, ..self })
    }

    /// The same hours with other holidays.
    ///
    /// # Errors
    /// One sentence when they can't be read.
    pub fn with_holidays(self, holidays: &str) -> Result<Self, String> {
        let mut free = Vec::new();
        for part in holidays.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (first, last) = part.split_once("..").unwrap_or((part, part));
            let day = |text: &str| NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok();
            match (day(first), day(last)) {
                (Some(first), Some(last)) if first <= last => free.push((first, last)),
                _ => {
                    return Err(format!(
                        "`{part}` is no holiday; write days like 2026-12-25 and several like 2026-12-24..2027-01-01"
                    ));
                }
            }
        }
        free.sort_unstable();
        let written = |(first, last): &(NaiveDate, NaiveDate)| {
            if first == last { first.to_string() } else { format!("{first}..{last}") }
        };
        Ok(Self { holidays: free.iter().map(written).collect::<Vec<_>>().join(","), free, ..self })
    }

    /// The hours as they were written, with single spaces.
    #[must_use]
    pub fn hours(&self) -> &str {
        &self.hours
    }

    /// The holidays in order.
    #[must_use]
    pub fn holidays(&self) -> &str {
        &self.holidays
    }

    /// When `seconds` of reading time after `from` are over. Where they never are, it is that many seconds later by the
    /// clock: a promise must stand somewhere, and somebody be reminded.
    #[must_use]
    pub fn after(&self, from: Timestamp, seconds: i64, zone: Tz) -> Timestamp {
        let mut left = seconds.max(0).saturating_mul(1_000_000);
        for (start, end) in self.spans(from, zone) {
            let start = start.max(from);
            if end.0 - start.0 >= left {
                return Timestamp(start.0 + left);
            }
            left -= (end.0 - start.0).max(0);
        }
        from.plus_seconds(seconds)
    }

    /// Whether somebody reads at `at`; the last moment counts.
    #[must_use]
    pub fn are_on(&self, at: Timestamp, zone: Tz) -> bool {
        self.next_on(at, zone) == Some(at)
    }

    /// When somebody reads next: `at` itself, or the beginning of hours. `None` when that is never.
    #[must_use]
    pub fn next_on(&self, at: Timestamp, zone: Tz) -> Option<Timestamp> {
        self.spans(at, zone).next().map(|(start, _)| start.max(at))
    }

    /// The spans that end at `from` or later and last for a while, in order.
    fn spans(&self, from: Timestamp, zone: Tz) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        // One day back: near a change of zone, yesterday's hours can still last.
        let first = civil_day(from, zone).checked_sub_days(Days::new(1)).unwrap_or_default();
        let days = (0..HORIZON).filter_map(move |ahead| first.checked_add_days(Days::new(ahead)));
        let days = days.filter(|day| !self.free.iter().any(|(first, last)| (first..=last).contains(&day)));
        days.flat_map(move |day| {
            let hours = &self.days[day.weekday().num_days_from_monday() as usize];
            hours
                .iter()
                .filter_map(move |(from, until)| Some((instant(day, *from, zone)?, instant(day, *until, zone)?)))
        })
        .filter(move |(start, end)| start < end && *end >= from)
    }
}

/// A minute of a day; the last one may be that of the next day's beginning.
fn instant(day: NaiveDate, minute: u16, zone: Tz) -> Option<Timestamp> {
    if minute >= WHOLE_DAY {
        // A zone may leave a date out.
        let next = (1..=3).filter_map(|ahead| day.checked_add_days(Days::new(ahead)));
        resolve(day, Time { hour: 0, minute: 0 }, zone)?;
        return next.filter_map(|day| resolve(day, Time { hour: 0, minute: 0 }, zone)).next();
    }
    let time = Time { hour: u8::try_from(minute / 60).ok()?, minute: u8::try_from(minute % 60).ok()? };
    resolve(day, time, zone)
}

/// `Mon-Fri 9:00-12:00, 13:00-17:00`; without days it is every day.
fn add_part(days: &mut [Vec<(u16, u16)>; 7], part: &str) -> Result<(), String> {
    let wrong = || format!("`{part}` are no reading hours; write them like Mon-Fri 9:00-17:00");
    let (names, times) = part.split_at(part.find(|c: char| c.is_ascii_digit()).ok_or_else(wrong)?);
    let mut is_on = [false; 7];
    for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let (first, last) = name.split_once('-').unwrap_or((name, name));
        let day = |text: &str| weekday(text.trim()).map(|sunday_is_0| usize::from((sunday_is_0 + 6) % 7));
        let (first, last) = day(first).zip(day(last)).ok_or_else(wrong)?;
        for ahead in 0..=(last + 7 - first) % 7 {
            is_on[(first + ahead) % 7] = true;
        }
    }
    if names.trim().is_empty() {
        is_on = [true; 7];
    }
    for span in times.split(',').map(str::trim) {
        let (from, until) = span.split_once(['-', '–']).ok_or_else(wrong)?;
        let (from, until) = (minute_of(from)?, minute_of(until)?);
        if from >= until {
            return Err(format!(
                "`{span}` ends before it begins; write hours past midnight as two: Fri 22:00-24:00; Sat 0:00-6:00"
            ));
        }
        let days = days.iter_mut().zip(is_on).filter(|(_, on)| *on);
        days.for_each(|(day, _)| day.push((from, until)));
    }
    Ok(())
}

fn minute_of(text: &str) -> Result<u16, String> {
    match text.trim() {
        "24" | "24:00" => Ok(WHOLE_DAY),
        text => parse_hour(text).map(|time| u16::from(time.hour) * 60 + u16::from(time.minute)),
    }
}

/// In order, and what touches together.
fn join(day: &mut Vec<(u16, u16)>) {
    day.sort_unstable();
    let mut joined: Vec<(u16, u16)> = Vec::with_capacity(day.len());
    for (from, until) in day.drain(..) {
        match joined.last_mut() {
            Some(last) if last.1 >= from => last.1 = last.1.max(until),
            _ => joined.push((from, until)),
        }
    }
    *day = joined;
}

#[cfg(test)]
mod tests;
