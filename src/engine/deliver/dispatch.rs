//! The dispatcher: one transaction writes down every result that came in, so that all connections share each commit, and
//! one beside it claims what leaves next. Meanwhile connections get their next copies and say MAIL, RCPT and DATA; they hand
//! nothing over before their last result is committed.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;

use super::breaker::Breaker;
use super::claiming::{Claiming, Look};
use super::copies::Editions;
use super::hand::{Hand, LEAST_AHEAD};
use super::results::Word;
use super::sender::{Report, Sender};
use super::slots::Slot;
use super::writing::Writing;
use super::{Delivered, Pace, Time};
use crate::clock::Timestamp;
use crate::engine::Lamplight;
use crate::engine::copy::Copy;
use crate::engine::leave::Ledger;
use crate::engine::transport::Transport;
use crate::model::ids::OutboxId;
use crate::store::Kept;
use crate::store::claims::Times;
use crate::store::settled::Settled;

/// How long a result waits at most for others that share its commit.
const GATHER: Duration = Duration::from_millis(1);

/// How long it rests when the database fails.
pub(super) const AFTER_TROUBLE: Duration = Duration::from_secs(1);

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
    /// When there was a claim, and how many are claimed for each connection.
    pub(super) claimed_at: Instant,
    pub(super) ahead: usize,
    /// What is to be written down.
    pub(super) results: Vec<Settled>,
    /// What was not written because the row was claimed anew, while we were claiming.
    pub(super) unsure: Vec<Settled>,
    /// The transaction under way that writes results down, and the connection that the last one used.
    pub(super) writing: Option<Writing>,
    pub(super) kept: Option<Kept>,
    /// The one that claims.
    pub(super) claiming: Option<Claiming>,
    /// What went wrong with one of them.
    pub(super) trouble: Option<anyhow::Error>,
    /// Those among them whose recipient was refused for a reason that may be ours, with the recipient's domain.
    pub(super) doubts: Vec<(OutboxId, String)>,
    pub(super) editions: Editions,
    pub(super) breaker: Breaker,
    /// What is to be written down of the way out.
    pub(super) word: Word,
    /// The smarthost does not take our mail; the administrators are to be told why.
    pub(super) refusal: Option<(Timestamp, String)>,
    /// When they were last to be told of a single refusal.
    pub(super) told_at: Option<Timestamp>,
    pub(super) look_at: Look,
    pub(super) renew_at: Instant,
    /// The last time that failed.
    pub(super) is_unrenewed: bool,
    pub(super) delivered: Delivered,
}

