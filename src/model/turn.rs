//! Whose turn it is among messages that wait to be read: several servers share them, and still each group's mail, and
//! every decision on its posts, is taken in the order in which it came.

use std::collections::HashSet;

/// A message that waits, oldest first among others.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// What it belongs to: it keeps its order with every message that shares one of these.
    pub lanes: Vec<String>,
    /// Octets.
    pub size: i64,
    /// How often reading it was begun.
    pub attempts: i64,
    /// Somebody reads it now.
    pub is_leased: bool,
}

/// The most messages, and octets, that are taken together.
const MOST: usize = 64;
const MOST_OCTETS: i64 = 4 * 1024 * 1024;

/// Which of these to take together now, as places in `waiting` (which is oldest first).
///
/// - Nothing is taken while an older or younger message of one of its lanes is being read elsewhere.
/// - A message that was begun before may have ended a program: it is taken alone, so that it takes no other with it.
/// - One that was begun twice stands behind all others and holds up none of its lanes.
#[must_use]
pub fn whose_turn(waiting: &[Waiting]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..waiting.len()).filter(|at| !waiting[*at].is_leased).collect();
    order.sort_by_key(|at| if waiting[*at].attempts > 1 { waiting[*at].attempts } else { 0 });
    let mut busy: HashSet<&str> =
        waiting.iter().filter(|one| one.is_leased).flat_map(|one| one.lanes.iter().map(String::as_str)).collect();
    let mut taken = Vec::new();
    let mut octets = 0;
    for at in order {
        let one = &waiting[at];
        if one.lanes.iter().any(|lane| busy.contains(lane.as_str())) {
            // Whatever came behind it in one of its lanes waits as well.
            if one.attempts <= 1 {
                busy.extend(one.lanes.iter().map(String::as_str));
            }
            continue;
        }
        if one.attempts > 0 {
            if taken.is_empty() {
                return vec![at];
            }
            if one.attempts > 1 {
                break;
            }
            busy.extend(one.lanes.iter().map(String::as_str));
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

    fn one(lanes: &str, attempts: i64, is_leased: bool) -> Waiting {
        Waiting { lanes: lanes.split_whitespace().map(str::to_owned).collect(), size: 1000, attempts, is_leased }
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
                "begun before, behind others: not with them, and its lane waits",
                &[one("iris", 0, false), one("rose", 1, false), one("rose", 0, false), one("iris", 0, false)],
                &[0, 3],
            ),
            ("begun twice: behind all others", &[one("rose", 2, false), one("rose", 0, false)], &[1]),
            ("nothing else waits", &[one("rose", 3, false), one("iris", 2, false)], &[1]),
        ];
        for (name, waiting, expected) in rows {
            assert_eq!(whose_turn(waiting), *expected, "{name}");
        }
    }

    #[test]
    fn not_more_than_fits() {
        let many = vec![one("rose", 0, false); 100];
        assert_eq!(whose_turn(&many).len(), MOST);
        let mut large = vec![one("rose", 0, false); 5];
        large.iter_mut().for_each(|one| one.size = 25 * 1024 * 1024);
        assert_eq!(whose_turn(&large), [0], "a large one still gets its turn");
    }

    proptest! {
        /// Servers that take turns in any order read each lane in the order in which it came.
        #[test]
        fn every_lane_keeps_its_order(
            lanes in prop::collection::vec(prop::collection::vec(0..4u8, 1..3), 1..60),
            ends in prop::collection::vec(any::<prop::sample::Index>(), 200),
        ) {
            let mut waiting: Vec<(usize, Waiting)> = lanes
                .iter()
                .map(|lanes| one(&lanes.iter().map(|lane| format!("g{lane} ")).collect::<String>(), 0, false))
                .enumerate()
                .collect();
            let mut under_way: Vec<Vec<usize>> = Vec::new();
            let mut read: Vec<usize> = Vec::new();
            for end in ends {
                let rows: Vec<Waiting> = waiting.iter().map(|(_, row)| row.clone()).collect();
                let turn: Vec<usize> = whose_turn(&rows).into_iter().take(5).map(|at| waiting[at].0).collect();
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
            for lane in 0..4u8 {
                let of_lane: Vec<usize> = read.iter().copied().filter(|id| lanes[*id].contains(&lane)).collect();
                prop_assert!(of_lane.is_sorted(), "lane {lane}: {of_lane:?}");
            }
        }
    }
}
