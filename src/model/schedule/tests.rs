//! Days, hours, gaps and overlaps.

use proptest::prelude::*;

use super::*;

const ZONES: [Tz; 10] = [
    Tz::America__New_York,
    Tz::America__Sao_Paulo,
    Tz::America__St_Johns,
    Tz::America__Nuuk,
    Tz::Europe__London,
    Tz::Europe__Berlin,
    Tz::Asia__Kolkata,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Apia,
    Tz::Pacific__Auckland,
];

fn next(line: &str, now: &str, zone: Tz) -> String {
    let at = Schedule::parse(line).unwrap().next_after(Timestamp::parse(now).unwrap(), zone, Own::default());
    at.utc().with_timezone(&zone).format("%a %F %R %z").to_string()
}

#[test]
fn days_of_the_week_are_cron_s() {
    // 2026-11-23 is a Monday.
    for (field, day) in [
        ("0", "Sun 2026-11-29"),
        ("7", "Sun 2026-11-29"),
        ("sun", "Sun 2026-11-29"),
        ("1", "Mon 2026-11-30"),
        ("2", "Tue 2026-11-24"),
        ("TUE", "Tue 2026-11-24"),
        ("Wednesday", "Wed 2026-11-25"),
        ("6", "Sat 2026-11-28"),
        ("4-5", "Thu 2026-11-26"),
        ("fri-mon", "Fri 2026-11-27"),
        ("5-7", "Fri 2026-11-27"),
        ("0-7", "Tue 2026-11-24"),
        ("*/3", "Wed 2026-11-25"),
        ("sat,thu", "Thu 2026-11-26"),
        ("?", "Tue 2026-11-24"),
    ] {
        let found = next(&format!("30 17 * * {field}"), "2026-11-23T23:00:00Z", Tz::UTC);
        assert_eq!(found, format!("{day} 17:30 +0000"), "{field}");
    }
    assert_eq!(next("0 8 1,15 * *", "2026-11-23T00:00:00Z", Tz::UTC), "Tue 2026-12-01 08:00 +0000");
    assert_eq!(next("0 8 29 2 *", "2026-11-23T00:00:00Z", Tz::UTC), "Tue 2028-02-29 08:00 +0000");
    assert_eq!(next("0 8 * jan,mar *", "2026-11-23T00:00:00Z", Tz::UTC), "Fri 2027-01-01 08:00 +0000");
}

#[test]
fn gaps_and_overlaps() {
    let ny = Tz::America__New_York;
    assert_eq!(next("30 2 * * *", "2027-03-13T12:00:00Z", ny), "Sun 2027-03-14 03:00 -0400");
    assert_eq!(next("30 1 * * *", "2026-10-31T12:00:00Z", ny), "Sun 2026-11-01 01:30 -0400");
    assert_eq!(next("30 1 * * *", "2026-11-01T05:30:00Z", ny), "Mon 2026-11-02 01:30 -0500");
    assert_eq!(next("30 17 * * *", "2026-11-23T22:30:00Z", ny), "Tue 2026-11-24 17:30 -0500");
    // Greenland's gap ends at midnight: Saturday keeps its issue, Sunday has its own.
    assert_eq!(next("30 23 * * *", "2026-03-28T12:00:00Z", Tz::America__Nuuk), "Sat 2026-03-28 22:59 -0200");
    // Samoa had no 30 December 2011.
    assert_eq!(next("0 9 * * *", "2011-12-29T20:00:00Z", Tz::Pacific__Apia), "Sat 2011-12-31 09:00 +1400");
}

#[test]
fn own_hour_and_weekly() {
    let group = Schedule::parse("30 17 * * 2,4").unwrap();
    let now = Timestamp::parse("2026-11-23T12:00:00Z").unwrap();
    let seven = parse_hour("7").ok();
    assert_eq!(group.next_after(now, Tz::UTC, Own { hour: seven, ..Own::default() }).rfc3339(), "2026-11-24T07:00:00Z");
    assert_eq!(
        group.next_after(now, Tz::UTC, Own { weekly: true, ..Own::default() }).rfc3339(),
        "2026-11-23T17:30:00Z"
    );
    assert_eq!(
        group.next_after(now, Tz::UTC, Own { hour: seven, weekly: true, ..Own::default() }).rfc3339(),
        "2026-11-30T07:00:00Z"
    );
}

