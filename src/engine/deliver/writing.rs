//! One transaction of the dispatcher, on a task of its own: results are written down, rows are claimed, and the editions
//! that these need are read. Connections go on meanwhile.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use tokio::task::JoinHandle;

use super::copies::Editions;
use super::results::News;
use crate::clock::Timestamp;
use crate::engine::Lamplight;
use crate::model::ids::OutboxId;
use crate::store::claims::{self, Apart, Claim, Times};
use crate::store::settled::{self, End, Settled};
use crate::store::{Db, way};

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

/// What one transaction does.
pub struct Batch {
    /// What is written down.
    pub results: Vec<Settled>,
    /// Those among them whose recipient was refused for a reason that may be ours, with the recipient's domain.
    pub doubts: Vec<(OutboxId, String)>,
    /// What is new of the way out.
    pub news: Option<News>,
    /// What may be claimed.
    pub room: Room,
    /// What is not claimed, as long as anything else is due.
    pub apart: Apart,
    /// Whether it is claimed when nothing else is.
    pub ask_anew: bool,
}

/// A transaction under way.
pub struct Writing {
    /// What it does.
    pub batch: Arc<Batch>,
    /// When it began: what is claimed is ours from then.
    pub began: Instant,
    task: JoinHandle<Result<Written>>,
}

/// What was committed.
pub struct Written {
    /// Rows that are another server's by now: nothing was written of them.
    pub lost: Vec<OutboxId>,
    /// Doubts that were none: these are given up.
    pub believed: HashSet<OutboxId>,
    /// What was claimed.
    pub claim: Claim,
    /// Nothing was due but what was to stay apart.
    pub nobody_else: bool,
    /// Digests or alarms were written anew, and are due.
    pub rewritten: bool,
    /// With all that the claimed rows need.
    pub editions: Editions,
}

impl Writing {
    /// Begin it.
    pub fn begin(lamplight: &Lamplight, batch: Batch, editions: Editions, now: Times) -> Self {
        let (batch, began) = (Arc::new(batch), Instant::now());
        let (lamplight, shared) = (lamplight.clone(), Arc::clone(&batch));
        let task = tokio::spawn(async move { lamplight.write_and_claim(&shared, editions, now).await });
        Self { batch, began, task }
    }

    /// Until it has ended; for ever where there is none.
    pub async fn ended(writing: &mut Option<Self>) -> Result<Written> {
        match writing {
            Some(writing) => (&mut writing.task).await.context("an unexpected fault while writing the outbox")?,
            None => std::future::pending().await,
        }
    }
}

impl Batch {
    /// Most often all that was handed over was taken: then one statement says so, and is its own transaction.
    fn is_one_statement(&self) -> bool {
        self.room == Room::NONE && self.news.is_none() && self.results.iter().all(Settled::is_sent)
    }

    /// Write down what came in; gives what was lost, and the doubts that were none.
    async fn settle(&self, db: &mut Db, now: Timestamp) -> Result<(Vec<OutboxId>, HashSet<OutboxId>)> {
        let mut believed = HashSet::new();
        let mut results = Cow::Borrowed(&self.results);
        if !self.doubts.is_empty() {
            way::doubt(db, &self.doubts, now).await?;
            believed = way::refused_alone(db, &self.doubts).await?;
            for settled in results.to_mut().iter_mut().filter(|settled| believed.contains(&settled.id)) {
                if let End::Later(cause, _) = &settled.end {
                    settled.end = End::Failed(cause.clone());
                }
            }
        }
        let lost = settled::settle(db, &results, now).await?;
        if let Some(news) = &self.news {
            news.write(db, now).await?;
        }
        Ok((lost, believed))
    }

    /// While the way is closed somebody else asks, if there is anybody.
    async fn claim(&self, db: &mut Db, now: Times) -> Result<(Claim, bool)> {
        let Room { urgent, others } = self.room;
        let mut claim = claims::claim_apart_from(db, &self.apart, urgent, others, now).await?;
        let nobody_else = claim.rows.is_empty();
        if nobody_else && self.ask_anew {
            let anew = claims::claim(db, urgent, others, now).await?;
            claim.rows = anew.rows;
            claim.rewrite.extend(anew.rewrite);
            claim.pass_on.extend(anew.pass_on);
            claim.more |= anew.more;
        }
        Ok((claim, nobody_else))
    }
}

impl Lamplight {
    async fn write_and_claim(&self, batch: &Batch, mut editions: Editions, now: Times) -> Result<Written> {
        if batch.is_one_statement() {
            let lost = settled::settle(&mut self.store.statement().await?, &batch.results, now.due).await?;
            let (believed, claim) = (HashSet::new(), Claim::default());
            return Ok(Written { lost, believed, claim, nobody_else: false, rewritten: false, editions });
        }
        let mut tx = self.store.begin().await?;
        let (lost, believed) = batch.settle(&mut tx, now.due).await?;
        let (mut claim, mut nobody_else) = (Claim::default(), false);
        if batch.room != Room::NONE {
            (claim, nobody_else) = batch.claim(&mut tx, now).await?;
            editions.read(&mut tx, &claim.rows).await?;
        }
        tx.commit().await?;
        let mut rewritten = !claim.rewrite.is_empty();
        if rewritten && let Err(cause) = self.leave_out_retracted(&claim.rewrite, now.due).await {
            tracing::error!(cause = %format!("{cause:#}"), "a digest could not be written anew");
            rewritten = false;
        }
        for &alarm in &claim.pass_on {
            match self.pass_alarm_on(alarm, now.due).await {
                Ok(()) => rewritten = true,
                Err(cause) => {
                    tracing::error!(edition.id = %alarm, cause = %format!("{cause:#}"), "an alarm could not be passed on");
                }
            }
        }
        Ok(Written { lost, believed, claim, nobody_else, rewritten, editions })
    }
}
