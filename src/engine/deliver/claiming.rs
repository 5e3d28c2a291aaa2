//! The dispatcher's transactions that claim rows and read the editions that these need, on a task of their own. What is to
//! leave next is claimed while connections still have work and results are written down beside it.

use std::time::Instant;

use anyhow::{Context as _, Result};
use tokio::task::JoinHandle;

use super::copies::Editions;
use super::dispatch::{AFTER_TROUBLE, Dispatcher};
use crate::engine::Lamplight;
use crate::store::Db;
use crate::store::claims::{self, Apart, Claim, Times};

/// When the outbox is looked into again.
pub struct Look {
    /// For urgent rows, not before then.
    urgent: Instant,
    /// For others.
    others: Instant,
    /// For rows whose lease ran out, as soon as there is nothing to write down, and at the latest then.
    lapsed: Instant,
}

impl Look {
    /// At once.
    pub fn new(now: Instant) -> Self {
        Self { urgent: now, others: now, lapsed: now }
    }

    /// There may be new rows.
    pub fn again(&mut self, now: Instant) {
        (self.urgent, self.others) = (now, now);
    }

    /// Nothing was found.
    pub fn is_later(&self, now: Instant) -> bool {
        self.urgent > now && self.others > now
    }
}

/// How many rows may be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Of the lane that goes before everything else.
    pub urgent: usize,
    /// Of all others.
    pub others: usize,
}

impl Room {
    /// Nothing is claimed.
    pub const NONE: Self = Self { urgent: 0, others: 0 };
}

/// What one transaction claims.
pub struct Wish {
    /// How much.
    pub room: Room,
    /// What is not claimed, as long as anything else is due.
    pub apart: Apart,
    /// Whether it is claimed when nothing else is.
    pub ask_anew: bool,
}

/// A transaction under way.
pub struct Claiming {
    /// How much is claimed.
    pub room: Room,
    /// Whether it takes rows whose lease ran out. Results of these may be on the way, so nothing is written beside it.
    pub alone: bool,
    /// When it began: what is claimed is ours from then.
    pub began: Instant,
    task: JoinHandle<Result<Taken>>,
}

/// What was committed.
pub struct Taken {
    /// What was claimed.
    pub claim: Claim,
    /// Nothing was due but what was to stay apart.
    pub nobody_else: bool,
    /// Digests or alarms were written anew, and are due.
    pub rewritten: bool,
    /// With all that the claimed rows need.
    pub editions: Editions,
}

impl Claiming {
    /// Begin it.
    pub fn begin(lamplight: &Lamplight, wish: Wish, editions: Editions, now: Times) -> Self {
        let (room, alone, began) = (wish.room, !wish.apart.lapsed, Instant::now());
        let lamplight = lamplight.clone();
        let task = tokio::spawn(async move { lamplight.claim(&wish, editions, now).await });
        Self { room, alone, began, task }
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    /// Until it has ended; for ever where there is none.
    pub async fn ended(claiming: &mut Option<Self>) -> Result<Taken> {
        match claiming {
            Some(claiming) => (&mut claiming.task).await.context("an unexpected fault while claiming")?,
            None => std::future::pending().await,
        }
    }
}

impl Wish {
    /// While the way is closed somebody else asks, if there is anybody.
    async fn claim(&self, db: &mut Db, now: Times) -> Result<(Claim, bool)> {
        let Room { urgent, others } = self.room;
        let mut claim = claims::claim_apart_from(db, &self.apart, urgent, others, now).await?;
        let nobody_else = claim.rows.is_empty();
        if nobody_else && self.ask_anew {
            let anybody = Apart { lapsed: self.apart.lapsed, ..Apart::default() };
            let anew = claims::claim_apart_from(db, &anybody, urgent, others, now).await?;
            claim.rows = anew.rows;
            claim.rewrite.extend(anew.rewrite);
            claim.pass_on.extend(anew.pass_on);
            claim.more |= anew.more;
            claim.more_urgent |= anew.more_urgent;
        }
        Ok((claim, nobody_else))
    }
}

impl Lamplight {
    async fn claim(&self, wish: &Wish, mut editions: Editions, now: Times) -> Result<Taken> {
        let mut tx = self.store.begin().await?;
        let (claim, nobody_else) = wish.claim(&mut tx, now).await?;
        editions.read(&mut tx, &claim.rows).await?;
        tx.commit().await?;
        let mut rewritten = !claim.rewrite.is_empty();
        if rewritten && let Err(cause) = self.leave_out_retracted(&claim.rewrite, now.due).await {
            tracing::error!(cause = %format!("{cause:#}"), "a digest could not be written anew");
            rewritten = false;
        }
        for &alarm in &claim.pass_on {
            match self.pass_alarm_on(alarm, now.due).await {
                Ok(()) => rewritten = true,
                Err(cause) => {
                    tracing::error!(edition.id = %alarm, cause = %format!("{cause:#}"), "an alarm could not be passed on");
                }
            }
        }
        Ok(Taken { claim, nobody_else, rewritten, editions })
    }
}

impl Dispatcher {
    /// When it may be time to claim; `None` while something else must end before, or there is nobody to claim for.
    pub(super) fn claim_at(&self, now: Instant) -> Option<Instant> {
        if !self.may_claim(now) {
            return None;
        }
        let room = self.room(now);
        let urgent = (room.urgent > 0).then_some(self.look_at.urgent);
        let others = (room.others > 0).then_some(self.look_at.others);
        let probe = self.breaker.ask_at().filter(|_| self.slots.iter().any(|slot| slot.is_free(now)));
        [urgent, others, probe].into_iter().flatten().min()
    }

