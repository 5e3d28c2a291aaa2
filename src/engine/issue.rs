//! Make the issues that are due: whoever stands at the same place gets them together, a set of readers in a transaction.
//!
//! The readers of a set are locked and compared with what was read of them, and move on in the transaction that writes
//! their issues, so a digest is made once however many servers tick, and after a kill between two sets the rest is still
//! due. An empty day sends nothing.

use std::collections::HashMap;

use anyhow::Result;
use chrono::NaiveDate;
use chrono_tz::Tz;

use super::Lamplight;
use super::digest::{Dated, News};
use crate::clock::Timestamp;
use crate::model::digest::{Choice, Reader, Turn};
use crate::model::group::Group;
use crate::model::ids::{MemberId, PostId, ThreadId};
use crate::model::schedule::civil_day;
use crate::store::digests::{self, Locked, NewIssue, Numbered};
use crate::store::{Db, groups, mutes, posts, unanswered};

/// How many readers one transaction serves: on SQLite nobody else writes while it runs.
const MOST_AT_ONCE: usize = 500;

/// How many different digests one transaction writes, for the same reason.
const MOST_CHOICES: usize = 8;

/// What `digest send` did.
#[derive(Debug, Default, Clone, Copy, serde::Serialize)]
pub struct Sent {
    /// Digests written into the outbox.
    pub sent: usize,
    /// Members for whom there was nothing new.
    pub nothing_new: usize,
    /// Members who have today's already.
    pub had_it: usize,
}

impl Sent {
    fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.nothing_new += other.nothing_new;
        self.had_it += other.had_it;
    }
}

impl Lamplight {
    /// Make every scheduled digest that is due; gives how many members were looked at.
    ///
    /// # Errors
    /// When a set failed, after the others; what was made stays made.
    pub async fn make_due_digests(&self, now: Timestamp) -> Result<usize> {
        let due = digests::due(&mut *self.store.read().await?, now).await?;
        let mut failed = None;
        for set in sets(&due) {
            // A missed issue keeps the day it was due.
            let day = set[0].turn.due_at.unwrap_or(now);
            // One group's trouble is no reason for the others to wait.
            if let Err(cause) = self.make_issues(set, day, false, now).await {
                failed = failed.or(Some(cause.context(format!("a digest of group {}", set[0].turn.group))));
            }
        }
        failed.map_or(Ok(due.len()), Err)
    }

