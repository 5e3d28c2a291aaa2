//! Deliver what is due in the outbox. A 5xx reply is final, a 4xx is retried; anything else counts as temporary.
//!
//! An attempt is booked before the network is touched, and no transaction is open across SMTP. When the smarthost is
//! not to be reached at all, nothing is lost and no attempt counts.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;

use super::Lamplight;
use super::transport::{Connection, DeliveryError, Stage, Transport};
use crate::clock::Timestamp;
use crate::mail::ReversePath;
use crate::mail::compose::address_copy;
use crate::mail::envelope::TokenKind;
use crate::model::ids::{EditionId, OutboxId};
use crate::model::retry::retry_at;
use crate::store::outbox::{self, Claimed};
use crate::store::{Db, editions, groups, posts, retraction, tokens};

/// How many rows one connection takes from the outbox at a time.
const ROWS_PER_CONNECTION: i64 = 25;

/// How often the leases of copies under way are renewed.
const RENEW_EVERY: Duration = Duration::from_secs(30);

/// What one round of delivering came to.
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

impl Delivered {
    fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.failed += other.failed;
        self.later += other.later;
        self.unreachable |= other.unreachable;
    }
}

/// One copy, ready to leave.
struct Copy {
    row: Claimed,
    reverse_path: ReversePath,
    bytes: Vec<u8>,
}

impl Lamplight {
    /// Claim what is due and deliver it, once around; all zero when nothing is due.
    ///
    /// # Errors
    /// When the database fails; rows that were claimed are tried again when their lease ends.
    pub async fn deliver_due(&self, transport: &Arc<Transport>, now: Timestamp) -> Result<Delivered> {
        let connections = i64::from(self.config.outbound.connections.max(1));
        let claimed = {
            let mut tx = self.store.begin().await?;
            outbox::drop_unwanted(&mut tx, now).await?;
            self.leave_out_retracted(&mut tx, now).await?;
            let claimed = outbox::claim(&mut tx, connections * ROWS_PER_CONNECTION, now).await?;
            tx.commit().await?;
            claimed
        };
        if claimed.is_empty() {
            return Ok(Delivered::default());
        }
        let rows: Vec<OutboxId> = claimed.iter().map(|row| row.id).collect();
        let copies = self.copies(claimed).await?;
        tokio::select! {
            delivered = self.deliver_copies(transport, copies, now) => delivered,
            never = self.renew_leases(&rows) => match never {},
        }
    }

