//! What ended an alert no longer holds: its decision was undone, or whoever had it in hand has gone. It is asked anew, from
//! the first on call.

use anyhow::Result;

use super::Lamplight;
use super::notice::Again;
use crate::clock::Timestamp;
use crate::model::group::Group;
use crate::model::ids::{AlertId, MemberId};
use crate::model::post::{Post, PostState};
use crate::store::{Db, decisions, posts};

impl Lamplight {
    /// Nobody has this post in hand any more, and it may tell of a danger: the ladder begins again.
    pub(super) async fn ask_anew(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        again: Option<Again>,
        now: Timestamp,
    ) -> Result<AlertId> {
        // An earlier MINE would be the answer to the new alert.
        posts::set_claimed(db, post.id, None).await?;
        let post = Post { claimed_by: None, ..post.clone() };
        self.raise_about_post(db, group, &post, again, now).await
    }

    /// A moderator decides no longer: what she took upon herself and may tell of a danger is asked anew.
    pub(super) async fn let_go(&self, db: &mut Db, moderator: MemberId, now: Timestamp) -> Result<()> {
        for id in posts::claimed_by(db, moderator).await? {
            let Some((group, post)) = posts::lock(db, id).await? else { continue };
            let is_hers = post.claimed_by == Some(moderator) && post.state == PostState::Held;
            if is_hers && post.is_urgent() && decisions::standing_for(db, id).await?.is_none() {
                self.ask_anew(db, &group, &post, None, now).await?;
            }
        }
        Ok(())
    }
}
