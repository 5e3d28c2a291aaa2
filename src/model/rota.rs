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

/// The top is asked at the usual pace so many times, and then every hour.
const SOON_AT_THE_TOP: i64 = 4;
/// Seconds between the later ones.
const HOUR: i64 = 3_600;

impl OnCall {
    /// The steps, the first first. Behind the last, everybody is asked again and again.
    #[must_use]
    pub fn ladder(&self) -> Vec<Rung> {
        let is_asked = |id: &&MemberId| self.active.contains(id) && !self.away.contains(id);
        let mut rungs: Vec<Rung> = self.rota.iter().filter(is_asked).map(|id| Rung::Moderators(vec![*id])).collect();
        // Nobody is on call: whoever is there at all, even those who are away, before nobody is.
        if rungs.is_empty() && !self.active.is_empty() {
            rungs.push(Rung::Moderators(self.active.clone()));
        }
        rungs.push(Rung::Administrators);
        rungs
    }

    /// Whom step `step` (from 0) asks.
    #[must_use]
    pub fn rung(&self, step: i64) -> Rung {
        let rungs = self.ladder();
        usize::try_from(step).ok().and_then(|step| rungs.get(step).cloned()).unwrap_or(Rung::Everybody)
    }

    /// Whether step `step` is above the last one of the ladder: it is repeated by the clock alone.
    #[must_use]
    pub fn is_top(&self, step: i64) -> bool {
        self.rung(step) == Rung::Everybody
    }

    /// Seconds from step `step` to the next one.
    #[must_use]
    pub fn wait(&self, step: i64, alert_minutes: u32) -> i64 {
        let usual = i64::from(alert_minutes) * 60;
        let first_at_the_top = i64::try_from(self.ladder().len()).unwrap_or(i64::MAX);
        if step < first_at_the_top.saturating_add(SOON_AT_THE_TOP) { usual } else { usual.max(HOUR) }
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
            let last = i64::try_from(steps.len()).unwrap();
            assert!(on_call.is_top(last) && on_call.is_top(last + 1_000) && !on_call.is_top(last - 1));
        }
    }

    #[test]
    fn the_top_is_asked_for_as_long_as_it_takes_and_at_last_by_the_hour() {
        let on_call = OnCall { active: ids(&[1]), ..OnCall::default() };
        let waits: Vec<i64> = (0..8).map(|step| on_call.wait(step, 15)).collect();
        assert_eq!(waits, [900, 900, 900, 900, 900, 900, 3_600, 3_600]);
        assert_eq!(on_call.wait(100, 90), 5_400, "never sooner than the setting says");
    }

    proptest! {
        #[test]
        fn whoever_is_active_is_reached_in_the_end(
            rota in proptest::collection::vec(0_i64..5, 0..5),
            active in proptest::collection::vec(0_i64..5, 0..5),
            away in proptest::collection::vec(0_i64..5, 0..5),
            step in 0_i64..20,
        ) {
            let on_call = OnCall { rota: ids(&rota), active: ids(&active), away: ids(&away) };
            let ladder = on_call.ladder();
            prop_assert_eq!(ladder.last(), Some(&Rung::Administrators));
            if let Rung::Moderators(asked) = on_call.rung(step) {
                prop_assert!(!asked.is_empty() && asked.iter().all(|id| on_call.active.contains(id)));
            }
            prop_assert!(on_call.wait(step, 15) >= 900);
            let climbs = ladder.iter().all(|rung| *rung != Rung::Everybody);
            prop_assert!(climbs && on_call.is_top(i64::try_from(ladder.len()).unwrap()));
        }
    }
}
