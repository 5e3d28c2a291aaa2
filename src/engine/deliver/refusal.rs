//! Two rare things on the way out: the administrators hear that the smarthost takes nothing of ours, and a digest is
//! written anew without a post that was taken back.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::clock::Timestamp;
use crate::engine::Lamplight;
use crate::engine::notice::{Notice, ToAdministrators};
use crate::engine::notify::{Manner, Reader};
use crate::model::ids::PostId;
use crate::store::outbox::Lane;
use crate::store::{deliveries, groups, posts};

const DAY: i64 = 86_400;

impl Lamplight {
    /// One notice, and one a day at most, which leaves when the smarthost takes our mail again; until then `doctor`
    /// says so.
    pub(super) async fn tell_refusal(&self, since: Timestamp, cause: &str, now: Timestamp) -> Result<()> {
        let administrators: Vec<Reader> = self.administrators().iter().map(Reader::administrator).collect();
        let us = self.scheme.group_address("postmaster", "")?;
        let mut tx = self.store.begin().await?;
        let notice = Notice::from(ToAdministrators::Refused { since, cause: cause.to_owned() });
        if administrators.is_empty()
            || deliveries::waits_of(&mut tx, notice.folder()).await?
            || !self.may_answer(&mut tx, notice.folder(), &us, 1, DAY, now).await?
        {
            return Ok(());
        }
        self.notify(&mut tx, None, "", &administrators, &notice, Manner::Watched(Lane::Notice), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A digest that was under way when one of its posts was taken back, and came round again, is written anew.
    pub(super) async fn leave_out_retracted(&self, retracted: &BTreeSet<PostId>, now: Timestamp) -> Result<()> {
        let mut tx = self.store.begin().await?;
        for id in retracted {
            if let Some(post) = posts::by_id(&mut tx, *id).await? {
                let group = groups::by_id(&mut tx, post.group).await?;
                self.leave_out_of_digests(&mut tx, &group, &post, now).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }
}
