//! EDIT: the moderator's words in the place of the author's, what they would give away, and what was changed.

use anyhow::Result;

use super::notice::ShownPost;
use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::model::changes::{Change, changes};
use crate::model::group::Group;
use crate::model::ids::MemberId;
use crate::model::lexicon::{Flag, Lexicon};
use crate::model::post::Post;
use crate::model::privacy::Named;
use crate::store::{Db, names, posts};

/// So many changes are told one by one.
const MOST_CHANGES: usize = 40;

impl Lamplight {
    /// Put the words in the author's place; hers are kept.
    pub(super) async fn put_in_place(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        words: &str,
        now: Timestamp,
    ) -> Result<Post> {
        let edited = self.edited(db, group, post, words, now).await?;
        posts::set_words(db, &edited).await?;
        Ok(edited)
    }

    /// The edited post and what is changed in it, as moderators are shown both.
    pub(super) async fn shown_edited(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        words: &str,
        now: Timestamp,
    ) -> Result<(ShownPost, Vec<Change>)> {
        let edited = self.edited(db, group, post, words, now).await?;
        let shown = self.shown(db, group, &edited, now).await?;
        let mut changed = changes(post.written(), &edited.text);
        changed.truncate(MOST_CHANGES);
        for change in &mut changed {
            change.taken_out = excerpt::excerpt(&change.taken_out, None, self.words(group));
            change.put_in = excerpt::excerpt(&change.put_in, None, self.words(group));
        }
        Ok((shown, changed))
    }

    /// Who is named in words that would go out; to one person alone, whose own address and name give nothing away.
    pub(super) async fn named_in(
        &self,
        db: &mut Db,
        group: &Group,
        words: &str,
        reader: Option<MemberId>,
    ) -> Result<Vec<Named>> {
        Ok(match reader {
            Some(reader) => names::of_others(db, group, reader).await?.names(words),
            None => names::of_group(db, group).await?.names(words),
        })
    }
}

/// What the lexicon finds in an edited post.
pub(super) fn flags_of(post: &Post, words: &str, lexicon: &Lexicon) -> Vec<Flag> {
    lexicon.read_parts(&[&post.subject, words])
}