    /// While copies are on their way, however slow the smarthost is, no other server may take them for lost.
    async fn renew_leases(&self, rows: &[OutboxId]) -> Infallible {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            let renewed = async {
                let mut tx = self.store.begin().await?;
                outbox::renew(&mut tx, rows, self.clock.now()).await?;
                tx.commit().await?;
                anyhow::Ok(())
            };
            if let Err(cause) = renewed.await {
                tracing::error!(cause = %format!("{cause:#}"), "leases could not be renewed");
            }
        }
    }

    async fn deliver_copies(&self, transport: &Arc<Transport>, copies: Vec<Copy>, now: Timestamp) -> Result<Delivered> {
        // An alert is with the smarthost before anything else leaves by another connection: a member's automatic answer
        // must not be the first that is heard of a danger.
        let (urgent, rest): (Vec<Copy>, Vec<Copy>) = copies.into_iter().partition(|copy| copy.row.urgent);
        let mut total = Delivered::default();
        for copies in [urgent, rest] {
            total.add(self.deliver_side_by_side(transport, copies, now).await?);
        }
        Ok(total)
    }

    async fn deliver_side_by_side(
        &self,
        transport: &Arc<Transport>,
        copies: Vec<Copy>,
        now: Timestamp,
    ) -> Result<Delivered> {
        let connections = usize::from(self.config.outbound.connections.max(1));
        let lanes = connections.min(copies.len());
        let mut shares: Vec<Vec<Copy>> = (0..lanes).map(|_| Vec::new()).collect();
        for (at, copy) in copies.into_iter().enumerate() {
            shares[at % lanes].push(copy);
        }
        let mut tasks = JoinSet::new();
        for share in shares {
            let (lamplight, transport) = (self.clone(), Arc::clone(transport));
            tasks.spawn(async move { lamplight.deliver_share(&transport, share, now).await });
        }
        let mut total = Delivered::default();
        while let Some(ended) = tasks.join_next().await {
            total.add(ended??);
        }
        Ok(total)
    }

    /// A digest that was under way when one of its posts was taken back, and came round again, is written anew.
    async fn leave_out_retracted(&self, db: &mut Db, now: Timestamp) -> Result<()> {
        for id in retraction::retracted_in_due_digests(db, now).await? {
            if let Some(post) = posts::by_id(db, id).await? {
                let group = groups::by_id(db, post.group).await?;
                self.leave_out_of_digests(db, &group, &post, now).await?;
            }
        }
        Ok(())
    }

    /// The bytes of a copy are a function of edition and row alone, so that a retry is identical.
    async fn copies(&self, claimed: Vec<Claimed>) -> Result<Vec<Copy>> {
        let mut db = self.store.read().await?;
        let mut messages: HashMap<EditionId, Arc<Vec<u8>>> = HashMap::new();
        let mut copies = Vec::with_capacity(claimed.len());
        for row in claimed {
            let message = match messages.get(&row.edition) {
                Some(message) => Arc::clone(message),
                None => {
                    let message = Arc::new(editions::message(&mut db, row.edition).await?);
                    messages.insert(row.edition, Arc::clone(&message));
                    message
                }
            };
            let reply_to = match row.reply_token {
                Some(id) => {
                    let (kind, text) = tokens::text_of(&mut db, self.store.key(), id).await?;
                    Some(self.scheme.token_address("", kind, &text)?)
                }
                None => None,
            };
            let reverse_path = if row.verp { self.verp_address(row.id)? } else { ReversePath::Null };
            let bytes = address_copy(&message, &row.recipient, reply_to.as_ref());
            copies.push(Copy { row, reverse_path, bytes });
        }
        Ok(copies)
    }

    fn verp_address(&self, id: OutboxId) -> Result<ReversePath> {
        let token = self.store.key().token(TokenKind::Bounce, id.0, 1);
        let token = token.ok_or_else(|| anyhow::anyhow!("no return path for row {id}"))?;
        Ok(ReversePath::Address(self.scheme.token_address("", TokenKind::Bounce, &token)?))
    }

    async fn deliver_share(&self, transport: &Transport, share: Vec<Copy>, now: Timestamp) -> Result<Delivered> {
        let mut delivered = Delivered::default();
        let mut connection: Option<Connection> = None;
        let mut copies = share.into_iter();
        while let Some(copy) = copies.next() {
            if connection.as_ref().is_none_or(|open| !open.is_usable()) {
                match transport.connect().await {
                    Ok(open) => connection = Some(open),
                    Err(trouble) => {
                        let rest: Vec<OutboxId> =
                            std::iter::once(copy.row.id).chain(copies.map(|copy| copy.row.id)).collect();
                        self.return_claims(&rest, &trouble).await?;
                        delivered.unreachable = true;
                        return Ok(delivered);
                    }
                }
            }
            let Some(open) = connection.as_mut() else { break };
            let answer = open.send(&copy.reverse_path, &copy.row.recipient, &copy.bytes).await;
            match answer {
                Ok(_) => {
                    self.settle(copy.row.id, None, now).await?;
                    delivered.sent += 1;
                }
                // 5xx at AUTH or MAIL is our fault, not the member's: nobody's mail is given up for it.
                Err(trouble) if trouble.code.is_some_and(|code| code >= 500) && !trouble.is_permanent() => {
                    tracing::error!(stage = ?trouble.stage, cause = %trouble.text, "the smarthost refuses our mail");
                    let rest: Vec<OutboxId> =
                        std::iter::once(copy.row.id).chain(copies.map(|copy| copy.row.id)).collect();
                    self.return_claims(&rest, &trouble).await?;
                    delivered.unreachable = true;
                    break;
                }
                Err(trouble) => {
                    let final_word = self.settle(copy.row.id, Some((&copy.row, &trouble)), now).await?;
                    delivered.failed += usize::from(final_word);
                    delivered.later += usize::from(!final_word);
                }
            }
        }
        if let Some(open) = connection {
            open.quit().await;
        }
        Ok(delivered)
    }

    async fn return_claims(&self, rows: &[OutboxId], trouble: &DeliveryError) -> Result<()> {
        tracing::warn!(stage = ?trouble.stage, cause = %trouble.text, "the smarthost was not reached");
        let mut tx = self.store.begin().await?;
        outbox::give_back(&mut tx, rows, &cause(trouble)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Write down how an attempt ended; `true` when it was the last.
    async fn settle(&self, id: OutboxId, trouble: Option<(&Claimed, &DeliveryError)>, now: Timestamp) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let mut is_final = true;
        match trouble {
            None => outbox::settle_sent(&mut tx, id, now).await?,
            Some((_, trouble)) if trouble.is_permanent() => {
                outbox::settle_failed(&mut tx, id, &cause(trouble), now).await?;
            }
            Some((row, trouble)) => {
                let seed = u64::try_from(id.0).unwrap_or(0);
                match retry_at(row.attempts, row.first_attempt_at, now, seed) {
                    Some(at) => {
                        outbox::settle_later(&mut tx, id, &cause(trouble), at).await?;
                        is_final = false;
                    }
                    None => outbox::settle_failed(&mut tx, id, &cause(trouble), now).await?,
                }
            }
        }
        tx.commit().await?;
        Ok(is_final)
    }
}

fn cause(trouble: &DeliveryError) -> String {
    let stage = match trouble.stage {
        Stage::Connect => "connecting",
        Stage::Tls => "TLS",
        Stage::Auth => "login",
        Stage::Mail => "MAIL",
        Stage::Rcpt => "RCPT",
        Stage::Data => "DATA",
    };
    match trouble.code {
        Some(code) => format!("{stage}: {code} {}", trouble.text),
        None => format!("{stage}: {}", trouble.text),
    }
}
