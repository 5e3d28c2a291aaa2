//! When a copy may leave: its claim still holds, and whatever its connection handed over before is written down.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use super::transport::{DeliveryError, Stage};

/// Until when a claimed row is ours, by a clock that nobody sets: a process that stood still for longer must not go on
/// with rows that it lost.
#[derive(Debug, Clone)]
pub struct Lease(Arc<Mutex<Instant>>);

impl Lease {
    /// A lease until then.
    #[must_use]
    pub fn until(end: Instant) -> Self {
        Self(Arc::new(Mutex::new(end)))
    }

    /// It was renewed, or lost when `end` has passed.
    pub fn move_to(&self, end: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = end;
    }

    fn end(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it still holds.
    ///
    /// # Errors
    /// At the stage Lease when it does not.
    pub(super) fn check(&self) -> Result<(), DeliveryError> {
        if Instant::now() < self.end() {
            return Ok(());
        }
        Err(DeliveryError::new(Stage::Lease, None, "the claim ran out before the copy was handed over"))
    }
}

/// What one connection handed over and is not committed yet. A crash repeats that and no more, so the next copy is handed
/// over only when there is nothing of it.
#[derive(Debug, Default)]
pub struct Ledger {
    open: AtomicUsize,
    written: Notify,
}

impl Ledger {
    /// A copy has ended; whoever is told of it commits that.
    pub fn open(&self) {
        self.open.fetch_add(1, Ordering::AcqRel);
    }

    /// How one copy ended is committed, or is nothing to write down.
    pub fn close(&self) {
        self.open.fetch_sub(1, Ordering::AcqRel);
        self.written.notify_one();
    }

    /// Whether all is committed.
    pub fn is_clear(&self) -> bool {
        self.open.load(Ordering::Acquire) == 0
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
                () = tokio::time::sleep_until(lease.end().into()) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_copy_leaves_when_the_last_one_is_written_and_never_behind_its_lease() {
        let ledger = Arc::new(Ledger::default());
        let lease = Lease::until(Instant::now() + Duration::from_secs(60));
        assert!(ledger.written(&lease).await.is_ok(), "nothing was handed over");
        ledger.open();
        ledger.open();
        ledger.close();
        let short = Lease::until(Instant::now() + Duration::from_millis(20));
        let late = ledger.written(&short).await.map_err(|error| error.stage);
        assert_eq!(late, Err(Stage::Lease), "one is not written");
        let (other, waiting) = (Arc::clone(&ledger), lease.clone());
        let waits = tokio::spawn(async move { other.written(&waiting).await });
        ledger.close();
        assert!(waits.await.is_ok_and(|outcome| outcome.is_ok()), "both are written");
        lease.move_to(Instant::now());
        assert!(ledger.written(&lease).await.is_err(), "the claim was lost");
    }
}
