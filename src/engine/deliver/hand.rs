//! Rows that are ours: from the claim until their result is committed, under a lease that is renewed however slow the
//! smarthost is.

use std::time::Instant;

use super::dispatch::{AFTER_TROUBLE, Dispatcher};
use super::results::given_back;
use crate::engine::leave::Lease;
use crate::model::ids::OutboxId;
use crate::store::claims::{self, Claimed};
use crate::store::settled::Settled;

/// How many copies are claimed at a time for each connection: one that leaves and one that begins meanwhile, or more, so that
/// few transactions have to look for work where much leaves.
pub(super) const LEAST_AHEAD: usize = 2;
const MOST_AHEAD: usize = 32;

/// A claimed row, until its result is committed.
pub(super) struct Hand {
    pub(super) row: Claimed,
    pub(super) lease: Lease,
    /// When it was claimed.
    pub(super) claimed: Instant,
    /// Which connection it was given to, and when.
    pub(super) given: Option<(usize, Instant)>,
}

impl Dispatcher {
    /// A row is not ours any more, unless it was claimed anew.
    pub(super) fn let_go(&mut self, settled: &Settled) {
        if self.hand.get(&settled.id).is_some_and(|hand| hand.row.fence == settled.fence)
            && let Some((slot, _)) = self.hand.remove(&settled.id).and_then(|hand| hand.given)
        {
            self.slots[slot].ledger.paid();
        }
    }

    /// Rows that are ours from now on.
    pub(super) fn receive(&mut self, mut rows: Vec<Claimed>, began: Instant) {
        rows.retain(|row| !self.has_in_hand(row, began));
        // One is enough to ask.
        let too_many = if self.breaker.is_resting() && rows.len() > 1 { rows.split_off(1) } else { Vec::new() };
        for row in too_many {
            self.results.push(given_back(&row, None));
            let lease = Lease::until(began + self.pace.lease);
            self.hand.insert(row.id, Hand { row, lease, claimed: began, given: None });
        }
        if !rows.is_empty() {
            // Twice as much, claimed when half of it has left, still leaves before it goes stale.
            let grows = began < self.claimed_at + self.pace.ahead / 4;
            self.ahead = if grows { (2 * self.ahead).min(MOST_AHEAD) } else { self.ahead };
            self.claimed_at = began;
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
            self.hand.insert(row.id, Hand { row, lease, claimed: began, given: None });
        }
    }

    /// A row whose lease ran out while the database was away, and that nobody else took meanwhile, is still on its way
    /// here: it is ours anew, and the answer that comes for it is that of this claim. Nothing is written beside such a claim.
    fn has_in_hand(&mut self, row: &Claimed, began: Instant) -> bool {
        let Some(hand) = self.hand.get_mut(&row.id) else { return false };
        // Its copy may have been written anew, without a post that was taken back: then the old one stays here.
        let is_same = hand.row.edition == row.edition;
        hand.lease.move_to(if is_same { began + self.pace.lease } else { began });
        hand.row = row.clone();
        // It may have come while this claim was under way.
        self.results.iter_mut().filter(|result| result.id == row.id).for_each(|result| result.fence = row.fence);
        true
    }

    /// Somebody may have said stop meanwhile: what no connection took for a while is given back, and whether it is still
    /// wanted is asked anew. From then on less is claimed ahead.
    pub(super) fn give_back_stale(&mut self, now: Instant) {
        if self.stale_at().is_none_or(|at| now < at) {
            return;
        }
        self.ahead = (self.ahead / 2).max(LEAST_AHEAD);
        self.give_back_ready();
        self.look_again();
    }

    /// When what is ready has waited for too long.
    pub(super) fn stale_at(&self) -> Option<Instant> {
        let first = self.ready.front();
        let first_other = self.ready.iter().find(|(id, _)| !self.is_urgent(*id));
        let claimed = [first, first_other].into_iter().flatten().filter_map(|(id, _)| self.hand.get(id));
        claimed.map(|hand| hand.claimed + self.pace.ahead).min()
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
        if self.hand.is_empty() {
            self.is_unrenewed = false;
            return;
        }
        // In the order in which whoever claims locks them as well.
        let mut rows: Vec<(OutboxId, i64)> = self.hand.values().map(|hand| (hand.row.id, hand.row.fence)).collect();
        rows.sort_unstable();
        let renewed = async {
            let mut tx = self.lamplight.store.begin().await?;
            let ours = claims::renew(&mut tx, &rows, self.times().leases).await?;
            tx.commit().await?;
            anyhow::Ok(ours)
        };
        match renewed.await {
            Ok(ours) => {
                self.is_unrenewed = false;
                for (id, hand) in &self.hand {
                    hand.lease.move_to(if ours.contains(id) { began + self.pace.lease } else { began });
                }
            }
            Err(cause) => {
                tracing::error!(cause = %format!("{cause:#}"), "leases could not be renewed");
                (self.is_unrenewed, self.renew_at) = (true, Instant::now() + AFTER_TROUBLE);
            }
        }
    }
}
