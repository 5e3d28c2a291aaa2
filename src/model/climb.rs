//! How what waits for a moderator climbs: a reminder when the promised time is over, the next one a reading period later,
//! which goes further, then once a day for as long as it takes. Nothing ends by time. Pure.

use chrono_tz::Tz;

use super::hours::ReadingHours;
use crate::clock::Timestamp;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// From this reminder on it goes further: to every moderator and to the administrators.
pub const GOES_FURTHER: i64 = 2;

/// What a group promises: how soon what comes is read.
#[derive(Debug, Clone)]
pub struct Promise {
    hours: ReadingHours,
    zone: Tz,
    /// Seconds of reading time.
    period: i64,
}

impl Promise {
    /// Within so many hours of reading time.
    #[must_use]
    pub fn new(hours: &ReadingHours, zone: Tz, read_by_hours: u32) -> Self {
        Self { hours: hours.clone(), zone, period: i64::from(read_by_hours) * HOUR }
    }

    /// The same at all hours: danger doesn't wait for the morning.
    #[must_use]
    pub fn at_all_hours(self) -> Self {
        Self { hours: ReadingHours::default(), ..self }
    }

    /// Until when what came at `from` is read.
    #[must_use]
    pub fn read_by(&self, from: Timestamp) -> Timestamp {
        self.hours.after(from, self.period, self.zone)
    }

    /// When a post that was published at `from` is put on a reading list at the latest: at the beginning of the next hours
    /// if it came outside of them, else when half of its time is over.
    #[must_use]
    pub fn list_by(&self, from: Timestamp) -> Timestamp {
        match self.hours.next_on(from, self.zone) {
            Some(opening) if opening > from => opening,
            _ => self.hours.after(from, self.period / 2, self.zone),
        }
    }

    /// Seconds between two reading lists, at least.
    #[must_use]
    pub fn between_lists(&self) -> i64 {
        self.period / 2
    }

    /// When the next reminder is due after `reminded` of them, the latest of which was due at `due` and goes out now.
    #[must_use]
    pub fn next_reminder(&self, reminded: i64, due: Timestamp, now: Timestamp) -> Timestamp {
        // What was late stays late; a tick's second is not added to every day.
        let from = if now.seconds_since(due) < HOUR { due } else { now };
        if reminded < GOES_FURTHER {
            return self.read_by(from);
        }
        self.next_hours(from.plus_seconds(DAY))
    }

    /// When somebody reads from `from` on.
    #[must_use]
    pub fn next_hours(&self, from: Timestamp) -> Timestamp {
        self.hours.next_on(from, self.zone).unwrap_or(from)
    }

    /// When what was due at `due` may go out: now if somebody reads now, or did just before; else at the next hours.
    #[must_use]
    pub fn may_go_at(&self, due: Timestamp, now: Timestamp) -> Timestamp {
        if now.seconds_since(due) < HOUR { now } else { self.next_hours(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(&format!("{text}:00-05:00")).unwrap()
    }

    fn promise(hours: &str, within: u32) -> Promise {
        Promise::new(&ReadingHours::parse(hours, "").unwrap(), Tz::America__New_York, within)
    }

    #[test]
    fn a_week_of_silence() {
        let office = promise("Mon-Fri 9:00-17:00", 12);
        // It came on Saturday.
        let mut due = office.read_by(at("2026-11-21T11:00"));
        let mut found = Vec::new();
        for reminded in 1..=5 {
            found.push(due);
            due = office.next_reminder(reminded, due, due.plus_seconds(1));
        }
        let expected =
            ["2026-11-24T13:00", "2026-11-25T17:00", "2026-11-26T17:00", "2026-11-27T17:00", "2026-11-30T09:00"]
                .map(at);
        assert_eq!(found, expected);
        assert_eq!(office.clone().at_all_hours().read_by(at("2026-11-21T11:00")), at("2026-11-21T23:00"));
    }

    #[test]
    fn when_a_list_is_made() {
        let office = promise("Mon-Fri 9:00-17:00", 12);
        for (published, listed) in [
            ("2026-11-21T11:00", "2026-11-23T09:00"),
            ("2026-11-23T09:00", "2026-11-23T15:00"),
            ("2026-11-23T16:00", "2026-11-24T14:00"),
            ("2026-11-23T23:00", "2026-11-24T09:00"),
        ] {
            assert_eq!(office.list_by(at(published)), at(listed), "{published}");
        }
        assert_eq!(promise("always", 12).list_by(at("2026-11-21T11:00")), at("2026-11-21T17:00"));
    }

    #[test]
    fn what_was_missed_waits_for_the_morning() {
        let office = promise("Mon-Fri 9:00-17:00", 12);
        for (due, now, goes) in [
            ("2026-11-23T17:00", "2026-11-23T17:00", "2026-11-23T17:00"),
            ("2026-11-23T17:00", "2026-11-23T17:59", "2026-11-23T17:59"),
            ("2026-11-23T13:00", "2026-11-23T16:00", "2026-11-23T16:00"),
            ("2026-11-23T13:00", "2026-11-23T18:00", "2026-11-24T09:00"),
        ] {
            assert_eq!(office.may_go_at(at(due), at(now)), at(goes), "{due} {now}");
        }
        // The server was away for two days: from now on, once a day.
        assert_eq!(office.next_reminder(3, at("2026-11-23T10:00"), at("2026-11-25T12:00")), at("2026-11-26T12:00"));
    }
}
