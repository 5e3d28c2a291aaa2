//! Four years in ten zones: the stored hour of the next digest against a wall that is looked at minute by minute, for hours that
//! clocks leave out or show twice, and never twice a civil day.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "the story of the same years uses more of it")]
#[path = "stories/digests_by_chance/wall.rs"]
mod wall;

use chrono::{Datelike, NaiveDate, Weekday};
use chrono_tz::Tz;
use lamplight::clock::Timestamp;
use lamplight::model::schedule::{Own, Schedule, Time};
use wall::{Minute, Walls, Wish, ZONES};

/// Samoa leaves a day out, Egypt changes its mind, São Paulo and St. John's change at midnight.
const FIRST: (i32, u32, u32) = (2010, 12, 1);
const DAYS: usize = 4 * 365 + 1;
const TIMES: [(u8, u8); 9] = [(0, 0), (0, 1), (0, 30), (1, 30), (2, 15), (3, 0), (17, 30), (23, 1), (23, 59)];

#[test]
fn the_next_digest_is_where_the_wall_says() {
    // A thread for each half of the world.
    std::thread::scope(|scope| {
        for zones in ZONES.chunks(5) {
            scope.spawn(|| zones.iter().for_each(|zone| four_years(*zone)));
        }
    });
}

fn four_years(zone: Tz) {
    let schedule = Schedule::parse("0 12 * * *").unwrap();
    let next = |wish: &Wish, after: Minute| {
        let hour = Some(Time { hour: wish.hour, minute: wish.minute });
        let own = Own { hour, weekly: wish.weekly, ..Own::default() };
        schedule.next_after(Timestamp(after), wish.zone, own).0 / 60_000_000
    };
    let mut walls = Walls::default();
    let first = NaiveDate::from_ymd_opt(FIRST.0, FIRST.1, FIRST.2).unwrap();
    let mut last: [Option<Minute>; TIMES.len()] = [None; TIMES.len()];
    let mut last_monday = None;
    for date in first.iter_days().take(DAYS) {
        for (at, (hour, minute)) in TIMES.into_iter().enumerate() {
            let wish = Wish { zone, hour, minute, weekly: false };
            let Some(due) = walls.due_on(&wish, date) else { continue };
            assert_eq!(walls.date(zone, due), date, "{wish:?}");
            if let Some(last) = last[at].replace(due) {
                // From the last one on, and until the second before this one.
                for after in [last * 60_000_000, last * 60_000_000 + 1, due * 60_000_000 - 1] {
                    let found = next(&wish, after);
                    assert_eq!(found, due, "{date} {wish:?} after {}", Timestamp(after).rfc3339());
                }
            }
        }
        let wish = Wish { zone, hour: 2, minute: 30, weekly: true };
        if date.weekday() == Weekday::Mon
            && let Some(due) = walls.due_on(&wish, date)
            && let Some(last) = last_monday.replace(due)
        {
            assert_eq!(next(&wish, last * 60_000_000), due, "{date} {wish:?}");
        }
        walls.forget_before(last[0].unwrap_or_default());
    }
}
