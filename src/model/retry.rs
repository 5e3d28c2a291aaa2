//! When a failed attempt is tried again: 1, 5, 15, 30 minutes, then hourly ±10 %, for 5 days.
//!
//! The five days are the sum of these waits: a day on which the smarthost was away, or nothing ran here, is no day of
//! trying. Pure: the same seed gives the same times, so a restart does not move them, and many rows spread out.

use crate::clock::Timestamp;

/// Minutes to wait after the first, second, … failed attempt.
const FIRST_WAITS: [i64; 4] = [1, 5, 15, 30];
/// Seconds of the later waits, before they are spread.
const HOUR: i64 = 3_600;
/// How long a copy is tried.
const GIVE_UP_AFTER: i64 = 5 * 24 * HOUR;

/// The time of the next attempt after `attempts` failed ones (counted from 1, those that an outage gave back not among
/// them), the last of them at `now`. `None` when the waits together would be more than 5 days. `seed` is any stable
/// number of the row, such as its id.
#[must_use]
pub fn retry_at(attempts: u32, now: Timestamp, seed: u64) -> Option<Timestamp> {
    let attempts = attempts.max(1);
    let mut waited = 0;
    for attempt in 1..attempts {
        waited += wait_after(attempt, seed);
        if waited > GIVE_UP_AFTER {
            return None;
        }
    }
    let wait = wait_after(attempts, seed);
    (waited + wait <= GIVE_UP_AFTER).then(|| now.plus_seconds(wait))
}

/// Seconds.
fn wait_after(attempt: u32, seed: u64) -> i64 {
    let early = usize::try_from(attempt.max(1) - 1).ok().and_then(|index| FIRST_WAITS.get(index));
    early.map_or_else(|| HOUR + spread(seed, attempt), |minutes| minutes * 60)
}

/// -360 to +360 seconds: ten per cent of an hour, by the finaliser of SplitMix64.
fn spread(seed: u64, attempts: u32) -> i64 {
    let mut z = seed.wrapping_add(u64::from(attempts).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    i64::try_from((z ^ (z >> 31)) % 721).unwrap_or(0) - 360
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_700_000_000_000_000);

    #[test]
    fn the_first_waits() {
        for (attempts, minutes) in [(0, 1), (1, 1), (2, 5), (3, 15), (4, 30)] {
            assert_eq!(retry_at(attempts, START, 7), Some(START.plus_seconds(minutes * 60)), "{attempts}");
        }
    }

    #[test]
    fn later_waits_are_an_hour_more_or_less() {
        let waits: Vec<i64> =
            (0..1_000).map(|seed| retry_at(5 + (seed % 9) as u32, START, seed).unwrap().seconds_since(START)).collect();
        assert!(waits.iter().all(|wait| (3_240..=3_960).contains(wait)));
        assert!(waits.iter().any(|wait| *wait < 3_300) && waits.iter().any(|wait| *wait > 3_900));
        assert_eq!(retry_at(9, START, 3), retry_at(9, START, 3));
    }

    #[test]
    fn five_days_and_no_longer() {
        let (mut now, mut attempts) = (START, 1);
        while let Some(next) = retry_at(attempts, now, 42) {
            assert!(next > now);
            (now, attempts) = (next, attempts + 1);
        }
        let tried = now.seconds_since(START);
        assert!((GIVE_UP_AFTER - 3_960..=GIVE_UP_AFTER).contains(&tried), "{tried}");
        assert!((115..=130).contains(&attempts), "{attempts}");
        assert_eq!(retry_at(u32::MAX, START, 1), None);
    }

    #[test]
    fn days_of_outage_are_no_days_of_trying() {
        assert!(retry_at(1, START.plus_seconds(2 * GIVE_UP_AFTER), 1).is_some());
    }
}
