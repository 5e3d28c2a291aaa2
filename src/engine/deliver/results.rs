//! What came of each attempt: whose trouble a failure is, what is written of it, and which leases go on.

use std::collections::HashSet;
use std::time::Instant;

use anyhow::Result;

use super::Time;
use super::breaker::{Path, Whose, may_be_one_connections, whose};
use super::dispatch::Dispatcher;
use super::sender::Report;
use super::writing::Batch;
use crate::clock::Timestamp;
use crate::engine::outcome::{DeliveryError, Stage, for_log};
use crate::model::ids::OutboxId;
use crate::model::retry::retry_at;
use crate::store::claims::{Apart, Claimed};
use crate::store::settled::{End, Settled};
use crate::store::{Db, way};

/// How soon the administrators may be told of another refusal; that they hear one a day at most is seen to elsewhere.
const TELL_AGAIN_SECONDS: i64 = 3_600;

/// What other programs are to know of the way out: written with the next results.
#[derive(Debug, Default)]
pub(super) struct Word {
    is_known_open: bool,
    news: Option<News>,
}

/// The way as it is now.
#[derive(Debug, Clone)]
pub(super) enum News {
    Open,
    Closed(String),
}

impl News {
    pub(super) async fn write(&self, db: &mut Db, now: Timestamp) -> Result<()> {
        match self {
            Self::Open => way::set_open(db).await?,
            Self::Closed(cause) => way::set_closed(db, cause, now).await?,
        }
        Ok(())
    }
}

impl Word {
    fn open(&mut self) {
        if !self.is_known_open {
            (self.is_known_open, self.news) = (true, Some(News::Open));
        }
    }

    fn closed(&mut self, cause: String) {
        (self.is_known_open, self.news) = (false, Some(News::Closed(cause)));
    }

    /// What is to be written with the next results.
    pub(super) fn take(&mut self) -> Option<News> {
        self.news.take()
    }

    /// It was not written; what came since is newer.
    pub(super) fn put_back(&mut self, news: Option<News>) {
        self.news = self.news.take().or(news);
    }
}

impl Dispatcher {
    /// One attempt has ended.
    pub(super) fn take(&mut self, report: Report) {
        let id = report.row;
        self.slots[report.slot].row = None;
        let Some(hand) = self.hand.get(&id) else { return self.slots[report.slot].ledger.paid() };
        let (row, begun) = (hand.row.clone(), hand.given.map(|(_, begun)| begun));
        let Err(trouble) = report.answer else {
            self.got_past_mail(&row, begun);
            self.delivered.sent += 1;
            self.results.push(Settled { id, fence: row.fence, end: End::Sent });
            return;
        };
        match whose(&trouble) {
            whose @ (Whose::Copy | Whose::Standing) => {
                // Without a reply nobody knows how far it came.
                if trouble.heard {
                    self.got_past_mail(&row, begun);
                }
                let settled =
                    if whose == Whose::Copy { self.ended(&row, &trouble) } else { self.doubted(&row, &trouble) };
                self.results.push(settled);
            }
            Whose::Nobody => {
                tracing::warn!(outbox.id = %id, "the lease ran out before the copy was handed over; it was not sent");
                // Where it was claimed anew meanwhile, it may go on at once.
                let is_ours = hand.lease.check().is_ok();
                let settled = given_back(&row, None);
                if is_ours { self.results.push(settled) } else { self.let_go(&settled) }
            }
            Whose::Path if self.breaker.is_refused_alone(path(&row)) => {
                let (code, text) = (trouble.code, &trouble.text);
                tracing::error!(outbox.id = %id, ?code, cause = %text, "this return path is refused, and others are not");
                if !may_be_one_connections(&trouble) {
                    self.tell(trouble.cause());
                }
                let settled = self.ended(&row, &trouble);
                self.results.push(settled);
            }
            whose => self.way_is_closed(report.slot, &row, &trouble, whose == Whose::Ours),
        }
    }

    pub(super) fn ended(&mut self, row: &Claimed, trouble: &DeliveryError) -> Settled {
        if trouble.is_permanent() { self.failed(row, trouble.cause()) } else { self.later(row, trouble) }
    }

    fn later(&mut self, row: &Claimed, trouble: &DeliveryError) -> Settled {
        let Some(at) = retry_at(row.attempts, self.time.now(), u64::try_from(row.id.0).unwrap_or(0)) else {
            return self.failed(row, trouble.cause());
        };
        self.delivered.later += 1;
        Settled { id: row.id, fence: row.fence, end: End::Later(trouble.cause(), at) }
    }

