//! Whose turn it is among messages that wait to be read: several servers share them, and still each group's mail, and
//! every decision on its posts, is taken in the order in which it came. What may tell of danger stands in a lane of its
//! own, in which nothing else is waited for.

use std::collections::HashSet;

use super::lexicon::{Lexicon, any_is_urgent};
use crate::clock::Timestamp;

/// Where a message waits. Nothing in one lane waits for anything in the other: whoever cries for help can only answer what
/// was published before, and however many cry, the others go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Its words may tell of danger. A guess: only reading it tells.
    Urgent = 0,
    /// Everything else.
    Ordinary = 1,
}

impl Lane {
    /// The lane of a message with these words.
    #[must_use]
    pub fn of_words(words: &str, language: &str) -> Self {
        match any_is_urgent(&Lexicon::of(language).read(words)) {
            true => Self::Urgent,
            false => Self::Ordinary,
        }
    }
}

/// A message that waits, oldest first among others.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Where it waits.
    pub lane: Lane,
    /// The groups it is for, or whose posts it decides about: it keeps its order with every message of one of these.
    pub groups: Vec<String>,
    /// Octets.
    pub size: i64,
    /// How often reading it was begun.
    pub attempts: i64,
    /// Somebody reads it now.
    pub is_leased: bool,
    /// When it may be begun again.
    pub retry_at: Timestamp,
}

/// Seconds that a message rests when it was begun once, and when it was begun more often: trouble of a moment is over by
/// then, and a cry for help that fails three times still reaches people within half a minute.
pub const RESTS: [i64; 2] = [1, 10];
/// What was begun so often stands behind all others.
pub const BEHIND: i64 = 2;
/// After so many seconds behind all others it goes before them.
const PATIENCE: i64 = 30;
/// The most messages, and octets, that are taken together.
const MOST: usize = 64;
const MOST_OCTETS: i64 = 4 * 1024 * 1024;

/// Where a message stands among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// It has stood behind the others for long enough.
    Overdue,
    /// Where it came.
    InOrder,
    /// Behind all others, those that were begun more often last.
    Behind(i64),
}

impl Waiting {
    fn place(&self, now: Timestamp) -> Place {
        match self.attempts {
            ..BEHIND => Place::InOrder,
            _ if now >= self.retry_at.plus_seconds(PATIENCE) => Place::Overdue,
            attempts => Place::Behind(attempts),
        }
    }

    /// No rest is longer than the longest: a clock that was set back makes nobody wait.
    fn rests(&self, now: Timestamp) -> bool {
        now < self.retry_at && self.retry_at <= now.plus_seconds(RESTS[1])
    }
}

