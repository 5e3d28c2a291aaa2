//! Take spooled messages to their end: read, identify, judge, record. Several share a transaction; the outbox is part
//! of it.
//!
//! What goes wrong with several is done again with each alone. A message that can't be read, or that fails three times,
//! is set aside, listed and told of; the others go on. Trouble of the database is no failure of a message, unless it
//! alone goes on meeting it.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::time::timeout;

use super::ahead::Taken;
use super::arrival::{Arrival, NOBODY_TO_READ_IT, read, why_unreadable};
use super::aside::Look;
use super::{Lamplight, is_outage};
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::mail::envelope::Destination;
use crate::model::ids::SpoolId;
use crate::model::outages::{Met, Outages};
use crate::model::turn::{Lane, RESTS};
use crate::store::spool::{self, ClaimedMessage};
use crate::store::{self, Db, Tx, groups, members, notes};

/// After so many failures a message is set aside.
pub(super) const MOST_ATTEMPTS: i64 = 3;
/// A message that can't be read within this time is one for a person.
pub(super) const LONGEST_READ: Duration = Duration::from_secs(30);
/// One transaction takes messages for so long; where somebody waits for the writer, new mail most of all, for less, and
/// then lets the others go on for so many times as long: what waits to be judged is kept already, and words of danger among it
/// wait for nothing.
const LONGEST_TRANSACTION: Duration = Duration::from_millis(25);
const LONG_ENOUGH: Duration = Duration::from_millis(2);
const OTHERS: u32 = 5;
/// How often the leases of messages that are being read are renewed.
const RENEW_EVERY: Duration = Duration::from_secs(10);

/// Why messages were not taken to their end.
enum Failure {
    /// The database is away, busy or full: no word about any message.
    Outage(anyhow::Error),
    /// One of them can't be read.
    Reading(String),
    /// One of them was read, and what follows could not be written down.
    Judging(String),
}

impl From<anyhow::Error> for Failure {
    fn from(cause: anyhow::Error) -> Self {
        if is_outage(&cause) { Self::Outage(cause) } else { Self::Judging(format!("{cause:#}")) }
    }
}

impl From<store::Error> for Failure {
    fn from(cause: store::Error) -> Self {
        anyhow::Error::from(cause).into()
    }
}

impl Failure {
    fn cause(&self) -> String {
        match self {
            Self::Outage(cause) => format!("{cause:#}"),
            Self::Reading(cause) | Self::Judging(cause) => cause.clone(),
        }
    }
}

impl Lamplight {
    /// Take messages whose turn it is to their end, those that may tell of danger first; gives how many were claimed, 0 when
    /// none waits.
    ///
    /// # Errors
    /// When the database fails; the messages are then still there.
    pub async fn receive_some(&self, now: Timestamp) -> Result<usize> {
        self.until_read_ahead().await;
        match self.receive(Lane::Urgent, now).await? {
            0 => self.receive(Lane::Ordinary, now).await,
            taken => Ok(taken),
        }
    }

    /// The same for those of one lane. What is done in one waits for nothing in the other.
    ///
    /// # Errors
    /// When the database fails; the messages are then still there.
    pub async fn receive(&self, lane: Lane, now: Timestamp) -> Result<usize> {
        self.take_attempts_back(now).await?;
        let claimed = self.claim_messages(lane, now).await?;
        if claimed.is_empty() {
            return Ok(0);
        }
        let taken = tokio::select! {
            taken = self.take_all(&claimed, now) => taken,
            never = self.renew_messages(&claimed) => match never {},
        };
        if taken.is_err() {
            self.cut_short(&claimed);
        }
        taken.map(|()| claimed.len())
    }

    /// The database cut these attempts short. It hears of it when it is there again; what came to its end is left alone.
    pub(super) fn cut_short(&self, claimed: &[ClaimedMessage]) {
        self.cut_short.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(claimed);
    }

    async fn take_attempts_back(&self, now: Timestamp) -> Result<()> {
        let cut_short = std::mem::take(&mut *self.cut_short.lock().unwrap_or_else(PoisonError::into_inner));
        if cut_short.is_empty() {
            return Ok(());
        }
        let taken_back = async {
            let mut tx = self.store.begin().await?;
            for &one in &cut_short {
                spool::take_attempt_back(&mut tx, one, "the database was away", now).await?;
            }
            tx.commit().await?;
            Ok(())
        };
        let taken_back = taken_back.await;
        if taken_back.is_err() {
            self.cut_short(&cut_short);
        }
        taken_back
    }

