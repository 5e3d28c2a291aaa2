//! When a copy may leave: its claim still holds, and whatever its connection handed over before is written down.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::outcome::{DeliveryError, Stage};
use crate::clock::since_start;

/// Until when a claimed row is ours, by clocks that nobody sets: a process that stood still for longer, alone or with its
/// machine, must not go on with rows that it lost.
#[derive(Debug, Clone)]
pub struct Lease(Arc<Mutex<End>>);

/// The same moment by the clock that stands still while the machine sleeps, and by the one that does not.
#[derive(Debug, Clone, Copy)]
struct End {
    awake: Instant,
    since_start: Duration,
}

impl End {
    fn at(end: Instant) -> Self {
        Self { awake: end, since_start: since_start() + end.saturating_duration_since(Instant::now()) }
    }
}

impl Lease {
    /// A lease until then.
    #[must_use]
    pub fn until(end: Instant) -> Self {
        Self(Arc::new(Mutex::new(End::at(end))))
    }

    /// It was renewed, or lost when `end` has passed.
    pub fn move_to(&self, end: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = End::at(end);
    }

    fn end(&self) -> End {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it still holds.
    ///
    /// # Errors
    /// At the stage Lease when it does not.
    pub(super) fn check(&self) -> Result<(), DeliveryError> {
        let end = self.end();
        if Instant::now() < end.awake && since_start() < end.since_start {
            return Ok(());
        }
        Err(DeliveryError::new(Stage::Lease, None, "the claim ran out before the copy was handed over"))
    }
}

/// What one connection handed over and is not committed yet. A crash repeats that and no more, so the next copy is handed
/// over only when there is nothing of it.
#[derive(Debug, Default)]
pub struct Ledger {
    owed: AtomicUsize,
    written: Notify,
}

impl Ledger {
    /// A copy has ended; whoever is told of it commits that.
    pub fn owe(&self) {
        self.owed.fetch_add(1, Ordering::AcqRel);
    }

    /// How one copy ended is committed, or is nothing to write down.
    pub fn paid(&self) {
        let _ = self.owed.fetch_update(Ordering::AcqRel, Ordering::Acquire, |owed| owed.checked_sub(1));
        self.written.notify_one();
    }

    /// Whether all is committed.
    pub fn is_clear(&self) -> bool {
        self.owed.load(Ordering::Acquire) == 0
    }

    /// Wait until all is committed.
    ///
    /// # Errors
    /// At the stage Lease when the claim runs out before.
    pub(super) async fn written(&self, lease: &Lease) -> Result<(), DeliveryError> {
        loop {
            lease.check()?;
            if self.is_clear() {
                return Ok(());
            }
            tokio::select! {
                () = self.written.notified() => {}
                () = tokio::time::sleep_until(lease.end().awake.into()) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_copy_leaves_when_the_last_one_is_written_and_never_behind_its_lease() {
        let ledger = Arc::new(Ledger::default());
        let lease = Lease::until(Instant::now() + Duration::from_secs(60));
        assert!(ledger.written(&lease).await.is_ok(), "nothing was handed over");
        ledger.owe();
        ledger.owe();
        ledger.paid();
        let short = Lease::until(Instant::now() + Duration::from_millis(20));
        let late = ledger.written(&short).await.map_err(|error| error.stage);
        assert_eq!(late, Err(Stage::Lease), "one is not written");
        let (other, waiting) = (Arc::clone(&ledger), lease.clone());
        let waits = tokio::spawn(async move { other.written(&waiting).await });
        ledger.paid();
        assert!(waits.await.is_ok_and(|outcome| outcome.is_ok()), "both are written");
        lease.move_to(Instant::now());
        assert!(ledger.written(&lease).await.is_err(), "the claim was lost");
    }
}
