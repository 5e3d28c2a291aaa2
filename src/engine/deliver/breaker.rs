//! The circuit breaker: while the smarthost is away or takes nothing of ours, one copy asks now and then, and nobody's
//! attempts are used up. Pure.

use std::time::{Duration, Instant};

use crate::engine::transport::{DeliveryError, Stage};

/// Whose trouble a failed attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// This recipient's or this copy's.
    Copy,
    /// The way's: the smarthost is not there for anybody.
    Way,
    /// Ours: the smarthost is there and takes nothing of ours.
    Ours,
    /// The claim was lost; the row is another server's.
    Nobody,
}

/// Read a failure.
pub fn whose(trouble: &DeliveryError) -> Whose {
    match (trouble.stage, trouble.code) {
        (Stage::Lease, _) => Whose::Nobody,
        (Stage::Auth | Stage::Mail, Some(500..)) => Whose::Ours,
        // RFC 5321 §3.8: 421 closes the connection, whatever it answers. MAIL without an answer named no recipient yet.
        (Stage::Connect | Stage::Tls | Stage::Auth, _) | (_, Some(421)) | (Stage::Mail, None) => Whose::Way,
        (Stage::Mail | Stage::Rcpt | Stage::Data, _) => Whose::Copy,
    }
}

/// Closed while mail flows.
#[derive(Debug, Default)]
pub struct Breaker {
    /// When the smarthost is asked next; `None` while it is closed.
    ask_at: Option<Instant>,
}

impl Breaker {
    /// Whether mail rests.
    pub fn is_open(&self) -> bool {
        self.ask_at.is_some()
    }

    /// Whether one copy may ask.
    pub fn may_ask(&self, now: Instant) -> bool {
        self.ask_at.is_some_and(|at| at <= now)
    }

    /// When one copy may ask.
    pub fn ask_at(&self) -> Option<Instant> {
        self.ask_at
    }

    /// The way is closed; `true` when it was open before.
    pub fn open(&mut self, now: Instant, probe: Duration) -> bool {
        self.ask_at.replace(now + probe).is_none()
    }

    /// One copy asks; the next one after this time.
    pub fn asked(&mut self, now: Instant, probe: Duration) {
        self.ask_at = Some(now + probe);
    }

    /// The smarthost answered as it should; `true` when the way was closed before.
    pub fn close(&mut self) -> bool {
        self.ask_at.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_trouble_it_is() {
        let table = [
            (Stage::Connect, None, Whose::Way),
            (Stage::Connect, Some(554), Whose::Way),
            (Stage::Tls, None, Whose::Way),
            (Stage::Tls, Some(454), Whose::Way),
            (Stage::Auth, Some(454), Whose::Way),
            (Stage::Auth, Some(535), Whose::Ours),
            (Stage::Mail, Some(550), Whose::Ours),
            (Stage::Mail, Some(451), Whose::Copy),
            (Stage::Mail, Some(421), Whose::Way),
            (Stage::Mail, None, Whose::Way),
            (Stage::Rcpt, Some(550), Whose::Copy),
            (Stage::Rcpt, Some(450), Whose::Copy),
            (Stage::Rcpt, Some(421), Whose::Way),
            (Stage::Rcpt, None, Whose::Copy),
            (Stage::Data, Some(421), Whose::Way),
            (Stage::Data, None, Whose::Copy),
            (Stage::Lease, None, Whose::Nobody),
        ];
        for (stage, code, expected) in table {
            assert_eq!(whose(&DeliveryError::new(stage, code, "")), expected, "{stage:?} {code:?}");
        }
    }

    #[test]
    fn one_asks_at_a_time_and_the_first_answer_closes_it() {
        let (mut breaker, probe, start) = (Breaker::default(), Duration::from_secs(15), Instant::now());
        assert!(!breaker.is_open() && !breaker.may_ask(start) && !breaker.close());
        assert!(breaker.open(start, probe), "said once");
        assert!(!breaker.open(start, probe), "and no more");
        assert!(breaker.is_open() && !breaker.may_ask(start + probe / 2) && breaker.may_ask(start + probe));
        breaker.asked(start + probe, probe);
        assert!(!breaker.may_ask(start + probe) && breaker.may_ask(start + probe * 2));
        assert!(breaker.close() && !breaker.is_open() && !breaker.close());
    }
}
