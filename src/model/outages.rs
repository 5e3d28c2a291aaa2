//! Whose trouble it is that the database fails: in doubt the database's. But what one message alone meets again and again,
//! while others come to their end, is that message's own, whatever the database calls it; a damaged page says it is broken.

use std::collections::HashMap;

use super::ids::SpoolId;
use crate::clock::Timestamp;

/// What the failure is that one message met, taken alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// The database's trouble, which passes: no attempt.
    Passing,
    /// It lasts. The message stands behind all others, so that its groups wait for it no longer; still no attempt.
    Lasting,
    /// Others go on and it does not.
    ItsOwn,
}

/// So often, once a second, it may be passing.
const PASSING: u32 = 15;
/// So often it was met by a message that nobody stands beside: then none comes to its end, and none fails either.
const ALONE: u32 = PASSING + 3;
/// Whoever has not met it for so many seconds is read by another server, or was helped by an administrator.
const FORGOTTEN: i64 = 300;

#[derive(Debug)]
struct Known {
    times: u32,
    /// How many others had come to their end when it turned out to last.
    ended: u64,
    last: Timestamp,
}

/// The messages that met with trouble of the database, as far as this process knows.
#[derive(Debug, Default)]
pub struct Outages {
    known: HashMap<SpoolId, Known>,
    ended: u64,
}

impl Outages {
    /// These have come to their end.
    pub fn ended(&mut self, messages: &[SpoolId]) {
        self.ended += messages.len() as u64;
        for message in messages {
            self.known.remove(message);
        }
    }

    /// This one met it, taken alone.
    pub fn met(&mut self, message: SpoolId, now: Timestamp) -> Met {
        self.known.retain(|_, known| now <= known.last.plus_seconds(FORGOTTEN));
        let ended = self.ended;
        let known = self.known.entry(message).or_insert(Known { times: 0, ended, last: now });
        known.times += 1;
        known.last = now;
        let times = known.times;
        if times <= PASSING {
            known.ended = ended;
            return Met::Passing;
        }
        if ended > known.ended || (times > ALONE && self.known.len() == 1) { Met::ItsOwn } else { Met::Lasting }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINE: SpoolId = SpoolId(1);
    const ANOTHER: SpoolId = SpoolId(2);

    /// What `message` met, `times` in a row, and when.
    fn met(outages: &mut Outages, message: SpoolId, from: i64, times: u32) -> Vec<Met> {
        (0..times).map(|second| outages.met(message, Timestamp(0).plus_seconds(from + i64::from(second)))).collect()
    }

    #[test]
    fn others_that_go_on_make_it_its_own() {
        let mut outages = Outages::default();
        outages.ended(&[ANOTHER]);
        assert_eq!(met(&mut outages, MINE, 0, PASSING), [Met::Passing; PASSING as usize]);
        assert_eq!(met(&mut outages, MINE, 20, 2), [Met::Lasting; 2], "whoever ended before it lasted proves nothing");
        outages.ended(&[ANOTHER]);
        assert_eq!(met(&mut outages, MINE, 30, 1), [Met::ItsOwn]);
        outages.ended(&[MINE]);
        assert_eq!(met(&mut outages, MINE, 31, 1), [Met::Passing], "it came to its end: from the beginning");
    }

    #[test]
    fn one_that_nobody_stands_beside_is_heard_of_as_well() {
        let mut outages = Outages::default();
        let all = met(&mut outages, MINE, 0, ALONE + 1);
        assert_eq!((all[ALONE as usize - 1], all[ALONE as usize]), (Met::Lasting, Met::ItsOwn));
    }

    #[test]
    fn where_all_meet_it_it_is_nobody_s() {
        let mut outages = Outages::default();
        for second in 0..1_000 {
            for message in [MINE, ANOTHER] {
                assert_ne!(outages.met(message, Timestamp(0).plus_seconds(second)), Met::ItsOwn, "{second}");
            }
        }
        // The other one is read elsewhere now.
        let later = Timestamp(0).plus_seconds(1_000 + FORGOTTEN);
        assert_eq!(outages.met(MINE, later), Met::Passing, "and so long after, it begins again");
    }
}
