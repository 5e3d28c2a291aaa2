//! Values as people type them, on the command line and in a file to import. Each reader gives a value or one sentence.

use chrono_tz::Tz;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::de::DeserializeOwned;

use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::group::{Moderation, Subjects};
use crate::model::hours::ReadingHours;
use crate::model::member::{Delivery, Format};
use crate::model::schedule::{Schedule, Time, WeekDays, parse_hour};

/// The words for how posts come.
pub const DELIVERIES: [&str; 4] = ["each", "daily", "weekly", "none"];

/// The words for the form of a digest.
pub const FORMATS: [&str; 4] = ["html", "text", "mime", "rfc1153"];

/// A value that can be taken away again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<T> {
    /// Back to what the group has, or to nothing.
    Clear,
    /// This one.
    Set(T),
}

impl<T> Change<T> {
    /// As it is kept.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

/// An address, with or without angle brackets.
///
/// # Errors
/// One sentence when it is none.
pub fn address(text: &str) -> Result<Address, String> {
    let bare = text.trim();
    let bare = bare.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(bare);
    Address::parse(bare).map_err(|_| format!("`{text}` is not a mail address"))
}

/// `each`, `daily`, `weekly` or `none`, in any case.
///
/// # Errors
/// One sentence when it is another word.
pub fn delivery(text: &str) -> Result<Delivery, String> {
    word(&text.trim().to_lowercase()).ok_or_else(|| format!("`{text}` is no delivery: use {}", DELIVERIES.join(", ")))
}

/// A zone of the IANA list.
///
/// # Errors
/// One sentence when it is none.
pub fn zone(text: &str) -> Result<Tz, String> {
    text.trim().parse().map_err(|_| format!("`{text}` is not a time zone of the IANA list, like America/New_York"))
}

/// A time of day.
///
/// # Errors
/// One sentence when it is none.
pub fn hour(text: &str) -> Result<Time, String> {
    parse_hour(text)
}

/// `yes` or `no`.
///
/// # Errors
/// One sentence when it is neither.
pub fn yes_no(text: &str) -> Result<bool, String> {
    match text.trim().to_lowercase().as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("`{text}` must be yes or no")),
    }
}

/// A zone, or `none` for the group's.
///
/// # Errors
/// As [`zone`].
pub fn zone_or_none(text: &str) -> Result<Change<Tz>, String> {
    if is_none(text) { Ok(Change::Clear) } else { zone(text).map(Change::Set) }
}

/// A time of day, or `none` for the group's.
///
/// # Errors
/// As [`hour`].
pub fn hour_or_none(text: &str) -> Result<Change<Time>, String> {
    if is_none(text) { Ok(Change::Clear) } else { hour(text).map(Change::Set) }
}

/// Days of the week.
///
/// # Errors
/// One sentence when there is none of them.
pub fn days(text: &str) -> Result<WeekDays, String> {
    WeekDays::parse(&text.to_lowercase())
}

/// Days of the week, or `none` for the group's.
///
/// # Errors
/// As [`days`].
pub fn days_or_none(text: &str) -> Result<Change<WeekDays>, String> {
    if is_none(text) { Ok(Change::Clear) } else { days(text).map(Change::Set) }
}

/// `html`, `text`, `mime` or `rfc1153`, in any case.
///
/// # Errors
/// One sentence when it is another word.
pub fn format(text: &str) -> Result<Format, String> {
    word(&text.trim().to_lowercase()).ok_or_else(|| format!("`{text}` is no format: use {}", FORMATS.join(", ")))
}

/// [`format`] with its words in the help.
#[must_use]
pub fn format_words() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(FORMATS).try_map(|text| format(&text))
}

/// One line of text, or `none` or nothing at all.
///
/// # Errors
/// One sentence when it is longer than a line.
pub fn line_or_none(text: &str) -> Result<Change<String>, String> {
    if is_none(text) { Ok(Change::Clear) } else { line(text).map(Change::Set) }
}

/// One line of 1 to 100 characters.
///
/// # Errors
/// One sentence when it is none.
pub fn line(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 100 || text.chars().any(char::is_control) {
        return Err("must be one line of 1 to 100 characters".to_owned());
    }
    Ok(text.to_owned())
}

/// A schedule of five fields.
///
/// # Errors
/// One sentence when it is none.
pub fn schedule(text: &str) -> Result<Schedule, String> {
    Schedule::parse(text)
}

/// When people read, as [`ReadingHours`] writes it.
///
/// # Errors
/// One sentence when it can't be read.
pub fn reading_hours(text: &str) -> Result<String, String> {
    ReadingHours::parse(text, "").map(|reading| reading.hours().to_owned())
}

/// Holidays, as [`ReadingHours`] writes them; `none` is an empty text.
///
/// # Errors
/// One sentence when they can't be read.
pub fn holidays(text: &str) -> Result<String, String> {
    if is_none(text) {
        Ok(String::new())
    } else {
        ReadingHours::parse("always", text).map(|days| days.holidays().to_owned())
    }
}

/// An RFC 3339 time.
///
/// # Errors
/// One sentence when it is none.
pub fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text)
}

/// [`delivery`] with its words in the help.
#[must_use]
pub fn delivery_words() -> impl TypedValueParser<Value = Delivery> {
    PossibleValuesParser::new(DELIVERIES).try_map(|text| delivery(&text))
}

/// How a group is moderated.
#[must_use]
pub fn moderation_words() -> impl TypedValueParser<Value = Moderation> {
    PossibleValuesParser::new(["first", "all", "none"]).try_map(|text| word(&text).ok_or("no such word"))
}

/// Which subject single mails carry.
#[must_use]
pub fn subjects_words() -> impl TypedValueParser<Value = Subjects> {
    PossibleValuesParser::new(["own", "neutral"]).try_map(|text| word(&text).ok_or("no such word"))
}

/// The plain enum that a word stands for.
pub fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

fn is_none(text: &str) -> bool {
    text.trim().is_empty() || text.trim().eq_ignore_ascii_case("none")
}
