//! The dispatcher: one transaction writes down every result that came in and claims as many new rows as there are free
//! connections, so that all connections share each commit.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;

use super::breaker::Breaker;
use super::copies::Editions;
use super::results::{Word, given_back};
use super::sender::{Report, Sender};
use super::{Delivered, Pace, Time};
use crate::clock::Timestamp;
use crate::engine::Lamplight;
use crate::engine::copy::{Copy, Lease};
use crate::engine::transport::Transport;
use crate::model::ids::OutboxId;
use crate::store::claims::{self, Claim, Claimed, Settled};

/// How many copies for each connection are claimed ahead; what no connection took for ten seconds is given back.
const AHEAD: usize = 8;

/// How often the connections get a turn before their results are written down.
const GATHER: usize = 3;

/// How long it rests when the database fails.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// A connection as the dispatcher sees it.
pub(super) struct Slot {
    orders: mpsc::Sender<Copy>,
    /// The row it has, until its result is committed.
    pub(super) row: Option<OutboxId>,
    is_open: Arc<AtomicBool>,
    /// It was refused while others were not: no work before then.
    pub(super) rests_until: Option<Instant>,
}

impl Slot {
    fn is_free(&self, now: Instant) -> bool {
        self.row.is_none() && self.rests_until.is_none_or(|until| until <= now)
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }
}

/// A claimed row, until its result is committed.
pub(super) struct Hand {
    pub(super) row: Claimed,
    pub(super) lease: Lease,
    /// When it was given to a connection.
    pub(super) begun: Option<Instant>,
}

/// When the outbox is looked into again.
#[derive(Clone, Copy)]
struct Look {
    urgent: Instant,
    others: Instant,
}

/// How many rows may be claimed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Room {
    urgent: usize,
    others: usize,
}

impl Room {
    const NONE: Self = Self { urgent: 0, others: 0 };
}

/// See the top of this file.
pub struct Dispatcher {
    pub(super) lamplight: Lamplight,
    pub(super) pace: Pace,
    pub(super) time: Time,
    /// The last one is for urgent copies alone.
    pub(super) slots: Vec<Slot>,
    reports: mpsc::UnboundedReceiver<Report>,
    tasks: JoinSet<()>,
    /// Rows that are ours.
    pub(super) hand: HashMap<OutboxId, Hand>,
    /// Claimed copies that wait for a connection, urgent ones first.
    pub(super) ready: VecDeque<(OutboxId, Copy)>,
    /// What is to be written down.
    pub(super) results: Vec<Settled>,
    /// Those among them whose recipient was refused for a reason that may be ours, with the recipient's domain.
    pub(super) doubts: Vec<(OutboxId, String)>,
    editions: Editions,
    pub(super) breaker: Breaker,
    /// What is to be written down of the way out.
    pub(super) word: Word,
    /// The smarthost does not take our mail; the administrators are to be told why.
    pub(super) refusal: Option<(Timestamp, String)>,
    /// When they were last to be told of a single refusal.
    pub(super) told_at: Option<Timestamp>,
    /// No look for urgent rows before then, and none for others.
    look_at: Look,
    pub(super) renew_at: Instant,
    pub(super) delivered: Delivered,
}

impl Dispatcher {
    /// Connections are opened when there is work.
    pub fn new(lamplight: &Lamplight, transport: &Arc<Transport>, pace: Pace, time: Time) -> Self {
        let (sender, reports) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        let slot = |slot| {
            let (orders, taken) = mpsc::channel(1);
            let is_open = Arc::new(AtomicBool::new(false));
            let (transport, idle, reports) = (Arc::clone(transport), pace.idle, sender.clone());
            tasks.spawn(Sender { slot, transport, idle, is_open: Arc::clone(&is_open), reports }.run(taken));
            Slot { orders, row: None, is_open, rests_until: None }
        };
        let slots = (0..=usize::from(lamplight.config.outbound.connections.max(1))).map(slot).collect();
        let now = Instant::now();
        Self {
            lamplight: lamplight.clone(),
            pace,
            time,
            slots,
            reports,
            tasks,
            hand: HashMap::new(),
            ready: VecDeque::new(),
            results: Vec::new(),
            doubts: Vec::new(),
            editions: Editions::default(),
            breaker: Breaker::new(pace.probe),
            word: Word::default(),
            refusal: None,
            told_at: None,
            look_at: Look { urgent: now, others: now },
            renew_at: now + pace.renew,
            delivered: Delivered::default(),
        }
    }