    /// Make today's digests of a group in place of the scheduled ones; with `again`, a further one of what is new since.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn send_digests(&self, group: &Group, again: bool, now: Timestamp) -> Result<Sent> {
        let readers = digests::readers(&mut *self.store.read().await?, group.id).await?;
        let mut total = Sent::default();
        for set in sets(&readers) {
            total.add(self.make_issues(set, now, again, now).await?);
        }
        Ok(total)
    }

    /// The issues of a set.
    async fn make_issues(&self, set: &[Reader], due: Timestamp, again: bool, now: Timestamp) -> Result<Sent> {
        let mut made = Sent::default();
        let Some(&Reader { turn, .. }) = set.first() else { return Ok(made) };
        let mut left: Vec<MemberId> = set.iter().map(|reader| reader.member).collect();
        while !left.is_empty() {
            left = self.make_some(&turn, &left, (due, again), now, &mut made).await?;
        }
        Ok(made)
    }

    /// The issues of readers of one turn, in one transaction; gives those for whom it would have become too long.
    async fn make_some(
        &self,
        turn: &Turn,
        readers: &[MemberId],
        (due, again): (Timestamp, bool),
        now: Timestamp,
        made: &mut Sent,
    ) -> Result<Vec<MemberId>> {
        let mut tx = self.store.begin().await?;
        let group = groups::by_id(&mut tx, turn.group).await?;
        let day = turn.day(&group, due);
        let next = turn.next(&group, due, now);
        let locked = digests::lock(&mut tx, readers, turn, &day.to_string(), now).await?;
        let (had_it, ready): (Vec<Locked>, Vec<Locked>) = locked.into_iter().partition(|one| one.had > 0 && !again);
        digests::advance(&mut tx, &members(&had_it), turn.cursor, next).await?;
        // Whom another server served meanwhile has it as well.
        let mut some = Sent { had_it: readers.len() - ready.len(), ..Sent::default() };
        let posts = match ready.as_slice() {
            [] => Vec::new(),
            _ => posts::released_between(&mut tx, group.id, turn.cursor, group.release_seq).await?,
        };
        if posts.is_empty() {
            digests::advance(&mut tx, &members(&ready), group.release_seq, next).await?;
            some.nothing_new = ready.len();
            tx.commit().await?;
            made.add(some);
            return Ok(Vec::new());
        }
        let news = self.news(&mut tx, &group, &posts, turn.cursor, now).await?;
        let mut choices = self.choices(&mut tx, &news, ready, now).await?;
        let later = choices.split_off(choices.len().min(MOST_CHOICES));
        let now_served: Vec<MemberId> = choices.iter().flat_map(|(_, readers)| readers.clone()).collect();
        digests::advance(&mut tx, &now_served, group.release_seq, next).await?;
        let mut dated = None;
        for (choice, readers) in choices {
            if choice.posts.is_empty() {
                some.nothing_new += readers.len();
                continue;
            }
            if dated.is_none() {
                let numbered = self.number_of(&mut tx, &group, day, now).await?;
                dated = Some(Dated { day: day.to_string(), numbered });
            }
            let Some(dated) = &dated else { continue };
            let editions = self.issue_of(&mut tx, &group, &news, &choice, dated, now).await?;
            let (from_seq, to_seq) = (turn.cursor, group.release_seq);
            let issue = NewIssue { readers: &readers, day: &dated.day, editions: &editions, from_seq, to_seq };
            digests::insert(&mut tx, &issue, now).await?;
            some.sent += readers.len();
        }
        tx.commit().await?;
        made.add(some);
        Ok(later.into_iter().flat_map(|(_, readers)| readers).collect())
    }

    /// Who gets the same.
    async fn choices(
        &self,
        db: &mut Db,
        news: &News,
        ready: Vec<Locked>,
        now: Timestamp,
    ) -> Result<Vec<(Choice, Vec<MemberId>)>> {
        let readers = members(&ready);
        let muted = mutes::of(db, &readers).await?;
        let seen = unanswered::seen(db, &readers, &news.waiting, now).await?;
        let mut choices: Vec<(Choice, Vec<MemberId>)> = Vec::new();
        let mut places: HashMap<Choice, usize> = HashMap::new();
        for Locked { member, mut taste, .. } in ready {
            let of = (member, ThreadId(i64::MIN))..=(member, ThreadId(i64::MAX));
            taste.muted = muted.range(of).map(|(_, thread)| *thread).collect();
            let of = (member, PostId(i64::MIN))..=(member, PostId(i64::MAX));
            taste.seen = seen.range(of).map(|(_, post)| *post).collect();
            let choice = news.choice(&taste);
            let at = *places.entry(choice.clone()).or_insert_with(|| {
                choices.push((choice, Vec::new()));
                choices.len() - 1
            });
            choices[at].1.push(member);
        }
        // Two servers that write the same editions write them in one order, so neither waits for the other.
        choices.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(choices)
    }

    /// Volume and number of a civil day. Where the day before is still to come for somebody further west, that one has its
    /// number first, so that nobody's numbers go back.
    async fn number_of(&self, db: &mut Db, group: &Group, day: NaiveDate, now: Timestamp) -> Result<Numbered> {
        if let Some(before) = day.pred_opt() {
            let due = digests::due_by_zone(db, group.id).await?;
            let is_to_come = |(zone, due): &(Option<Tz>, Timestamp)| {
                *due > now && civil_day(*due, zone.unwrap_or(group.zone)) == before
            };
            if due.iter().any(is_to_come) {
                digests::number_of(db, group.id, before).await?;
            }
        }
        Ok(digests::number_of(db, group.id, day).await?)
    }
}

/// Readers of one turn, and not too many.
fn sets(readers: &[Reader]) -> impl Iterator<Item = &[Reader]> {
    readers.chunk_by(|one, other| one.turn == other.turn).flat_map(|same| same.chunks(MOST_AT_ONCE))
}

fn members(locked: &[Locked]) -> Vec<MemberId> {
    locked.iter().map(|one| one.member).collect()
}
