//! What a digest shows, whatever its form.

use std::collections::HashMap;

use anyhow::Result;

use super::super::notice::{Conversation, DigestPage, DigestPost, Waiting};
use super::super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::model::content;
use crate::model::digest::{Bundle, Recipe, Unanswered, gather, piece_of};
use crate::model::group::Group;
use crate::model::ids::{PostId, ThreadId};
use crate::model::post::Post;
use crate::model::schedule::noon;
use crate::store::posts::{self, First};
use crate::store::{Db, names};

/// What the posts of a digest lean on.
struct Around<'a> {
    /// The posts that give the conversations their headings.
    firsts: &'a HashMap<ThreadId, First>,
    /// Under which name those are shown that are answered, and when they were published.
    answered: HashMap<PostId, (String, Timestamp)>,
}

impl Lamplight {
    /// What stands over these conversations: covered as it may leave now, no longer than a line, and of no post that the group
    /// does not have.
    pub(in super::super) async fn headings(
        &self,
        db: &mut Db,
        group: &Group,
        threads: &[ThreadId],
    ) -> Result<HashMap<ThreadId, First>> {
        let roster = names::of_group(db, group).await?;
        let firsts = posts::firsts_in(db, threads).await?.into_iter();
        let covered = |first: First| {
            let subject = excerpt::line(&self.covered_line(&first.subject, &roster));
            (first.thread, First { subject, ..first })
        };
        Ok(firsts.map(covered).collect())
    }

    /// What a digest of these posts shows; they are covered already.
    pub(super) async fn digest_page(
        &self,
        db: &mut Db,
        group: &Group,
        posts: &[Post],
        waiting: &[Unanswered],
        recipe: &Recipe,
        firsts: &HashMap<ThreadId, First>,
    ) -> Result<DigestPage> {
        let parents: Vec<PostId> = posts.iter().filter_map(|post| post.parent).collect();
        let around = Around { firsts, answered: posts::named(db, &parents, self.words(group)).await? };
        let conversations = gather(posts)
            .iter()
            .enumerate()
            .map(|(at, bundle)| self.conversation(group, at + 1, bundle, &around, recipe))
            .collect::<Result<_>>()?;
        let waiting = waiting.iter().filter(|one| recipe.waiting.contains(&one.post));
        let waiting = waiting
            .map(|one| {
                Ok(Waiting {
                    subject: excerpt::line(&one.subject),
                    author: one.author.clone(),
                    at: one.at,
                    reply_to: self.thread_address(group, one.thread)?.as_str().to_owned(),
                })
            })
            .collect::<Result<_>>()?;
        Ok(DigestPage {
            day: noon(&recipe.day, group.zone),
            volume: recipe.volume,
            number: recipe.number,
            part: recipe.part,
            parts: recipe.parts,
            count: posts.len(),
            welcome: recipe.welcome,
            conversations,
            folded: recipe.folded.len(),
            waiting,
        })
    }

    fn conversation(
        &self,
        group: &Group,
        number: usize,
        bundle: &Bundle<'_>,
        around: &Around<'_>,
        recipe: &Recipe,
    ) -> Result<Conversation> {
        let first = around.firsts.get(&bundle.thread);
        let mut shown = Vec::with_capacity(bundle.posts.len());
        let mut authors: Vec<String> = Vec::new();
        let mut before = None;
        for post in &bundle.posts {
            // What stands right above needs no name.
            let answered = post.parent.filter(|parent| Some(*parent) != before);
            let answered = answered.and_then(|parent| Some((parent, around.answered.get(&parent)?)));
            let is_here = |parent: PostId| bundle.posts.iter().any(|other| other.id == parent);
            let author = post.shown_author(self.words(group));
            if !authors.contains(&author) {
                authors.push(author);
            }
            let mut published = self.published(group, post, answered.map(|(_, (name, _))| name.clone()));
            if let Some(piece) = recipe.piece {
                piece_of(&post.text, piece).clone_into(&mut published.text);
            }
            shown.push(DigestPost {
                post: published,
                answered_at: answered.filter(|(parent, _)| !is_here(*parent)).map(|(_, (_, at))| *at),
                folded: recipe.folded.contains(&post.id),
                notes: content::notes(&post.subject, &post.text),
                piece: recipe.piece,
            });
            before = Some(post.id);
        }
        Ok(Conversation {
            number,
            // The conversation's own subject may be that of a post which the group never got.
            subject: first.map(|first| first.subject.clone()).unwrap_or_default(),
            reply_to: self.thread_address(group, bundle.thread)?.as_str().to_owned(),
            continued: first.is_some_and(|first| Some(first.id) != bundle.posts.first().map(|post| post.id)),
            on_top: bundle.posts.iter().any(|post| post.on_top),
            authors,
            posts: shown,
        })
    }
}
