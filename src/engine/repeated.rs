//! One mail that comes as several messages: a server hands its recipients over one by one, or sends it again by another way.
//! It is one post in a group, whatever stands in its Received fields.
//!
//! The same Message-ID alone says nothing: another body under it is another message (promise I1).

use std::collections::HashSet;

use anyhow::Result;

use super::Lamplight;
use super::arrival::{Arrival, post_text};
use crate::mail::Incoming;
use crate::model::group::Group;
use crate::model::ids::ThreadId;
use crate::model::lexicon::{Flag, any_is_urgent};
use crate::model::member::Member;
use crate::model::post::Post;
use crate::store::{Db, posts, spool, threads};

/// Whether a post has these words, and whatever danger is in them.
pub(super) fn is_same(post: &Post, message: &Incoming, flags: &[Flag]) -> bool {
    let urgent = any_is_urgent(flags);
    post.written() == post_text(message) && post.attachments == message.attachments && (post.is_urgent() || !urgent)
}

impl Lamplight {
    /// Mark the messages whose Message-ID came before, or more than once among these: one look for all of them. Nobody else
    /// takes mail of their groups meanwhile.
    pub(super) async fn mark_repeated(&self, arrivals: &mut [Arrival]) -> Result<()> {
        let ids: Vec<&str> = arrivals.iter().filter_map(|arrival| arrival.message.message_id.as_deref()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let mut repeated = spool::known_message_ids(&mut *self.store.read().await?, &ids).await?;
        let mut seen = HashSet::new();
        repeated.extend(ids.into_iter().filter(|id| !seen.insert(*id)).map(str::to_owned));
        for arrival in arrivals {
            arrival.repeated = arrival.message.message_id.as_ref().is_some_and(|id| repeated.contains(id));
        }
        Ok(())
    }

    /// The post that another copy of this mail made in the group: of the same author, with the same Message-ID, subject and
    /// words. Danger that was not in it then makes it another message.
    pub(super) async fn post_of_another_copy(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        author: &Member,
        flags: &[Flag],
    ) -> Result<Option<Post>> {
        let earlier = self.posts_of_other_copies(db, arrival, group, author).await?;
        let words = self.words(group);
        let is_copy = |post: &Post| {
            post.written_subject() == arrival.post_subject(words) && is_same(post, &arrival.message, flags)
        };
        Ok(earlier.into_iter().find(is_copy))
    }

    /// The posts that other copies of this mail may have made in the group.
    pub(super) async fn posts_of_other_copies(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        author: &Member,
    ) -> Result<Vec<Post>> {
        match arrival.message.message_id.as_deref().filter(|_| arrival.repeated) {
            Some(id) => Ok(posts::by_message_id(db, group.id, author.id, id).await?),
            None => Ok(Vec::new()),
        }
    }

    /// The address of a conversation says more than any header, whichever copy comes first: a conversation that the first
    /// one began is continued in the one that the second one names.
    pub(super) async fn continue_in(&self, db: &mut Db, post: &Post, named: Option<ThreadId>) -> Result<()> {
        let Some(named) = named.filter(|named| *named != post.thread) else { return Ok(()) };
        if threads::first_post(db, post.thread).await? == Some(post.id) {
            threads::continue_in(db, post.thread, named).await?;
        }
        Ok(())
    }
}
