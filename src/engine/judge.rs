//! Judge a mail to a group: find its place, ask the rules, and write down what follows.

use std::borrow::Cow;

use anyhow::Result;

use super::Lamplight;
use super::arrival::{Arrival, Outcome, add_flags, said_before};
use super::notice::Notice;
use super::publish::Release;
use crate::mail::Address;
use crate::mail::envelope::{TokenKind, TokenText};
use crate::model::group::Group;
use crate::model::ids::{EditionId, PostId, ThreadId};
use crate::model::member::Member;
use crate::model::policy::{self, Context, Disposition, HoldReason, Judgement, Sender};
use crate::model::post::{Post, PostState};
use crate::model::quote::Said;
use crate::model::text;
use crate::model::thread::{self, Clues, Place, SUBJECT_WINDOW_DAYS};
use crate::store::{Db, editions, members, posts, threads};

/// So many of the latest posts of the group may be what an answer without a header answers.
const LATEST: i64 = 300;

/// Through which address a post came.
pub(super) enum Via<'a> {
    Group,
    Thread(&'a TokenText),
    Digest(&'a TokenText),
}

impl Lamplight {
    pub(super) async fn judge_post(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        via: Via<'_>,
        recipient: &Address,
    ) -> Result<Outcome> {
        let clues = self.clues(db, arrival, group, via).await?;
        let place = thread::place(&clues);
        let context = self.context(db, arrival, group, place, recipient).await?;
        if let Sender::Known(author) = &context.sender
            && let Some(post) = self.post_of_another_copy(db, arrival, group, author, &context.flags).await?
        {
            self.continue_in(db, &post, clues.by_address.map(|(thread, _)| thread)).await?;
            return Ok(Outcome { post: Some(post.id), ..said_before(Some(group)) });
        }
        let Judgement { disposition, trail } = policy::judge(&arrival.message, &context);
        let is_answerable = arrival.message.automatic.is_none() && !policy::circles(&arrival.message);
        let mut outcome = Outcome { disposition: "", group: Some(group.id), trail, post: None };
        let author = match context.sender {
            Sender::Known(member) => Some(*member),
            Sender::Stranger => None,
        };
        match (disposition, author) {
            (Disposition::Publish(policy), Some(author)) => {
                let post = self.keep_post(db, arrival, group, &author, place, Vec::new()).await?;
                self.release(db, group, &post, Release::Policy(policy), arrival.now).await?;
                outcome.disposition = "published";
                outcome.post = Some(post.id);
            }
            (Disposition::Hold(reasons), Some(author)) => {
                let post = self.keep_post(db, arrival, group, &author, place, reasons).await?;
                self.announce_hold(db, group, &post, None, arrival.now).await?;
                if is_answerable {
                    self.tell_author_held(
                        db,
                        group,
                        &author,
                        &post,
                        arrival.message.message_id.as_deref(),
                        arrival.now,
                    )
                    .await?;
                }
                outcome.disposition = "held";
                outcome.post = Some(post.id);
            }
            (Disposition::AskAuthor(reasons), Some(author)) => {
                let post = self.keep_post(db, arrival, group, &author, place, reasons).await?;
                if is_answerable {
                    self.ask_author(db, group, &author, &post, arrival.now).await?;
                }
                // Whoever wrote it in her name: a cry for help doesn't wait for her to say that it was she.
                if post.is_urgent() || !is_answerable {
                    self.announce_hold(db, group, &post, None, arrival.now).await?;
                }
                outcome.disposition = "asked-moderator";
                outcome.post = Some(post.id);
            }
            (Disposition::GroupClosed, Some(author)) => {
                let notice = Notice::GroupClosed { subject: arrival.message.subject.clone() };
                self.answer_once_a_day(db, arrival, group, &author, &notice).await?;
                outcome.disposition = "group-closed";
            }
            (Disposition::Ignore(_), _) => {
                return Ok(Outcome { trail: outcome.trail, ..Outcome::ignored(Some(group)) });
            }
            (_, _) => {
                self.stranger(db, arrival, group, recipient, &context.flags).await?;
                outcome.disposition = "stranger";
            }
        }
        Ok(outcome)
    }

    /// Everything that the rules may ask, in one go.
    async fn context<'g>(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &'g Group,
        place: Place,
        recipient: &Address,
    ) -> Result<Context<'g>> {
        let sender = match arrival.author() {
            Some(address) => members::by_address(db, group.id, address).await?,
            None => None,
        };
        let names = match sender {
            // The signature is left out of the copy, so it gives nothing away.
            Some(_) => members::names(db, group).await?.names(&text::published(&arrival.message)),
            None => Vec::new(),
        };
        let own = self.its_own_words(db, arrival, recipient).await?;
        let mut flags = match &own {
            Cow::Borrowed(_) => arrival.flags(&group.language),
            Cow::Owned(own) => text::flags(own, &group.language),
        };
        let quote = match (&sender, &own) {
            // What was ours in it is taken out already.
            (_, Cow::Owned(own)) => text::quote(own, &Said::default(), &group.language),
            (Some(member), _) => {
                let conversation = match place {
                    Place::Answers { thread, .. } => Some(thread),
                    Place::New | Place::Unclear => None,
                };
                self.new_in_quote(db, arrival, member.id, &group.language, conversation, None).await?
            }
            (None, _) => arrival.quote(&group.language),
        };
        add_flags(&mut flags, quote.flags.clone());
        let list_id = format!("{}.{}", group.name, self.scheme.domain);
        let address = format!("{}@{}", group.name, self.scheme.domain);
        Ok(Context {
            group,
            sender: sender.map_or(Sender::Stranger, |member| Sender::Known(Box::new(member))),
            flags,
            names,
            quote,
            own_loop: arrival.message.loop_marks.iter().any(|mark| mark.contains(&list_id) || mark.contains(&address)),
            which_conversation: place == Place::Unclear,
        })
    }

    async fn clues(&self, db: &mut Db, arrival: &Arrival, group: &Group, via: Via<'_>) -> Result<Clues> {
        let mut clues = Clues::default();
        match via {
            Via::Group => {}
            Via::Thread(token) => {
                if let Some(id) = self.opened_by(TokenKind::Thread, token)
                    && let Some(thread) = threads::by_id(db, ThreadId(id)).await?
                    && thread.group == group.id
                {
                    clues.by_address = Some((thread.id, threads::latest_post(db, thread.id).await?));
                }
            }
            Via::Digest(token) => {
                if let Some(id) = self.opened_by(TokenKind::Digest, token) {
                    clues.by_digest = self.conversations_of(db, group, id).await?;
                }
            }
        }
        for id in thread::references(&arrival.message) {
            clues.by_reference.extend(threads::by_message_id(db, group.id, id).await?);
        }
        let is_known = clues.by_address.is_some() || !clues.by_reference.is_empty() || !clues.by_digest.is_empty();
        if !is_known && thread::is_answer(&arrival.message) {
            let since = arrival.now.plus_seconds(-SUBJECT_WINDOW_DAYS * 86_400);
            let earlier = posts::said_since(db, group.id, since, LATEST).await?;
            clues.by_words = thread::by_words(&arrival.message, &earlier, arrival.now);
        }
        Ok(clues)
    }

    async fn conversations_of(
        &self,
        db: &mut Db,
        group: &Group,
        edition: i64,
    ) -> Result<Vec<(ThreadId, Option<PostId>)>> {
        let mut found: Vec<(ThreadId, Option<PostId>)> = Vec::new();
        for id in editions::posts_of(db, EditionId(edition)).await? {
            if let Some(post) = posts::by_id(db, id).await?
                && post.group == group.id
                && !found.iter().any(|(thread, _)| *thread == post.thread)
            {
                found.push((post.thread, threads::latest_post(db, post.thread).await?));
            }
        }
        Ok(found)
    }

    async fn keep_post(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        author: &Member,
        place: Place,
        reasons: Vec<HoldReason>,
    ) -> Result<Post> {
        let message = &arrival.message;
        let subject = arrival.post_subject();
        let (thread, parent) = match place {
            Place::Answers { thread, parent } => (thread, parent),
            Place::New | Place::Unclear => {
                (threads::insert(db, group.id, subject, &message.base_subject, arrival.now).await?, None)
            }
        };
        let read_by = self.read_by(arrival.now);
        let mut post = Post {
            id: PostId(0),
            group: group.id,
            thread,
            parent,
            author: author.id,
            author_name: author.name.clone(),
            author_role: author.role,
            spool: Some(arrival.spooled.id),
            subject: subject.to_owned(),
            text: arrival.post_text().to_owned(),
            attachments: message.attachments.clone(),
            reasons,
            state: PostState::Held,
            created_at: arrival.now,
            read_by,
            claimed_by: None,
            published_at: None,
            release_seq: None,
        };
        post.id = posts::insert(db, &post, read_by).await?;
        if let Some(id) = &message.message_id {
            threads::remember_message_id(db, group.id, id, post.id);
        }
        Ok(post)
    }
}
