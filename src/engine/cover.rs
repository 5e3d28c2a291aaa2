//! What the group gets of a post: no words reach members but through here.
//!
//! A post is covered when it is kept, so that moderators see what they decide about, and once more when it leaves: somebody may
//! have come to the roster meanwhile.

use anyhow::Result;

use super::Lamplight;
use crate::clock::Timestamp;
use crate::mail::Incoming;
use crate::model::group::Group;
use crate::model::member::{Member, Role};
use crate::model::post::Post;
use crate::model::privacy::{Roster, is_in_use, learnable, looked_for_alone};
use crate::model::text::{self, ForGroup, Words};
use crate::store::{Db, names, posts};

use super::arrival::{Arrival, post_subject, post_text};

/// So many posts tell which words are everybody's.
const LATEST: i64 = 300;

impl Lamplight {
    /// What the group would get of a message of somebody on its roster.
    pub(super) fn for_group(&self, message: &Incoming, author: Role, roster: &Roster) -> ForGroup {
        let words = if author == Role::Moderator { Words::Moderator } else { Words::Member };
        let say = self.renderer.words(roster.language());
        text::for_group(post_subject(message, say), post_text(message), words, roster, &self.kept)
    }

    /// The post with the words that may leave now.
    pub(super) fn covered(&self, post: &Post, roster: &Roster) -> Post {
        let words = match (post.author_role, post.edited_since) {
            (Role::Moderator, _) => Words::Moderator,
            (Role::Member, None) => Words::Member,
            (Role::Member, Some(_)) => Words::Edited(post.written_subject(), post.written()),
        };
        let for_group = text::for_group(&post.subject, &post.text, words, roster, &self.kept);
        with_words(post, &for_group)
    }

    /// A heading as it may leave now.
    pub(super) fn covered_line(&self, line: &str, roster: &Roster) -> String {
        text::for_group(line, "", Words::Moderator, roster, &self.kept).subject.text
    }

    /// The same for a post that leaves now; what is taken out of it is kept beside.
    pub(super) async fn cover_once_more(&self, db: &mut Db, group: &Group, post: &Post) -> Result<Post> {
        let roster = names::of_group(db, group).await?;
        let covered = self.covered(post, &roster);
        if covered.text != post.text || covered.subject != post.subject {
            posts::set_words(db, &covered).await?;
            tracing::info!(post.id = %post.id, group = %group.name, "covered once more");
        }
        Ok(covered)
    }

    /// The post as it would be published with a moderator's words.
    pub(super) async fn edited(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        words: &str,
        now: Timestamp,
    ) -> Result<Post> {
        let original = Some(post.written().to_owned());
        let edited = Post { text: words.to_owned(), original, edited_since: Some(now), ..post.clone() };
        let roster = names::of_group(db, group).await?;
        Ok(self.covered(&edited, &roster))
    }

    /// A member's own mail program tells her name: it is looked for from now on, in her own words too.
    pub(super) async fn learn_name(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
    ) -> Result<()> {
        // Whoever writes in her name teaches us none, where that can be known.
        if member.role != Role::Member || self.is_not_verified(arrival) {
            return Ok(());
        }
        let seen = [member.name.as_str(), group.title.as_str()];
        let Some(name) = arrival.author_name().and_then(|name| learnable(name, &seen)) else { return Ok(()) };
        if names::knows(db, group, member.id, &name).await? {
            return Ok(());
        }
        let is_hers = !self.is_in_use(db, group, member, &name).await?;
        Ok(names::learn(db, group, member.id, &name, is_hers, arrival.now).await?)
    }

    /// Whether a part of a name is a word that the others use: taken for a name it would be gone from all they say.
    async fn is_in_use(&self, db: &mut Db, group: &Group, member: &Member, name: &str) -> Result<bool> {
        let alone = looked_for_alone(name, &group.language);
        if alone.is_empty() {
            return Ok(false);
        }
        let said = posts::latest_of_others(db, group.id, member.id, LATEST).await?;
        Ok(is_in_use(&alone, said.iter().map(|(author, text)| (*author, text.as_str()))))
    }
}

/// The post with what the group would get of it in the place of its words, which are kept beside.
pub(super) fn with_words(post: &Post, for_group: &ForGroup) -> Post {
    let mut covered = post.clone();
    if for_group.text.text != post.text {
        covered.original = Some(post.written().to_owned());
        covered.text.clone_from(&for_group.text.text);
    }
    if for_group.subject.text != post.subject {
        covered.original_subject = Some(post.written_subject().to_owned());
        covered.subject.clone_from(&for_group.subject.text);
    }
    covered
}