    /// Deliver until nothing is due or the way is closed.
    pub async fn drain(mut self) -> Result<Delivered> {
        // What this run is to deliver was written before it; there is no need to look again by time.
        self.pace.look = Duration::from_secs(86_400);
        self.breaker = Breaker::for_one_run(self.pace.probe);
        loop {
            self.round().await?;
            let now = Instant::now();
            let looked = self.look_at.urgent > now && self.look_at.others > now;
            let exhausted = looked || self.breaker.has_asked_enough();
            if exhausted && self.hand.is_empty() && self.results.is_empty() && self.refusal.is_none() {
                break;
            }
            self.wait(&Notify::new(), &mut None).await;
        }
        self.slots.clear();
        while self.tasks.join_next().await.is_some() {}
        Ok(self.delivered)
    }

    /// Deliver whatever falls due until `ending`.
    pub async fn keep_on(mut self, written: &Notify, ending: watch::Receiver<bool>) {
        let mut ending = Some(ending);
        while ending.as_ref().is_some_and(|ending| !*ending.borrow()) {
            if let Err(cause) = self.round().await {
                tracing::error!(cause = %format!("{cause:#}"), "the outbox could not be read or written");
                tokio::time::sleep(AFTER_TROUBLE).await;
            }
            self.wait(written, &mut ending).await;
        }
        self.end().await;
    }

