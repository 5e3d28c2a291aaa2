//! Ask an author which conversation of a digest she means, and take her answer. What is asked about is kept as a held post
//! in a conversation of its own: whoever never answers has it read by a moderator, as any post that waits.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::arrival::{Arrival, Outcome, Taken, takes_part};
use super::consequence::Part;
use super::notice::{Choice, Notice, ToMember};
use super::publish::Release;
use super::split::Digest;
use super::{Lamplight, excerpt};
use crate::model::command::{Offered, read_choice};
use crate::model::group::Group;
use crate::model::ids::{EditionId, PostId, ThreadId};
use crate::model::member::Member;
use crate::model::policy::{self, HoldReason};
use crate::model::post::{Post, PostState};
use crate::model::thread::Place;
use crate::store::audit::{self, Actor};
use crate::store::tokens::{self, Purpose, Token};
use crate::store::{Db, posts, threads};

/// A text that a person meant for others has so many words at least.
const FEW_WORDS: usize = 4;

/// What a question offered, as its token keeps it.
#[derive(Debug, Serialize, Deserialize)]
struct Question {
    digest: EditionId,
    conversations: Vec<ThreadId>,
    /// Asked for the second time.
    again: bool,
    /// The author wrote a subject of her own.
    own_subject: bool,
}

/// An answer to a question.
struct Answer<'a> {
    arrival: &'a Arrival,
    group: &'a Group,
    member: &'a Member,
    token: &'a Token,
    question: Question,
    digest: Digest,
}

/// Whether nobody but its author need say anything about it.
pub(super) fn waits_for_its_place_alone(post: &Post) -> bool {
    post.reasons == [HoldReason::WhichConversation]
}

impl Lamplight {
    /// Ask, where a part of a reply to a digest has no place; `false` where nobody was asked. Who may be in danger is not
    /// asked for numbers.
    pub(super) async fn ask_which(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        author: &Member,
        part: &Part<'_>,
        post: &Post,
    ) -> Result<bool> {
        let is_askable = part.place == Place::Unclear && !post.is_urgent() && !post.text.trim().is_empty();
        let Some(digest) = part.digest.filter(|_| is_askable) else { return Ok(false) };
        let own_subject = part.message.base_subject != digest.base_subject;
        self.ask(db, arrival, group, author, post, digest, (false, own_subject)).await?;
        Ok(true)
    }

    #[allow(clippy::too_many_arguments, reason = "every one is a fact of the question")]
    async fn ask(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        author: &Member,
        post: &Post,
        digest: &Digest,
        (again, own_subject): (bool, bool),
    ) -> Result<()> {
        let conversations = digest.conversations.iter().map(|(thread, _)| *thread).collect();
        let question = Question { digest: digest.id, conversations, again, own_subject };
        let asked = serde_json::to_string(&question)?;
        let token = self.post_token(db, Purpose::Withdraw, author.id, post, Some(&asked), arrival.now).await?;
        let notice = Notice::from(ToMember::WhichConversation {
            again,
            choices: choices(digest),
            text: excerpt::excerpt(post.written(), None, self.words(group)),
            read_by: (!waits_for_its_place_alone(post)).then_some(post.read_by),
        });
        self.notify_author(db, group, author, Some(token), &notice, arrival.manner(), arrival.now).await
    }

    /// An author's answer to the question. One number places the post, however often she was asked.
    pub(super) async fn placed_by_author(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        member: &Member,
        token: &Token,
        taken: &mut Taken,
    ) -> Result<Outcome> {
        let locked = posts::lock_of_token(db, token).await?;
        let question = token.asked.as_deref().and_then(|asked| serde_json::from_str::<Question>(asked).ok());
        let (Some((group, post)), Some(question)) = (locked, question) else {
            return Ok(Outcome::plain("unknown-token", None));
        };
        if !post.reasons.contains(&HoldReason::WhichConversation) {
            return Ok(Outcome::plain("placed-before", Some(&group)));
        }
        let is_open = matches!(post.state, PostState::Held | PostState::Published) && takes_part(member);
        if !is_open || arrival.now >= token.expires_at {
            return self.pass_on(db, arrival, &group, member, taken).await;
        }
        let digest = self.digest_read(db, &group, question.digest, member).await?;
        let offered = question.conversations.iter().map(|thread| offered(&digest, *thread)).collect::<Vec<_>>();
        let chosen = read_choice(&arrival.message.text.reply, &offered, &member.name);
        let answer = Answer { arrival, group: &group, member, token, question, digest };
        match chosen.and_then(|at| answer.question.conversations.get(at)).copied() {
            Some(thread) => self.put_into(db, &answer, post, thread).await,
            None => self.ask_once_more(db, &answer, &post, taken).await,
        }
    }

