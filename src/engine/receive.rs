//! Take a spooled message to its end: read, identify, judge, record. One transaction; the outbox is part of it.
//!
//! A message that can't be read, or that fails three times, is set aside and listed; the next one goes on.

use anyhow::{Context as _, Result};

use super::Lamplight;
use super::arrival::{Arrival, NOBODY_TO_READ_IT, Outcome, read, why_unreadable};
use super::judge::Via;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::mail::envelope::{Destination, TokenKind, TokenText};
use crate::model::ids::{GroupId, SpoolId};
use crate::model::token::claimed_id;
use crate::store::judgements::{self, NewJudgement};
use crate::store::spool::{self, Spooled};
use crate::store::{Db, groups};

/// After so many failures a message is set aside.
const MOST_ATTEMPTS: i64 = 3;

impl Lamplight {
    /// Take the oldest new message to its end; `false` when there is none.
    ///
    /// # Errors
    /// When the database fails; the message is then still there.
    pub async fn receive_next(&self, now: Timestamp) -> Result<bool> {
        loop {
            let Some(spooled) = spool::oldest_new(&mut *self.store.read().await?).await? else { return Ok(false) };
            let (id, attempts) = (spooled.id, spooled.attempts);
            // On a task of its own, a fault in reading one message ends that task and not the worker.
            let lamplight = self.clone();
            let ended = tokio::spawn(async move { lamplight.take_to_its_end(spooled, now).await }).await;
            let cause = match ended {
                Ok(Ok(true)) => return Ok(true),
                Ok(Ok(false)) => continue, // Another server took it meanwhile.
                Ok(Err(cause)) => format!("{cause:#}"),
                Err(_) => "an unexpected fault while reading it".to_owned(),
            };
            self.set_aside(id, attempts, &cause, now).await?;
            return Ok(true);
        }
    }

    /// What failed goes behind the others, and at last to a person.
    async fn set_aside(&self, id: SpoolId, attempts: i64, cause: &str, now: Timestamp) -> Result<()> {
        tracing::error!(spool.id = %id, %cause, "a message could not be taken to its end");
        let mut tx = self.store.begin().await?;
        if attempts + 1 >= MOST_ATTEMPTS {
            spool::quarantine(&mut tx, id, cause, None, now).await?;
        } else {
            spool::count_attempt(&mut tx, id, cause).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Reading may take long and needs no database, so the transaction begins behind it. `false` when the message was
    /// somebody else's by then.
    async fn take_to_its_end(&self, spooled: Spooled, now: Timestamp) -> Result<bool> {
        let arrival = tokio::task::spawn_blocking(move || read(spooled, now)).await?;
        let id = arrival.spooled.id;
        let message_id = arrival.message.message_id.as_deref();
        let mut tx = self.store.begin().await?;
        if !spool::lock_new(&mut tx, id).await? {
            return Ok(false);
        }
        if let Some(cause) = why_unreadable(&arrival) {
            spool::quarantine(&mut tx, id, &cause, message_id, now).await?;
            tracing::warn!(spool.id = %id, %cause, "a message was set aside");
        } else {
            let dispositions = self.judge_recipients(&mut tx, &arrival).await?;
            if dispositions.contains(&NOBODY_TO_READ_IT) {
                let cause = "for the administrators, and there are none (service.administrators)";
                spool::quarantine(&mut tx, id, cause, message_id, now).await?;
            } else {
                spool::done(&mut tx, id, message_id, now).await?;
            }
        }
        tx.commit().await.context("commit")?;
        Ok(true)
    }

    async fn judge_recipients(&self, db: &mut Db, arrival: &Arrival) -> Result<Vec<&'static str>> {
        let mut dispositions = Vec::new();
        let mut seen = Vec::new();
        let mut groups_with_post = Vec::new();
        let mut recipients: Vec<&Address> = arrival.spooled.envelope.recipients.iter().collect();
        // A token says more than the group's own address; a message makes one post in a group.
        recipients.sort_by_key(|recipient| {
            !matches!(self.scheme.read(recipient), Some(Destination::GroupToken(..) | Destination::OwnToken(..)))
        });
        for recipient in recipients {
            let key = recipient.key();
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let outcome = self.judge_recipient(db, arrival, recipient, &groups_with_post).await?;
            if outcome.post.is_some() {
                groups_with_post.extend(outcome.group);
            }
            tracing::info!(spool.id = %arrival.spooled.id, disposition = outcome.disposition, post.id = ?outcome.post.map(|id| id.0), "judged");
            let judgement = NewJudgement {
                spool: arrival.spooled.id,
                recipient: recipient.as_str(),
                group: outcome.group,
                disposition: outcome.disposition,
                trail: &outcome.trail,
                post: outcome.post,
            };
            judgements::insert(db, &judgement, arrival.now).await?;
            dispositions.push(outcome.disposition);
        }
        Ok(dispositions)
    }

    async fn judge_recipient(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        recipient: &Address,
        groups_with_post: &[GroupId],
    ) -> Result<Outcome> {
        let (name, destination) = match self.scheme.read(recipient) {
            None => return Ok(Outcome::plain("unknown", None)),
            Some(Destination::Administrators) => return self.to_administrators(db, arrival, recipient).await,
            Some(Destination::OwnToken(TokenKind::Decision, token)) => {
                return self.moderate(db, arrival, &token, recipient).await;
            }
            Some(Destination::OwnToken(TokenKind::Bounce, token)) => return self.bounced(db, arrival, &token).await,
            Some(Destination::OwnToken(_, token)) => return self.confirm(db, arrival, &token, recipient).await,
            Some(Destination::Group(ref name)) => (name.clone(), None),
            Some(Destination::Service(ref name, service)) => (name.clone(), Some(Err(service))),
            Some(Destination::GroupToken(ref name, kind, ref token)) => (name.clone(), Some(Ok((kind, token.clone())))),
        };
        let Some(group) = groups::by_name(db, &name).await? else { return Ok(Outcome::plain("unknown", None)) };
        let via = match &destination {
            Some(Err(service)) => return self.serve_address(db, arrival, &group, *service, recipient).await,
            Some(Ok((TokenKind::Thread, token))) => Via::Thread(token),
            Some(Ok((TokenKind::Digest, token))) => Via::Digest(token),
            Some(Ok(_)) => return self.to_moderators(db, arrival, &group, recipient).await,
            None => Via::Group,
        };
        if groups_with_post.contains(&group.id) {
            return Ok(Outcome::plain("same-group", Some(&group)));
        }
        self.judge_post(db, arrival, &group, via, recipient).await
    }

    /// The row that a token without a row of its own (conversation, issue, return path) names.
    pub(super) fn opened_by(&self, kind: TokenKind, token: &TokenText) -> Option<i64> {
        claimed_id(token).filter(|id| self.store.key().opens(token, kind, *id, 1))
    }
}
