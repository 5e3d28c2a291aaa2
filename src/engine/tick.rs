//! Whatever is due by the clock: the next step of an alert first, decisions whose undo window ended, reminders, reading lists,
//! pauses that end, digests, the daily word on strangers, and the
//! word on notices that moderators did not get.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::Lamplight;
use super::transport::Transport;
use crate::clock::{Clock, Timestamp};
use crate::store::decisions;
use crate::store::decisions::Due;

/// How much one tick did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Ticked {
    /// Messages taken from the spool.
    pub received: usize,
    /// Decisions that took effect.
    pub decided: usize,
    /// Reminders of held posts.
    pub reminded: usize,
    /// Reading lists.
    pub lists: usize,
    /// Members whose pause ended.
    pub back: usize,
    /// Members whose digest was due.
    pub digests: usize,
    /// How often people were told of several messages together: strangers' mail, alarms beyond the limit, what is late.
    pub summaries: usize,
    /// Mails that moderators did not get, or members from them, of which people were told.
    pub undelivered: usize,
    /// Steps that alerts took.
    pub climbed: usize,
    /// Automatic texts to people who may be in danger.
    pub crisis_texts: usize,
    /// Mails of which the words were removed.
    pub cleared: usize,
    /// Messages, mails and posts whose time was over.
    pub expired: usize,
    /// Copies handed over.
    pub sent: usize,
    /// Copies that were refused for good, or tried in vain for too long.
    pub failed: usize,
    /// The smarthost could not be reached; what waits, waits.
    pub unreachable: bool,
}

impl Ticked {
    /// Whether nothing was due.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        *self == Self::default()
    }

    fn add(&mut self, other: Self) {
        self.received += other.received;
        self.decided += other.decided;
        self.reminded += other.reminded;
        self.lists += other.lists;
        self.back += other.back;
        self.digests += other.digests;
        self.summaries += other.summaries;
        self.undelivered += other.undelivered;
        self.climbed += other.climbed;
        self.crisis_texts += other.crisis_texts;
        self.cleared += other.cleared;
        self.expired += other.expired;
        self.sent += other.sent;
        self.failed += other.failed;
        self.unreachable |= other.unreachable;
    }
}

impl Lamplight {
    /// Do once whatever is due at `now`, apart from the spool and the outbox. What fails keeps nothing else back.
    ///
    /// # Errors
    /// When one of them failed; what was done stays done.
    pub async fn tick(&self, now: Timestamp) -> Result<Ticked> {
        let climbed = self.climb_alerts(now).await;
        let texts = self.send_crisis_texts(now).await;
        let undelivered = self.tell_undelivered(now).await;
        let told = self.tell_together(now).await;
        let decided = self.carry_out_due(now).await;
        let reminded = self.remind(now).await;
        let lists = self.make_due_lists(now).await;
        let late = self.tell_late(now).await;
        let doubted = self.doubted_clock().await;
        let is_believed = matches!(doubted, Ok(None));
        let back = if is_believed { self.end_pauses(now).await } else { Ok(0) };
        let digests = if is_believed { self.make_due_digests(now).await } else { Ok(0) };
        let summaries = self.sum_up_strangers(now).await;
        let old_changes = if is_believed { self.forget_old_changes(now).await } else { Ok(()) };
        let cleared = self.clear_due(now).await;
        // What is kept for longer is no reason to say that anything else failed.
        let expired = if is_believed { self.expire(now).await } else { Ok(0) }.unwrap_or_else(|cause| {
            tracing::error!(cause = %format!("{cause:#}"), "what is kept for too long could not be removed");
            0
        });
        let clock = self.tell_of_clock(doubted?, now).await;
        old_changes?;
        Ok(Ticked {
            decided: decided?,
            reminded: reminded?,
            lists: lists?,
            back: back?,
            digests: digests?,
            summaries: told? + summaries? + usize::from(late?) + usize::from(clock?),
            undelivered: undelivered?,
            climbed: climbed?,
            crisis_texts: texts?,
            cleared: cleared?,
            expired,
            ..Ticked::default()
        })
    }

    /// Take every new message to its end; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn receive_all(&self, now: Timestamp) -> Result<usize> {
        let mut count = 0;
        loop {
            match self.receive_some(now).await? {
                0 => return Ok(count),
                taken => count += taken,
            }
        }
    }

    /// Do once whatever is due at `now`, deliver, and go on until nothing is left: `tick`, the demo and the stories.
    ///
    /// # Errors
    /// When the database fails; what was done stays done.
    pub async fn run_due(&self, transport: &Arc<Transport>, now: Timestamp) -> Result<Ticked> {
        let mut total = Ticked::default();
        let began = Instant::now();
        loop {
            // On a clock that runs, a long outbox takes its time: a claim must last from now on, or a `serve` beside
            // this run takes the row a second time.
            let passed = match self.clock {
                Clock::System => i64::try_from(began.elapsed().as_secs()).unwrap_or(i64::MAX),
                Clock::Fixed(_) | Clock::At(_) => 0,
            };
            let now = now.plus_seconds(passed);
            let mut round = Ticked { received: self.receive_all(now).await?, ..Ticked::default() };
            round.add(self.tick(now).await?);
            let delivered = self.deliver_due(transport, now).await?;
            round.sent += delivered.sent;
            round.failed += delivered.failed;
            round.unreachable |= delivered.unreachable;
            total.add(round);
            let moved = delivered.sent + delivered.failed + delivered.later;
            if round.unreachable || (moved == 0 && round.is_quiet()) {
                return Ok(total);
            }
        }
    }

    async fn carry_out_due(&self, now: Timestamp) -> Result<usize> {
        let mut look = self.store.read().await?;
        let due = decisions::due(&mut look, now).await?;
        let due = self.not_answered_yet(&mut look, due).await?;
        drop(look);
        let mut tally = Tally::default();
        for Due { id: decision, post, .. } in due {
            let done = async {
                let mut tx = self.store.begin().await?;
                let done = self.carry_out(&mut tx, decision, post, now).await?;
                tx.commit().await?;
                anyhow::Ok(done)
            };
            tally.count(done.await.with_context(|| format!("the decision on post {post}")));
        }
        tally.end()
    }
}

/// How many were done, and the first trouble: one post's is no reason for the others to wait.
#[derive(Default)]
pub(super) struct Tally {
    done: usize,
    failed: Option<anyhow::Error>,
}

impl Tally {
    pub(super) fn count(&mut self, outcome: Result<bool>) {
        match outcome {
            Ok(done) => self.done += usize::from(done),
            Err(cause) => self.failed = self.failed.take().or(Some(cause)),
        }
    }

    pub(super) fn end(self) -> Result<usize> {
        self.failed.map_or(Ok(self.done), Err)
    }
}