#[test]
fn lines_that_are_refused() {
    for (line, why) in [
        ("", "five fields"),
        ("@daily", "five fields"),
        ("0 30 17 * * *", "five fields"),
        ("* 17 * * *", "once a day"),
        ("0,30 17 * * *", "once a day"),
        ("*/5 17 * * *", "once a day"),
        ("30 8-9 * * *", "once a day"),
        ("30 * * * *", "once a day"),
        ("60 17 * * *", "0 to 59"),
        ("30 24 * * *", "0 to 23"),
        ("30 17 1 * 1", "name one kind"),
        ("30 17 */2 * mon", "name one kind"),
        ("30 17 32 * *", "can't be read"),
        ("30 17 * 13 *", "can't be read"),
        ("30 17 L * *", "can't be read"),
        ("30 17 * * 8", "day of the week"),
        ("30 17 * * mo", "day of the week"),
        ("30 17 * * 1/0", "day of the week"),
        ("30 17 31 2 *", "never comes"),
    ] {
        let said = Schedule::parse(line).unwrap_err();
        assert!(said.contains(why), "{line}: {said}");
    }
    assert_eq!(Schedule::parse(" 30  17 * * 1-5 ").unwrap().to_string(), "30 17 * * 1-5");
}

#[test]
fn hours() {
    for (text, shown) in [("7", "07:00"), ("07:30", "07:30"), ("19:00", "19:00"), (" 0 ", "00:00"), ("23:59", "23:59")]
    {
        assert_eq!(parse_hour(text).map(|time| time.to_string()), Ok(shown.to_owned()));
    }
    for text in ["", "24", "7:60", "7:", "+7", "7:3:0", "seven", "-1", "007"] {
        assert!(parse_hour(text).is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn once_a_civil_day_at_its_hour(start in 1_262_304_000_i64..2_208_988_800, zone in 0_usize..10, hour in 0_u8..24, minute in 0_u8..60) {
        let (zone, schedule) = (ZONES[zone], Schedule::parse(&format!("{minute} {hour} * * *")).unwrap());
        let mut now = Timestamp(start * 1_000_000 + 1);
        let mut last = None;
        for _ in 0..20 {
            let due = schedule.next_after(now, zone, Own::default());
            prop_assert!(due > now);
            let day = civil_day(due, zone);
            if let Some(last) = last {
                prop_assert!(day > last, "{day} twice in {zone}");
            }
            last = Some(day);
            let wall = day.and_hms_opt(hour.into(), minute.into(), 0).unwrap();
            let shown = due.utc().with_timezone(&zone).naive_local();
            let in_gap = zone.from_local_datetime(&wall).earliest().is_none();
            prop_assert!(shown == wall || in_gap, "{shown} in {zone}");
            now = due;
        }
    }
}

#[test]
fn own_days_take_the_place_of_the_groups() {
    let group = Schedule::parse("30 17 * * 1-5").unwrap();
    // 2026-11-23 is a Monday.
    let now = Timestamp::parse("2026-11-23T18:00:00Z").unwrap();
    let own = |days: &str, hour: Option<u8>, weekly| Own {
        days: Some(WeekDays::parse(days).unwrap()),
        hour: hour.map(|hour| Time { hour, minute: 0 }),
        weekly,
    };
    for (own, due) in [
        (own("sat,sun", None, false), "2026-11-28T17:30:00Z"),
        (own("mon wed fri", Some(7), false), "2026-11-25T07:00:00Z"),
        (own("thu", None, true), "2026-11-26T17:30:00Z"),
        (own("sun,wed", None, true), "2026-11-25T17:30:00Z"),
        (own("*", None, false), "2026-11-24T17:30:00Z"),
    ] {
        assert_eq!(group.next_after(now, Tz::UTC, own).rfc3339(), due, "{own:?}");
    }
    assert_eq!(WeekDays::parse("fri-mon").unwrap().to_string(), "0,1,5,6");
    assert_eq!(WeekDays::parse("0,1,5,6"), WeekDays::parse("fri-mon"));
    assert!(WeekDays::parse("noday").is_err() && WeekDays::parse("").is_err());
}
