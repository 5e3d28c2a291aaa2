//! Look at a message before it is kept: whether it may tell of danger, so that it is read ahead of what waits. A wrong yes
//! takes it out of its turn, a wrong no leaves it there; what is done about it is decided when it is read. Where next to nothing
//! waits, nothing is looked at.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use super::Lamplight;
use crate::mail::envelope::{Destination, TokenKind};
use crate::mail::{Envelope, glance};
use crate::model::privacy::visible;
use crate::model::turn::Lane;

impl Lamplight {
    /// The lane that a message waits in. Takes a bounded time, which for a letter is far less than a commit takes; a fault in
    /// looking keeps no message from being kept.
    #[must_use]
    pub fn lane(&self, envelope: &Envelope, message: &[u8]) -> Lane {
        if !self.looks_first() {
            return Lane::Ordinary;
        }
        let look = || {
            // A moderator's answer quotes what she was asked about: decisions are taken in their order, whatever they quote.
            let words = if self.only_decides(envelope) { glance::own_words(message) } else { glance::words(message) };
            Lane::of_words(&visible(&words), &self.config.service.language)
        };
        catch_unwind(AssertUnwindSafe(look)).unwrap_or(Lane::Ordinary)
    }

    /// Whether there is anything to go ahead of.
    pub(super) fn looks_first(&self) -> bool {
        self.much_waits.load(Ordering::Relaxed)
    }

    fn only_decides(&self, envelope: &Envelope) -> bool {
        envelope.recipients.iter().all(|recipient| {
            let destination = self.scheme.read(recipient);
            matches!(destination, Some(Destination::OwnToken(TokenKind::Decision | TokenKind::Confirmation, _)))
        })
    }
}
