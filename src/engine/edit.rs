//! EDIT: the moderator's words in the place of the author's, what they would give away, and what was changed.

use anyhow::Result;

use super::notice::ShownPost;
use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::model::changes::{Change, changes};
use crate::model::group::Group;
use crate::model::lexicon::{Flag, Lexicon};
use crate::model::post::Post;
use crate::model::privacy::Named;
use crate::store::{Db, members, posts};

/// So many changes are told one by one.
const MOST_CHANGES: usize = 40;

impl Lamplight {
    /// The post as it would be published with these words.
    pub(super) fn with_words(post: &Post, words: &str) -> Post {
        Post { text: words.to_owned(), original: Some(post.written().to_owned()), ..post.clone() }
    }

    /// Put the words in the author's place; hers are kept.
    pub(super) async fn put_in_place(&self, db: &mut Db, post: &Post, words: &str) -> Result<Post> {
        posts::set_edited(db, post.id, words).await?;
        Ok(Self::with_words(post, words))
    }

    /// The edited post and what is changed in it, as moderators are shown both.
    pub(super) async fn shown_edited(
        &self,
        db: &mut Db,
        post: &Post,
        words: &str,
        now: Timestamp,
    ) -> Result<(ShownPost, Vec<Change>)> {
        let shown = self.shown(db, &Self::with_words(post, words), now).await?;
        let mut changed = changes(post.written(), words);
        changed.truncate(MOST_CHANGES);
        for change in &mut changed {
            change.taken_out = excerpt::excerpt(&change.taken_out, None);
            change.put_in = excerpt::excerpt(&change.put_in, None);
        }
        Ok((shown, changed))
    }

    /// What the privacy rule finds in words that would go out.
    pub(super) async fn named_in(&self, db: &mut Db, group: &Group, words: &str) -> Result<Vec<Named>> {
        Ok(members::names(db, group).await?.names(words))
    }
}

/// What the lexicon finds in an edited post.
pub(super) fn flags_of(post: &Post, words: &str, lexicon: &Lexicon) -> Vec<Flag> {
    lexicon.read_parts(&[&post.subject, words])
}
