//! PRIVATE: a moderator's words to an author alone. Neither learns the other's address.

use anyhow::Result;

use super::notice::{Notice, ToMember};
use super::notify::{Manner, Reader};
use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::mail::subject;
use crate::model::group::Group;
use crate::model::member::{Member, Role};
use crate::model::post::{Post, PostState};
use crate::store::outbox::Lane;
use crate::store::{Db, members};

impl Lamplight {
    /// Send it. What the author writes back goes on in a talk, and so reaches all moderators under her pseudonym.
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
        let talk = match author.role {
            Role::Member => {
                let base_subject = subject::read(&post.subject).base;
                Some(self.talk_with(db, &author, (&post.subject, &base_subject), now).await?.id)
            }
            Role::Moderator => None,
        };
        let notice = Notice::from(ToMember::PrivateNote {
            about: post.id,
            talk,
            moderator: by.name.clone(),
            note: words.to_owned(),
            subject: excerpt::line(&post.subject),
            text: excerpt::excerpt(post.written(), None, self.words(group)),
            waits: post.state == PostState::Held,
        });
        let reader = [Reader::of(&author)];
        self.notify(db, Some(group), &author.name, &reader, &notice, Manner::Watched(Lane::Notice), now).await
    }
}
