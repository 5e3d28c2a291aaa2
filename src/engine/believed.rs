//! Whether the clock is believed: `serve` holds it against the time since the machine's start before each tick. A clock that
//! jumped stops digests and removals, which go by days; what goes by minutes goes on.
//!
//! The state is one row, so any number of servers pause together and tell the administrators once. A machine that sleeps, or a
//! server that does not run, is downtime and no jump.

use anyhow::Result;

use super::Lamplight;
use super::notice::{Far, Notice, ToAdministrators};
use super::notify::{Manner, Reader};
use crate::clock::{Reading, Timestamp};
use crate::model::doubt::{Doubt, Look, MOST, judge};
use crate::store::audit::{self, Actor};
use crate::store::clocks::{self, Doubted};
use crate::store::groups;
use crate::store::outbox::Lane;

/// How often it is written down how a clock stands, in seconds: what is seen must be known to within [`MOST`].
const WRITE_AGAIN: u64 = 300;

/// The look before.
#[derive(Debug)]
pub(super) struct Looked {
    ahead: i64,
    /// When it was written down last, counted from the machine's start.
    written_at: std::time::Duration,
}

impl Lamplight {
    /// Look at the clock, and begin or cease to doubt it.
    ///
    /// # Errors
    /// When the database fails: nothing that goes by days may be done before the next look.
    pub async fn look_at_clock(&self, reading: &Reading) -> Result<()> {
        let known = {
            let mut looked = self.looked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let rested = |at| reading.since_start.saturating_sub(at).as_secs() < WRITE_AGAIN;
            match looked.as_mut() {
                // Clocks that are drawn to the right time by little and little do not jump.
                Some(last) if jump(last.ahead, reading) == 0 && rested(last.written_at) => {
                    last.ahead = reading.ahead();
                    return Ok(());
                }
                other => other.map(|last| last.ahead),
            }
        };
        let mut tx = self.store.begin().await?;
        let before = clocks::lock(&mut tx).await?.map(|doubted| doubted.why);
        // What one program on this machine has written down the others need not find a second time.
        let known = match &reading.machine {
            Some(machine) => clocks::ahead(&mut tx, machine).await?.or(known),
            None => known,
        };
        let jump = known.map_or(0, |known| jump(known, reading));
        let seen = clocks::seen(&mut tx).await?;
        let after = judge(before, Look { jump, shown: reading.shown, seen });
        if after != before {
            clocks::set_doubt(&mut tx, after, reading.shown).await?;
        }
        if jump < -MOST {
            let moderation = &self.config.moderation;
            let (alert, undo) = (i64::from(moderation.alert_minutes) * 60, i64::from(moderation.undo_seconds));
            clocks::pull_near(&mut tx, alert, undo, reading.shown).await?;
        }
        let believed = after.is_none().then_some(reading.shown);
        let machine = reading.machine.as_deref().unwrap_or_default();
        clocks::set(&mut tx, machine, reading.ahead(), believed).await?;
        tx.commit().await?;
        *self.looked.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
            Some(Looked { ahead: reading.ahead(), written_at: reading.since_start });
        match (before, after) {
            (None, Some(why)) => {
                tracing::error!(?why, "the clock is not believed: digests wait until it comes back or `digest resume`");
            }
            (Some(_), None) => {
                tracing::warn!("the clock is believed again");
                self.draw_digests_near(reading.shown).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Whatever was set while the clock was ahead put the next digest off by as much; one that is due already stays due.
    async fn draw_digests_near(&self, now: Timestamp) -> Result<()> {
        let all = groups::all(&mut *self.store.read().await?).await?;
        for group in all {
            let mut tx = self.store.begin().await?;
            let group = groups::lock(&mut tx, group.id).await?;
            self.draw_near(&mut tx, &group, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Whether the clock is doubted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn doubted_clock(&self) -> Result<Option<Doubted>> {
        Ok(clocks::doubted(&mut *self.store.read().await?).await?)
    }

    /// Tell the administrators of a doubt, once; gives whether they were told now.
    pub(super) async fn tell_of_clock(&self, doubted: Option<Doubted>, now: Timestamp) -> Result<bool> {
        let Some(Doubted { at, why, is_told: false }) = doubted else { return Ok(false) };
        let mut tx = self.store.begin().await?;
        if !clocks::set_told(&mut tx, now).await? {
            return Ok(false);
        }
        let administrators: Vec<Reader> = self.administrators().iter().map(Reader::administrator).collect();
        if administrators.is_empty() {
            tracing::error!("digests wait because the clock is not believed, and there is no administrator to tell");
        }
        let (forward, far) = match why {
            Doubt::Jumped(seconds) => (seconds > 0, Some(Far::of(seconds))),
            Doubt::Behind => (false, None),
        };
        let notice = Notice::from(ToAdministrators::ClockJumped { shown: at.rfc3339(), forward, far });
        self.notify(&mut tx, None, "", &administrators, &notice, Manner::Watched(Lane::Notice), now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// An administrator says that the clock is right as it stands; gives what was doubted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn believe_clock(&self, now: Timestamp) -> Result<Option<Doubted>> {
        let mut tx = self.store.begin().await?;
        let doubted = clocks::lock(&mut tx).await?;
        if doubted.is_some() {
            clocks::set_doubt(&mut tx, None, now).await?;
            clocks::set_seen(&mut tx, now).await?;
            let detail = serde_json::json!({});
            audit::write(&mut tx, now, Actor::Administrator, "believed", "clock", &detail).await?;
            tx.commit().await?;
            self.draw_digests_near(now).await?;
        }
        Ok(doubted)
    }
}

/// By how many seconds the clock jumped.
fn jump(known: i64, reading: &Reading) -> i64 {
    let far = reading.ahead().saturating_sub(known);
    far.saturating_add(far.signum() * 500_000) / 1_000_000
}
