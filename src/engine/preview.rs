//! Look at a digest before it is made. Nothing is written: no cursor moves, and its reply address opens nothing.

use anyhow::Result;

use super::Lamplight;
use crate::clock::Timestamp;
use crate::mail::compose::{Outgoing, address_copy, compose};
use crate::model::group::Group;
use crate::model::ids::EditionId;
use crate::model::member::Member;
use crate::store::{Db, posts};

/// How many posts a preview for nobody in particular shows.
const LATEST: i64 = 20;

/// A digest that was not made.
pub struct Preview {
    /// Its parts.
    pub mail: Outgoing,
    /// The message as it would leave; without a To for nobody in particular.
    pub bytes: Vec<u8>,
    /// How many posts are in it.
    pub count: usize,
}

impl Lamplight {
    /// What a member would get now, or the latest posts for nobody in particular; `None` when nothing is new.
    ///
    /// # Errors
    /// When a template or the database fails.
    pub async fn preview_digest(
        &self,
        db: &mut Db,
        group: &Group,
        member: Option<&Member>,
        now: Timestamp,
    ) -> Result<Option<Preview>> {
        let posts = match member {
            Some(member) => posts::released_between(db, group.id, member.cursor, group.release_seq).await?,
            None => posts::latest_published(db, group.id, LATEST).await?,
        };
        if posts.is_empty() {
            return Ok(None);
        }
        // No edition has the id 0.
        let mail = self.digest_mail(db, group, &posts, now, EditionId(0), self.new_message_id(), now).await?;
        let mut bytes = compose(&mail);
        if let Some(member) = member {
            bytes = address_copy(&bytes, &member.address, None);
        }
        Ok(Some(Preview { mail, bytes, count: posts.len() }))
    }
}
