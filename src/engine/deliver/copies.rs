//! From claimed rows to copies. The bytes of a copy are a function of edition and row alone, so that a retry is
//! identical; an edition is read and made ready once for all who are due.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use anyhow::Result;

use crate::engine::Lamplight;
use crate::engine::copy::{Copy, Message};
use crate::engine::leave::Lease;
use crate::engine::outcome::{DeliveryError, Stage};
use crate::mail::ReversePath;
use crate::mail::compose::address_fields;
use crate::mail::envelope::TokenKind;
use crate::model::ids::EditionId;
use crate::store::claims::Claimed;
use crate::store::{Db, editions};

/// How many octets of editions are kept at hand.
const KEPT: usize = 4 << 20;

/// Editions that were made ready, or why they can't be.
#[derive(Default)]
pub struct Editions {
    ready: HashMap<EditionId, Result<Arc<Message>, DeliveryError>>,
    octets: usize,
}

impl Editions {
    /// Read what these rows need and is not at hand.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn read(&mut self, db: &mut Db, rows: &[Claimed]) -> Result<()> {
        if self.octets > KEPT {
            *self = Self::default();
        }
        let missing: BTreeSet<EditionId> =
            rows.iter().map(|row| row.edition).filter(|id| !self.ready.contains_key(id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        for (id, composed) in editions::messages(db, &missing).await? {
            self.octets += composed.len();
            self.ready.insert(id, Message::prepare(composed).map(Arc::new));
        }
        Ok(())
    }

    fn of(&self, id: EditionId) -> Result<Arc<Message>, DeliveryError> {
        self.ready.get(&id).cloned().unwrap_or_else(|| Err(ours("the edition is missing")))
    }
}

fn ours(text: &str) -> DeliveryError {
    DeliveryError::new(Stage::Data, None, text)
}

impl Lamplight {
    /// The copy of one row.
    ///
    /// # Errors
    /// Temporary, at this copy's expense alone.
    pub(super) fn copy(&self, editions: &Editions, row: &Claimed, lease: Lease) -> Result<Copy, DeliveryError> {
        let message = editions.of(row.edition)?;
        let address = |kind: TokenKind, id: i64, generation: i64| {
            let token = self.store.key().token(kind, id, generation).ok_or_else(|| ours("a token cannot be made"))?;
            self.scheme.token_address("", kind, &token).map_err(|_| ours("an address cannot be made"))
        };
        let reply_to = row.reply_token.map(|token| address(token.kind, token.id.0, token.generation)).transpose()?;
        let reverse_path = match row.verp {
            true => ReversePath::Address(address(TokenKind::Bounce, row.id.0, 1)?),
            false => ReversePath::Null,
        };
        let fields = address_fields(&row.recipient, reply_to.as_ref());
        Ok(Copy { reverse_path, to: row.recipient.clone(), fields, message, lease })
    }
}
