//! Who is asked when somebody may be in danger, one after the other, for as long as nobody answers.

use super::ids::MemberId;

/// Whom one step of an alert asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rung {
    /// These moderators at once.
    Moderators(Vec<MemberId>),
    /// The administrators.
    Administrators,
    /// All moderators and the administrators, again and again.
    Everybody,
}

impl Rung {
    /// As the record has it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Moderators(_) => "moderators",
            Self::Administrators => "administrators",
            Self::Everybody => "everybody",
        }
    }
}

/// The moderators of a group as the ladder sees them.
#[derive(Debug, Clone, Default)]
pub struct OnCall {
    /// On call, in the order in which they are asked; empty where there is no rota.
    pub rota: Vec<MemberId>,
    /// The moderators who may decide.
    pub active: Vec<MemberId>,
    /// Those of them who are away.
    pub away: Vec<MemberId>,
}

/// Whom an alert has asked so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// These moderators.
    pub moderators: Vec<MemberId>,
    /// The administrators, so many times.
    pub administrators: i64,
}

/// The top is asked at the usual pace so many times, and then every hour.
const SOON_AT_THE_TOP: i64 = 4;
/// Seconds between the later ones.
const HOUR: i64 = 3_600;

impl OnCall {
    /// Whom an alert asks that has asked these. It goes by who is on call now, so that a rota that changes meanwhile skips
    /// nobody and asks nobody twice. Behind the administrators everybody is asked again and again.
    #[must_use]
    pub fn next(&self, asked: &Asked) -> Rung {
        if asked.administrators > 0 {
            return Rung::Everybody;
        }
        let is_there = |id: &&MemberId| self.active.contains(id) && !self.away.contains(id);
        let mut there = self.rota.iter().filter(is_there).peekable();
        // Nobody is on call: whoever is there at all, even those who are away, before nobody is.
        if there.peek().is_none() && !self.active.is_empty() && asked.moderators.is_empty() {
            return Rung::Moderators(self.active.clone());
        }
        there.find(|id| !asked.moderators.contains(id)).map_or(Rung::Administrators, |id| Rung::Moderators(vec![*id]))
    }

    /// The steps as they are now, the first first. Behind the last, everybody is asked again and again.
    #[must_use]
    pub fn ladder(&self) -> Vec<Rung> {
        let (mut rungs, mut asked) = (Vec::new(), Asked::default());
        loop {
            let rung = self.next(&asked);
            if rung == Rung::Everybody {
                return rungs;
            }
            asked = asked.and(&rung);
            rungs.push(rung);
        }
    }
}

impl Asked {
    /// These and whom one more step asks.
    #[must_use]
    pub fn and(mut self, step: &Rung) -> Self {
        match step {
            Rung::Moderators(ids) => self.moderators.extend(ids),
            Rung::Administrators | Rung::Everybody => self.administrators += 1,
        }
        self
    }

