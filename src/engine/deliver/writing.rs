//! The dispatcher's transactions that write results down, on a task of their own: connections go on meanwhile.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio::task::JoinHandle;

use super::dispatch::Dispatcher;
use super::results::News;
use crate::clock::Timestamp;
use crate::engine::Lamplight;
use crate::model::ids::OutboxId;
use crate::store::settled::{self, End, Settled};
use crate::store::{Db, Kept, way};

/// What one transaction writes down.
pub struct Batch {
    /// How attempts ended.
    pub results: Vec<Settled>,
    /// Those among them whose recipient was refused for a reason that may be ours, with the recipient's domain.
    pub doubts: Vec<(OutboxId, String)>,
    /// What is new of the way out.
    pub news: Option<News>,
}

/// A transaction under way.
pub struct Writing {
    /// What it writes down.
    pub batch: Arc<Batch>,
    task: JoinHandle<Result<Written>>,
}

/// What was committed.
pub struct Written {
    /// Rows that are another server's by now: nothing was written of them.
    pub lost: Vec<OutboxId>,
    /// Doubts that were none: these are given up.
    pub believed: HashSet<OutboxId>,
    /// For the next one.
    pub kept: Option<Kept>,
}

impl Writing {
    /// Begin it, on the connection that the last one used.
    pub fn begin(lamplight: &Lamplight, batch: Batch, kept: Option<Kept>, now: Timestamp) -> Self {
        let batch = Arc::new(batch);
        let (lamplight, shared) = (lamplight.clone(), Arc::clone(&batch));
        let task = tokio::spawn(async move { lamplight.write_down(&shared, kept, now).await });
        Self { batch, task }
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
        self.news.is_none() && self.results.iter().all(Settled::is_sent)
    }

    /// Gives what was lost, and the doubts that were none.
    async fn write(&self, db: &mut Db, now: Timestamp) -> Result<(Vec<OutboxId>, HashSet<OutboxId>)> {
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
}

impl Lamplight {
    async fn write_down(&self, batch: &Batch, kept: Option<Kept>, now: Timestamp) -> Result<Written> {
        if batch.is_one_statement() {
            let mut db = self.store.statement(kept).await?;
            let lost = settled::settle(&mut db, &batch.results, now).await?;
            return Ok(Written { lost, believed: HashSet::new(), kept: Kept::new(db) });
        }
        let mut tx = self.store.begin().await?;
        let (lost, believed) = batch.write(&mut tx, now).await?;
        tx.commit().await?;
        Ok(Written { lost, believed, kept })
    }
}

impl Dispatcher {
    /// Nothing is under way that must have ended before.
    pub(super) fn may_write(&self) -> bool {
        self.writing.is_none() && self.claiming.as_ref().is_none_or(|claiming| !claiming.alone)
    }

    /// Begin to write down what came in; [`Self::wrote`] goes on when that is committed.
    pub(super) fn write(&mut self) {
        if self.results.is_empty() || !self.may_write() {
            return;
        }
        // In the order in which whoever renews or claims locks them as well.
        self.results.sort_unstable_by_key(|settled| settled.id);
        let batch = Batch {
            results: std::mem::take(&mut self.results),
            doubts: std::mem::take(&mut self.doubts),
            news: self.word.take(),
        };
        self.writing = Some(Writing::begin(&self.lamplight, batch, self.kept.take(), self.time.now()));
    }

    /// It is committed, or is not.
    pub(super) fn wrote(&mut self, outcome: Result<Written>) {
        let Some(Writing { batch, .. }) = self.writing.take() else { return };
        let written = match outcome {
            Ok(written) => written,
            Err(cause) => {
                // It may be committed after all; settling twice changes nothing.
                self.results.splice(..0, batch.results.iter().cloned());
                self.doubts.splice(..0, batch.doubts.iter().cloned());
                self.word.put_back(batch.news.clone());
                self.trouble = Some(cause);
                return;
            }
        };
        self.kept = written.kept;
        self.weighed(&batch, &written.believed);
        for settled in &batch.results {
            let is_lost = written.lost.contains(&settled.id);
            if is_lost && self.claiming.is_some() {
                // It may be we ourselves who claim it anew; the answer is for that claim, then.
                self.unsure.push(settled.clone());
                continue;
            }
            if is_lost {
                tracing::warn!(outbox.id = %settled.id, "this row was claimed anew meanwhile; its result is not written");
            }
            self.let_go(settled);
            // It may have been given back behind the back of a claim. While mail rests nobody looks but who asks.
            if matches!(settled.end, End::GivenBack(..)) && !self.breaker.is_resting() {
                self.look_again();
            }
        }
    }
}
