//! Many posts in one person's name drown nobody: of those that came within an hour the first have a notice each, then one says
//! that more wait. All of them are held like any other. What may tell of a danger, or of a wish not to live, is told alone,
//! always, and uses up nobody's room.

use anyhow::Result;

use super::Lamplight;
use super::notice::{Notice, ToModerators};
use super::notify::{Manner, Reader};
use crate::clock::Timestamp;
use crate::model::group::Group;
use crate::model::ids::MemberId;
use crate::model::member::Member;
use crate::model::post::Post;
use crate::store::outbox::Lane;
use crate::store::{Db, posts};

const HOUR: i64 = 3_600;
/// So many of one author within an hour are told one by one, and reminded of one by one (docs/moderators.md).
const MOST_ALONE: i64 = 30;

impl Lamplight {
    /// Whether people get a notice of this post alone, which has just come.
    pub(super) async fn is_told_alone(&self, db: &mut Db, post: &Post, now: Timestamp) -> Result<bool> {
        if post.goes_first() {
            return Ok(true);
        }
        Ok(posts::waiting_since(db, post.author, now.plus_seconds(-HOUR)).await? <= MOST_ALONE)
    }

    /// Ask that once about many authors.
    pub(super) async fn look_up_waiting(&self, db: &mut Db, authors: &[MemberId], now: Timestamp) -> Result<()> {
        Ok(posts::look_up_waiting(db, authors, now.plus_seconds(-HOUR)).await?)
    }

    /// Whether people are reminded of it alone. All posts of a flood are late at once.
    pub(super) async fn is_reminded_of_alone(
        &self,
        db: &mut Db,
        post: &Post,
        author: &Member,
        now: Timestamp,
    ) -> Result<bool> {
        let kind = format!("reminded-alone/{}", post.group);
        Ok(post.goes_first() || self.may_answer(db, &kind, &author.address, MOST_ALONE, HOUR, now).await?)
    }

    /// One notice an hour for all posts of an author that are not told alone.
    pub(super) async fn tell_of_more(
        &self,
        db: &mut Db,
        group: &Group,
        author: &Member,
        readers: &[Reader],
        now: Timestamp,
    ) -> Result<()> {
        let kind = format!("held-more/{}", group.id);
        if !self.may_answer(db, &kind, &author.address, 1, HOUR, now).await? {
            return Ok(());
        }
        let waiting = posts::waiting_of(db, author.id).await?;
        tracing::warn!(group = %group.name, member.id = %author.id, waiting, "so many posts of one author that they are told together");
        let notice = Notice::from(ToModerators::HeldMore {
            author: author.shown_name(self.words(group)),
            waiting,
            most: MOST_ALONE,
        });
        self.notify(db, Some(group), "", readers, &notice, Manner::Watched(Lane::Notice), now).await
    }
}
