//! When something is due: five-field cron lines in a civil time zone. The only use of cron.
//!
//! A digest is once a civil day, so a line has one hour and one minute; what can't be kept is refused with a sentence.
//! The crate picks the days; the hour is resolved here, because it would skip a day in a gap and fire twice in an overlap.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use crate::clock::Timestamp;

/// A wall-clock time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

/// Days of the week, the first one Sunday; never none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WeekDays([bool; 7]);

impl WeekDays {
    /// Read `mon,wed,fri`, `1-5` or `sat`.
    ///
    /// # Errors
    /// A sentence when there is no such day.
    pub fn parse(text: &str) -> Result<Self, String> {
        let field: String = text.split_whitespace().collect::<Vec<_>>().join(",").replace(",,", ",");
        if matches!(field.as_str(), "*" | "daily") {
            return Ok(Self([true; 7]));
        }
        let list = days_of_week(&field)?;
        let mut days = [false; 7];
        // The crate counts from 1.
        list.split(',').filter_map(|day| day.parse::<usize>().ok()).for_each(|day| days[day - 1] = true);
        Ok(Self(days))
    }

    /// How many there are.
    #[must_use]
    pub fn count(self) -> usize {
        self.0.iter().filter(|has| **has).count()
    }

    /// Their numbers, Sunday being 0, from Monday on.
    #[must_use]
    pub fn numbers(self) -> Vec<u8> {
        (1..=7).map(|day: u8| day % 7).filter(|day| self.0[usize::from(*day)]).collect()
    }

    fn has(self, day: Weekday) -> bool {
        self.0[day.num_days_from_sunday() as usize]
    }

    /// Monday where it is one of them, or the first after it.
    fn of_week(self) -> Weekday {
        let days = std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ()));
        days.take(7).find(|day| self.has(*day)).unwrap_or(Weekday::Mon)
    }
}

/// As it is kept: `1,3,5`.
impl fmt::Display for WeekDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list: Vec<String> = (0..7).filter(|day| self.0[*day]).map(|day| day.to_string()).collect();
        f.write_str(&list.join(","))
    }
}

/// What a reader chose in place of the group's schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Own {
    /// Takes the place of hour and minute; the days stay.
    pub hour: Option<Time>,
    /// Take the place of the days; the hour stays.
    pub days: Option<WeekDays>,
    /// Once a week: on Monday, or on the first of her own days from Monday on.
    pub weekly: bool,
}

/// A checked line such as `30 17 * * 1-5`.
#[derive(Debug, Clone)]
pub struct Schedule {
    line: String,
    time: Time,
    days: cron::Schedule,
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.line == other.line
    }
}

impl Eq for Schedule {}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

impl Schedule {
    /// Read `minute hour day-of-month month day-of-week`.
    ///
    /// # Errors
    /// A sentence when the line is no such line, fires more than once a day, never fires, or names both kinds of day.
    pub fn parse(line: &str) -> Result<Self, String> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [minute, hour, of_month, month, of_week] = fields[..] else {
            return Err(format!(
                "`{line}` must have five fields: minute, hour, day of month, month, day of week; like 30 17 * * *"
            ));
        };
        let minute = single(minute, 59).ok_or_else(|| once_a_day(minute, "minute", 59))?;
        let hour = single(hour, 23).ok_or_else(|| once_a_day(hour, "hour", 23))?;
        let (of_month, month, of_week) = (starred(of_month), starred(month), starred(of_week));
        if of_month != "*" && of_week != "*" {
            return Err(format!(
                "`{line}` names days of the month and of the week; name one kind and write * for the other"
            ));
        }
        let of_week = days_of_week(of_week)?;
        let days = cron::Schedule::from_str(&format!("0 0 0 {of_month} {month} {of_week}"))
            .map_err(|_| format!("`{line}` has a day or month that can't be read; write it like 30 17 1,15 * *"))?;
        let year_2000 = DateTime::<Utc>::from_timestamp(946_684_800, 0).unwrap_or_default();
        if days.after(&year_2000).next().is_none() {
            return Err(format!("`{line}` names a day that never comes"));
        }
        Ok(Self { line: fields.join(" "), time: Time { hour, minute }, days })
    }

    /// The line as it was written, with single spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.line
    }

    /// The hour and minute of the line.
    #[must_use]
    pub fn time(&self) -> Time {
        self.time
    }

    /// The first due instant strictly after `now`. After the last year the calendar knows (2100) it is never:
    /// `Timestamp(i64::MAX)`.
    #[must_use]
    pub fn next_after(&self, now: Timestamp, zone: Tz, own: Own) -> Timestamp {
        let time = own.hour.unwrap_or(self.time);
        // One day back: near midnight the due instant of yesterday's date can still lie ahead.
        let mut day = civil_day(now, zone).checked_sub_days(Days::new(1)).unwrap_or_default();
        while let Some(found) = self.day_from(day, own) {
            if let Some(at) = resolve(found, time, zone).filter(|at| *at > now) {
                return at;
            }
            let Some(next) = found.checked_add_days(Days::new(1)) else { break };
            day = next;
        }
        Timestamp(i64::MAX)
    }

    /// The first matching day that is `from` or later.
    fn day_from(&self, from: NaiveDate, own: Own) -> Option<NaiveDate> {
        if own.weekly {
            let day = own.days.map_or(Weekday::Mon, WeekDays::of_week);
            let ahead = (7 - from.weekday().days_since(day)) % 7;
            return from.checked_add_days(Days::new(u64::from(ahead)));
        }
        if let Some(days) = own.days {
            let mut week = (0..7).filter_map(|ahead| from.checked_add_days(Days::new(ahead)));
            return week.find(|day| days.has(day.weekday()));
        }
        let midnight = from.and_time(NaiveTime::MIN).and_utc();
        self.days.after(&(midnight - TimeDelta::seconds(1))).next().map(|at| at.date_naive())
    }
}

