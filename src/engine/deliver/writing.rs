//! One transaction of the dispatcher, on a task of its own: results are written down, rows are claimed, and the editions
//! that these need are read. Connections go on meanwhile.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use tokio::task::JoinHandle;

use super::copies::Editions;
use crate::clock::Timestamp;
use crate::engine::Lamplight;
use crate::model::ids::OutboxId;
use crate::store::Store;
use crate::store::claims::{self, Claim, Settled};

/// How many rows may be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Of the lane that goes before everything else.
    pub urgent: usize,
    /// Of all others.
    pub others: usize,
}

impl Room {
    /// Nothing is claimed.
    pub const NONE: Self = Self { urgent: 0, others: 0 };
}

/// A transaction under way.
pub struct Writing {
    /// What is written down.
    pub results: Arc<Vec<Settled>>,
    /// What may be claimed.
    pub room: Room,
    /// When it began: what is claimed is ours from then.
    pub began: Instant,
    task: JoinHandle<Result<Written>>,
}

/// What was committed.
pub struct Written {
    /// Rows that are another server's by now: nothing was written of them.
    pub lost: Vec<OutboxId>,
    /// What was claimed.
    pub claim: Claim,
    /// Digests were written anew, and are due.
    pub rewritten: bool,
    /// With all that the claimed rows need.
    pub editions: Editions,
}

impl Writing {
    /// Begin it.
    pub fn begin(lamplight: &Lamplight, results: Vec<Settled>, room: Room, editions: Editions, now: Timestamp) -> Self {
        let (results, began) = (Arc::new(results), Instant::now());
        let (lamplight, settled) = (lamplight.clone(), Arc::clone(&results));
        let task = tokio::spawn(async move { lamplight.write_and_claim(&settled, room, editions, now).await });
        Self { results, room, began, task }
    }

    /// Until it has ended; for ever where there is none.
    pub async fn ended(writing: &mut Option<Self>) -> Result<Written> {
        match writing {
            Some(writing) => (&mut writing.task).await.context("an unexpected fault while writing the outbox")?,
            None => std::future::pending().await,
        }
    }
}

impl Lamplight {
    async fn write_and_claim(
        &self,
        results: &[Settled],
        room: Room,
        mut editions: Editions,
        now: Timestamp,
    ) -> Result<Written> {
        if room == Room::NONE {
            let lost = settle(&self.store, results, now).await?;
            return Ok(Written { lost, claim: Claim::default(), rewritten: false, editions });
        }
        let mut tx = self.store.begin().await?;
        let lost = claims::settle(&mut tx, results, now).await?;
        let claim = claims::claim(&mut tx, room.urgent, room.others, now).await?;
        editions.read(&mut tx, &claim.rows).await?;
        tx.commit().await?;
        let mut rewritten = !claim.rewrite.is_empty();
        if rewritten && let Err(cause) = self.leave_out_retracted(&claim.rewrite, now).await {
            tracing::error!(cause = %format!("{cause:#}"), "a digest could not be written anew");
            rewritten = false;
        }
        Ok(Written { lost, claim, rewritten, editions })
    }
}

/// Most often all that was handed over was taken: then one statement says so, and is its own transaction.
async fn settle(store: &Store, results: &[Settled], now: Timestamp) -> Result<Vec<OutboxId>> {
    if results.iter().all(Settled::is_sent) {
        return Ok(claims::settle(&mut store.statement().await?, results, now).await?);
    }
    let mut tx = store.begin().await?;
    let lost = claims::settle(&mut tx, results, now).await?;
    tx.commit().await?;
    Ok(lost)
}