impl Dispatcher {
    /// Connections are opened when there is work.
    pub fn new(lamplight: &Lamplight, transport: &Arc<Transport>, pace: Pace, time: Time) -> Self {
        let (sender, reports) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        let slot = |slot| {
            let (orders, taken) = mpsc::channel(1);
            let (is_open, ledger) = (Arc::new(AtomicBool::new(false)), Arc::new(Ledger::default()));
            let (transport, idle, reports) = (Arc::clone(transport), pace.idle, sender.clone());
            let (shared, shared_ledger) = (Arc::clone(&is_open), Arc::clone(&ledger));
            let sender = Sender { slot, transport, idle, is_open: shared, ledger: shared_ledger, reports };
            tasks.spawn(sender.run(taken));
            Slot { orders, row: None, ledger, is_open, rests_until: None }
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
            claimed_at: now,
            ahead: LEAST_AHEAD,
            results: Vec::new(),
            unsure: Vec::new(),
            writing: None,
            kept: None,
            claiming: None,
            trouble: None,
            doubts: Vec::new(),
            editions: Editions::default(),
            breaker: Breaker::new(pace.probe),
            word: Word::default(),
            refusal: None,
            told_at: None,
            look_at: Look::new(now),
            renew_at: now + pace.renew,
            is_unrenewed: false,
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
            let exhausted = self.look_at.is_later(now) || self.breaker.has_asked_enough();
            if exhausted && self.is_idle() && self.refusal.is_none() {
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

    /// Nothing is claimed or to be written down.
    fn is_idle(&self) -> bool {
        self.hand.is_empty() && self.results.is_empty() && self.writing.is_none() && self.claiming.is_none()
    }

    /// What is under way may come to its end; what was not begun is given back.
    async fn end(mut self) {
        let until = Instant::now() + self.pace.end;
        while !self.is_idle() && Instant::now() < until {
            if let Some(cause) = self.trouble.take() {
                tracing::error!(cause = %format!("{cause:#}"), "the outbox could not be written");
                tokio::time::sleep(AFTER_TROUBLE).await;
            }
            self.give_back_ready();
            self.write();
            let left = until.saturating_duration_since(Instant::now());
            let _ = tokio::time::timeout(left, self.listen()).await;
        }
        self.slots.clear();
        let closed = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(until.saturating_duration_since(Instant::now()), closed).await;
    }

    /// Until a connection reports, or a transaction has ended.
    async fn listen(&mut self) {
        tokio::select! {
            Some(report) = self.reports.recv() => self.take(report),
            outcome = Writing::ended(&mut self.writing) => self.wrote(outcome),
            outcome = Claiming::ended(&mut self.claiming), if self.writing.is_none() => self.claimed(outcome),
        }
    }

    /// Until there is something to do: a connection reports, a transaction has ended, something was written, a time has
    /// come.
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
            outcome = Writing::ended(&mut self.writing) => self.wrote(outcome),
            outcome = Claiming::ended(&mut self.claiming), if self.writing.is_none() => self.claimed(outcome),
            () = written.notified() => self.look_again(),
            () = tokio::time::sleep_until(until.into()) => {}
            () = ended => {}
        }
        if self.may_write() && self.trouble.is_none() {
            self.gather().await;
        }
    }

    /// Connections that are about to report share the commit.
    async fn gather(&mut self) {
        let until = tokio::time::Instant::now() + GATHER;
        while let Ok(report) = self.reports.try_recv() {
            self.take(report);
        }
        while !self.results.is_empty() && self.slots.iter().any(Slot::hands_over) {
            // Whoever has reported begins with its next copy.
            self.hand_out();
            match tokio::time::timeout_at(until, self.reports.recv()).await {
                Ok(Some(report)) => self.take(report),
                _ => return,
            }
        }
    }

    fn next_time(&self) -> Instant {
        let now = Instant::now();
        if self.refusal.is_some() || self.trouble.is_some() || (self.may_write() && !self.results.is_empty()) {
            return now;
        }
        let mut times = Vec::from_iter(self.stale_at());
        times.extend(self.may_write().then_some(self.renew_at));
        times.extend(self.claim_at(now));
        times.extend(self.slots.iter().filter_map(|slot| slot.rests_until).filter(|until| *until > now));
        times.extend(self.alone_until(now));
        times.into_iter().min().unwrap_or(now + self.pace.renew)
    }

    /// There may be work.
    pub(super) fn look_again(&mut self) {
        self.look_at.again(Instant::now());
    }

    /// Write down what came in, claim what is due, hand it out.
    async fn round(&mut self) -> Result<()> {
        if let Some(trouble) = self.trouble.take() {
            return Err(trouble);
        }
        let instant = Instant::now();
        self.give_back_stale(instant);
        // Of the transactions that lock rows which are ours there is one at a time.
        if self.renew_at <= instant && self.may_write() {
            self.renew().await;
        }
        if let Some((since, cause)) = self.refusal.take()
            && let Err(trouble) = self.lamplight.tell_refusal(since, &cause, self.time.now()).await
        {
            tracing::error!(cause = %format!("{trouble:#}"), "the administrators could not be told");
        }
        if self.writing.is_none() && self.claiming.as_ref().is_some_and(Claiming::is_over) {
            let outcome = Claiming::ended(&mut self.claiming).await;
            self.claimed(outcome);
        }
        self.claim(instant).await?;
        self.write();
        self.hand_out();
        Ok(())
    }

    pub(super) fn times(&self) -> Times {
        let due = self.time.now();
        Times { due, leases: self.lamplight.clock.for_leases(due) }
    }
}