/// Which of these to take together now, as places in `waiting` (which is oldest first, and of one lane).
///
/// - Nothing is taken while an older or younger message of one of its groups is being read elsewhere.
/// - A message that was begun before may have ended a program: it is taken alone, so that it takes no other with it. It
///   rests before, and after the first time its groups rest with it.
///   Words of danger are not waited with for that: there it rests alone.
/// - One that was begun twice stands behind all others and holds up none of its groups; but not for longer than
///   [`PATIENCE`], then it is the first, and its groups wait until nobody else reads in them.
#[must_use]
pub fn whose_turn(waiting: &[Waiting], now: Timestamp) -> Vec<usize> {
    let mut order: Vec<usize> = (0..waiting.len()).filter(|at| !waiting[*at].is_leased).collect();
    order.sort_by_key(|at| waiting[*at].place(now));
    let mut busy: HashSet<&str> =
        waiting.iter().filter(|one| one.is_leased).flat_map(|one| one.groups.iter().map(String::as_str)).collect();
    let mut taken = Vec::new();
    let mut octets = 0;
    for at in order {
        let one = &waiting[at];
        let rests_alone = one.lane == Lane::Urgent && one.rests(now);
        let holds_up = !matches!(one.place(now), Place::Behind(_)) && !rests_alone;
        if one.rests(now) || one.groups.iter().any(|group| busy.contains(group.as_str())) {
            // Whatever came behind it in one of its groups waits as well.
            if holds_up {
                busy.extend(one.groups.iter().map(String::as_str));
            }
            continue;
        }
        if one.attempts > 0 {
            if taken.is_empty() {
                return vec![at];
            }
            if !holds_up {
                break;
            }
            busy.extend(one.groups.iter().map(String::as_str));
            continue;
        }
        octets += one.size;
        if taken.len() == MOST || (octets > MOST_OCTETS && !taken.is_empty()) {
            break;
        }
        taken.push(at);
    }
    taken
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn one(groups: &str, attempts: i64, is_leased: bool) -> Waiting {
        let groups = groups.split_whitespace().map(str::to_owned).collect();
        Waiting { lane: Lane::Ordinary, groups, size: 1000, attempts, is_leased, retry_at: NOW }
    }

    fn urgent(row: Waiting) -> Waiting {
        Waiting { lane: Lane::Urgent, ..row }
    }

    /// The same, with so many seconds since its rest ended; less than none while it rests.
    fn rested(seconds: i64, row: Waiting) -> Waiting {
        Waiting { retry_at: NOW.plus_seconds(-seconds), ..row }
    }

    #[test]
    fn turns() {
        let rows: &[(&str, &[Waiting], &[usize])] = &[
            ("nothing waits", &[], &[]),
            ("all fresh", &[one("rose", 0, false), one("iris", 0, false), one("rose", 0, false)], &[0, 1, 2]),
            ("another server reads rose", &[one("rose", 0, true), one("rose", 0, false), one("iris", 0, false)], &[2]),
            ("it reads a younger one", &[one("rose", 0, false), one("rose", 0, true)], &[]),
            (
                "to two groups, of which one is busy: the other waits behind it",
                &[one("rose", 0, true), one("rose iris", 0, false), one("iris", 0, false), one("fern", 0, false)],
                &[3],
            ),
            ("begun before: alone", &[one("rose", 1, false), one("iris", 0, false)], &[0]),
            (
                "begun before, behind others: not with them, and its group waits",
                &[one("iris", 0, false), one("rose", 1, false), one("rose", 0, false), one("iris", 0, false)],
                &[0, 3],
            ),
            ("begun twice: behind all others", &[one("rose", 2, false), one("rose", 0, false)], &[1]),
            ("nothing else waits", &[one("rose", 3, false), one("iris", 2, false)], &[1]),
            (
                "begun once, it rests, and its group with it",
                &[rested(-1, one("rose", 1, false)), one("rose", 0, false), one("iris", 0, false)],
                &[2],
            ),
            (
                "words of danger, begun once: it rests alone",
                &[urgent(rested(-1, one("rose", 1, false))), urgent(one("rose", 0, false))],
                &[1],
            ),
            (
                "words of danger, begun once, behind others of its group: not with them, and nobody overtakes it",
                &[
                    urgent(one("iris", 0, false)),
                    urgent(one("rose", 1, false)),
                    urgent(one("rose", 0, false)),
                    urgent(one("iris", 0, false)),
                ],
                &[0, 3],
            ),
            (
                "words of danger, and another server reads such words of the same group: copies of one mail are known",
                &[urgent(one("rose", 0, true)), urgent(one("rose", 0, false)), urgent(one("iris", 0, false))],
                &[2],
            ),
            (
                "begun twice, it rests, and its group does not",
                &[rested(-9, one("rose", 2, false)), one("rose", 0, false)],
                &[1],
            ),
            ("it rests, and nothing else waits", &[rested(-9, one("rose", 2, false))], &[]),
            ("no rest is as long: a clock was set back", &[rested(-60, one("rose", 1, false))], &[0]),
            ("behind all others for long", &[one("iris", 0, false), rested(30, one("rose", 2, false))], &[1]),
            (
                "for long, and its group is busy: nobody else begins in it",
                &[
                    one("rose", 0, true),
                    rested(30, one("rose", 2, false)),
                    one("rose", 0, false),
                    one("iris", 0, false),
                ],
                &[3],
            ),
            (
                "two for long: the older one",
                &[rested(31, one("rose", 3, false)), rested(40, one("iris", 2, false)), one("fern", 0, false)],
                &[0],
            ),
        ];
        for (name, waiting, expected) in rows {
            assert_eq!(whose_turn(waiting, NOW), *expected, "{name}");
        }
    }

    #[test]
    fn not_more_than_fits() {
        let many = vec![one("rose", 0, false); 100];
        assert_eq!(whose_turn(&many, NOW).len(), MOST);
        let mut large = vec![one("rose", 0, false); 5];
        large.iter_mut().for_each(|one| one.size = 25 * 1024 * 1024);
        assert_eq!(whose_turn(&large, NOW), [0], "a large one still gets its turn");
    }

    fn of_groups(numbers: &[u8]) -> Waiting {
        one(&numbers.iter().map(|group| format!("g{group} ")).collect::<String>(), 0, false)
    }

    proptest! {
        /// Servers that take turns in any order read each group in the order in which it came; what was begun once and
        /// rests keeps its place. The same among words of danger of which none failed.
        #[test]
        fn every_group_keeps_its_order(
            is_urgent: bool,
            groups in prop::collection::vec((prop::collection::vec(0..4u8, 1..3), prop::bool::weighted(0.1)), 1..60),
            ends in prop::collection::vec(any::<prop::sample::Index>(), 200),
        ) {
            let mut now = NOW;
            let mut waiting: Vec<(usize, Waiting)> = groups
                .iter()
                .map(|(groups, failed)| {
                    let failed = i64::from(*failed && !is_urgent);
                    let row = Waiting { attempts: failed, retry_at: NOW.plus_seconds(failed), ..of_groups(groups) };
                    if is_urgent { urgent(row) } else { row }
                })
                .enumerate()
                .collect();
            let mut under_way: Vec<Vec<usize>> = Vec::new();
            let mut read: Vec<usize> = Vec::new();
            for end in ends {
                now = Timestamp(now.0 + 100_000);
                let rows: Vec<Waiting> = waiting.iter().map(|(_, row)| row.clone()).collect();
                let turn: Vec<usize> = whose_turn(&rows, now).into_iter().take(5).map(|at| waiting[at].0).collect();
                for (_, row) in waiting.iter_mut().filter(|(id, _)| turn.contains(id)) {
                    row.is_leased = true;
                }
                if !turn.is_empty() {
                    under_way.push(turn);
                }
                if !under_way.is_empty() {
                    let ended = under_way.swap_remove(end.index(under_way.len()));
                    waiting.retain(|(id, _)| !ended.contains(id));
                    read.extend(ended);
                }
            }
            for group in 0..4u8 {
                let of_group: Vec<usize> = read.iter().copied().filter(|id| groups[*id].0.contains(&group)).collect();
                prop_assert!(of_group.is_sorted(), "group {group}: {of_group:?}");
            }
        }

        /// Words of danger wait for such words of the same group that are being read, and for nothing else: not for what
        /// failed and rests, nor for what fills a batch.
        #[test]
        fn words_of_danger_wait_for_nothing(
            rows in prop::collection::vec((prop::collection::vec(0..6u8, 1..3), 0..4i64, any::<bool>()), 1..40),
        ) {
            let waiting: Vec<Waiting> = rows
                .iter()
                .map(|(groups, attempts, is_leased)| {
                    let row = Waiting { attempts: *attempts, is_leased: *is_leased, ..urgent(of_groups(groups)) };
                    if *attempts > 0 { rested(-1, row) } else { row }
                })
                .collect();
            let mut busy: HashSet<&str> = HashSet::new();
            for row in waiting.iter().filter(|row| row.is_leased) {
                busy.extend(row.groups.iter().map(String::as_str));
            }
            let mut expected = Vec::new();
            for (at, row) in waiting.iter().enumerate().filter(|(_, row)| !row.is_leased && row.attempts == 0) {
                if row.groups.iter().any(|group| busy.contains(group.as_str())) {
                    busy.extend(row.groups.iter().map(String::as_str));
                } else {
                    expected.push(at);
                }
            }
            prop_assert_eq!(whose_turn(&waiting, NOW), expected);
        }

        /// Whatever comes in, and however many servers there are: what was begun twice is begun again in bounded time.
        #[test]
        fn nobody_stands_behind_for_ever(
            failed in prop::collection::vec((prop::collection::vec(0..4u8, 1..4), 2..4i64), 1..4),
            coming in prop::collection::vec(prop::collection::vec(0..4u8, 1..3), 400),
            servers in 1..4usize,
        ) {
            let mut now = NOW;
            let mut waiting: Vec<Waiting> = failed
                .iter()
                .map(|(groups, attempts)| Waiting {
                    attempts: *attempts,
                    retry_at: NOW.plus_seconds(RESTS[1]),
                    ..of_groups(groups)
                })
                .collect();
            let mut coming = coming.iter().map(|groups| of_groups(groups));
            // Each reads for three seconds; every second three more come than are read.
            let mut under_way: Vec<(Timestamp, Vec<String>)> = Vec::new();
            let lasts = (RESTS[1] + PATIENCE + 3 * i64::try_from(failed.len()).unwrap() + 3) * 2;
            for _ in 0..lasts {
                now = Timestamp(now.0 + 500_000);
                under_way.retain(|(until, _)| now < *until);
                waiting.extend(coming.by_ref().take(3));
                while under_way.len() < servers {
                    let mut rows = waiting.clone();
                    rows.extend(under_way.iter().map(|(_, groups)| one(&groups.join(" "), 0, true)));
                    let turn: Vec<usize> = whose_turn(&rows, now).into_iter().take(2).collect();
                    if turn.is_empty() {
                        break;
                    }
                    under_way.push((now.plus_seconds(3), turn.iter().flat_map(|at| rows[*at].groups.clone()).collect()));
                    let mut at = 0;
                    waiting.retain(|_| (!turn.contains(&at), at += 1).0);
                }
            }
            let left: Vec<_> = waiting.iter().filter(|one| one.attempts > 1).collect();
            prop_assert!(left.is_empty(), "after {lasts} half seconds: {left:?}");
        }
    }
}
