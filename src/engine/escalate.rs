//! ESCALATE: a moderator asks everybody else who looks after the group, now.

use anyhow::Result;

use super::Lamplight;
use super::notice::{Notice, ToModerators};
use super::notify::{Manner, Reader};
use crate::clock::Timestamp;
use crate::model::group::Group;
use crate::model::member::Member;
use crate::model::post::Post;
use crate::store::outbox::Lane;
use crate::store::tokens::Purpose;
use crate::store::{Db, members};

impl Lamplight {
    /// Tell the other moderators and the administrators of a post that a moderator can't or won't decide alone; gives whom.
    /// `waits`: it is held and nobody has decided.
    pub(super) async fn escalate(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        by: &Member,
        waits: bool,
        now: Timestamp,
    ) -> Result<Vec<String>> {
        let mut others = members::active_moderators(db, group.id).await?;
        others.retain(|moderator| moderator.id != by.id);
        let mut asked: Vec<String> = others.iter().map(|moderator| moderator.name.clone()).collect();
        let mut notice = Notice::from(ToModerators::Escalated {
            post: self.shown(db, group, post, now).await?,
            moderator: by.name.clone(),
            knowing: self.knowing(db, group, post).await?,
            waits,
            administrators: false,
        });
        let purpose = if waits { Purpose::Decide } else { Purpose::Echo };
        let readers = self.readers_with_tokens(db, purpose, &others, post, now).await?;
        let urgent = Manner::Watched(Lane::Urgent);
        self.notify(db, Some(group), "", &readers, &notice, urgent, now).await?;
        let readers: Vec<Reader> = self.administrators().iter().map(Reader::administrator).collect();
        if !readers.is_empty() {
            asked.push(self.words(group).say("names.administrators").to_owned());
            if let Notice::Moderators(ToModerators::Escalated { administrators, .. }) = &mut notice {
                *administrators = true;
            }
            self.notify(db, Some(group), "", &readers, &notice, urgent, now).await?;
        }
        tracing::info!(post.id = %post.id, group = %group.name, asked = asked.len(), "escalated");
        Ok(asked)
    }
}
