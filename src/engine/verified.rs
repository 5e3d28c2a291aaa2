//! Whether a message is its author's, as far as the mail servers say that the settings trust.

use super::Lamplight;
use super::arrival::Arrival;
use crate::mail::auth::{self, Verdict};

impl Lamplight {
    /// What they say of it; `None` where no server is trusted, so that nothing can be known.
    fn verdict(&self, arrival: &Arrival) -> Option<Verdict> {
        let trusted = &self.config.inbound.trusted_authserv_ids;
        if trusted.is_empty() {
            return None;
        }
        Some(match arrival.author() {
            Some(author) => auth::verdict(&arrival.message.authentication, trusted, author.domain()),
            None => Verdict::Fail,
        })
    }

    /// A server says that its author wrote it.
    pub(super) fn is_verified(&self, arrival: &Arrival) -> bool {
        self.verdict(arrival) == Some(Verdict::Pass)
    }

    /// A server would say so, and does not.
    pub(super) fn is_not_verified(&self, arrival: &Arrival) -> bool {
        self.verdict(arrival).is_some_and(|verdict| verdict != Verdict::Pass)
    }

    /// Whether a moderator's word may count, once her token is right. From a domain without a policy nobody can pass, so the
    /// token decides, and what is risky is asked back about.
    pub(super) fn may_be_hers(&self, arrival: &Arrival) -> bool {
        matches!(self.verdict(arrival), None | Some(Verdict::Pass | Verdict::None))
    }
}
