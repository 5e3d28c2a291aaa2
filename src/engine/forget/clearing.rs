//! The words of mails that are to go: what waits is written anew without them, stopped, or asked again, and then the bytes
//! go. Nothing that is just being sent is touched.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::clock::Timestamp;
use crate::engine::Lamplight;
use crate::model::group::Group;
use crate::model::ids::PostId;
use crate::model::post::PostState;
use crate::store::forget::{self, Marked};
use crate::store::{Db, decisions, groups, posts, retraction};

/// So many are done in one tick.
const AT_ONCE: i64 = 20;

impl Lamplight {
    /// What of that can be done now, for the scheduler; gives how many.
    pub(in crate::engine) async fn clear_due(&self, now: Timestamp) -> Result<usize> {
        let due = forget::marked(&mut *self.store.read().await?, now, AT_ONCE).await?;
        let mut done = 0;
        for one in due {
            let mut tx = self.store.begin().await?;
            if let Some(group) = one.group {
                groups::lock(&mut tx, group).await?;
            }
            // Another server may have been first, or a copy was claimed meanwhile.
            let still = forget::marked(&mut tx, now, i64::MAX).await?;
            if let Some(one) = still.into_iter().find(|other| other.id == one.id) {
                done += usize::try_from(self.clear_one(&mut tx, &one, now).await?).unwrap_or_default();
            }
            tx.commit().await?;
        }
        Ok(done)
    }

    /// The same within a transaction that holds the group.
    pub(super) async fn clear_marked(&self, db: &mut Db, most: i64, now: Timestamp) -> Result<u64> {
        let mut done = 0;
        for one in forget::marked(db, now, most).await? {
            done += self.clear_one(db, &one, now).await?;
        }
        Ok(done)
    }

    async fn clear_one(&self, db: &mut Db, one: &Marked, now: Timestamp) -> Result<u64> {
        if one.waiting > 0
            && let Some(group) = one.group
        {
            let group = groups::by_id(db, group).await?;
            match one.kind.as_str() {
                "digest" => self.digest_without(db, &group, one, now).await?,
                "post" => self.copies_without(db, &group, one, now).await?,
                _ => self.asked_without(db, &group, one, now).await?,
            }
        }
        Ok(forget::clear_edition(db, &BTreeSet::from([one.id.0]), now).await?)
    }

    async fn digest_without(&self, db: &mut Db, group: &Group, one: &Marked, now: Timestamp) -> Result<()> {
        let mut rest = posts::in_edition(db, one.id).await?;
        let all: Vec<PostId> = rest.iter().map(|post| post.id).collect();
        let gone = forget::gone_among(db, &all).await?;
        rest.retain(|post| post.state == PostState::Published && !gone.contains(&post.id));
        let new = self.digest_anew(db, group, one.id, &rest, now).await?;
        retraction::replace_waiting(db, one.id, new, now).await?;
        Ok(())
    }

    async fn copies_without(&self, db: &mut Db, group: &Group, one: &Marked, now: Timestamp) -> Result<()> {
        let post = match forget::post_of(db, one.id).await? {
            Some(id) => posts::by_id(db, id).await?,
            None => None,
        };
        let Some(post) = post.filter(|post| post.state == PostState::Published) else {
            forget::drop_waiting(db, one.id, now).await?;
            return Ok(());
        };
        let is_gone = !forget::gone_among(db, &[post.id]).await?.is_empty();
        let release = forget::release_of(db, one.id).await?;
        let (false, Some(release)) = (is_gone, release) else {
            forget::drop_waiting(db, one.id, now).await?;
            return Ok(());
        };
        let new = self.single_anew(db, group, &post, (release, one.id), now).await?;
        retraction::replace_waiting(db, one.id, Some(new), now).await?;
        Ok(())
    }

    /// A notice that asks about somebody else's post is written once more as the post stands now.
    async fn asked_without(&self, db: &mut Db, group: &Group, one: &Marked, now: Timestamp) -> Result<()> {
        if forget::drop_waiting(db, one.id, now).await? == 0 {
            return Ok(());
        }
        let Some(id) = forget::post_of(db, one.id).await? else { return Ok(()) };
        if !forget::gone_among(db, &[id]).await?.is_empty() {
            return Ok(());
        }
        match posts::lock(db, id).await? {
            Some((_, post)) if post.state == PostState::Held && decisions::standing_for(db, id).await?.is_none() => {
                self.announce_hold(db, group, &post, None, now).await.map(drop)
            }
            _ => Ok(()),
        }
    }
}