    /// However long reading takes, no other server may take these messages for left behind.
    async fn renew_messages(&self, claimed: &[ClaimedMessage]) -> Infallible {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            let renewed = async {
                let mut tx = self.store.begin().await?;
                spool::renew(&mut tx, claimed, self.clock.for_leases(self.clock.now())).await?;
                tx.commit().await?;
                anyhow::Ok(())
            };
            if let Err(cause) = renewed.await {
                tracing::error!(cause = %format!("{cause:#}"), "leases could not be renewed");
            }
        }
    }

    async fn take_all(&self, claimed: &[ClaimedMessage], now: Timestamp) -> Result<()> {
        if claimed.len() > 1 {
            match self.take_on_a_task(claimed.to_vec(), now).await {
                Ok(()) => return Ok(()),
                Err(failure) => self.go_on_after(failure, "messages that were taken together", now, None).await?,
            }
        }
        for &one in claimed {
            if one.attempts > MOST_ATTEMPTS {
                self.set_aside(one, "reading it was begun three times and never ended", Look::Octets, now).await?;
            } else if let Err(failure) = self.take_on_a_task(vec![one], now).await {
                self.go_on_after(failure, "a message", now, Some(one)).await?;
            }
        }
        Ok(())
    }

    /// What could not be taken to its end goes behind the others, and at last to a person. An error where nothing can go
    /// on: then the others would only wait for the database, one by one.
    async fn go_on_after(
        &self,
        failure: Failure,
        what: &'static str,
        now: Timestamp,
        one: Option<ClaimedMessage>,
    ) -> Result<()> {
        let cause = failure.cause();
        tracing::error!(spool.id = ?one.map(|one| one.id.0), %cause, "{what} could not be taken to the end");
        let look = match failure {
            Failure::Outage(away) => {
                // It may be back already; it may also be that this message alone meets with it again and again.
                let mut tx = self.store.begin().await.map_err(|_| away)?;
                let Some(one) = one else { return Ok(()) };
                let met = self.outages().met(one.id, now);
                match met {
                    Met::Passing => {
                        spool::take_attempt_back(&mut tx, one, &cause, now.plus_seconds(RESTS[0])).await?;
                    }
                    Met::Lasting => spool::put_behind(&mut tx, one, &cause, now.plus_seconds(RESTS[1])).await?,
                    Met::ItsOwn => {
                        drop(tx);
                        return self.set_aside(one, &cause, Look::WhatIsThere, now).await;
                    }
                }
                return Ok(tx.commit().await?);
            }
            Failure::Reading(_) => Look::Octets,
            Failure::Judging(_) => Look::Whole,
        };
        match one {
            Some(one) if one.attempts >= MOST_ATTEMPTS => self.set_aside(one, &cause, look, now).await,
            Some(one) => {
                let mut tx = self.store.begin().await?;
                spool::give_back(&mut tx, one, &cause).await?;
                Ok(tx.commit().await?)
            }
            None => Ok(()),
        }
    }

    /// On a task of its own, a fault in reading a message ends that task and not the worker. What has come to its end
    /// already is left out.
    async fn take_on_a_task(&self, claimed: Vec<ClaimedMessage>, now: Timestamp) -> Result<(), Failure> {
        let lamplight = self.clone();
        match tokio::spawn(async move { lamplight.take_to_their_end(&claimed, now).await }).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::Judging("an unexpected fault while judging it".to_owned())),
        }
    }

    /// Reading may take long and needs no database, so transactions begin behind it.
    async fn take_to_their_end(&self, claimed: &[ClaimedMessage], now: Timestamp) -> Result<(), Failure> {
        let ids: Vec<SpoolId> = claimed.iter().map(|one| one.id).collect();
        let mut arrivals = self.read_all(&ids).await?;
        arrivals.iter_mut().for_each(|arrival| arrival.now = now);
        self.mark_repeated(&mut arrivals).await?;
        // Those that were claimed before they were read: words of danger wait for nothing that was claimed with them.
        let in_urgent_lane = claimed.iter().any(|one| one.lane == Lane::Urgent);
        let (urgent, mut others): (Vec<_>, Vec<_>) =
            arrivals.into_iter().partition(|arrival| in_urgent_lane || self.is_urgent(arrival));
        self.take_in_turn(claimed, &urgent, true, now).await?;
        self.make_pictures_ready(&mut others).await?;
        self.take_in_turn(claimed, &others, false, now).await?;
        self.outages().ended(&ids);
        Ok(())
    }

    async fn take_in_turn(
        &self,
        claimed: &[ClaimedMessage],
        arrivals: &[Arrival],
        is_urgent: bool,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let mut rest = arrivals;
        while !rest.is_empty() {
            let mut tx = self.store.begin().await?;
            let began = Instant::now();
            let ours = spool::lock_claimed(&mut tx, claimed).await?;
            self.look_up_authors(&mut tx, rest, now).await?;
            while let [arrival, behind @ ..] = rest {
                if let Some(&claim) = claimed.iter().find(|one| one.id == arrival.spooled.id && ours.contains(&one.id))
                {
                    self.take_one(&mut tx, claim, arrival).await?;
                }
                rest = behind;
                let worked = began.elapsed();
                // Words of danger wait for no other message's commit; and one message alone locks no more than its own
                // groups, so that beside the other lane nobody waits for each other in a circle.
                if is_urgent {
                    break;
                }
                if worked > LONGEST_TRANSACTION || (worked > LONG_ENOUGH && self.store.is_awaited()) {
                    break;
                }
            }
            let gives_way = self.store.is_awaited() && !is_urgent;
            tx.commit().await.context("commit")?;
            if gives_way {
                tokio::time::sleep(OTHERS * began.elapsed()).await;
            }
        }
        Ok(())
    }

    fn outages(&self) -> MutexGuard<'_, Outages> {
        self.outages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These messages as they read, in their order; most of them were read ahead.
    async fn read_all(&self, ids: &[SpoolId]) -> Result<Vec<Arrival>, Failure> {
        let too_long = |_| Failure::Reading("reading it took too long".to_owned());
        let Taken { read: mut arrivals, mut unread } =
            timeout(LONGEST_READ, self.desk.take(ids)).await.map_err(too_long)?;
        let is_here =
            |id: &SpoolId| arrivals.iter().map(|arrival| &arrival.spooled).chain(&unread).any(|one| one.id == *id);
        let elsewhere: Vec<SpoolId> = ids.iter().filter(|id| !is_here(id)).copied().collect();
        if !elsewhere.is_empty() {
            unread.extend(spool::by_ids(&mut *self.store.read().await?, &elsewhere).await?);
        }
        if !unread.is_empty() {
            let lexicon = self.lexicon_of_service();
            let reading = tokio::task::spawn_blocking(move || {
                unread.into_iter().map(|spooled| read(spooled, &lexicon)).collect::<Vec<_>>()
            });
            let fault = |_| Failure::Reading("an unexpected fault while reading it".to_owned());
            arrivals.extend(timeout(LONGEST_READ, reading).await.map_err(too_long)?.map_err(fault)?);
        }
        arrivals.sort_by_key(|arrival| arrival.spooled.id);
        Ok(arrivals)
    }

    /// Read the authors' rows for all of these messages at once.
    async fn look_up_authors(&self, tx: &mut Tx, arrivals: &[Arrival], now: Timestamp) -> Result<()> {
        let names: BTreeSet<String> = arrivals
            .iter()
            .flat_map(|arrival| &arrival.spooled.envelope.recipients)
            .filter_map(|recipient| match self.scheme.read(recipient) {
                Some(Destination::Group(name) | Destination::GroupToken(name, ..)) => Some(name),
                _ => None,
            })
            .collect();
        let mut of = Vec::with_capacity(names.len());
        for name in names {
            of.extend(groups::by_name(tx, &name).await?.map(|group| group.id));
        }
        let authors: Vec<&Address> = arrivals.iter().filter_map(Arrival::author).collect();
        if !of.is_empty() && !authors.is_empty() {
            let found = members::look_up(tx, &of, &authors).await?;
            notes::look_up(tx, &found).await?;
            self.look_up_waiting(tx, &found, now).await?;
        }
        Ok(())
    }

    async fn take_one(&self, db: &mut Db, claimed: ClaimedMessage, arrival: &Arrival) -> Result<()> {
        let (id, now) = (claimed.id, arrival.now);
        let message_id = arrival.message.message_id.as_deref();
        if let Some(cause) = why_unreadable(arrival) {
            self.alarm_unreadable(db, arrival).await?;
            spool::quarantine(db, claimed, &cause, message_id, now).await?;
            tracing::warn!(spool.id = %id, %cause, "a message was set aside");
            return Ok(());
        }
        let dispositions = self.judge_recipients(db, arrival).await?;
        if dispositions.contains(&NOBODY_TO_READ_IT) {
            let cause = "for the administrators, and there are none (service.administrators)";
            spool::quarantine(db, claimed, cause, message_id, now).await?;
        } else {
            spool::done(db, id, message_id, now);
        }
        Ok(())
    }
}
