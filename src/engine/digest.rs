//! Make digests: everything past a member's cursor, written once per edition, addressed many times.
//!
//! The cursor moves by compare-and-set in the transaction that writes the digest, so a digest is made once however
//! many servers tick. An empty day sends nothing.

use anyhow::Result;

use super::Lamplight;
use super::notice::{Conversation, DigestPage};
use super::roster::next_digest;
use crate::clock::Timestamp;
use crate::mail::Mailbox;
use crate::mail::compose::{Outgoing, compose};
use crate::mail::envelope::TokenKind;
use crate::mail::headers::AutoSubmitted;
use crate::model::digest::{Bundle, edition_key, gather};
use crate::model::group::Group;
use crate::model::ids::{EditionId, PostId};
use crate::model::member::{Delivery, Member, MemberState, Role};
use crate::model::post::{Post, PostState};
use crate::model::schedule::civil_day;
use crate::store::digests::{self, NewIssue};
use crate::store::editions::{self, NewEdition};
use crate::store::outbox::{self, Lane, NewRow, ReturnPath};
use crate::store::{Db, groups, members, posts, retraction};

/// What `digest send` did.
#[derive(Debug, Default, Clone, Copy, serde::Serialize)]
pub struct Sent {
    /// Digests written into the outbox.
    pub sent: usize,
    /// Members for whom there was nothing new.
    pub nothing_new: usize,
    /// Members who have today's already.
    pub had_it: usize,
}

impl Lamplight {
    /// Make every scheduled digest that is due; gives how many members were looked at.
    ///
    /// # Errors
    /// When the database fails; what was made stays made.
    pub async fn make_due_digests(&self, now: Timestamp) -> Result<usize> {
        let due = {
            let mut db = self.store.read().await?;
            members::with_digest_due(&mut db, now).await?
        };
        for member in &due {
            let mut tx = self.store.begin().await?;
            let group = groups::by_id(&mut tx, member.group).await?;
            // A missed issue keeps the day it was due.
            let day = member.next_digest_at.unwrap_or(now);
            self.make_issue(&mut tx, &group, member, day, false, now).await?;
            tx.commit().await?;
        }
        Ok(due.len())
    }

