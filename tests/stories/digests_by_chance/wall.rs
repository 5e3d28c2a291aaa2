//! What the clock on the wall shows in ten zones, minute by minute, and when somebody's digest is due by it. Found by looking,
//! not by reckoning, and with no line of Lamplight's.

use std::collections::HashMap;
use std::rc::Rc;

use chrono::{DateTime, Datelike, NaiveDate, Timelike};
use chrono_tz::Tz;

/// Gaps at two, at midnight, of half an hour and of two hours; days that were left out; a summer time that pauses for Ramadan;
/// offsets of 30 and 45 minutes; and both ends of the date line.
pub const ZONES: [Tz; 10] = [
    Tz::America__New_York,
    Tz::America__St_Johns,
    Tz::America__Sao_Paulo,
    Tz::Africa__Casablanca,
    Tz::Africa__Cairo,
    Tz::Antarctica__Troll,
    Tz::Asia__Kathmandu,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Apia,
    Tz::Pacific__Kiritimati,
];

/// Minutes since 1970.
pub type Minute = i64;
const DAY: Minute = 1_440;

/// When somebody wants her digest: hour, minute, and on Mondays only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    pub zone: Tz,
    pub hour: u8,
    pub minute: u8,
    pub weekly: bool,
}

/// The date and the minute of the day, for each minute of a UTC day.
type Wall = Rc<Vec<(NaiveDate, u32)>>;

/// The walls of all zones that were looked at.
#[derive(Default)]
pub struct Walls {
    seen: HashMap<(Tz, Minute), Wall>,
}

impl Walls {
    fn of_day(&mut self, zone: Tz, utc_day: Minute) -> Wall {
        let look = || {
            let minutes = utc_day * DAY..(utc_day + 1) * DAY;
            Rc::new(minutes.map(|minute| wall(zone, minute)).collect())
        };
        Rc::clone(self.seen.entry((zone, utc_day)).or_insert_with(look))
    }

    /// The minutes at which the wall shows this date, in order.
    fn minutes_of(&mut self, zone: Tz, date: NaiveDate) -> Vec<(Minute, u32)> {
        let utc_day = Minute::from(date.num_days_from_ce()) - 719_163;
        let mut minutes = Vec::new();
        for day in utc_day - 1..=utc_day + 1 {
            let walls = self.of_day(zone, day);
            let of_date = walls.iter().zip(day * DAY..).filter(|((shown, _), _)| *shown == date);
            minutes.extend(of_date.map(|((_, of_day), minute)| (minute, *of_day)));
        }
        minutes
    }

    /// When a digest of this date is due: in the first minute at which the wall shows the hour or, where that is left out,
    /// a later one; else in the last minute of the date. `None` for a date that never was.
    pub fn due_on(&mut self, wish: &Wish, date: NaiveDate) -> Option<Minute> {
        let wanted = u32::from(wish.hour) * 60 + u32::from(wish.minute);
        let minutes = self.minutes_of(wish.zone, date);
        let exact = minutes.iter().find(|(_, of_day)| *of_day == wanted);
        // Behind a gap the wall shows the later minutes for the first time.
        let later = || minutes.iter().find(|(_, of_day)| *of_day >= wanted);
        exact.or_else(later).or(minutes.last()).map(|(minute, _)| *minute)
    }

    /// The first due minute after this second.
    pub fn next(&mut self, wish: &Wish, after_second: i64) -> Minute {
        let mut date = self.date(wish.zone, after_second.div_euclid(60)) - chrono::Days::new(2);
        loop {
            let counts = !wish.weekly || date.weekday() == chrono::Weekday::Mon;
            if let Some(due) = counts.then(|| self.due_on(wish, date)).flatten()
                && due * 60 > after_second
            {
                return due;
            }
            date = date.succ_opt().unwrap();
        }
    }

    /// The date on the wall.
    pub fn date(&mut self, zone: Tz, minute: Minute) -> NaiveDate {
        self.of_day(zone, minute.div_euclid(DAY))[usize::try_from(minute.rem_euclid(DAY)).unwrap()].0
    }

    /// Forget the days before this one.
    pub fn forget_before(&mut self, minute: Minute) {
        self.seen.retain(|(_, day), _| *day >= minute.div_euclid(DAY) - 3);
    }
}

fn wall(zone: Tz, minute: Minute) -> (NaiveDate, u32) {
    let shown = DateTime::from_timestamp(minute * 60, 0).unwrap().with_timezone(&zone);
    (shown.date_naive(), shown.hour() * 60 + shown.minute())
}
