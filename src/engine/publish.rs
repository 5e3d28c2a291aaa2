//! Release a post to its group, and take one back. Number, edition and outbox rows are written together.

use anyhow::{Context as _, Result};

use super::Lamplight;
use super::notice::{Notice, PublishedPost, SinglePage, ToMember, ToModerators};
use super::notify::{Manner, Reader};
use crate::clock::Timestamp;
use crate::mail::compose::{Outgoing, compose};
use crate::mail::envelope::TokenKind;
use crate::mail::headers::{AutoSubmitted, ListFields};
use crate::mail::{Address, Mailbox};
use crate::model::group::{Group, Subjects};
use crate::model::ids::{DecisionId, EditionId, ThreadId};
use crate::model::member::{Delivery, Format, Member, MemberState, Role};
use crate::model::policy::Policy;
use crate::model::post::{Post, PostState};
use crate::store::editions::{self, NewEdition};
use crate::store::outbox::{self, Lane, NewRow, ReturnPath};
use crate::store::tokens::Purpose;
use crate::store::{Db, decisions, groups, members, mutes, names, posts, retraction, threads, unread};

/// What lets a post go to its group (promise I2).
#[derive(Debug, Clone, Copy)]
pub enum Release {
    /// A person's decision.
    Decision(DecisionId),
    /// A named policy.
    Policy(Policy),
}

/// The word for an edition of single mails without a page.
const AS_TEXT: &str = "single-text";

/// One form of a post as a mail of its own.
#[derive(Clone, Copy)]
struct Single<'a> {
    release_id: i64,
    /// By which it is found again.
    key: Option<&'a str>,
    message_id: &'a str,
    /// For readers who want plain text and nothing else.
    is_text: bool,
}

impl Lamplight {
    /// The group gets the post: as single mails now, with the next digests later.
    pub(super) async fn release(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        release: Release,
        now: Timestamp,
    ) -> Result<()> {
        let post = &self.cover_once_more(db, group, post).await?;
        let seq = groups::next_release_seq(db, group).await?;
        let seq = seq.context("the group began or ceased to hold everything meanwhile")?;
        let (decision, policy) = match release {
            Release::Decision(id) => (Some(id.0), None),
            Release::Policy(policy) => (None, Some(policy.word())),
        };
        let release_id = posts::insert_release(db, post, seq, decision, policy, now).await?;
        posts::set_published(db, post.id, seq, now).await?;
        let post =
            Post { state: PostState::Published, published_at: Some(now), release_seq: Some(seq), ..post.clone() };
        self.write_single(db, group, &post, release_id, now).await?;
        if policy.is_some() {
            self.to_be_read(db, group, &post, now).await?;
        }
        if decision.is_some() {
            self.author_is_known(db, group, &post, now).await?;
        }
        tracing::info!(post.id = %post.id, group = %group.name, seq, "published");
        Ok(())
    }

    async fn write_single(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        release_id: i64,
        now: Timestamp,
    ) -> Result<()> {
        let key = format!("post/{release_id}/{}", group.language);
        let message_id = self.new_message_id();
        let page = Single { release_id, key: Some(&key), message_id: &message_id, is_text: false };
        let edition = self.single(db, group, post, page, now).await?;
        threads::remember_message_id(db, group.id, &message_id, post.id);
        outbox::insert_each(db, edition, (group.id, post), false, now).await?;
        if outbox::any_each_as_text(db, group.id).await? {
            // The same post in another dress: answers to either name the same mail.
            let key = format!("{key}/text");
            let text = Single { key: Some(&key), is_text: true, ..page };
            let edition = self.single(db, group, post, text, now).await?;
            outbox::insert_each(db, edition, (group.id, post), true, now).await?;
        }
        Ok(())
    }

