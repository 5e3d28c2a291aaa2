//! Time: one type for an instant, one place that reads the clock.
//!
//! Every decision takes `now: Timestamp`; only [`Clock::now`] asks the operating system (clippy forbids the
//! other ways). Tests and `tick --at` put a fixed clock in its place.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeZone, Utc};

/// An instant: microseconds since 1970-01-01T00:00:00Z. Stored as BIGINT, printed as RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The instant `seconds` later (earlier when negative).
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Seconds from `earlier` to this instant, rounded towards zero.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0) / 1_000_000
    }

    /// As chrono's UTC type. Instants outside chrono's range become the epoch.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        Utc.timestamp_micros(self.0).single().unwrap_or_default()
    }

    /// RFC 3339 in UTC with whole seconds, as every listing prints it.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Read an RFC 3339 time.
    ///
    /// # Errors
    /// A sentence for the command line when `text` is no such time.
    pub fn parse(text: &str) -> Result<Self, String> {
        DateTime::parse_from_rfc3339(text)
            .map(|at| Self(at.timestamp_micros()))
            .map_err(|_| format!("`{text}` is not a time; write it like 2026-11-23T17:30:00-05:00"))
    }
}

impl<Z: TimeZone> From<DateTime<Z>> for Timestamp {
    fn from(at: DateTime<Z>) -> Self {
        Self(at.timestamp_micros())
    }
}

/// Where `now` comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The operating system's clock.
    #[default]
    System,
    /// A clock that stands still until somebody moves it: tests and the demo.
    Fixed(Arc<AtomicI64>),
    /// One run at an instant of somebody's choice, beside others that live now: `--at`.
    At(Timestamp),
}

impl Clock {
    /// A clock that stands at `at`.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.0)))
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
            Self::System => Timestamp::from(Utc::now()),
            Self::Fixed(at) => Timestamp(at.load(Ordering::SeqCst)),
            Self::At(at) => *at,
        }
    }

    /// By which leases are given and end where it is `now`: whoever acts as if it were tomorrow, or still the moment at which
    /// it began, must hold what others hold by the clock that these have.
    #[must_use]
    pub fn for_leases(&self, now: Timestamp) -> Timestamp {
        if let Self::Fixed(_) = self { now } else { Self::System.now() }
    }

    /// Move a fixed clock; the system's clock stays as it is.
    pub fn set(&self, at: Timestamp) {
        if let Self::Fixed(stored) = self {
            stored.store(at.0, Ordering::SeqCst);
        }
    }
}

/// What the clock shows, held against what nobody sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it shows.
    pub shown: Timestamp,
    /// How long ago the machine was started.
    pub since_start: Duration,
    /// The machine, since its last start; `None` where that is not known.
    pub machine: Option<String>,
}

impl Reading {
    /// By how much the clock differs from the time since the start, in microseconds. It changes when somebody sets the clock.
    #[must_use]
    pub fn ahead(&self) -> i64 {
        self.shown.0.saturating_sub(i64::try_from(self.since_start.as_micros()).unwrap_or(i64::MAX))
    }

    /// Read the operating system's clock.
    #[must_use]
    pub fn take() -> Self {
        Self { shown: Clock::System.now(), since_start: since_start(), machine: machine() }
    }
}

/// A start of a machine has a name of its own, and a container may count from another beginning.
fn machine() -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let counted = std::fs::read_link("/proc/self/ns/time").ok();
    Some(format!("{} {}", boot.trim(), counted.unwrap_or_default().display()).trim().to_owned())
}

/// How long ago the machine was started, the time included in which it slept or stood still.
#[must_use]
pub fn since_start() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