/// The date on the wall at `at`.
#[must_use]
pub fn civil_day(at: Timestamp, zone: Tz) -> NaiveDate {
    at.utc().with_timezone(&zone).date_naive()
}

/// The noon of a day, `2026-11-24`, in a zone; the beginning of time for a text that is no day.
#[must_use]
pub fn noon(day: &str, zone: Tz) -> Timestamp {
    let day = day.parse::<NaiveDate>().ok();
    day.and_then(|day| resolve(day, Time { hour: 12, minute: 0 }, zone)).unwrap_or(Timestamp(0))
}

/// The first instant of a date on the wall of `zone`; `None` for a date that the zone left out.
#[must_use]
pub fn start_of(day: NaiveDate, zone: Tz) -> Option<Timestamp> {
    resolve(day, Time { hour: 0, minute: 0 }, zone)
}

/// Read a member's hour: `7`, `7:30` or `19:00`.
///
/// # Errors
/// A sentence when it is no time of day.
pub fn parse_hour(text: &str) -> Result<Time, String> {
    let (hour, minute) = text.trim().split_once(':').unwrap_or((text.trim(), "0"));
    match (single(hour, 23), single(minute, 59)) {
        (Some(hour), Some(minute)) => Ok(Time { hour, minute }),
        _ => Err(format!("`{text}` is not a time of day; write it like 7, 7:30 or 19:00")),
    }
}

/// The instant at which the wall of `zone` shows `time` on `day`: the first of two; in a gap the next valid instant.
/// Where that is another date (a gap up to midnight), the last minute before the gap, so that every day keeps its own
/// issue. `None` for a date that a zone left out.
pub(super) fn resolve(day: NaiveDate, time: Time, zone: Tz) -> Option<Timestamp> {
    let wall = day.and_hms_opt(time.hour.into(), time.minute.into(), 0)?;
    let at = |wall: NaiveDateTime| zone.from_local_datetime(&wall).earliest().map(Timestamp::from);
    // Gaps begin and end on a minute; the longest are a day.
    let forward = (0..=24 * 60).map(|minutes| wall + TimeDelta::minutes(minutes)).take_while(|wall| wall.date() == day);
    let backward = (1..24 * 60).map(|minutes| wall - TimeDelta::minutes(minutes)).take_while(|wall| wall.date() == day);
    forward.chain(backward).find_map(at)
}

fn single(field: &str, most: u8) -> Option<u8> {
    let digits = (1..=2).contains(&field.len()) && field.bytes().all(|byte| byte.is_ascii_digit());
    field.parse().ok().filter(|number| digits && *number <= most)
}

fn once_a_day(field: &str, name: &str, most: u8) -> String {
    format!("`{field}`: the {name} must be one number from 0 to {most}, because a digest is sent once a day")
}

fn starred(field: &str) -> &str {
    if matches!(field, "?" | "*/1") { "*" } else { field }
}

/// The crate's list (Sunday is 1) for cron's days of the week (Sunday is 0 or 7; names; ranges may pass the week's end).
fn days_of_week(field: &str) -> Result<String, String> {
    if field == "*" {
        return Ok(field.to_owned());
    }
    let wrong = || format!("`{field}` is no day of the week; write it like 1-5, mon,thu or sun");
    let mut days = [false; 7];
    for part in field.split(',') {
        let (range, step) = part.split_once('/').map_or((part, Some(1)), |(range, step)| (range, single(step, 7)));
        let step = step.filter(|step| *step > 0).ok_or_else(wrong)?;
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (0, 6),
            Some((first, last)) => (weekday(first).ok_or_else(wrong)?, weekday(last).ok_or_else(wrong)?),
            None => weekday(range).map(|day| (day, day)).ok_or_else(wrong)?,
        };
        let length = if last == 7 && first == 0 { 6 } else { (last + 7 - first) % 7 };
        for ahead in (0..=length).step_by(step.into()) {
            days[usize::from((first + ahead) % 7)] = true;
        }
    }
    let list: Vec<String> = (0..7).filter(|day| days[*day]).map(|day| (day + 1).to_string()).collect();
    Ok(list.join(","))
}

/// 0 to 7 for a number or an English name of at least three letters.
pub(super) fn weekday(text: &str) -> Option<u8> {
    const NAMES: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
    let lower = text.to_ascii_lowercase();
    let named = || NAMES.iter().position(|name| lower.len() >= 3 && name.starts_with(&lower));
    single(text, 7).or_else(|| named().and_then(|day| u8::try_from(day).ok()))
}

#[cfg(test)]
mod tests;