    /// Single mails of what waits for a digest that will not come: its reader wants each post from now on.
    pub(super) async fn send_what_waits(
        &self,
        db: &mut Db,
        group: &Group,
        reader: &Member,
        now: Timestamp,
    ) -> Result<()> {
        let muted = mutes::of(db, &[reader.id]).await?;
        let roster = names::of_group(db, group).await?;
        let folder = if reader.format == Format::Text { AS_TEXT } else { "single" };
        for post in posts::released_between(db, group.id, reader.cursor, group.release_seq).await? {
            if !post.on_top && muted.contains(&(reader.id, post.thread)) {
                continue;
            }
            let covered = self.covered(&post, &roster);
            let is_as_it_was = covered.text == post.text && covered.subject == post.subject;
            let edition = match editions::copy_of(db, post.id, folder).await? {
                Some(copy) if copy.gone || !is_as_it_was => {
                    self.single_anew(db, group, &covered, (copy.release, copy.edition), now).await?
                }
                Some(copy) => copy.edition,
                None => continue,
            };
            let row = NewRow {
                edition,
                member: Some(reader.id),
                recipient: &reader.address,
                return_path: ReturnPath::Verp,
                reply_token: None,
                lane: Lane::Post,
            };
            outbox::insert(db, &row, now);
        }
        Ok(())
    }

    /// The copies of a post that says something else now, for whoever has none of `old` yet.
    pub(super) async fn single_anew(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        (release_id, old): (i64, EditionId),
        now: Timestamp,
    ) -> Result<EditionId> {
        let message_id = self.new_message_id();
        let is_text = editions::folder(db, old).await?.as_deref() == Some(AS_TEXT);
        let page = Single { release_id, key: None, message_id: &message_id, is_text };
        let edition = self.single(db, group, post, page, now).await?;
        threads::remember_message_id(db, group.id, &message_id, post.id);
        Ok(edition)
    }

    async fn single(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        single: Single<'_>,
        now: Timestamp,
    ) -> Result<EditionId> {
        let pictures = self.pictures_with(db, group, post).await?;
        let page =
            SinglePage { subject: post.subject.clone(), post: self.published(group, post, None).with(&pictures, post) };
        let rendered = self.renderer.single(&group.language, &self.setting(Some(group), ""), &page)?;
        let message = compose(&Outgoing {
            from: Mailbox {
                name: post.shown_author(self.words(group)),
                address: self.scheme.group_address(&group.name, "")?,
            },
            reply_to: Some(self.thread_address(group, post.thread)?),
            subject: match group.subjects {
                Subjects::Own => post.subject.clone(),
                Subjects::Neutral => format!("{}: {}", group.title, post.shown_author(self.words(group))),
            },
            message_id: single.message_id.to_owned(),
            references: self.own_references(db, post).await?,
            date: now,
            zone: group.zone,
            list: Some(self.list_fields(group)?),
            // RFC 3834 §5: a member's post is no automatic message.
            auto_submitted: AutoSubmitted::No,
            language: group.language.clone(),
            text: rendered.text,
            html: (!single.is_text).then_some(rendered.html),
            pictures: pictures.into_iter().map(|picture| picture.octets).collect(),
            enclosed: None,
        });
        let edition = NewEdition {
            kind: "post",
            folder: if single.is_text { AS_TEXT } else { "single" },
            group: Some(group.id),
            release: Some(single.release_id),
            key: single.key,
            message_id: single.message_id,
            message: &message,
            posts: &[post.id],
        };
        Ok(editions::insert(db, &edition, now).await?)
    }

    /// References of our own only: what the conversation's first post and the answered one went out as.
    async fn own_references(&self, db: &mut Db, post: &Post) -> Result<Vec<String>> {
        let mut references = Vec::new();
        let first = posts::firsts_in(db, &[post.thread]).await?.first().map(|first| first.id);
        for earlier in [first, post.parent].into_iter().flatten().filter(|id| *id != post.id) {
            if let Some(id) = editions::message_id_of_post(db, earlier).await?
                && !references.contains(&id)
            {
                references.push(id);
            }
        }
        Ok(references)
    }

    /// A post as the group sees it; `answers` is the pseudonym it answers, where that is worth saying.
    pub(super) fn published(&self, group: &Group, post: &Post, answers: Option<String>) -> PublishedPost {
        let pictures = post.attachments.iter().filter(|attachment| attachment.is_picture()).count();
        PublishedPost {
            author: post.shown_author(self.words(group)),
            at: post.published_at.unwrap_or(post.created_at),
            text: post.text.clone(),
            answers,
            shown: 0,
            pictures,
            files: post.attachments.len() - pictures,
            edited: post.edited_since.is_some(),
        }
    }

