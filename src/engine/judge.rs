//! Judge a mail to a group: find its place and ask the rules.

use std::borrow::Cow;

use anyhow::Result;

use super::Lamplight;
use super::arrival::{Arrival, Outcome, add_flags, said_before};
use super::consequence::Part;
use super::pictures::has_pictures;
use super::quoted::Answered;
use crate::mail::Address;
use crate::mail::envelope::{TokenKind, TokenText};
use crate::model::group::Group;
use crate::model::ids::{EditionId, PostId, ThreadId};
use crate::model::meant::{self, Begins};
use crate::model::policy::{self, Context, Sender};
use crate::model::quote::Said;
use crate::model::text::{self, ForGroup};
use crate::model::thread::{self, Clues, Place, SUBJECT_WINDOW_DAYS};
use crate::store::{Db, editions, members, names, posts, threads};

/// So many of the latest posts of the group may be what an answer without a header answers.
const LATEST: i64 = 300;
/// So many identifiers of earlier messages are looked up.
pub(super) const MOST_NAMED: usize = 8;

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
        if let Some(outcome) = self.word_to_the_group(db, arrival, group).await? {
            return Ok(outcome);
        }
        let (clues, digest) = self.clues(db, arrival, group, via).await?;
        let place = thread::place(&clues);
        let context = self.context(db, arrival, group, (place, digest), recipient).await?;
        let by_digest = clues.by_address.is_none() && clues.by_reference.is_empty() && !clues.by_digest.is_empty();
        if let Some(digest) = digest.filter(|_| by_digest)
            && let Some(outcome) = self.split(db, arrival, group, &context, digest, recipient).await?
        {
            return Ok(outcome);
        }
        if let Sender::Known(author) = &context.sender
            && let Some(post) = self.post_of_another_copy(db, arrival, group, author, &context.flags).await?
        {
            self.continue_in(db, &post, clues.by_address.map(|(thread, _)| thread)).await?;
            return Ok(Outcome { post: Some(post.id), ..said_before(Some(group)) });
        }
        let mut judgement = policy::judge(&arrival.message, &context);
        judgement.trail.insert(0, ("lexicon", self.lexicon(group).edition().to_owned().into()));
        let part =
            Part { message: &arrival.message, for_group: &context.for_group, place, is_further: false, digest: None };
        if let Some(outcome) = self.settle(db, arrival, group, &part, &context.sender, &judgement).await? {
            return Ok(outcome);
        }
        self.stranger(db, arrival, group, recipient, &context.flags).await?;
        Ok(Outcome { disposition: "stranger", group: Some(group.id), trail: judgement.trail, post: None })
    }

    /// Everything that the rules may ask, in one go.
    async fn context<'g>(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &'g Group,
        (place, digest): (Place, Option<EditionId>),
        recipient: &Address,
    ) -> Result<Context<'g>> {
        let sender = match arrival.author() {
            Some(address) => members::by_address(db, group.id, address).await?,
            None => None,
        };
        let (for_group, reads_private) = match &sender {
            // The signature is left out of the copy, so it gives nothing away.
            Some(member) => {
                self.learn_name(db, arrival, group, member).await?;
                let roster = names::of_group(db, group).await?;
                let for_group = self.for_group(&arrival.message, member.role, &roster);
                (for_group, reads_private(arrival, place, &roster.moderators))
            }
            None => (ForGroup::default(), false),
        };
        let own = self.its_own_words(db, arrival, recipient).await?;
        let lexicon = self.lexicon(group);
        let mut flags = match &own {
            Cow::Borrowed(_) => arrival.flags(&lexicon),
            Cow::Owned(own) => text::flags(own, &lexicon),
        };
        let quote = match (&sender, &own) {
            // What was ours in it is taken out already.
            (_, Cow::Owned(own)) => text::quote(own, &Said::default(), &lexicon),
            (Some(member), _) => {
                let conversation = match place {
                    Place::Answers { thread, .. } => Some(thread),
                    Place::New | Place::Unclear => None,
                };
                let waits_anyway = policy::newness(group, member).is_some();
                let answered = Answered { conversation, digest, token: None, waits_anyway };
                self.new_in_quote(db, arrival, (group, member.id), answered).await?
            }
            (None, _) => arrival.quote(&lexicon),
        };
        add_flags(&mut flags, quote.flags.clone());
        Ok(Context {
            group,
            sender: sender.map_or(Sender::Stranger, |member| Sender::Known(Box::new(member))),
            flags,
            for_group,
            quote,
            own_loop: self.bears_our_mark(arrival, group),
            which_conversation: place == Place::Unclear,
            reads_private,
            not_verified: self.is_not_verified(arrival),
            has_pictures: has_pictures(group, arrival, &arrival.message),
        })
    }

    /// Whether it says to be a copy of this group's: of its name and of no longer one.
    pub(super) fn bears_our_mark(&self, arrival: &Arrival, group: &Group) -> bool {
        let ours = ['.', '@'].map(|between| format!("{}{between}{}", group.name, self.scheme.domain));
        let words = arrival.message.loop_marks.iter().flat_map(|mark| mark.split([' ', '\t', ',', ';', '<', '>']));
        words.into_iter().any(|word| ours.iter().any(|own| word.eq_ignore_ascii_case(own)))
    }

    /// What tells where it belongs, and the digest that it answers.
    async fn clues(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        via: Via<'_>,
    ) -> Result<(Clues, Option<EditionId>)> {
        let (mut clues, mut digest) = (Clues::default(), None);
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
                // One of another group is none.
                let named = self.opened_by(TokenKind::Digest, token).map(EditionId);
                if let Some(id) = named
                    && editions::digest_of(db, group.id, id).await?.is_some()
                {
                    digest = named;
                }
            }
        }
        let named = thread::references(&arrival.message);
        clues.by_reference = threads::by_message_ids(db, group.id, &named).await?;
        if digest.is_none() && clues.by_address.is_none() && clues.by_reference.is_empty() {
            // Some programs answer the address that a mail came from.
            // Only ids of ours: each look is a way to the database.
            let ours = format!("@{}", self.scheme.domain);
            let ids = thread::references(&arrival.message).into_iter().filter(|id| id.ends_with(&ours));
            for id in ids.take(MOST_NAMED) {
                digest = digest.or(editions::digest_by_message_id(db, group.id, id).await?);
            }
        }
        if let Some(digest) = digest {
            clues.by_digest = self.conversations_of(db, group, digest).await?;
        }
        let is_known = clues.by_address.is_some() || !clues.by_reference.is_empty() || !clues.by_digest.is_empty();
        if !is_known && thread::is_answer(&arrival.message) {
            let since = arrival.now.plus_seconds(-SUBJECT_WINDOW_DAYS * 86_400);
            let earlier = posts::said_since(db, group.id, since, LATEST).await?;
            clues.by_words = thread::by_words(&arrival.message, &earlier, arrival.now);
        }
        Ok((clues, digest))
    }

    pub(super) async fn conversations_of(
        &self,
        db: &mut Db,
        group: &Group,
        edition: EditionId,
    ) -> Result<Vec<(ThreadId, Option<PostId>)>> {
        let mut found: Vec<(ThreadId, Option<PostId>)> = Vec::new();
        for post in posts::in_edition(db, edition).await? {
            if post.group == group.id && !found.iter().any(|(thread, _)| *thread == post.thread) {
                found.push((post.thread, threads::latest_post(db, post.thread).await?));
            }
        }
        Ok(found)
    }
}

fn reads_private(arrival: &Arrival, place: Place, moderators: &[String]) -> bool {
    let begins = if place == Place::New { Begins::Conversation } else { Begins::Nothing };
    meant::reads_private(&arrival.message.subject, &arrival.message.text.reply, begins, moderators)
}
