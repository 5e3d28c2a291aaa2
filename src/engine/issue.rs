//! Make the issues that are due: whoever stands at the same place gets them together, a set of readers in a transaction.
//!
//! The readers of a set are locked and compared with what was read of them, and move on in the transaction that writes
//! their issues, so a digest is made once however many servers tick, and after a kill between two sets the rest is still
//! due. An empty day sends nothing.

use anyhow::Result;

use super::Lamplight;
use crate::clock::Timestamp;
use crate::model::digest::Reader;
use crate::model::group::Group;
use crate::model::ids::MemberId;
use crate::store::digests::{self, NewIssue};
use crate::store::{groups, posts};

/// How many readers one transaction serves: on SQLite nobody else writes while it runs.
const MOST_AT_ONCE: usize = 500;

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
            let made = self.make_issues(set, now, again, now).await?;
            total.sent += made.sent;
            total.nothing_new += made.nothing_new;
            total.had_it += made.had_it;
        }
        Ok(total)
    }

    /// The issues of a set, in one transaction.
    async fn make_issues(&self, set: &[Reader], due: Timestamp, again: bool, now: Timestamp) -> Result<Sent> {
        let Some(&Reader { turn, .. }) = set.first() else { return Ok(Sent::default()) };
        let readers: Vec<MemberId> = set.iter().map(|reader| reader.member).collect();
        let mut tx = self.store.begin().await?;
        let group = groups::by_id(&mut tx, turn.group).await?;
        let day = turn.day(&group, due).to_string();
        let next = turn.next(&group, due, now);
        let locked = digests::lock(&mut tx, &readers, &turn, &day).await?;
        let (had_it, ready): (Vec<_>, Vec<_>) = locked.into_iter().partition(|(_, had)| *had > 0 && !again);
        let (had_it, ready) = (members(&had_it), members(&ready));
        digests::advance(&mut tx, &had_it, turn.cursor, next).await?;
        digests::advance(&mut tx, &ready, group.release_seq, next).await?;
        // Whom another server served meanwhile has it as well.
        let mut made = Sent { had_it: readers.len() - ready.len(), ..Sent::default() };
        let posts = match ready.as_slice() {
            [] => Vec::new(),
            _ => posts::released_between(&mut tx, group.id, turn.cursor, group.release_seq).await?,
        };
        if posts.is_empty() {
            made.nothing_new = ready.len();
        } else {
            let edition = self.edition_of(&mut tx, &group, &posts, due, now).await?;
            let (from_seq, to_seq) = (turn.cursor, group.release_seq);
            let issue = NewIssue { readers: &ready, day: &day, edition, from_seq, to_seq };
            digests::insert(&mut tx, &issue, now).await?;
            made.sent = ready.len();
        }
        tx.commit().await?;
        Ok(made)
    }
}

/// Readers of one turn, and not too many.
fn sets(readers: &[Reader]) -> impl Iterator<Item = &[Reader]> {
    readers.chunk_by(|one, other| one.turn == other.turn).flat_map(|same| same.chunks(MOST_AT_ONCE))
}

fn members(locked: &[(MemberId, i64)]) -> Vec<MemberId> {
    locked.iter().map(|(member, _)| *member).collect()
}
