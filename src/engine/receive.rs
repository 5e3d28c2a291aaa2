//! Take a spooled message to its end: read, identify, judge, record. One transaction; the outbox is part of it.
//!
//! A message that can't be read, or that fails three times, is set aside and listed; the next one goes on.

use std::time::Duration;

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
use crate::store::spool::{self, ClaimedMessage};
use crate::store::{Db, groups};

/// After so many failures a message is set aside.
const MOST_ATTEMPTS: i64 = 3;
/// A message that can't be read within this time is one for a person.
const LONGEST_READ: Duration = Duration::from_secs(30);
/// One answer has one address; a message to more of our own than this is no answer.
const MOST_OWN_TOKENS: usize = 10;

/// For what a message was taken already: it makes one post in a group, and one word to a group's moderators.
#[derive(Default)]
struct Taken {
    posts: Vec<GroupId>,
    words: Vec<GroupId>,
    tokens: usize,
}

impl Lamplight {
    /// Take the oldest new message to its end; `false` when there is none.
    ///
    /// # Errors
    /// When the database fails; the message is then still there.
    pub async fn receive_next(&self, now: Timestamp) -> Result<bool> {
        let claimed = {
            let mut tx = self.store.begin().await?;
            let Some(claimed) = spool::claim(&mut tx, now).await? else { return Ok(false) };
            tx.commit().await?;
            claimed
        };
        if claimed.attempts > MOST_ATTEMPTS {
            self.set_aside(claimed, "reading it was begun three times and never ended", now).await?;
            return Ok(true);
        }
        // On a task of its own, a fault in reading one message ends that task and not the worker.
        let lamplight = self.clone();
        let ended = tokio::spawn(async move { lamplight.take_to_its_end(claimed.id, now).await }).await;
        let cause = match ended {
            Ok(Ok(())) => return Ok(true),
            Ok(Err(cause)) => format!("{cause:#}"),
            Err(_) => "an unexpected fault while reading it".to_owned(),
        };
        self.set_aside(claimed, &cause, now).await?;
        Ok(true)
    }

    /// What failed goes behind the others, and at last to a person.
    async fn set_aside(&self, claimed: ClaimedMessage, cause: &str, now: Timestamp) -> Result<()> {
        tracing::error!(spool.id = %claimed.id, %cause, "a message could not be taken to its end");
        let mut tx = self.store.begin().await?;
        if claimed.attempts >= MOST_ATTEMPTS {
            spool::quarantine(&mut tx, claimed.id, cause, None, now).await?;
        } else {
            spool::give_back(&mut tx, claimed.id, cause).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Reading may take long and needs no database, so the transaction begins behind it.
    async fn take_to_its_end(&self, id: SpoolId, now: Timestamp) -> Result<()> {
        let Some(spooled) = spool::by_id(&mut *self.store.read().await?, id).await? else { return Ok(()) };
        let language = self.config.service.language.clone();
        let reading = tokio::task::spawn_blocking(move || read(spooled, &language, now));
        let arrival = tokio::time::timeout(LONGEST_READ, reading).await.context("reading it took too long")??;
        let message_id = arrival.message.message_id.as_deref();
        let mut tx = self.store.begin().await?;
        if !spool::lock_new(&mut tx, id).await? {
            return Ok(()); // Its lease ended, and another server took it.
        }
        if let Some(cause) = why_unreadable(&arrival) {
            self.alarm_unreadable(&mut tx, &arrival).await?;
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
        Ok(())
    }

    async fn judge_recipients(&self, db: &mut Db, arrival: &Arrival) -> Result<Vec<&'static str>> {
        let mut dispositions = Vec::new();
        let mut seen = Vec::new();
        let mut taken = Taken::default();
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
            let outcome = self.judge_recipient(db, arrival, recipient, &mut taken).await?;
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
        taken: &mut Taken,
    ) -> Result<Outcome> {
        let destination = self.scheme.read(recipient);
        if matches!(destination, Some(Destination::OwnToken(..))) {
            taken.tokens += 1;
            if taken.tokens > MOST_OWN_TOKENS {
                return Ok(Outcome::plain("too-many-tokens", None));
            }
        }
        let (name, destination) = match destination {
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
        let is_post = matches!(destination, None | Some(Ok((TokenKind::Thread | TokenKind::Digest, _))));
        let before = if is_post { &mut taken.posts } else { &mut taken.words };
        if before.contains(&group.id) {
            return Ok(Outcome::plain("same-group", Some(&group)));
        }
        before.push(group.id);
        let via = match &destination {
            Some(Err(service)) => return self.serve_address(db, arrival, &group, *service, recipient).await,
            Some(Ok((TokenKind::Thread, token))) => Via::Thread(token),
            Some(Ok((TokenKind::Digest, token))) => Via::Digest(token),
            Some(Ok(_)) => return self.to_moderators(db, arrival, &group, recipient).await,
            None => Via::Group,
        };
        self.judge_post(db, arrival, &group, via, recipient).await
    }

    /// The row that a token without a row of its own (conversation, issue, return path) names.
    pub(super) fn opened_by(&self, kind: TokenKind, token: &TokenText) -> Option<i64> {
        claimed_id(token).filter(|id| self.store.key().opens(token, kind, *id, 1))
    }
}
