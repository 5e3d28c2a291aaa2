//! Connections as the dispatcher sees them: which is free, which has which copy, and whose turn it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::sync::mpsc;

use super::claiming::Room;
use super::dispatch::Dispatcher;
use super::sender::Order;
use crate::engine::leave::Ledger;
use crate::model::ids::OutboxId;
use crate::store::settled::Settled;

/// A connection as the dispatcher sees it.
pub(super) struct Slot {
    pub(super) orders: mpsc::Sender<Order>,
    /// The row it has, until it reports.
    pub(super) row: Option<OutboxId>,
    /// What it reported and is not committed.
    pub(super) ledger: Arc<Ledger>,
    pub(super) is_open: Arc<AtomicBool>,
    /// It was refused while others were not: no work before then.
    pub(super) rests_until: Option<Instant>,
}

impl Slot {
    pub(super) fn is_free(&self, now: Instant) -> bool {
        self.row.is_none() && self.rests_until.is_none_or(|until| until <= now)
    }

    /// It has a copy, and may hand it over.
    pub(super) fn hands_over(&self) -> bool {
        self.row.is_some() && self.ledger.is_clear()
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }
}

impl Dispatcher {
    /// Until when an urgent copy under way keeps the others waiting.
    pub(super) fn alone_until(&self, now: Instant) -> Option<Instant> {
        let urgent = self.hand.values().filter(|hand| hand.row.urgent).filter_map(|hand| hand.given);
        urgent.map(|(_, begun)| begun + self.pace.alone).filter(|until| *until > now).max()
    }

    /// How many rows may be claimed.
    pub(super) fn room(&self, now: Instant) -> Room {
        if self.breaker.is_resting() {
            return Room::NONE;
        }
        let connections = self.slots.len() - 1;
        let ordinary = self.slots[..connections].iter().filter(|slot| slot.is_free(now)).count();
        let any = ordinary + usize::from(self.slots[connections].is_free(now));
        let urgent_ready = self.ready.iter().take_while(|(id, _)| self.is_urgent(*id)).count();
        // More than can leave now, so that few transactions have to look for work, and before all of it has left, so that
        // no connection waits for them. While results come in, connections are about to be free.
        let is_little = self.ready.len() < connections.max(self.ahead * connections / 2);
        let came_back = |settled: &Settled| self.hand.get(&settled.id).is_some_and(|hand| hand.given.is_some());
        let is_wanted = is_little && (ordinary > 0 || self.results.iter().any(came_back));
        Room {
            urgent: any.saturating_sub(urgent_ready),
            others: if is_wanted && self.alone_until(now).is_none() { self.ahead * connections } else { 0 },
        }
    }

    pub(super) fn is_urgent(&self, id: OutboxId) -> bool {
        self.hand.get(&id).is_some_and(|hand| hand.row.urgent)
    }

    /// Give copies to free connections: urgent ones to any, and while one of these is under way nothing else begins.
    pub(super) fn hand_out(&mut self) {
        let now = Instant::now();
        while let Some((id, _)) = self.ready.front() {
            let urgent = self.is_urgent(*id);
            if !urgent && self.alone_until(now).is_some() {
                return;
            }
            let usable = if urgent { self.slots.len() } else { self.slots.len() - 1 };
            let free = (0..usable).filter(|at| self.slots[*at].is_free(now));
            // One that is open already, if there is one.
            let Some(at) = free.min_by_key(|at| !self.slots[*at].is_open()) else { return };
            let Some((row, copy)) = self.ready.pop_front() else { return };
            self.slots[at].row = Some(row);
            if let Some(hand) = self.hand.get_mut(&row) {
                hand.given = Some((at, now));
            }
            if self.slots[at].orders.try_send(Order { row, copy }).is_err() {
                // Its task is gone, which only a fault of ours does; the lease brings the row back.
                tracing::error!(outbox.id = %row, "a connection does not take its copy");
                self.hand.remove(&row);
                return;
            }
        }
    }
}
