//! What a digest holds: everything past its readers' cursor, cut into mails of a good size, each written once and addressed many
//! times. What a mail was written of is kept with it, so that it can be written again without a post that was taken back.

mod forms;
mod page;
mod weight;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};

use super::Lamplight;
use crate::clock::Timestamp;
use crate::mail::compose::compose;
use crate::model::content;
use crate::model::digest::{Choice, Cut, Recipe, Unanswered, choose, cut, edition_key, reading_order};
use crate::model::group::Group;
use crate::model::ids::{EditionId, PostId, ThreadId};
use crate::model::member::Format;
use crate::model::post::{Post, PostState};
use crate::model::schedule::civil_day;
use crate::store::digests::{self, Numbered};
use crate::store::editions::{self, NewEdition};
use crate::store::{Db, names, posts, retraction, unanswered};

pub use crate::model::digest::Taste;
pub(super) use forms::Written;

/// No mail of a digest is longer (domain: mail programs cut what they show at about 102 KB).
pub const LONGEST: usize = 90_000;

/// What is new in a group for readers of one place, covered as it may leave now.
pub(super) struct News {
    /// The posts, by release.
    pub posts: Vec<Post>,
    /// The content notes on each.
    notes: Vec<Vec<String>>,
    /// First posts that wait for an answer.
    pub waiting: Vec<Unanswered>,
}

impl News {
    /// What somebody gets of it.
    pub fn choice(&self, taste: &Taste) -> Choice {
        choose(&self.posts, &self.notes, &self.waiting, taste)
    }

    /// The posts of each mail that somebody's issue consists of, and its recipe.
    pub fn parts(&self, choice: &Choice, dated: &Dated, room: usize) -> Vec<(Vec<Post>, Recipe)> {
        parts(&self.chosen(&choice.posts), choice, dated, room)
    }

    fn chosen(&self, ids: &[PostId]) -> Vec<Post> {
        self.posts.iter().filter(|post| ids.contains(&post.id)).cloned().collect()
    }
}

/// The civil day of an issue, with its volume and number.
#[derive(Debug, Clone)]
pub(super) struct Dated {
    /// `2026-11-24`
    pub day: String,
    /// Volume and number.
    pub numbered: Numbered,
}

impl Lamplight {
    /// These posts as they may leave now, and what waits for an answer from the time before `cursor`.
    pub(super) async fn news(
        &self,
        db: &mut Db,
        group: &Group,
        posts: &[Post],
        cursor: i64,
        now: Timestamp,
    ) -> Result<News> {
        // Somebody may have come to the roster since they were published.
        let roster = names::of_group(db, group).await?;
        let mut waiting = unanswered::in_group(db, group.id, cursor, self.words(group), now).await?;
        for one in &mut waiting {
            one.subject = self.covered_line(&one.subject, &roster);
        }
        let posts: Vec<Post> = posts.iter().map(|post| self.covered(post, &roster)).collect();
        let notes = posts.iter().map(|post| content::notes(&post.subject, &post.text)).collect();
        Ok(News { posts, notes, waiting })
    }

    /// The mails of an issue, in their order: each found again, or written once.
    pub(super) async fn issue_of(
        &self,
        db: &mut Db,
        group: &Group,
        news: &News,
        choice: &Choice,
        dated: &Dated,
        now: Timestamp,
    ) -> Result<Vec<EditionId>> {
        let chosen = news.chosen(&choice.posts);
        let mut room = LONGEST;
        loop {
            let parts = parts(&chosen, choice, dated, room);
            let mut editions = Vec::with_capacity(parts.len());
            let mut longest = 0;
            for (of_part, recipe) in &parts {
                let (edition, size) = self.edition_of(db, group, of_part, &news.waiting, recipe, now).await?;
                longest = longest.max(size);
                editions.push(edition);
            }
            match less_room(longest, room) {
                Some(less) => room = less,
                None => return Ok(editions),
            }
        }
    }

    /// The edition of these posts by this recipe, and its octets.
    async fn edition_of(
        &self,
        db: &mut Db,
        group: &Group,
        posts: &[Post],
        waiting: &[Unanswered],
        recipe: &Recipe,
        now: Timestamp,
    ) -> Result<(EditionId, usize)> {
        let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
        let firsts = self.headings(db, group, &threads_of(posts)).await?;
        let mut headings: Vec<PostId> = firsts.values().map(|first| first.id).collect();
        headings.sort_unstable();
        let kept = serde_json::to_string(recipe)?;
        // Covered otherwise, because somebody came to the roster, it is another one.
        let mut words: Vec<String> = posts.iter().map(|post| format!("{}\n{}", post.subject, post.text)).collect();
        let named = waiting.iter().filter(|one| recipe.waiting.contains(&one.post));
        words.extend(named.map(|one| one.subject.clone()));
        words.extend(firsts.values().map(|first| first.subject.clone()).collect::<BTreeSet<_>>());
        let key = edition_key(&group.name, &ids, &headings, &group.language, &kept, &words);
        let message_id = self.new_message_id();
        let new = NewEdition {
            kind: "digest",
            folder: "digest",
            group: Some(group.id),
            release: None,
            key: Some(&key),
            message_id: &message_id,
            message: &[],
            posts: &ids,
        };
        let Some(edition) = editions::insert_new(db, &new, now).await? else {
            return editions::by_key(db, &key).await?.context("an edition that is there is gone");
        };
        let written = Written { edition, message_id, at: now };
        let outgoing = self.digest_mail(db, group, posts, waiting, recipe, &firsts, &written).await?;
        let message = compose(&outgoing);
        editions::set_digest(db, edition, &message, &kept, &recipe.waiting).await?;
        Ok((edition, message.len()))
    }

