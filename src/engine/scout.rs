//! Look at a message before it is kept: whether it may tell of danger, so that it is read ahead of what waits. A wrong yes
//! takes it out of its turn, a wrong no leaves it there; what is done about it is decided when it is read. Where what
//! waits comes to its turn at once, nothing is looked at.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Lamplight;
use crate::clock::Timestamp;
use crate::mail::envelope::{Destination, TokenKind};
use crate::mail::{Envelope, glance};
use crate::model::privacy::visible;
use crate::model::turn::Lane;

/// A message that others have waited for so much longer, in microseconds, is looked at before it is kept. A cry is heard within a
/// second, and what comes to its turn well before that needs no other one.
const LONG: i64 = 250_000;

/// Since when messages have waited to be read, or are being read.
#[derive(Debug, Default)]
pub(super) struct Queue(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// So many messages were kept by this process since it began.
    arrived: usize,
    /// It was asked once what waits: before, there may be anything.
    is_known: bool,
    /// When the first came that waited when it was last asked, whoever kept it.
    first: Option<Timestamp>,
    /// What was kept since: how many had arrived then, and when.
    since: VecDeque<(usize, Timestamp)>,
}

impl Queue {
    /// So many more were kept.
    pub(super) fn add(&self, messages: usize, now: Timestamp) {
        let mut known = self.known();
        known.arrived += messages;
        let arrived = known.arrived;
        known.since.push_back((arrived, now));
    }

    /// How many were kept so far.
    pub(super) fn arrived(&self) -> usize {
        self.known().arrived
    }

    /// When the first came that waits: asked of the database when `arrived` had been kept, or later.
    pub(super) fn found(&self, first: Option<Timestamp>, arrived: usize) {
        let mut known = self.known();
        known.since.retain(|(until, _)| *until > arrived);
        (known.first, known.is_known) = (first, true);
    }

    /// Whether the first has waited for long.
    fn is_long(&self, now: Timestamp) -> bool {
        let known = self.known();
        let first = known.first.or_else(|| known.since.front().map(|(_, at)| *at));
        // A clock that was put back says nothing.
        !known.is_known || first.is_some_and(|at| !(0..LONG).contains(&(now.0 - at.0)))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lamplight {
    /// The lane that a message waits in. Takes a bounded time, which for a letter is far less than a commit takes; a fault in
    /// looking keeps no message from being kept.
    #[must_use]
    pub fn lane(&self, envelope: &Envelope, message: &[u8]) -> Lane {
        if !self.queue.is_long(self.clock.now()) {
            return Lane::Ordinary;
        }
        let look = || {
            // A moderator's answer quotes what she was asked about: decisions are taken in their order, whatever they quote.
            let words = if self.only_decides(envelope) { glance::own_words(message) } else { glance::words(message) };
            Lane::of_words(&visible(&words), &self.config.service.language)
        };
        catch_unwind(AssertUnwindSafe(look)).unwrap_or(Lane::Ordinary)
    }

    fn only_decides(&self, envelope: &Envelope) -> bool {
        envelope.recipients.iter().all(|recipient| {
            let destination = self.scheme.read(recipient);
            matches!(destination, Some(Destination::OwnToken(TokenKind::Decision | TokenKind::Confirmation, _)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_messages_wait() {
        let (queue, at) = (Queue::default(), |milliseconds: i64| Timestamp(1_000 * milliseconds));
        assert!(queue.is_long(at(0)), "nobody asked yet what waits");
        queue.found(None, 0);
        assert!(!queue.is_long(at(0)));
        queue.add(2, at(0));
        queue.add(1, at(200));
        assert!(!queue.is_long(at(249)));
        assert!(queue.is_long(at(250)), "nobody reads them");
        assert!(queue.is_long(at(-1)), "the clock was put back");
        queue.found(Some(at(0)), 3);
        assert!(queue.is_long(at(250)), "they are being read");
        queue.found(Some(at(200)), 3);
        assert!(!queue.is_long(at(449)), "the last has not waited for long");
        queue.add(1, at(449));
        queue.found(None, 3);
        assert!(!queue.is_long(at(698)));
        assert!(queue.is_long(at(699)), "the fourth came behind the question");
        queue.found(None, 4);
        assert!(!queue.is_long(at(9_000)), "nothing waits");
        queue.found(Some(at(8_000)), 4);
        assert!(queue.is_long(at(9_000)), "what another server kept waits");
    }
}