    /// Seconds from the last step, which is among these, to the next one.
    #[must_use]
    pub fn wait(&self, last: &Rung, alert_minutes: u32) -> i64 {
        let usual = i64::from(alert_minutes) * 60;
        // Whoever is asked herself has the usual time.
        let is_soon = matches!(last, Rung::Moderators(_)) || self.administrators <= SOON_AT_THE_TOP + 1;
        if is_soon { usual } else { usual.max(HOUR) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids(numbers: &[i64]) -> Vec<MemberId> {
        numbers.iter().copied().map(MemberId).collect()
    }

    fn one(number: i64) -> Rung {
        Rung::Moderators(ids(&[number]))
    }

    #[test]
    fn the_ladder_is_the_rota_and_then_the_administrators() {
        // rota, active, away, the steps
        type Ids = &'static [i64];
        let cases: [(Ids, Ids, Ids, Vec<Rung>); 7] = [
            (&[1, 2], &[1, 2, 3], &[], vec![one(1), one(2), Rung::Administrators]),
            (&[2, 1], &[1, 2, 3], &[], vec![one(2), one(1), Rung::Administrators]),
            (&[1, 2], &[1, 2, 3], &[1], vec![one(2), Rung::Administrators]),
            (&[1, 2], &[2, 3], &[], vec![one(2), Rung::Administrators]),
            (&[1], &[1, 2, 3], &[1], vec![Rung::Moderators(ids(&[1, 2, 3])), Rung::Administrators]),
            (&[], &[1, 2], &[], vec![Rung::Moderators(ids(&[1, 2])), Rung::Administrators]),
            (&[], &[], &[], vec![Rung::Administrators]),
        ];
        for (rota, active, away, steps) in cases {
            let on_call = OnCall { rota: ids(rota), active: ids(active), away: ids(away) };
            assert_eq!(on_call.ladder(), steps, "{on_call:?}");
            let asked = steps.iter().fold(Asked::default(), Asked::and);
            assert_eq!(on_call.next(&asked), Rung::Everybody, "{on_call:?}");
        }
    }

    #[test]
    fn a_rota_that_changes_skips_nobody_and_asks_nobody_twice() {
        // rota, active, away, whom it asked, whom it asks
        type Ids = &'static [i64];
        let cases: [(Ids, Ids, Ids, Ids, Rung); 8] = [
            (&[1, 2], &[1, 2], &[1], &[1], one(2)),
            (&[1, 2], &[2], &[], &[1], one(2)),
            (&[2], &[1, 2], &[], &[1], one(2)),
            (&[1, 2], &[1, 2], &[], &[2], one(1)),
            (&[3, 1, 2], &[1, 2, 3], &[], &[1], one(3)),
            (&[1, 2], &[1, 2], &[], &[2, 1], Rung::Administrators),
            (&[1], &[1, 2], &[1], &[1], Rung::Administrators),
            (&[], &[1, 2], &[], &[1], Rung::Administrators),
        ];
        for (rota, active, away, before, next) in cases {
            let on_call = OnCall { rota: ids(rota), active: ids(active), away: ids(away) };
            let asked = Asked { moderators: ids(before), administrators: 0 };
            assert_eq!(on_call.next(&asked), next, "{on_call:?} {asked:?}");
        }
    }

    #[test]
    fn the_top_is_asked_for_as_long_as_it_takes_and_at_last_by_the_hour() {
        let on_call = OnCall { active: ids(&[1]), ..OnCall::default() };
        let (mut asked, mut waits) = (Asked::default(), Vec::new());
        for _ in 0..8 {
            let rung = on_call.next(&asked);
            asked = asked.and(&rung);
            waits.push(asked.wait(&rung, 15));
        }
        assert_eq!(waits, [900, 900, 900, 900, 900, 900, 3_600, 3_600]);
        assert_eq!(asked.wait(&Rung::Everybody, 90), 5_400, "never sooner than the setting says");
        assert_eq!(asked.wait(&one(1), 15), 900, "whoever comes at last has the usual time");
    }

    proptest! {
        #[test]
        fn whatever_the_rota_does_meanwhile_everybody_is_reached_in_the_end(
            days in proptest::collection::vec((
                proptest::collection::vec(0_i64..5, 0..5),
                proptest::collection::vec(0_i64..5, 0..5),
                proptest::collection::vec(0_i64..5, 0..5),
            ), 7..8),
        ) {
            let mut asked = Asked::default();
            for (rota, active, away) in days {
                let on_call = OnCall { rota: ids(&rota), active: ids(&active), away: ids(&away) };
                prop_assert_eq!(on_call.ladder().pop(), Some(Rung::Administrators));
                let rung = on_call.next(&asked);
                if let Rung::Moderators(ids) = &rung {
                    prop_assert!(!ids.is_empty() && ids.iter().all(|id| on_call.active.contains(id)));
                    prop_assert!(ids.iter().all(|id| !asked.moderators.contains(id)));
                }
                asked = asked.and(&rung);
                prop_assert!(asked.wait(&rung, 15) >= 900);
            }
            // At most all five one by one, and then the administrators.
            prop_assert!(asked.administrators > 0);
        }
    }
}
