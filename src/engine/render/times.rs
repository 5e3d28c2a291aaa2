//! Instants in a reader's words. An unknown zone is read as UTC, and the text then says so; nothing here fails.

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Datelike, Timelike};
use chrono_tz::Tz;

use crate::clock::Timestamp;
use crate::model::wording::Wording;

/// How an instant is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// "Tuesday 24 November, 9:00 am"
    Long,
    /// "Tue 9:00 am"
    Short,
    /// "9:00 am"
    Clock,
    /// "Tuesday 24 November"
    Day,
}

fn at(micros: i64, zone: &str) -> (DateTime<Tz>, bool) {
    let known: Option<Tz> = zone.parse().ok();
    (Timestamp(micros).utc().with_timezone(&known.unwrap_or(Tz::UTC)), known.is_some())
}

/// Write an instant as a language does; `name_zone` adds whose clock it is.
#[must_use]
pub fn say(micros: i64, zone: &str, style: Style, name_zone: bool, words: &Wording) -> String {
    let (local, known) = at(micros, zone);
    let said = said(&local, style, words);
    if style == Style::Day || (known && !name_zone) {
        return said;
    }
    let zone = zone_name(if known { zone } else { "UTC" }, words);
    words.fill("times.in-zone", &[("time", &said), ("zone", &zone)])
}

fn said(local: &DateTime<Tz>, style: Style, words: &Wording) -> String {
    let clock = clock(local, words);
    let weekday = local.weekday().num_days_from_monday();
    let day = local.day().to_string();
    let (long, short) = (format!("times.weekdays.{weekday}"), format!("times.short-weekdays.{weekday}"));
    let month = format!("times.months.{}", local.month0());
    let values = [
        ("weekday", words.say(&long)),
        ("short-weekday", words.say(&short)),
        ("day", day.as_str()),
        ("month", words.say(&month)),
        ("clock", clock.as_str()),
    ];
    match style {
        Style::Long => words.fill("times.long", &values),
        Style::Short => words.fill("times.short", &values),
        Style::Day => words.fill("times.day", &values),
        Style::Clock => clock,
    }
}

fn clock(local: &DateTime<Tz>, words: &Wording) -> String {
    let half = match (local.hour(), local.minute()) {
        (0, 0) => return words.say("times.midnight").to_owned(),
        (12, 0) => return words.say("times.noon").to_owned(),
        (0..12, _) => "times.before-noon",
        _ => "times.after-noon",
    };
    let (hour, of_12) = (local.hour().to_string(), local.hour12().1.to_string());
    let own = format!("times.half.{hour}");
    let half = words.own(&own).unwrap_or_else(|| words.say(half));
    let minute = format!("{:02}", local.minute());
    let values = [("hour", hour.as_str()), ("hour-of-12", &of_12), ("minute", &minute), ("half", half)];
    words.fill("times.clock", &values)
}

/// Write an instant by a pattern of `strftime`, for languages other than English; `None` when the pattern is wrong.
#[must_use]
pub fn by_pattern(micros: i64, zone: &str, pattern: &str) -> Option<String> {
    let items: Vec<Item<'_>> = StrftimeItems::new(pattern).collect();
    // A wrong pattern would panic while it is written.
    if items.contains(&Item::Error) {
        return None;
    }
    Some(at(micros, zone).0.format_with_items(items.iter()).to_string())
}

/// "America/New_York" is "New York time".
fn zone_name(zone: &str, words: &Wording) -> String {
    let place = zone.rsplit('/').next().unwrap_or(zone).replace('_', " ");
    if zone == "UTC" || zone.starts_with("Etc/") {
        return place;
    }
    let place = words.own(&format!("places.{zone}")).unwrap_or(&place);
    words.fill("times.zone", &[("place", place)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let nine = Timestamp::parse("2026-11-24T14:00:00Z").unwrap().0;
        let york = "America/New_York";
        let english = Wording::english();
        assert_eq!(say(nine, york, Style::Long, false, english), "Tuesday 24 November, 9:00 am");
        assert_eq!(say(nine, york, Style::Long, true, english), "Tuesday 24 November, 9:00 am (New York time)");
        assert_eq!(say(nine, york, Style::Short, false, english), "Tue 9:00 am");
        assert_eq!(say(nine, "Asia/Tokyo", Style::Day, false, english), "Tuesday 24 November");
        assert_eq!(say(nine, "Mars/Olympus", Style::Clock, false, english), "2:00 pm (UTC)");
        assert_eq!(say(nine - 2 * 3_600_000_000, "UTC", Style::Clock, false, english), "12:00 noon");
        assert_eq!(by_pattern(nine, york, "%d.%m.%Y, %H:%M Uhr").as_deref(), Some("24.11.2026, 09:00 Uhr"));
        assert_eq!(by_pattern(nine, york, "%!"), None);
    }
    #[test]
    fn another_language_has_its_own_order_and_clock() {
        let nine = Timestamp::parse("2026-11-24T14:00:00Z").unwrap().0;
        let (york, spanish) = ("America/New_York", Wording::of("es"));
        let hours = |hours: i64| nine + hours * 3_600_000_000;
        assert_eq!(
            say(nine, york, Style::Long, true, spanish),
            "martes 24 de noviembre, 9:00 de la mañana (hora de Nueva York)"
        );
        assert_eq!(say(hours(6), york, Style::Short, false, spanish), "mar 3:00 de la tarde");
        assert_eq!(say(hours(3), york, Style::Clock, false, spanish), "12:00 del mediodía");
        assert_eq!(say(hours(15), york, Style::Long, false, spanish), "miércoles 25 de noviembre, 12:00 de la noche");
        assert_eq!(say(hours(12), york, Style::Clock, false, spanish), "9:00 de la noche");
        assert_eq!(say(hours(-7), york, Style::Clock, false, spanish), "2:00 de la madrugada");
        assert_eq!(say(nine, "America/Bogota", Style::Day, true, spanish), "martes 24 de noviembre");
        assert_eq!(say(nine, "America/Lima", Style::Clock, true, spanish), "9:00 de la mañana (hora de Lima)");
        assert_eq!(say(nine, "Mars/Olympus", Style::Clock, false, spanish), "2:00 de la tarde (UTC)");
    }
}
