//! Weekends, holidays, clock changes, and hours that can't be read.

use proptest::prelude::*;

use super::*;

const NY: Tz = Tz::America__New_York;
const OFFICE: &str = "Mon-Fri 9:00-17:00";

fn hours(hours: &str, holidays: &str) -> ReadingHours {
    ReadingHours::parse(hours, holidays).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn shown(at: Timestamp, zone: Tz) -> String {
    at.utc().with_timezone(&zone).format("%a %F %R %z").to_string()
}

#[test]
fn what_is_promised() {
    // 2026-11-23 is a Monday; Thursday 26 is a holiday.
    let long = "Mon-Fri 9:00-12:00, 13:00-17:00; Sat 10:00-12:00";
    for (line, holidays, from, seconds, promised) in [
        (OFFICE, "", "2026-11-21T11:00:00-05:00", 12 * 3_600, "Tue 2026-11-24 13:00 -0500"),
        (OFFICE, "", "2026-11-23T09:00:00-05:00", 8 * 3_600, "Mon 2026-11-23 17:00 -0500"),
        (OFFICE, "", "2026-11-23T16:59:00-05:00", 120, "Tue 2026-11-24 09:01 -0500"),
        (OFFICE, "", "2026-11-23T17:00:00-05:00", 60, "Tue 2026-11-24 09:01 -0500"),
        (OFFICE, "2026-11-26", "2026-11-25T16:00:00-05:00", 2 * 3_600, "Fri 2026-11-27 10:00 -0500"),
        (OFFICE, "2026-11-26..2026-11-27", "2026-11-25T16:00:00-05:00", 2 * 3_600, "Mon 2026-11-30 10:00 -0500"),
        (long, "", "2026-11-27T11:00:00-05:00", 6 * 3_600, "Sat 2026-11-28 11:00 -0500"),
        ("always", "", "2026-11-21T11:00:00-05:00", 12 * 3_600, "Sat 2026-11-21 23:00 -0500"),
        ("always", "2026-11-22", "2026-11-21T20:00:00-05:00", 12 * 3_600, "Mon 2026-11-23 08:00 -0500"),
        ("0:00-24:00", "", "2026-11-21T20:00:00-05:00", 12 * 3_600, "Sun 2026-11-22 08:00 -0500"),
        // The night of the clock change: an hour less, an hour more.
        ("sun 0:00-6:00", "", "2027-03-13T12:00:00-05:00", 5 * 3_600, "Sun 2027-03-14 06:00 -0400"),
        ("sun 0:00-6:00", "", "2026-10-31T12:00:00-04:00", 7 * 3_600, "Sun 2026-11-01 06:00 -0500"),
        ("sun 2:00-3:00; mon 9-10", "", "2027-03-13T12:00:00-05:00", 60, "Mon 2027-03-15 09:01 -0400"),
        // Where nobody ever reads, the clock says it.
        (OFFICE, "2026-01-01..2036-01-01", "2026-11-21T11:00:00-05:00", 12 * 3_600, "Sat 2026-11-21 23:00 -0500"),
    ] {
        let found = shown(hours(line, holidays).after(at(from), seconds, NY), NY);
        assert_eq!(found, promised, "{line}; {holidays}; {from}");
    }
    // Samoa had no 30 December 2011: nobody's hours are lost.
    let apia = Tz::Pacific__Apia;
    let found = hours("always", "").after(at("2011-12-29T20:00:00-10:00"), 6 * 3_600, apia);
    assert_eq!(shown(found, apia), "Sat 2011-12-31 02:00 +1400");
}

#[test]
fn who_reads_when() {
    let office = hours(OFFICE, "2026-11-26");
    for (now, next) in [
        ("2026-11-23T08:59:59-05:00", "Mon 2026-11-23 09:00 -0500"),
        ("2026-11-23T12:00:00-05:00", "Mon 2026-11-23 12:00 -0500"),
        ("2026-11-23T17:00:00-05:00", "Mon 2026-11-23 17:00 -0500"),
        ("2026-11-23T17:00:01-05:00", "Tue 2026-11-24 09:00 -0500"),
        ("2026-11-25T18:00:00-05:00", "Fri 2026-11-27 09:00 -0500"),
    ] {
        let found = office.next_on(at(now), NY).unwrap();
        assert_eq!(shown(found, NY), next, "{now}");
        assert_eq!(office.are_on(at(now), NY), found == at(now), "{now}");
    }
    assert_eq!(hours(OFFICE, "2026-01-01..2036-01-01").next_on(at("2026-11-23T08:59:59-05:00"), NY), None);
}

#[test]
fn how_hours_are_written() {
    let monday = |line: &str| hours(line, "").days[0].clone();
    assert_eq!(monday("mon 9-17"), [(540, 1_020)]);
    assert_eq!(monday("  Monday,wed   9:30 - 12:00 ,13–24 "), [(570, 720), (780, 1_440)]);
    assert_eq!(monday("Fri-Mon 9-12; 11:00-13:00; mon 13-14"), [(540, 840)]);
    assert_eq!(hours("Fri-Mon 9-12", "").days[3], []);
    assert_eq!(hours("ALWAYS", " 2027-01-01 , 2026-12-25").holidays(), "2026-12-25,2027-01-01");
    let kept = hours("Mon-Fri  9:00-17:00", "2026-12-24..2026-12-26");
    assert_eq!(ReadingHours::parse(kept.hours(), kept.holidays()).unwrap(), kept);
    for line in
        ["", ";", "never", "mon", "9", "9-", "mon 17-9", "mon 9-9", "moon 9-17", "mon-fry 9-17", "mon 9-25", "1-5"]
    {
        // "1-5" alone is a time: from one to five, every day.
        assert_eq!(ReadingHours::parse(line, "").is_err(), line != "1-5", "{line}");
    }
    for days in ["christmas", "2026-13-01", "2027-01-01..2026-12-24", "25.12.2026"] {
        assert!(ReadingHours::parse("always", days).is_err(), "{days}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// At all hours it is what the clock says, in every zone and over every change.
    #[test]
    fn at_all_hours_the_clock_says_it(
        from in 1_767_225_600_i64..1_893_456_000, seconds in 0_i64..1_209_600, zone in prop::sample::select(ZONES.to_vec()),
    ) {
        let from = Timestamp(from * 1_000_000 + 17);
        prop_assert_eq!(ReadingHours::default().after(from, seconds, zone), from.plus_seconds(seconds));
    }

    /// Reading time, counted minute by minute by what the wall shows, is what was promised; and it ends in reading hours.
    #[test]
    fn reading_time_counted_minute_by_minute(
        from in 29_453_760_i64..31_557_600, minutes in 1_i64..720, zone in prop::sample::select(ZONES.to_vec()),
        begin in 0_u16..23, length in 1_u16..8, last in 0_usize..7, holiday in 0_i64..6,
    ) {
        let until = (begin + length).min(24);
        let day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][last];
        let start = Timestamp(from * 60_000_000);
        let free = civil_day(start.plus_seconds(holiday * 86_400), zone);
        let hours = hours(&format!("mon-{day} {begin}:00-{until}:00"), &free.to_string());
        let end = hours.after(start, minutes * 60, zone);
        prop_assert!(hours.are_on(end, zone));
        let is_read = |at: Timestamp| {
            use chrono::Timelike as _;
            let wall = at.utc().with_timezone(&zone);
            let on = wall.weekday().num_days_from_monday() as usize <= last && wall.date_naive() != free;
            on && (u32::from(begin)..u32::from(until)).contains(&wall.hour())
        };
        let counted = (from..end.0 / 60_000_000).filter(|minute| is_read(Timestamp(minute * 60_000_000))).count();
        // An overlap shows an hour twice: where hours end within it, only the first counts.
        let twice = i64::try_from(counted).unwrap() - minutes;
        prop_assert!((0..=60).contains(&twice), "{} counted {}", minutes, counted);
        if !changes_near(start, end, zone) {
            prop_assert_eq!(twice, 0);
        }
    }
}

fn changes_near(start: Timestamp, end: Timestamp, zone: Tz) -> bool {
    use chrono::Offset as _;
    let offset = |at: Timestamp| at.utc().with_timezone(&zone).offset().fix();
    let mut at = start;
    while at < end {
        let next = at.plus_seconds(3_600);
        if offset(at) != offset(next) {
            return true;
        }
        at = next;
    }
    false
}

const ZONES: [Tz; 8] = [
    Tz::America__New_York,
    Tz::America__Sao_Paulo,
    Tz::America__St_Johns,
    Tz::America__Nuuk,
    Tz::Europe__Berlin,
    Tz::Asia__Kolkata,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Auckland,
];
