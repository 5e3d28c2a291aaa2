//! An alarm whose moderators have gone before it left goes to whoever looks after the group now: in the transaction that
//! drops the last copy, so that it is lost in no crash and told once.

use anyhow::Result;

use crate::clock::Timestamp;
use crate::engine::Lamplight;
use crate::engine::notify::Reader;
use crate::model::group::Group;
use crate::model::ids::{EditionId, PostId};
use crate::model::post::PostState;
use crate::store::{Db, decisions, groups, heirs, posts};

impl Lamplight {
    /// Drop the copies for moderators who have gone; where nobody else has the alarm or will have it, pass it on.
    pub(super) async fn pass_alarm_on(&self, alarm: EditionId, now: Timestamp) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let group = heirs::lock(&mut tx, alarm).await?;
        if heirs::drop_copies_of_the_gone(&mut tx, alarm, now).await? > 0
            && !heirs::has_reader(&mut tx, alarm).await?
            && let Some(group) = group
        {
            let group = groups::by_id(&mut tx, group).await?;
            match heirs::post_of(&mut tx, alarm).await? {
                Some(post) => self.announce_anew(&mut tx, &group, post, now).await?,
                None => {
                    for Reader { member, address, .. } in self.moderators_or_administrators(&mut tx, &group).await? {
                        heirs::give(&mut tx, alarm, member, &address, now).await?;
                    }
                }
            }
            tracing::warn!(edition.id = %alarm, group = %group.name, "an alarm waited until its moderators had gone, and is passed on");
        }
        tx.commit().await?;
        Ok(())
    }

    /// Whoever decides about a post needs a token of her own, and administrators don't read posts.
    async fn announce_anew(&self, db: &mut Db, group: &Group, post: PostId, now: Timestamp) -> Result<()> {
        match posts::lock(db, post).await? {
            Some((_, post))
                if post.state == PostState::Held && decisions::standing_for(db, post.id).await?.is_none() =>
            {
                self.announce_hold(db, group, &post, None, now).await.map(drop)
            }
            _ => Ok(()),
        }
    }
}