    /// Begin to claim, if there is room and anything is due; [`Self::claimed`] goes on when that is committed.
    pub(super) async fn claim(&mut self, now: Instant) -> Result<()> {
        let is_quiet = self.results.is_empty() && self.writing.is_none();
        if !self.may_claim(now) {
            return Ok(());
        }
        let room = self.room_to_fill(now);
        if room == Room::NONE {
            return Ok(());
        }
        if is_quiet && !self.is_anything_due().await? {
            self.looked(room, now);
            return Ok(());
        }
        let mut apart = self.who_has_asked();
        // Of rows that could not be renewed some may be our own, and in hand.
        apart.lapsed = self.is_unrenewed || (!is_quiet && now < self.look_at.lapsed);
        if !apart.lapsed {
            self.look_at.lapsed = now + self.pace.look;
        }
        let wish = Wish { room, apart, ask_anew: self.breaker.may_ask_anew() };
        self.claiming = Some(Claiming::begin(&self.lamplight, wish, std::mem::take(&mut self.editions), self.times()));
        Ok(())
    }

    /// One transaction claims at a time; one that takes what lapsed is alone.
    fn may_claim(&self, now: Instant) -> bool {
        self.claiming.is_none() && (self.writing.is_none() || now < self.look_at.lapsed)
    }

    /// How many rows are claimed now: none where none is due.
    fn room_to_fill(&mut self, now: Instant) -> Room {
        let mut room = self.room(now);
        room.urgent = if self.look_at.urgent <= now { room.urgent } else { 0 };
        room.others = if self.look_at.others <= now { room.others } else { 0 };
        if self.breaker.may_ask(now) && self.slots.iter().any(|slot| slot.is_free(now)) {
            // One copy asks whether the smarthost takes mail again; an urgent one if there is any that has not asked yet.
            self.breaker.asks(now);
            room = Room { urgent: 1, others: 1 };
        }
        room
    }

    /// A look that takes no lock.
    async fn is_anything_due(&self) -> Result<bool> {
        let outlook = claims::look(&mut *self.lamplight.store.read().await?).await?;
        Ok(outlook.is_busy(self.times()))
    }

    /// There was no more than could be claimed; what was written since may be more.
    fn looked(&mut self, room: Room, began: Instant) {
        let again = began + self.pace.look;
        if room.urgent > 0 && self.look_at.urgent <= began {
            self.look_at.urgent = again;
        }
        if room.others > 0 && self.look_at.others <= began {
            self.look_at.others = again;
        }
    }

    /// It is committed, or is not. Whatever was written down beside it is known before: rows that were given back may be
    /// among these.
    pub(super) fn claimed(&mut self, outcome: Result<Taken>) {
        let Some(Claiming { room, began, .. }) = self.claiming.take() else { return };
        self.results.append(&mut self.unsure);
        let Taken { claim, nobody_else, rewritten, editions } = match outcome {
            Ok(taken) => taken,
            Err(cause) => {
                // What came in is written down first, whatever keeps rows from being claimed.
                self.look_at.lapsed = Instant::now() + 2 * AFTER_TROUBLE;
                self.trouble = Some(cause);
                return;
            }
        };
        if nobody_else {
            self.breaker.ask_anew();
        }
        self.editions = editions;
        if !rewritten {
            let full = Room {
                urgent: if claim.more_urgent { 0 } else { room.urgent },
                others: if claim.more { 0 } else { room.others },
            };
            self.looked(full, began);
        }
        self.receive(claim.rows, began);
    }
}
