//! PRIVATE: a moderator's words to an author alone. Neither learns the other's address.

use anyhow::Result;

use super::notice::Notice;
use super::notify::{Manner, Reader};
use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::model::group::Group;
use crate::model::member::Member;
use crate::model::post::{Post, PostState};
use crate::store::outbox::Lane;
use crate::store::{Db, members};

impl Lamplight {
    /// Send it. From and answers are `group-owner@`, so what the author writes back reaches all moderators.
    pub(super) async fn write_privately(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        by: &Member,
        words: &str,
        now: Timestamp,
    ) -> Result<()> {
        let author = members::by_id(db, post.author).await?;
        let notice = Notice::PrivateNote {
            about: post.id,
            moderator: by.name.clone(),
            note: words.to_owned(),
            subject: excerpt::line(&post.subject),
            text: excerpt::excerpt(post.written(), None),
            waits: post.state == PostState::Held,
        };
        let reader = [Reader::of(&author)];
        self.notify(db, Some(group), &author.name, &reader, &notice, Manner::Watched(Lane::Notice), now).await
    }
}
