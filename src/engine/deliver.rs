//! Deliver what is due in the outbox. A 5xx reply is final, a 4xx is retried; anything else counts as temporary.
//!
//! An attempt is booked before the network is touched, and no transaction is open across SMTP. A connection hands over
//! its next copy only when it is committed that the one before was sent: a crash repeats at most one copy for each open
//! connection. When the smarthost is not to be reached at all, or takes nothing of ours, nothing is lost and no attempt
//! counts; a 5xx that may mean us and not the recipient is not believed before there is reason to.

mod breaker;
mod claiming;
mod copies;
mod dispatch;
mod hand;
mod heirs;
mod refusal;
mod results;
mod sender;
mod slots;
mod writing;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::sync::{Notify, watch};

use super::Lamplight;
use super::transport::Transport;
use crate::clock::{Clock, Timestamp};
use crate::store::claims::LEASE_SECONDS;
use dispatch::Dispatcher;

/// What delivering came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// Taken by the smarthost.
    pub sent: usize,
    /// Refused for good.
    pub failed: usize,
    /// To be tried again.
    pub later: usize,
    /// The smarthost could not be reached, or does not take our mail at all.
    pub unreachable: bool,
}

/// The times that delivering keeps, by the clock that nobody sets.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long a claimed row is ours without another word.
    pub lease: Duration,
    /// How often the leases of copies in hand are renewed.
    pub renew: Duration,
    /// How soon what another process wrote is taken up.
    pub look: Duration,
    /// How long a claimed copy may wait for a connection before it is asked anew whether it is wanted.
    pub ahead: Duration,
    /// How long an idle connection is kept open.
    pub idle: Duration,
    /// How often a smarthost that is away is asked whether it is back.
    pub probe: Duration,
    /// How long an urgent copy under way keeps all others waiting.
    pub alone: Duration,
    /// How long copies under way are waited for at the end.
    pub end: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(LEASE_SECONDS.unsigned_abs()),
            renew: Duration::from_secs(10),
            look: Duration::from_millis(500),
            ahead: Duration::from_secs(1),
            idle: Duration::from_secs(5),
            probe: Duration::from_secs(15),
            alone: Duration::from_secs(10),
            end: Duration::from_secs(10),
        }
    }
}

/// What time it is for the rows.
#[derive(Debug, Clone)]
enum Time {
    /// The clock's.
    Running(Clock),
    /// A given instant, which goes on as the system's clock does and stands still where the clock does.
    From(Timestamp, Option<Instant>),
}

impl Time {
    fn now(&self) -> Timestamp {
        match self {
            Self::Running(clock) => clock.now(),
            Self::From(start, None) => *start,
            Self::From(start, Some(began)) => {
                start.plus_seconds(i64::try_from(began.elapsed().as_secs()).unwrap_or(i64::MAX))
            }
        }
    }
}

impl Lamplight {
    /// Deliver what is due at `now` until nothing is left or the smarthost is not to be reached; all zero when nothing is
    /// due.
    ///
    /// # Errors
    /// When the database fails; rows that were claimed are tried again when their lease ends.
    pub async fn deliver_due(&self, transport: &Arc<Transport>, now: Timestamp) -> Result<Delivered> {
        self.deliver_due_at(Pace::default(), transport, now).await
    }

    /// The same at another pace.
    ///
    /// # Errors
    /// As [`Lamplight::deliver_due`].
    pub async fn deliver_due_at(&self, pace: Pace, transport: &Arc<Transport>, now: Timestamp) -> Result<Delivered> {
        let began = matches!(self.clock, Clock::System).then(Instant::now);
        Dispatcher::new(self, transport, pace, Time::From(now, began)).drain().await
    }

    /// Deliver whatever falls due until `ending`. `written` is rung when something was put into the outbox.
    pub async fn keep_delivering(
        &self,
        pace: Pace,
        transport: &Arc<Transport>,
        written: &Notify,
        ending: watch::Receiver<bool>,
    ) {
        Dispatcher::new(self, transport, pace, Time::Running(self.clock.clone())).keep_on(written, ending).await;
    }
}