    /// Where answers into a conversation go; the same for everybody.
    pub(super) fn thread_address(&self, group: &Group, thread: ThreadId) -> Result<Address> {
        let token = self.store.key().token(TokenKind::Thread, thread.0, 1);
        let token = token.ok_or_else(|| anyhow::anyhow!("no token for conversation {thread}"))?;
        Ok(self.scheme.token_address(&group.name, TokenKind::Thread, &token)?)
    }

    /// The list fields of a group (RFC 2369, RFC 2919).
    pub(super) fn list_fields(&self, group: &Group) -> Result<ListFields> {
        let address = |suffix| self.scheme.group_address(&group.name, suffix);
        Ok(ListFields {
            id: format!("{}.{}", group.name, self.scheme.domain),
            title: group.title.clone(),
            post: address("")?,
            unsubscribe: address("-leave")?,
            help: address("-help")?,
            owner: address("-owner")?,
        })
    }

    /// An approval makes its author a known one; who reads neither single mails nor digests is told once.
    async fn author_is_known(&self, db: &mut Db, group: &Group, post: &Post, now: Timestamp) -> Result<()> {
        let author = members::by_id(db, post.author).await?;
        if author.role == Role::Member {
            members::set_known(db, author.id, now).await?;
        }
        let reads_nothing = author.delivery == Delivery::None || author.state == MemberState::Paused;
        if reads_nothing && super::arrival::takes_part(&author) {
            let notice = Notice::from(ToMember::Published { about: post.id, subject: post.subject.clone() });
            self.notify(
                db,
                Some(group),
                &author.name,
                &[Reader::of(&author)],
                &notice,
                Manner::Watched(Lane::Notice),
                now,
            )
            .await?;
        }
        Ok(())
    }

    /// Take a post back as far as it can be: unsent copies stop, pending digests leave it out, and the moderators hear
    /// how many have it already. `by` is `None` for an administrator.
    pub(super) async fn retract(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        by: Option<&Member>,
        now: Timestamp,
    ) -> Result<(i64, i64)> {
        if let Some(standing) = decisions::standing_for(db, post.id).await? {
            decisions::undo(db, standing.id, now).await?;
        }
        posts::set_state(db, post.id, PostState::Retracted).await?;
        // Whoever took it back has read it.
        unread::remove(db, post.id).await?;
        let (mut stopped, sent) = retraction::stop_copies(db, post.id, now).await?;
        stopped += self.leave_out_of_digests(db, group, post, now).await?;
        let moderators = members::active_moderators(db, group.id).await?;
        let readers = self.readers_with_tokens(db, Purpose::Echo, &moderators, post, now).await?;
        let notice = Notice::from(ToModerators::Retracted {
            post: self.shown(db, group, post, now).await?,
            moderator: by.map_or_else(|| self.words(group).say("names.administrator").to_owned(), |by| by.name.clone()),
            stopped,
            sent,
        });
        self.notify(db, Some(group), "", &readers, &notice, Manner::Watched(Lane::Notice), now).await?;
        tracing::info!(post.id = %post.id, group = %group.name, stopped, sent, "retracted");
        Ok((stopped, sent))
    }

    /// `post retract ID` at the command line; gives (stopped, sent).
    ///
    /// # Errors
    /// One sentence when the post is not there or was never approved.
    pub async fn retract_as_administrator(&self, id: crate::model::ids::PostId, now: Timestamp) -> Result<(i64, i64)> {
        let mut tx = self.store.begin().await?;
        let Some((group, post)) = posts::lock(&mut tx, id).await? else { anyhow::bail!("there is no post {id}") };
        let pending = decisions::standing_for(&mut tx, id).await?.is_some();
        match post.state {
            PostState::Published => {}
            PostState::Held if pending => {}
            PostState::Held => anyhow::bail!("post {id} is held: nobody has it; return it with `held return {id}`"),
            PostState::Retracted => anyhow::bail!("post {id} was taken back already"),
            PostState::Returned | PostState::Withdrawn => anyhow::bail!("post {id} was never published"),
        }
        let new =
            decisions::NewDecision { post: id, by: None, verb: "retract", note: None, token: None, release_at: None };
        decisions::insert(&mut tx, &new, now).await?;
        let actor = crate::store::audit::Actor::Administrator;
        crate::store::audit::write(&mut tx, now, actor, "retract", &format!("post:{id}"), &serde_json::json!({}))
            .await?;
        let counts = self.retract(&mut tx, &group, &post, None, now).await?;
        tx.commit().await?;
        Ok(counts)
    }
}