    /// Make today's digests of a group in place of the scheduled ones; with `again`, a further one of what is new since.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn send_digests(&self, group: &Group, again: bool, now: Timestamp) -> Result<Sent> {
        let readers = {
            let mut db = self.store.read().await?;
            let mut readers = members::of_group(&mut db, group.id, Role::Member).await?;
            readers.extend(members::of_group(&mut db, group.id, Role::Moderator).await?);
            readers
        };
        let mut sent = Sent::default();
        for member in readers.iter().filter(|member| member.state == MemberState::Active && member.delivery.is_digest())
        {
            let mut tx = self.store.begin().await?;
            match self.make_issue(&mut tx, group, member, now, again, now).await? {
                Issue::Made => sent.sent += 1,
                Issue::NothingNew => sent.nothing_new += 1,
                Issue::HadIt => sent.had_it += 1,
            }
            tx.commit().await?;
        }
        Ok(sent)
    }

    async fn make_issue(
        &self,
        db: &mut Db,
        group: &Group,
        member: &Member,
        due: Timestamp,
        again: bool,
        now: Timestamp,
    ) -> Result<Issue> {
        let zone = member.zone.unwrap_or(group.zone);
        let day = civil_day(due, zone);
        let day_text = day.to_string();
        let next = self.after(group, member, due, now);
        let ordinal = digests::count_of_day(db, member.id, &day_text).await?;
        if ordinal > 0 && !again {
            members::advance(db, member, member.cursor, next).await?;
            return Ok(Issue::HadIt);
        }
        let group = groups::by_id(db, group.id).await?;
        let posts = posts::released_between(db, group.id, member.cursor, group.release_seq).await?;
        if !members::advance(db, member, group.release_seq, next).await? {
            // Another server made it meanwhile, or the member changed; the next tick sees the new state.
            return Ok(Issue::HadIt);
        }
        if posts.is_empty() {
            return Ok(Issue::NothingNew);
        }
        let edition = self.edition_of(db, &group, &posts, due, now).await?;
        let issue = NewIssue {
            group: group.id,
            member: member.id,
            day: &day_text,
            ordinal,
            edition: Some(edition),
            from_seq: member.cursor,
            to_seq: group.release_seq,
        };
        digests::insert(db, &issue, now).await?;
        let row = NewRow {
            edition,
            member: Some(member.id),
            recipient: &member.address,
            return_path: ReturnPath::Verp,
            reply_token: None,
            lane: Lane::Digest,
        };
        outbox::insert(db, &row, now);
        Ok(Issue::Made)
    }

    /// The next scheduled digest; never a second one on the civil day of this one.
    fn after(&self, group: &Group, member: &Member, due: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let zone = member.zone.unwrap_or(group.zone);
        let next = next_digest(group, member, now)?;
        if civil_day(next, zone) == civil_day(due, zone) {
            let weekly = member.delivery == Delivery::Weekly;
            return Some(group.schedule.next_after(next, zone, member.hour, weekly));
        }
        Some(next)
    }

    /// The edition of these posts: found again, or written once.
    async fn edition_of(
        &self,
        db: &mut Db,
        group: &Group,
        posts: &[Post],
        day: Timestamp,
        now: Timestamp,
    ) -> Result<EditionId> {
        let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
        let mut headings = Vec::new();
        for bundle in gather(posts) {
            headings.extend(posts::first_published_in(db, bundle.thread).await?.map(|post| post.id));
        }
        let day_text = civil_day(day, group.zone).to_string();
        let key = edition_key(&group.name, &ids, &headings, &group.language, &day_text);
        if let Some(edition) = editions::by_key(db, &key).await? {
            return Ok(edition);
        }
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
        let edition = editions::insert(db, &new, now).await?;
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
        })
    }

    /// What a digest of these posts shows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn digest_page(&self, db: &mut Db, group: &Group, posts: &[Post], day: Timestamp) -> Result<DigestPage> {
        let mut conversations = Vec::new();
        for (at, bundle) in gather(posts).iter().enumerate() {
            conversations.push(self.conversation(db, group, at + 1, bundle).await?);
        }
        Ok(DigestPage { day, count: posts.len(), conversations })
    }

    async fn conversation(
        &self,
        db: &mut Db,
        group: &Group,
        number: usize,
        bundle: &Bundle<'_>,
    ) -> Result<Conversation> {
        // The conversation's own subject may be that of a post which the group never got.
        let first = posts::first_published_in(db, bundle.thread).await?;
        let subject = first.as_ref().map(|post| post.subject.clone()).unwrap_or_default();
        let first = first.map(|post| post.id);
        let mut shown = Vec::with_capacity(bundle.posts.len());
        let mut authors: Vec<String> = Vec::new();
        for (at, post) in bundle.posts.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| bundle.posts[at].id);
            let answers = match post.parent.filter(|parent| Some(*parent) != before) {
                Some(parent) => posts::by_id(db, parent).await?.filter(|parent| parent.state == PostState::Published),
                None => None,
            };
            if !authors.contains(&post.shown_author()) {
                authors.push(post.shown_author());
            }
            shown.push(self.published(post, answers.map(|parent| parent.shown_author())));
        }
        Ok(Conversation {
            number,
            subject,
            reply_to: self.thread_address(group, bundle.thread)?.as_str().to_owned(),
            continued: first.is_some() && first != bundle.posts.first().map(|post| post.id),
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
            let ids = editions::posts_of(db, edition).await?;
            let had_it = ids.contains(&post.id);
            let mut rest = Vec::new();
            for id in ids {
                // Not the time of publication: an earlier retraction left that where it was.
                rest.extend(posts::by_id(db, id).await?.filter(|other| other.state == PostState::Published));
            }
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

enum Issue {
    Made,
    NothingNew,
    HadIt,
}