    fn failed(&mut self, row: &Claimed, cause: String) -> Settled {
        tracing::warn!(outbox.id = %row.id, cause = %for_log(&cause), "a copy is given up");
        self.delivered.failed += 1;
        Settled { id: row.id, fence: row.fence, end: End::Failed(cause) }
    }

    /// Refused for good, by its word: it is believed when it is this recipient's word alone.
    fn doubted(&mut self, row: &Claimed, trouble: &DeliveryError) -> Settled {
        self.doubts.push((row.id, row.recipient.domain().to_lowercase()));
        self.later(row, trouble)
    }

    /// Those refusals are believed that can't be ours; the administrators hear of the others.
    pub(super) fn weighed(&mut self, batch: &Batch, believed: &HashSet<OutboxId>) {
        for (id, _) in &batch.doubts {
            let settled = batch.results.iter().find(|settled| settled.id == *id);
            let Some(End::Later(cause, _)) = settled.map(|settled| &settled.end) else { continue };
            if believed.contains(id) {
                tracing::warn!(outbox.id = %id, cause = %for_log(cause), "a copy is given up: its recipient alone is refused");
                self.delivered.later -= 1;
                self.delivered.failed += 1;
            } else {
                tracing::error!(outbox.id = %id, cause = %for_log(cause), "a recipient is refused for a reason that may be ours");
                self.tell(cause.clone());
            }
        }
    }

    /// The administrators are to hear of it, and not for every copy.
    fn tell(&mut self, cause: String) {
        let now = self.time.now();
        if self.told_at.is_none_or(|told| now.seconds_since(told) >= TELL_AGAIN_SECONDS) {
            self.told_at = Some(now);
            self.refusal = Some((now, cause));
        }
    }

    fn got_past_mail(&mut self, row: &Claimed, begun: Option<Instant>) {
        let closed_before = self.breaker.passed(path(row), begun.unwrap_or_else(Instant::now));
        if closed_before {
            tracing::info!("the smarthost takes our mail again");
            self.delivered.unreachable = false;
            self.look_again();
        }
        if !self.breaker.is_resting() {
            self.word.open();
        }
    }

    /// The attempt is given back. While another connection is open only this one rests.
    fn way_is_closed(&mut self, slot: usize, row: &Claimed, trouble: &DeliveryError, login_refused: bool) {
        let (instant, at_mail) = (Instant::now(), trouble.stage == Stage::Mail);
        self.results.push(given_back(row, Some(trouble.cause())));
        if at_mail {
            self.breaker.suspect(path(row));
        }
        let others = self.slots.iter().enumerate().any(|(at, other)| at != slot && other.is_open());
        if others && may_be_one_connections(trouble) && !self.breaker.is_resting() {
            self.slots[slot].rests_until = Some(instant + self.pace.probe);
            self.look_again();
            return;
        }
        self.slots.iter_mut().for_each(|slot| slot.rests_until = None);
        self.delivered.unreachable = true;
        self.word.closed(trouble.cause());
        if self.breaker.rest(instant, at_mail.then(|| path(row))) {
            let (stage, text) = (trouble.stage, &trouble.text);
            if login_refused || (at_mail && trouble.code.is_some_and(|code| code >= 500)) {
                tracing::error!(?stage, cause = %text, "the smarthost refuses our mail; everything waits");
                self.refusal = Some((self.time.now(), trouble.cause()));
            } else if matches!(self.time, Time::Running(_)) {
                tracing::error!(?stage, cause = %text, "the smarthost takes no mail; everything waits");
            } else {
                // A single run says so itself when it ends.
                tracing::warn!(?stage, cause = %text, "the smarthost takes no mail; everything waits");
            }
        }
        self.give_back_ready();
    }

    /// While the way is closed somebody asks who has not asked yet: one that was refused at MAIL may be the trouble itself.
    pub(super) fn who_has_asked(&self) -> Apart {
        let mut apart = Apart::default();
        for path in self.breaker.have_asked() {
            match path {
                Path::Null => apart.null_path = true,
                Path::Own(id) => apart.rows.push(*id),
            }
        }
        apart
    }
}

/// The attempt does not count. The cause is that of a copy that was offered itself.
pub(super) fn given_back(row: &Claimed, cause: Option<String>) -> Settled {
    Settled { id: row.id, fence: row.fence, end: End::GivenBack(cause, row.attempts.saturating_sub(1)) }
}

fn path(row: &Claimed) -> Path {
    if row.verp { Path::Own(row.id) } else { Path::Null }
}