    /// What is under way may come to its end; what was not begun is given back.
    async fn end(mut self) {
        self.give_back_ready();
        let until = Instant::now() + self.pace.end;
        loop {
            if let Err(cause) = self.write_and_claim(Room::NONE).await {
                tracing::error!(cause = %format!("{cause:#}"), "the outbox could not be written");
                tokio::time::sleep(AFTER_TROUBLE).await;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || (self.hand.is_empty() && self.results.is_empty()) {
                break;
            }
            if let Ok(Some(report)) = tokio::time::timeout(left, self.reports.recv()).await {
                self.take(report);
            }
        }
        self.slots.clear();
        let closed = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(until.saturating_duration_since(Instant::now()), closed).await;
    }

    /// Until a connection reports, something was written, or a time has come.
    async fn wait(&mut self, written: &Notify, ending: &mut Option<watch::Receiver<bool>>) {
        let until = self.next_time();
        let ended = async {
            match ending {
                Some(ending) => drop(ending.changed().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(report) = self.reports.recv() => self.take(report),
            () = written.notified() => self.look_again(),
            () = tokio::time::sleep_until(until.into()) => {}
            () = ended => {}
        }
        // Connections that are about to report share the commit.
        for _ in 0..GATHER {
            while let Ok(report) = self.reports.try_recv() {
                self.take(report);
            }
            tokio::task::yield_now().await;
        }
    }

    fn next_time(&self) -> Instant {
        let now = Instant::now();
        if !self.results.is_empty() || self.refusal.is_some() {
            return now;
        }
        let mut times = vec![self.renew_at];
        let room = self.room(now);
        times.extend((room.urgent > 0).then_some(self.look_at.urgent));
        times.extend((room.others > 0).then_some(self.look_at.others));
        times.extend(self.breaker.ask_at().filter(|_| self.slots.iter().any(|slot| slot.is_free(now))));
        times.extend(self.slots.iter().filter_map(|slot| slot.rests_until).filter(|until| *until > now));
        times.extend(self.alone_until(now));
        times.into_iter().min().unwrap_or(now)
    }

    /// There may be work.
    pub(super) fn look_again(&mut self) {
        let now = Instant::now();
        self.look_at = Look { urgent: now, others: now };
    }

    /// Until when an urgent copy under way keeps the others waiting.
    fn alone_until(&self, now: Instant) -> Option<Instant> {
        let urgent = self.hand.values().filter(|hand| hand.row.urgent).filter_map(|hand| hand.begun);
        urgent.map(|begun| begun + self.pace.alone).filter(|until| *until > now).max()
    }

    /// How many rows may be claimed, the connections counted whose result is about to be written down.
    fn room(&self, now: Instant) -> Room {
        if self.breaker.is_open() {
            return Room::NONE;
        }
        let is_done = |slot: &Slot| slot.row.is_some_and(|row| self.results.iter().any(|result| result.id == row));
        let rests = |slot: &Slot| slot.rests_until.is_some_and(|until| until > now);
        let is_free = |slot: &&Slot| !rests(slot) && (slot.row.is_none() || is_done(slot));
        let connections = self.slots.len() - 1;
        let ordinary = self.slots[..connections].iter().filter(is_free).count();
        let any = ordinary + self.slots[connections..].iter().filter(is_free).count();
        let urgent_ready = self.ready.iter().take_while(|(id, _)| self.is_urgent(*id)).count();
        // More than can leave now, so that few commits have to look for work.
        let others = if self.ready.len() < ordinary { ordinary + AHEAD * connections - self.ready.len() } else { 0 };
        Room {
            urgent: any.saturating_sub(urgent_ready),
            others: if self.alone_until(now).is_some() { 0 } else { others },
        }
    }

    /// Write down what came in, claim what is due, hand it out.
    async fn round(&mut self) -> Result<()> {
        let instant = Instant::now();
        if self.renew_at <= instant {
            self.renew().await;
        }
        if let Some((since, cause)) = self.refusal.take()
            && let Err(trouble) = self.lamplight.tell_refusal(since, &cause, self.time.now()).await
        {
            tracing::error!(cause = %format!("{trouble:#}"), "the administrators could not be told");
        }
        let mut room = self.room(instant);
        room.urgent = if self.look_at.urgent <= instant { room.urgent } else { 0 };
        room.others = if self.look_at.others <= instant { room.others } else { 0 };
        if self.breaker.may_ask(instant) && self.slots.iter().any(|slot| slot.is_free(instant)) {
            // One copy asks whether the smarthost takes mail again; an urgent one if there is any that has not asked yet.
            self.breaker.asks(instant);
            room = Room { urgent: 1, others: 1 };
        }
        if self.results.is_empty() && room != Room::NONE && !self.is_anything_due().await? {
            self.looked(room, instant);
            room = Room::NONE;
        }
        if !self.results.is_empty() || room != Room::NONE {
            self.write_and_claim(room).await?;
        }
        self.hand_out();
        Ok(())
    }

    /// A look that takes no lock.
    async fn is_anything_due(&self) -> Result<bool> {
        let outlook = claims::look(&mut *self.lamplight.store.read().await?).await?;
        Ok(outlook.is_busy(self.time.now()))
    }

    /// There was no more than could be claimed.
    fn looked(&mut self, room: Room, began: Instant) {
        let again = began + self.pace.look;
        if room.urgent > 0 {
            self.look_at.urgent = again;
        }
        if room.others > 0 {
            self.look_at.others = again;
        }
    }

    async fn write_and_claim(&mut self, room: Room) -> Result<()> {
        let (began, now) = (Instant::now(), self.time.now());
        let mut tx = self.lamplight.store.begin().await?;
        self.weigh_doubts(&mut tx, now).await?;
        let lost = claims::settle(&mut tx, &self.results, now).await?;
        self.word.write(&mut tx, now).await?;
        let mut claim = Claim::default();
        if room != Room::NONE {
            claim = self.claim(&mut tx, room.urgent, room.others, now).await?;
            self.editions.read(&mut tx, &claim.rows).await?;
        }
        tx.commit().await?;
        self.word.is_written();
        self.doubts.clear();
        for id in lost {
            tracing::warn!(outbox.id = %id, "another server has claimed this row meanwhile; its result is not written");
        }
        for settled in std::mem::take(&mut self.results) {
            self.hand.remove(&settled.id);
            for slot in self.slots.iter_mut().filter(|slot| slot.row == Some(settled.id)) {
                slot.row = None;
            }
        }
        let urgent = claim.rows.iter().filter(|row| row.urgent).count();
        if claim.rewrite.is_empty() {
            let full = Room {
                urgent: if urgent < room.urgent { room.urgent } else { 0 },
                others: if claim.more { 0 } else { room.others },
            };
            self.looked(full, began);
        } else if let Err(cause) = self.lamplight.leave_out_retracted(&claim.rewrite, now).await {
            tracing::error!(cause = %format!("{cause:#}"), "a digest could not be written anew");
            self.looked(room, began);
        }
        self.receive(claim.rows, began);
        Ok(())
    }

    /// Rows that are ours from now on.
    fn receive(&mut self, mut rows: Vec<Claimed>, began: Instant) {
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
            self.hand.insert(row.id, Hand { row, lease, begun: None });
        }
    }

    /// A row whose lease ran out while the database was away, and that nobody else took meanwhile, is still on its way
    /// here: it is ours anew, and the answer that comes for it is that of this claim.
    fn has_in_hand(&mut self, row: &Claimed, began: Instant) -> bool {
        let Some(hand) = self.hand.get_mut(&row.id) else { return false };
        hand.lease.move_to(began + self.pace.lease);
        hand.row = row.clone();
        true
    }

    fn is_urgent(&self, id: OutboxId) -> bool {
        self.hand.get(&id).is_some_and(|hand| hand.row.urgent)
    }

    /// Give copies to free connections: urgent ones to any, and while one of these is under way nothing else begins.
    fn hand_out(&mut self) {
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
            let Some((id, copy)) = self.ready.pop_front() else { return };
            self.slots[at].row = Some(id);
            if let Some(hand) = self.hand.get_mut(&id) {
                hand.begun = Some(now);
            }
            if self.slots[at].orders.try_send(copy).is_err() {
                // Its task is gone, which only a fault of ours does; the lease brings the row back.
                tracing::error!(outbox.id = %id, "a connection does not take its copy");
                self.hand.remove(&id);
                return;
            }
        }
    }
}
