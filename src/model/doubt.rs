//! Whether the clock on the wall is believed. It is held against the time since the machine was started, which nobody sets and
//! which goes on while the machine sleeps, and against what the database has seen.

use crate::clock::Timestamp;

/// A jump of no more than so many seconds is nobody's business.
pub const MOST: i64 = 600;

/// Why the clock is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Since it was believed it went forward by so many seconds; back when negative.
    Jumped(i64),
    /// It shows an earlier time than was seen.
    Behind,
}

/// What a look at the clock finds.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// By how many seconds it jumped since the look before.
    pub jump: i64,
    /// What it shows.
    pub shown: Timestamp,
    /// The latest time at which a clock was believed.
    pub seen: Timestamp,
}

/// Whether the clock is believed after this look. A clock that came back is; so is one that shows again what was seen.
#[must_use]
pub fn judge(before: Option<Doubt>, look: Look) -> Option<Doubt> {
    let is_behind = look.seen.seconds_since(look.shown) > MOST;
    match before {
        None if look.jump.abs() > MOST => Some(Doubt::Jumped(look.jump)),
        None | Some(Doubt::Behind) => is_behind.then_some(Doubt::Behind),
        Some(Doubt::Jumped(far)) => Some(far + look.jump).filter(|left| left.abs() > MOST).map(Doubt::Jumped),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_795_435_200_000_000);

    /// Minutes of a jump, and what the clock shows after it, minutes from noon; noon was seen.
    fn look(jump: i64, shown: i64) -> Look {
        Look { jump: jump * 60, shown: NOON.plus_seconds(shown * 60), seen: NOON }
    }

    #[test]
    fn a_clock_is_doubted_from_a_jump_until_it_comes_back() {
        let jumped = |minutes: i64| Some(Doubt::Jumped(minutes * 60));
        for (what, before, found, after) in [
            ("nothing", None, look(0, 0), None),
            ("a day without a server", None, look(0, 1_440), None),
            ("set right by a little", None, look(10, 10), None),
            ("and back by a little", None, look(-10, -10), None),
            ("forward", None, look(11, 11), jumped(11)),
            ("back", None, look(-11, -11), jumped(-11)),
            ("a machine that began in 1970", None, look(0, -29_000_000), Some(Doubt::Behind)),
            ("still forward", jumped(60), look(0, 200), jumped(60)),
            ("further", jumped(60), look(30, 200), jumped(90)),
            ("back again", jumped(60), look(-58, 5), None),
            ("back in two steps, the first", jumped(60), look(-30, 35), jumped(30)),
            ("the second", jumped(30), look(-30, 5), None),
            ("back too far", jumped(60), look(-120, -60), jumped(-60)),
            ("still in 1970", Some(Doubt::Behind), look(0, -28_000_000), Some(Doubt::Behind)),
            ("set right after a day", Some(Doubt::Behind), look(29_000_000, 1_440), None),
            ("set not right enough", Some(Doubt::Behind), look(28_000_000, -11), Some(Doubt::Behind)),
        ] {
            assert_eq!(judge(before, found), after, "{what}");
        }
    }
}
