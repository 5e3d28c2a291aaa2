//! The door: whom Lamplight knows at RCPT, and the commit before a 250. In doubt, and when it takes too long, the sender is
//! told to try again; a message that was kept all the same is known again then.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::ahead::LETTER_OCTETS;
use super::{Lamplight, is_outage};
use crate::clock::Timestamp;
use crate::mail::envelope::Destination;
use crate::mail::{Address, Envelope};
use crate::model::turn::Lane;
use crate::store::spool::{New, Spooled};
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
        // A group that was there once stays, closed or not.
        if self.known_groups.read().is_ok_and(|known| known.contains(&name)) {
            return Ok(true);
        }
        let is_known = groups::by_name(&mut *self.store.read().await?, &name).await?.is_some();
        if let (true, Ok(mut known)) = (is_known, self.known_groups.write()) {
            known.insert(name);
        }
        Ok(is_known)
    }

    /// Keep messages with one commit; gives those that were not kept before, and is durable when this returns.
    ///
    /// # Errors
    /// When they could not be kept: the senders must try again.
    pub async fn keep(&self, messages: &[New<'_>]) -> Result<Vec<spool::Kept>> {
        let _hurry = self.store.hurry();
        let mut tx = self.store.begin_again().await?;
        let kept = spool::insert(&mut tx, messages).await?;
        self.store.commit_again(tx).await?;
        if messages.iter().any(|new| new.lane == Lane::Urgent) {
            self.urgent_arrived.notify_one();
        }
        Ok(kept)
    }

    /// Whether there is less room than one and a half of the largest message.
    #[must_use]
    pub fn disk_is_low(&self) -> bool {
        self.store.free_disk().is_some_and(|free| free < (MAX_MESSAGE + MAX_MESSAGE / 2) as u64)
    }
}

/// The most messages, and octets, that share one commit.
const MOST_TOGETHER: usize = 64;
const MOST_OCTETS: usize = 2 * MAX_MESSAGE;
/// A commit that takes longer is not waited for. SQLite waits 15 s for another program's lock; RFC 5321 §4.5.3.2.6 lets
/// a sender wait for ten minutes.
const LONGEST_COMMIT: Duration = Duration::from_secs(30);

/// Keeps the messages of many sessions: those that come while a commit is under way share the next one, so that the
/// disk is asked once for all of them.
#[derive(Clone)]
pub struct Keeper {
    lamplight: Lamplight,
    sender: mpsc::Sender<Arriving>,
    longest_commit: Duration,
}

/// A message on its way to the disk, and whoever waits for it.
struct Arriving {
    envelope: Envelope,
    message: Vec<u8>,
    peer: String,
    received_at: Timestamp,
    /// Where it waits, if it was looked at; else it is read as soon as it is kept.
    lane: Option<Lane>,
    done: oneshot::Sender<bool>,
}

impl Arriving {
    fn as_new(&self) -> New<'_> {
        New {
            envelope: &self.envelope,
            message: &self.message,
            peer: &self.peer,
            lane: self.lane.unwrap_or(Lane::Ordinary),
            received_at: self.received_at,
        }
    }
}

impl Keeper {
    /// Begin; it ends when the last clone is gone and the last message is kept.
    #[must_use]
    pub fn start(lamplight: Lamplight) -> Self {
        Self::with_limit(lamplight, LONGEST_COMMIT)
    }

    /// The same, where a commit may take so long.
    #[must_use]
    pub fn with_limit(lamplight: Lamplight, longest_commit: Duration) -> Self {
        let (sender, arriving) = mpsc::channel(MOST_TOGETHER);
        tokio::spawn(keep_all(lamplight.clone(), arriving, longest_commit));
        Self { lamplight, sender, longest_commit }
    }

    /// Keep a message; durable when this returns.
    ///
    /// # Errors
    /// When it could not be kept, or not in time: the sender must try again.
    pub async fn keep(&self, envelope: Envelope, message: Vec<u8>, peer: String, now: Timestamp) -> Result<()> {
        let (done, outcome) = oneshot::channel();
        let (envelope, message, lane) = self.look_at(envelope, message).await?;
        let arriving = Arriving { envelope, message, peer, received_at: now, lane, done };
        let keeping = async {
            self.sender.send(arriving).await.map_err(|_| anyhow!("nobody keeps messages any more"))?;
            ensure!(outcome.await?, "the database did not take it");
            Ok(())
        };
        // Behind a commit that hangs there is another; nobody waits for a third.
        timeout(2 * self.longest_commit, keeping).await.context("it took too long to keep it")?
    }