    /// The same digest without posts that the group should not get any more; `None` when nothing is left of it.
    pub(super) async fn digest_anew(
        &self,
        db: &mut Db,
        group: &Group,
        edition: EditionId,
        rest: &[Post],
        now: Timestamp,
    ) -> Result<Option<EditionId>> {
        if rest.is_empty() {
            return Ok(None);
        }
        let kept = editions::recipe_of(db, edition).await?;
        let mut recipe = match kept.and_then(|kept| serde_json::from_str::<Recipe>(&kept).ok()) {
            Some(recipe) => recipe,
            // An earlier version kept none.
            None => plain_recipe(db, group, now).await?,
        };
        let news = self.news(db, group, rest, i64::MAX, now).await?;
        recipe.folded.retain(|id| rest.iter().any(|post| post.id == *id));
        recipe.waiting.retain(|id| news.waiting.iter().any(|one| one.post == *id));
        Ok(Some(self.edition_of(db, group, &news.posts, &news.waiting, &recipe, now).await?.0))
    }

    /// Digests that still wait in the outbox leave a retracted post out; gives how many were stopped or changed.
    pub(super) async fn leave_out_of_digests(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        now: Timestamp,
    ) -> Result<i64> {
        let mut changed = 0;
        for edition in retraction::waiting_digests_about(db, post.id, now).await? {
            let mut rest = posts::in_edition(db, edition).await?;
            let had_it = rest.iter().any(|other| other.id == post.id);
            // Not the time of publication: an earlier retraction left that where it was.
            rest.retain(|other| other.state == PostState::Published);
            let new = self.digest_anew(db, group, edition, &rest, now).await?;
            if new != Some(edition) {
                // One without the post may still have had its subject as a heading; that is no copy of the post.
                let replaced = retraction::replace_waiting(db, edition, new, now).await?;
                changed += if had_it { replaced } else { 0 };
            }
        }
        Ok(changed)
    }
}

/// The conversations of these posts.
pub(super) fn threads_of(posts: &[Post]) -> Vec<ThreadId> {
    posts.iter().map(|post| post.thread).collect::<BTreeSet<_>>().into_iter().collect()
}

/// With how much room an issue is cut once more, if its longest mail is too long: what a mail takes up is estimated before it is
/// written.
pub(super) fn less_room(longest: usize, room: usize) -> Option<usize> {
    // What can't be made to fit goes as it is: a mail that is shown in part beats no mail.
    (longest > LONGEST && room >= LONGEST / 2).then_some(room * 3 / 4)
}

/// A digest of today with nothing but posts.
async fn plain_recipe(db: &mut Db, group: &Group, now: Timestamp) -> Result<Recipe> {
    let day = civil_day(now, group.zone);
    let numbered = digests::next_number(db, group.id, day).await?;
    let (posts, folded, waiting) = (Vec::new(), Vec::new(), Vec::new());
    let choice = Choice { posts, folded, waiting, welcome: false, format: Format::default() };
    Ok(recipe(&choice, &Dated { day: day.to_string(), numbered }, &Cut { posts: Vec::new(), piece: None }, (1, 1)))
}

/// The posts of each mail of an issue, and its recipe, when a mail has so much room.
fn parts(posts: &[Post], choice: &Choice, dated: &Dated, room: usize) -> Vec<(Vec<Post>, Recipe)> {
    let order = reading_order(posts, &choice.folded);
    let mut begun = BTreeSet::new();
    let by_id = |id: &PostId| posts.iter().find(|post| post.id == *id);
    let weighed: Vec<(PostId, usize, usize)> = order
        .iter()
        .filter_map(by_id)
        .map(|post| {
            let begins = begun.insert(post.thread);
            (post.id, post.text.len(), weight::of_post(post, begins, choice.format))
        })
        .collect();
    let cuts = cut(&weighed, room.saturating_sub(weight::of_frame(choice.format)));
    let of = |cut: &Cut| posts.iter().filter(|post| cut.posts.contains(&post.id)).cloned().collect();
    let parts = cuts.len();
    cuts.iter().enumerate().map(|(at, cut)| (of(cut), recipe(choice, dated, cut, (at + 1, parts)))).collect()
}

fn recipe(choice: &Choice, dated: &Dated, cut: &Cut, (part, parts): (usize, usize)) -> Recipe {
    let has = |ids: &[PostId]| ids.iter().copied().filter(|id| cut.posts.contains(id)).collect();
    Recipe {
        day: dated.day.clone(),
        volume: dated.numbered.volume,
        number: dated.numbered.number,
        format: choice.format,
        welcome: choice.welcome && part == 1,
        folded: has(&choice.folded),
        waiting: if part == parts { choice.waiting.clone() } else { Vec::new() },
        part,
        parts,
        piece: cut.piece,
    }
}
