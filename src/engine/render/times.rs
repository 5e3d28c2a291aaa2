//! Instants in a reader's words. An unknown zone is read as UTC, and the text then says so; nothing here fails.

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Timelike};
use chrono_tz::Tz;

use crate::clock::Timestamp;

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

/// Write an instant; `name_zone` adds whose clock it is.
#[must_use]
pub fn say(micros: i64, zone: &str, style: Style, name_zone: bool) -> String {
    let (local, known) = at(micros, zone);
    // "12:00 pm" is read both ways; the words are not.
    let clock = match (local.hour(), local.minute()) {
        (0, 0) => "12:00 midnight".to_owned(),
        (12, 0) => "12:00 noon".to_owned(),
        _ => local.format("%-I:%M %P").to_string(),
    };
    let said = match style {
        Style::Long => format!("{}, {clock}", local.format("%A %-d %B")),
        Style::Short => format!("{} {clock}", local.format("%a")),
        Style::Clock => clock,
        Style::Day => return local.format("%A %-d %B").to_string(),
    };
    if name_zone || !known { format!("{said} ({})", zone_name(if known { zone } else { "UTC" })) } else { said }
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
fn zone_name(zone: &str) -> String {
    let place = zone.rsplit('/').next().unwrap_or(zone).replace('_', " ");
    if zone == "UTC" || zone.starts_with("Etc/") { place } else { format!("{place} time") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let nine = Timestamp::parse("2026-11-24T14:00:00Z").unwrap().0;
        let york = "America/New_York";
        assert_eq!(say(nine, york, Style::Long, false), "Tuesday 24 November, 9:00 am");
        assert_eq!(say(nine, york, Style::Long, true), "Tuesday 24 November, 9:00 am (New York time)");
        assert_eq!(say(nine, york, Style::Short, false), "Tue 9:00 am");
        assert_eq!(say(nine, "Asia/Tokyo", Style::Day, false), "Tuesday 24 November");
        assert_eq!(say(nine, "Mars/Olympus", Style::Clock, false), "2:00 pm (UTC)");
        assert_eq!(say(nine - 2 * 3_600_000_000, "UTC", Style::Clock, false), "12:00 noon");
        assert_eq!(by_pattern(nine, york, "%d.%m.%Y, %H:%M Uhr").as_deref(), Some("24.11.2026, 09:00 Uhr"));
        assert_eq!(by_pattern(nine, york, "%!"), None);
    }
}