    /// What will be read soon after it is kept need not be looked at before.
    async fn look_at(&self, envelope: Envelope, message: Vec<u8>) -> Result<(Envelope, Vec<u8>, Option<Lane>)> {
        if message.len() <= LETTER_OCTETS {
            // To look at a letter takes less than to change the thread.
            let is_late = self.lamplight.desk.is_behind(Instant::now());
            let lane = is_late.then(|| self.lamplight.lane(&envelope, &message));
            return Ok((envelope, message, lane));
        }
        let lamplight = self.lamplight.clone();
        let looking = tokio::task::spawn_blocking(move || {
            let lane = lamplight.lane(&envelope, &message);
            (envelope, message, Some(lane))
        });
        Ok(looking.await?)
    }
}

async fn keep_all(lamplight: Lamplight, mut arriving: mpsc::Receiver<Arriving>, longest_commit: Duration) {
    while let Some(first) = arriving.recv().await {
        let mut together = vec![first];
        let mut octets = together[0].message.len();
        while together.len() < MOST_TOGETHER && octets < MOST_OCTETS {
            let Ok(next) = arriving.try_recv() else { break };
            octets += next.message.len();
            together.push(next);
        }
        // Who was told to try again does so.
        together.retain(|arriving| !arriving.done.is_closed());
        keep_together(&lamplight, together, longest_commit).await;
    }
}

async fn keep_together(lamplight: &Lamplight, messages: Vec<Arriving>, longest_commit: Duration) {
    let all: Vec<New<'_>> = messages.iter().map(Arriving::as_new).collect();
    let mut outcomes = vec![false; messages.len()];
    let mut kept = Vec::with_capacity(messages.len());
    match keep_in_time(lamplight, &all, longest_commit).await {
        Ok(together) => {
            kept = together;
            outcomes.fill(true);
        }
        // One that was tried alone is not tried again at once.
        Err(NotKept::Refused) if all.len() > 1 => {
            // Whatever is the matter with one is no reason to refuse the others. One that was kept after all is known again.
            for (at, (one, outcome)) in all.iter().zip(&mut outcomes).enumerate() {
                match keep_in_time(lamplight, &[*one], longest_commit).await {
                    Ok(alone) => {
                        kept.extend(alone.into_iter().map(|one| spool::Kept { at, ..one }));
                        *outcome = true;
                    }
                    Err(NotKept::Refused) => {}
                    Err(NotKept::Away) => break,
                }
            }
        }
        Err(_) => {}
    }
    let mut kept: HashMap<usize, spool::Kept> = kept.into_iter().map(|one| (one.at, one)).collect();
    let mut letters = Vec::with_capacity(kept.len());
    let mut answers = Vec::with_capacity(messages.len());
    for (at, (arriving, outcome)) in messages.into_iter().zip(outcomes).enumerate() {
        let Arriving { envelope, message, received_at, lane, done, .. } = arriving;
        answers.push((done, outcome));
        if let Some(spool::Kept { id, recipients, .. }) = kept.remove(&at)
            && lane.is_none()
        {
            let envelope = Envelope { recipients, ..envelope };
            letters.push(Spooled { id, envelope, message, received_at });
        }
    }
    lamplight.read_ahead(letters);
    for (done, outcome) in answers {
        // Whoever hung up meanwhile hears nothing, and the message is kept.
        let _ = done.send(outcome);
    }
}

/// Why messages were not kept, as far as is known.
enum NotKept {
    /// The database is away, busy or full, or did not answer in time: no other message has it better.
    Away,
    /// Something is the matter with one of them.
    Refused,
}

async fn keep_in_time(
    lamplight: &Lamplight,
    messages: &[New<'_>],
    longest: Duration,
) -> Result<Vec<spool::Kept>, NotKept> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let (cause, why) = match timeout(longest, lamplight.keep(messages)).await {
        Ok(Ok(kept)) => return Ok(kept),
        Ok(Err(cause)) => {
            let why = if is_outage(&cause) { NotKept::Away } else { NotKept::Refused };
            (format!("{cause:#}"), why)
        }
        Err(_) => ("it took too long; whether they were kept is not known".to_owned(), NotKept::Away),
    };
    tracing::error!(%cause, messages = messages.len(), "messages could not be kept");
    // If they were after all, nobody reads them ahead of their turn.
    lamplight.perhaps_kept.notify_one();
    Err(why)
}
