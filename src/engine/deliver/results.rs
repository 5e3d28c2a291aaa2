//! What came of each attempt: whose trouble a failure is, what is written of it, and which leases go on.

use std::time::Instant;

use super::Time;
use super::breaker::{Whose, whose};
use super::dispatch::Dispatcher;
use super::sender::Report;
use crate::clock::Timestamp;
use crate::engine::transport::DeliveryError;
use crate::model::ids::OutboxId;
use crate::model::retry::retry_at;
use crate::store::claims::{self, Claimed, End, Settled};

/// A copy that the smarthost spoke of while it refused everything goes behind the others, so that each may ask once.
const BEHIND_SECONDS: i64 = 30;

impl Dispatcher {
    /// One attempt has ended.
    pub(super) fn take(&mut self, report: Report) {
        let id = report.row;
        self.slots[report.slot].row = None;
        let Some(hand) = self.hand.get(&id) else { return self.slots[report.slot].ledger.close() };
        let row = hand.row.clone();
        match report.answer {
            Ok(()) => {
                self.way_is_open();
                self.delivered.sent += 1;
                self.results.push(Settled { id, fence: row.fence, end: End::Sent });
            }
            Err(trouble) => match whose(&trouble) {
                Whose::Copy => {
                    self.way_is_open();
                    let settled = self.ended(&row, &trouble);
                    self.results.push(settled);
                }
                Whose::Nobody => {
                    tracing::warn!(outbox.id = %id, "the lease ran out before the copy was handed over; it was not sent");
                    self.let_go(id);
                }
                whose => self.way_is_closed(report.slot, &row, &trouble, whose == Whose::Ours),
            },
        }
    }

    pub(super) fn ended(&mut self, row: &Claimed, trouble: &DeliveryError) -> Settled {
        let retry = retry_at(row.attempts, self.time.now(), u64::try_from(row.id.0).unwrap_or(0));
        let end = match retry {
            Some(at) if !trouble.is_permanent() => {
                self.delivered.later += 1;
                End::Later(trouble.cause(), at)
            }
            _ => {
                self.delivered.failed += 1;
                End::Failed(trouble.cause())
            }
        };
        Settled { id: row.id, fence: row.fence, end }
    }

    fn way_is_open(&mut self) {
        if self.breaker.close() {
            tracing::info!("the smarthost takes our mail again");
            self.look_again();
        }
    }

    /// The attempt is given back. While another connection is open only this one rests: a smarthost may let us have
    /// fewer connections than we would like.
    fn way_is_closed(&mut self, slot: usize, row: &Claimed, trouble: &DeliveryError, is_ours: bool) {
        let (now, cause) = (self.time.now(), trouble.cause());
        let due = trouble.names_the_copy().then(|| now.plus_seconds(BEHIND_SECONDS));
        self.results.push(given_back(row, Some(cause.clone()), due));
        let instant = Instant::now();
        let others = self.slots.iter().enumerate().any(|(at, other)| at != slot && other.is_open());
        if others && !is_ours && !self.breaker.is_open() {
            self.slots[slot].rests_until = Some(instant + self.pace.probe);
            self.look_again();
            return;
        }
        self.slots.iter_mut().for_each(|slot| slot.rests_until = None);
        self.delivered.unreachable = true;
        if self.breaker.open(instant, self.pace.probe) {
            let (stage, text) = (trouble.stage, &trouble.text);
            if is_ours {
                tracing::error!(?stage, cause = %text, "the smarthost refuses our mail; everything waits");
                self.refusal = Some((now, cause.clone()));
            } else if matches!(self.time, Time::Running(_)) {
                tracing::error!(?stage, cause = %text, "the smarthost is not reached; everything waits");
            } else {
                // A single run says so itself when it ends.
                tracing::warn!(?stage, cause = %text, "the smarthost is not reached; everything waits");
            }
        }
        self.give_back_ready(Some(&cause));
    }

    pub(super) fn give_back_ready(&mut self, cause: Option<&String>) {
        for (id, _) in std::mem::take(&mut self.ready) {
            if let Some(hand) = self.hand.get(&id) {
                self.results.push(given_back(&hand.row, cause.cloned(), None));
            }
        }
    }

    /// Renew what is in hand, however slow the smarthost is, so that no other server takes it for lost. A row that is
    /// not ours any more is stopped where it stands.
    pub(super) async fn renew(&mut self) {
        let began = Instant::now();
        self.renew_at = began + self.pace.renew;
        if !self.ready.is_empty() {
            // No connection took these for so long: whether they are still wanted is asked anew.
            self.give_back_ready(None);
            self.look_again();
        }
        if self.hand.is_empty() {
            return;
        }
        let rows: Vec<(OutboxId, i64)> = self.hand.values().map(|hand| (hand.row.id, hand.row.fence)).collect();
        let renewed = async {
            let mut tx = self.lamplight.store.begin().await?;
            let ours = claims::renew(&mut tx, &rows, self.time.now()).await?;
            tx.commit().await?;
            anyhow::Ok(ours)
        };
        match renewed.await {
            Ok(ours) => {
                for (id, hand) in &self.hand {
                    hand.lease.move_to(if ours.contains(id) { began + self.pace.lease } else { began });
                }
            }
            Err(cause) => tracing::error!(cause = %format!("{cause:#}"), "leases could not be renewed"),
        }
    }
}

pub(super) fn given_back(row: &Claimed, cause: Option<String>, due: Option<Timestamp>) -> Settled {
    Settled { id: row.id, fence: row.fence, end: End::GivenBack(cause, due) }
}
