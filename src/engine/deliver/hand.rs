//! Rows that are ours: from the claim until their result is committed, under a lease that is renewed however slow the
//! smarthost is.

use std::time::Instant;

use super::dispatch::Dispatcher;
use super::results::given_back;
use crate::engine::leave::Lease;
use crate::model::ids::OutboxId;
use crate::store::claims::{self, Claimed};

/// A claimed row, until its result is committed.
pub(super) struct Hand {
    pub(super) row: Claimed,
    pub(super) lease: Lease,
    /// Which connection it was given to, and when.
    pub(super) given: Option<(usize, Instant)>,
}

impl Dispatcher {
    /// A row is not ours any more.
    pub(super) fn let_go(&mut self, id: OutboxId) {
        if let Some((slot, _)) = self.hand.remove(&id).and_then(|hand| hand.given) {
            self.slots[slot].ledger.close();
        }
    }

    /// Rows that are ours from now on.
    pub(super) fn receive(&mut self, mut rows: Vec<Claimed>, began: Instant) {
        rows.retain(|row| !self.has_in_hand(row, began));
        if self.breaker.is_open() && rows.len() > 1 {
            // One is enough to ask.
            rows.drain(1..).for_each(|row| self.results.push(given_back(&row, None)));
        }
        let mut at = self.ready.iter().take_while(|(id, _)| self.is_urgent(*id)).count();
        for row in rows {
            let lease = Lease::until(began + self.pace.lease);
            match self.lamplight.copy(&self.editions, &row, lease.clone()) {
                Ok(copy) if row.urgent => {
                    self.ready.insert(at, (row.id, copy));
                    at += 1;
                }
                Ok(copy) => self.ready.push_back((row.id, copy)),
                Err(trouble) => {
                    let settled = self.ended(&row, &trouble);
                    self.results.push(settled);
                }
            }
            self.hand.insert(row.id, Hand { row, lease, given: None });
        }
    }

    /// A row whose lease ran out while the database was away, and that nobody else took meanwhile, is still on its way
    /// here: it is ours anew, and the answer that comes for it is that of this claim.
    fn has_in_hand(&mut self, row: &Claimed, began: Instant) -> bool {
        let Some(hand) = self.hand.get_mut(&row.id) else { return false };
        hand.lease.move_to(began + self.pace.lease);
        hand.row = row.clone();
        // It may have come while this claim was under way.
        self.results.iter_mut().filter(|result| result.id == row.id).for_each(|result| result.fence = row.fence);
        true
    }

    /// What no connection took.
    pub(super) fn give_back_ready(&mut self) {
        for (id, _) in std::mem::take(&mut self.ready) {
            if let Some(hand) = self.hand.get(&id) {
                self.results.push(given_back(&hand.row, None));
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
            self.give_back_ready();
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
