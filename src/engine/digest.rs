//! What a digest holds: everything past its readers' cursor, written once per edition, addressed many times.

use std::collections::HashMap;

use anyhow::{Context as _, Result};

use super::Lamplight;
use super::notice::{Conversation, DigestPage};
use crate::clock::Timestamp;
use crate::mail::Mailbox;
use crate::mail::compose::{Outgoing, compose};
use crate::mail::envelope::TokenKind;
use crate::mail::headers::AutoSubmitted;
use crate::model::digest::{Bundle, edition_key, gather};
use crate::model::group::Group;
use crate::model::ids::{EditionId, PostId, ThreadId};
use crate::model::post::{Post, PostState};
use crate::model::schedule::civil_day;
use crate::store::editions::{self, NewEdition};
use crate::store::posts::{self, First};
use crate::store::{Db, names, retraction};

impl Lamplight {
    /// The edition of these posts: found again, or written once.
    pub(super) async fn edition_of(
        &self,
        db: &mut Db,
        group: &Group,
        posts: &[Post],
        day: Timestamp,
        now: Timestamp,
    ) -> Result<EditionId> {
        let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
        let bundles = gather(posts);
        let firsts = first_posts(db, &bundles).await?;
        let headings: Vec<PostId> =
            bundles.iter().filter_map(|bundle| firsts.get(&bundle.thread)).map(|first| first.id).collect();
        let day_text = civil_day(day, group.zone).to_string();
        let key = edition_key(&group.name, &ids, &headings, &group.language, &day_text);
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
        let outgoing = self.digest_mail(db, group, posts, day, edition, message_id, now).await?;
        editions::set_message(db, edition, &compose(&outgoing)).await?;
        Ok(edition)
    }

    /// A digest as it would leave, apart from its recipient.
    #[allow(clippy::too_many_arguments, reason = "every one is a fact of the mail")]
    pub(super) async fn digest_mail(
        &self,
        db: &mut Db,
        group: &Group,
        posts: &[Post],
        day: Timestamp,
        edition: EditionId,
        message_id: String,
        now: Timestamp,
    ) -> Result<Outgoing> {
        let page = self.digest_page(db, group, posts, day).await?;
        let rendered = self.renderer.digest(&group.language, &self.setting(Some(group), ""), &page)?;
        let token = self.store.key().token(TokenKind::Digest, edition.0, 1);
        let token = token.ok_or_else(|| anyhow::anyhow!("no token for edition {edition}"))?;
        Ok(Outgoing {
            from: Mailbox { name: group.title.clone(), address: self.scheme.group_address(&group.name, "")? },
            reply_to: Some(self.scheme.token_address(&group.name, TokenKind::Digest, &token)?),
            subject: rendered.subject,
            message_id,
            references: Vec::new(),
            date: now,
            zone: group.zone,
            list: Some(self.list_fields(group)?),
            auto_submitted: AutoSubmitted::Generated,
            language: group.language.clone(),
            text: rendered.text,
            html: Some(rendered.html),
            pictures: Vec::new(),
        })
    }

    /// What a digest of these posts shows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn digest_page(&self, db: &mut Db, group: &Group, posts: &[Post], day: Timestamp) -> Result<DigestPage> {
        // Somebody may have come to the roster since they were published.
        let roster = names::of_group(db, group).await?;
        let posts: Vec<Post> = posts.iter().map(|post| self.covered(post, &roster)).collect();
        let posts = posts.as_slice();
        let bundles = gather(posts);
        let mut firsts = first_posts(db, &bundles).await?;
        for first in firsts.values_mut() {
            first.subject = self.covered_line(&first.subject, &roster);
        }
        let parents: Vec<PostId> = posts.iter().filter_map(|post| post.parent).collect();
        let names = posts::authors_of(db, &parents).await?;
        let conversations = bundles
            .iter()
            .enumerate()
            .map(|(at, bundle)| self.conversation(group, at + 1, bundle, firsts.get(&bundle.thread), &names))
            .collect::<Result<_>>()?;
        Ok(DigestPage { day, count: posts.len(), conversations })
    }

    /// `names` are those of the posts that are answered.
    fn conversation(
        &self,
        group: &Group,
        number: usize,
        bundle: &Bundle<'_>,
        first: Option<&First>,
        names: &HashMap<PostId, String>,
    ) -> Result<Conversation> {
        let mut shown = Vec::with_capacity(bundle.posts.len());
        let mut authors: Vec<String> = Vec::new();
        let mut before = None;
        for post in &bundle.posts {
            // What stands right above needs no name.
            let answered = post.parent.filter(|parent| Some(*parent) != before);
            let answers = answered.and_then(|parent| names.get(&parent)).cloned();
            if !authors.contains(&post.shown_author()) {
                authors.push(post.shown_author());
            }
            shown.push(self.published(post, answers));
            before = Some(post.id);
        }
        Ok(Conversation {
            number,
            // The conversation's own subject may be that of a post which the group never got.
            subject: first.map(|first| first.subject.clone()).unwrap_or_default(),
            reply_to: self.thread_address(group, bundle.thread)?.as_str().to_owned(),
            continued: first.is_some_and(|first| Some(first.id) != bundle.posts.first().map(|post| post.id)),
            authors,
            posts: shown,
        })
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
            let new = if rest.is_empty() { None } else { Some(self.edition_of(db, group, &rest, now, now).await?) };
            if new != Some(edition) {
                // One without the post may still have had its subject as a heading; that is no copy of the post.
                let replaced = retraction::replace_waiting(db, edition, new, now).await?;
                changed += if had_it { replaced } else { 0 };
            }
        }
        Ok(changed)
    }
}

/// The posts that give these conversations their headings.
async fn first_posts(db: &mut Db, bundles: &[Bundle<'_>]) -> Result<HashMap<ThreadId, First>> {
    let threads: Vec<ThreadId> = bundles.iter().map(|bundle| bundle.thread).collect();
    Ok(posts::firsts_in(db, &threads).await?.into_iter().map(|first| (first.thread, first)).collect())
}
