//! What follows from a judgement: a post that is held or published, and who hears of it.

use std::borrow::Cow;

use anyhow::Result;

use super::Lamplight;
use super::arrival::{Arrival, Outcome, post_subject, post_text};
use super::cover::with_words;
use super::notice::{Notice, ToMember};
use super::notify::Reader;
use super::pictures::of_part;
use super::publish::Release;
use super::split::Digest;
use super::which::waits_for_its_place_alone;
use crate::mail::{Incoming, devices, subject};
use crate::model::group::Group;
use crate::model::ids::PostId;
use crate::model::member::{Member, Role};
use crate::model::policy::{self, Disposition, HoldReason, Judgement, Sender};
use crate::model::post::{Post, PostState, on_top};
use crate::model::privacy;
use crate::model::text::ForGroup;
use crate::model::thread::Place;
use crate::store::{Db, pictures, posts, threads};

/// What becomes one post: a whole mail, or one of several answers in it.
pub(super) struct Part<'a> {
    /// The mail with the words of this part alone.
    pub message: &'a Incoming,
    /// What the group would get of them.
    pub for_group: &'a ForGroup,
    /// Where it belongs.
    pub place: Place,
    /// Another part of the same mail came before.
    pub is_further: bool,
    /// The digest that it answers, where its author can say which conversation she means.
    pub digest: Option<&'a Digest>,
}

impl Lamplight {
    /// Write down what follows; `None` where nobody of the group wrote it.
    pub(super) async fn settle(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        part: &Part<'_>,
        sender: &Sender,
        judgement: &Judgement,
    ) -> Result<Option<Outcome>> {
        let is_answerable = part.message.automatic.is_none() && !policy::circles(part.message);
        let mut outcome =
            Outcome { disposition: "", group: Some(group.id), trail: judgement.trail.clone(), post: None };
        if let Disposition::Ignore(_) = judgement.disposition {
            return Ok(Some(Outcome { trail: outcome.trail, ..Outcome::ignored(Some(group)) }));
        }
        let Sender::Known(author) = sender else { return Ok(None) };
        match &judgement.disposition {
            Disposition::Publish(policy) => {
                let post = self.keep_post(db, arrival, group, author, part, &[]).await?;
                self.release(db, group, &post, Release::Policy(*policy), arrival.now).await?;
                outcome.disposition = "published";
                outcome.post = Some(post.id);
            }
            Disposition::Hold(reasons) => {
                let post = self.keep_post(db, arrival, group, author, part, reasons).await?;
                outcome.disposition = "held";
                outcome.post = Some(post.id);
                let asked = self.ask_which(db, arrival, group, author, part, &post).await?;
                if asked {
                    outcome.disposition = "asked-which";
                }
                let alert = if !asked || !waits_for_its_place_alone(&post) {
                    self.announce_hold(db, group, &post, None, arrival.now).await?
                } else {
                    None
                };
                let asked = asked || (is_answerable && self.ask_whole_group(db, arrival, group, author, &post).await?);
                if is_answerable && !asked {
                    let answers = part.message.message_id.as_deref();
                    self.answer_held_author(db, group, author, &post, alert, answers, arrival.now).await?;
                }
            }
            Disposition::AskAuthor(reasons) => {
                let post = self.keep_post(db, arrival, group, author, part, reasons).await?;
                if is_answerable && self.is_told_alone(db, &post, arrival.now).await? {
                    self.ask_author(db, group, author, &post, arrival.now).await?;
                } else if is_answerable {
                    self.tell_of_more(db, group, author, &[Reader::of(author)], arrival.now).await?;
                }
                self.ask_which(db, arrival, group, author, part, &post).await?;
                // Whoever wrote it in her name: a cry for help doesn't wait for her to say that it was she.
                if post.is_urgent() || !is_answerable {
                    self.announce_hold(db, group, &post, None, arrival.now).await?;
                }
                outcome.disposition = "asked-moderator";
                outcome.post = Some(post.id);
            }
            Disposition::GroupClosed => {
                let notice = Notice::from(ToMember::GroupClosed { subject: arrival.message.subject.clone() });
                self.answer_once_a_day(db, arrival, group, author, &notice).await?;
                outcome.disposition = "group-closed";
            }
            Disposition::Stranger | Disposition::Ignore(_) => return Ok(None),
        }
        Ok(Some(outcome))
    }

    async fn keep_post(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        author: &Member,
        part: &Part<'_>,
        reasons: &[HoldReason],
    ) -> Result<Post> {
        let message = part.message;
        let covered = part.for_group.subject.text.as_str();
        let top = on_top(covered).filter(|_| author.role == Role::Moderator);
        let subject = top.unwrap_or(covered);
        let base_subject = if subject == post_subject(message, self.words(group)) {
            Cow::Borrowed(&message.base_subject)
        } else {
            Cow::Owned(subject::read(subject).base)
        };
        let (thread, parent) = match part.place {
            Place::Answers { thread, parent } => (thread, parent),
            Place::New | Place::Unclear => {
                (threads::insert(db, group.id, subject, &base_subject, arrival.now).await?, None)
            }
        };
        let is_urgent = reasons.iter().any(HoldReason::is_urgent);
        let read_by = self.promise_of(group, is_urgent).read_by(arrival.now);
        let signature = signature_of(message);
        let post = Post {
            id: PostId(0),
            group: group.id,
            thread,
            parent,
            author: author.id,
            author_name: author.name.clone(),
            author_role: author.role,
            spool: Some(arrival.spooled.id),
            subject: post_subject(message, self.words(group)).to_owned(),
            text: post_text(message).to_owned(),
            attachments: message.attachments.clone(),
            reasons: reasons.to_vec(),
            state: PostState::Held,
            created_at: arrival.now,
            read_by,
            claimed_by: None,
            published_at: None,
            release_seq: None,
            original: None,
            original_subject: None,
            signature,
            edited_since: None,
            on_top: top.is_some(),
        };
        let mut post = with_words(&post, part.for_group);
        subject.clone_into(&mut post.subject);
        post.id = posts::insert(db, &post, part.is_further, read_by).await?;
        pictures::insert(db, post.id, of_part(group, arrival, message)).await?;
        if let (Some(id), false) = (&message.message_id, part.is_further) {
            threads::remember_message_id(db, group.id, id, post.id);
        }
        Ok(post)
    }
}

/// What stands below somebody's words, apart from "Sent from my phone".
fn signature_of(message: &Incoming) -> Option<String> {
    let below = privacy::visible(message.text.signature.trim());
    let is_hers = |line: &str| line.contains(char::is_alphanumeric) && devices::named(line) == devices::Named::Nothing;
    below.lines().any(is_hers).then_some(below)
}
