//! The door: whom Lamplight knows at RCPT, and the commit before a 250. In doubt the sender is told to try again.

use anyhow::Result;

use super::Lamplight;
use crate::clock::Timestamp;
use crate::mail::envelope::Destination;
use crate::mail::{Address, Envelope};
use crate::store::{groups, spool};

pub use crate::mail::parse::MAX_MESSAGE;

impl Lamplight {
    /// Whether mail to this address is taken. Nothing is written, so that a probe of the mail server leaves no trace.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn knows(&self, recipient: &Address) -> Result<bool> {
        let name = match self.scheme.read(recipient) {
            None => return Ok(false),
            // Known, used or expired is judged afterwards: a refusal here would become a bounce to a moderator.
            Some(Destination::OwnToken(..) | Destination::Administrators) => return Ok(true),
            Some(Destination::Group(name) | Destination::Service(name, _) | Destination::GroupToken(name, ..)) => name,
        };
        Ok(groups::by_name(&mut *self.store.read().await?, &name).await?.is_some())
    }

    /// Keep a message; durable when this returns.
    ///
    /// # Errors
    /// When it could not be kept: the sender must try again.
    pub async fn keep(&self, envelope: &Envelope, message: &[u8], peer: &str, now: Timestamp) -> Result<()> {
        let mut tx = self.store.begin().await?;
        spool::insert(&mut tx, envelope, message, peer, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether there is less room than one and a half of the largest message.
    #[must_use]
    pub fn disk_is_low(&self) -> bool {
        self.store.free_disk().is_some_and(|free| free < (MAX_MESSAGE + MAX_MESSAGE / 2) as u64)
    }
}