    async fn put_into(&self, db: &mut Db, answer: &Answer<'_>, mut post: Post, thread: ThreadId) -> Result<Outcome> {
        let (arrival, group, now) = (answer.arrival, answer.group, answer.arrival.now);
        // It may be continued in another one by now.
        let Some(thread) = threads::by_id(db, thread).await?.filter(|thread| thread.group == group.id) else {
            return Ok(Outcome::plain("unknown-token", Some(group)));
        };
        tokens::use_up(db, answer.token.id, now).await?;
        let was_announced = !waits_for_its_place_alone(&post);
        post.reasons.retain(|reason| *reason != HoldReason::WhichConversation);
        if post.state == PostState::Published {
            // A moderator was quicker, and it began a conversation.
            posts::set_place(db, &post).await?;
            self.continue_in(db, &post, Some(thread.id)).await?;
            return Ok(Outcome { post: Some(post.id), ..Outcome::plain("placed", Some(group)) });
        }
        post.parent = threads::latest_post(db, thread.id).await?;
        post.thread = thread.id;
        let item = answer.digest.conversations.iter().position(|(of, _)| *of == thread.id);
        // A decision of a moderator is bound to what she was shown.
        if let Some(subject) = item.and_then(|item| answer.digest.subject_of(item))
            && !was_announced
            && !answer.question.own_subject
        {
            post.subject = subject;
        }
        let released = if was_announced { None } else { Some(policy::release_now(group, answer.member)) };
        if let Some(Err(reason)) = &released {
            post.reasons.push(reason.clone());
        }
        posts::set_place(db, &post).await?;
        let subject = format!("post:{}", post.id);
        audit::write(db, now, Actor::Member(answer.member.id.0), "placed", &subject, &serde_json::json!({})).await?;
        let disposition = match released {
            Some(Ok(policy)) => {
                self.release(db, group, &post, Release::Policy(policy), now).await?;
                "published"
            }
            Some(Err(_)) => {
                self.announce_hold(db, group, &post, None, now).await?;
                let answers = arrival.message.message_id.as_deref();
                self.tell_author_held(db, group, answer.member, &post, answers, now).await?;
                "held"
            }
            None => "placed",
        };
        Ok(Outcome { post: Some(post.id), ..Outcome::plain(disposition, Some(group)) })
    }

    /// Once more at most; then a person reads the post, and whatever was answered.
    async fn ask_once_more(&self, db: &mut Db, answer: &Answer<'_>, post: &Post, taken: &mut Taken) -> Result<Outcome> {
        let Answer { arrival, group, member, token, question, digest } = answer;
        if post.state != PostState::Held || !tokens::use_up(db, token.id, arrival.now).await? {
            return self.pass_on(db, arrival, group, member, taken).await;
        }
        let words = arrival.message.text.reply.split_whitespace().take(FEW_WORDS).count();
        if words == FEW_WORDS || question.again {
            self.private_line_once(db, arrival, group, member, taken).await?;
        }
        if !question.again {
            self.ask(db, arrival, group, member, post, digest, (true, question.own_subject)).await?;
            return Ok(of_post("asked-which", group, post.id));
        }
        if waits_for_its_place_alone(post) {
            self.announce_hold(db, group, post, None, arrival.now).await?;
        }
        let answers = arrival.message.message_id.as_deref();
        self.tell_author_held(db, group, member, post, answers, arrival.now).await?;
        Ok(of_post("held", group, post.id))
    }
}

fn of_post(disposition: &'static str, group: &Group, post: PostId) -> Outcome {
    Outcome { post: Some(post), ..Outcome::plain(disposition, Some(group)) }
}

fn choices(digest: &Digest) -> Vec<Choice> {
    let items = digest.issue.items.iter().zip(&digest.days).enumerate();
    items
        .map(|(at, (item, day))| Choice {
            number: at + 1,
            subject: excerpt::line(&item.subject),
            authors: each_once(&item.authors),
            at: *day,
        })
        .collect()
}

fn each_once(names: &[String]) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for name in names {
        if !once.contains(name) {
            once.push(name.clone());
        }
    }
    once
}

/// What the question said of a conversation.
fn offered(digest: &Digest, thread: ThreadId) -> Offered {
    let at = digest.conversations.iter().position(|(of, _)| *of == thread);
    let item = at.and_then(|at| digest.issue.items.get(at));
    item.map(|item| Offered { subject: item.subject.clone(), authors: item.authors.clone() }).unwrap_or_default()
}
