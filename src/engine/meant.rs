//! A post that reads as if it was meant for one person is held, and its author is asked whether she meant the whole group.
//! The moderators have it meanwhile, as any held post: whoever never answers is read by a person.

use anyhow::Result;

use super::arrival::{Arrival, Outcome, Taken, takes_part};
use super::notice::{Notice, Reaches, ToMember, ToModerators};
use super::notify::{Manner, Reader};
use super::publish::Release;
use super::{Lamplight, excerpt};
use crate::mail::subject;
use crate::model::command::{Audience, read_audience};
use crate::model::group::Group;
use crate::model::member::Member;
use crate::model::policy::{self, HoldReason};
use crate::model::post::{Post, PostState};
use crate::store::audit::{self, Actor};
use crate::store::outbox::Lane;
use crate::store::tokens::{self, Purpose, Token};
use crate::store::{Db, alerts, decisions, members, posts};

/// What the token of the question keeps of it.
pub(super) const WHOLE_GROUP: &str = "whole-group";

impl Lamplight {
    /// Ask, where nothing else is asked about; `false` where nobody was. Who may be in danger is not asked.
    pub(super) async fn ask_whole_group(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        author: &Member,
        post: &Post,
    ) -> Result<bool> {
        if !post.reasons.contains(&HoldReason::ReadsPrivate) || post.is_urgent() {
            return Ok(false);
        }
        let token = self.post_token(db, Purpose::Withdraw, author.id, post, Some(WHOLE_GROUP), arrival.now).await?;
        let notice = Notice::from(ToMember::WholeGroup {
            subject: excerpt::line(&post.subject),
            text: excerpt::excerpt(post.written(), None, self.words(group)),
            read_by: post.read_by,
            read_first: post.reasons.len() > 1,
        });
        self.notify_author(db, group, author, Some(token), &notice, arrival.manner(), arrival.now).await?;
        Ok(true)
    }

    /// Her answer. Anything but one clear word goes to people, and the post waits on.
    pub(super) async fn said_whom(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        member: &Member,
        token: &Token,
        taken: &mut Taken,
    ) -> Result<Outcome> {
        let locked = posts::lock_of_token(db, token).await?;
        let Some((group, post)) = locked else { return Ok(Outcome::plain("unknown-token", None)) };
        let said = read_audience(&arrival.message.text.reply, &member.name);
        let is_fresh = token.used_at.is_none() && arrival.now < token.expires_at;
        let waits = post.state == PostState::Held && takes_part(member);
        match said {
            Some(Audience::Group) if waits && is_fresh => {
                if decisions::standing_for(db, post.id).await?.is_some() {
                    return Ok(of_post("decided-before", &group, &post));
                }
                tokens::use_up(db, token.id, arrival.now).await?;
                self.for_the_group(db, arrival, &group, member, post).await
            }
            Some(Audience::Moderators) if waits => {
                if !self.withdraw(db, &post, member, arrival.now).await? {
                    return self.pass_on(db, arrival, &group, member, taken).await;
                }
                tokens::use_up(db, token.id, arrival.now).await?;
                self.for_the_moderators(db, arrival, &group, member, &post).await
            }
            // What she asks for is so already.
            Some(Audience::Group) if post.state == PostState::Published || (waits && token.used_at.is_some()) => {
                Ok(of_post("said-before", &group, &post))
            }
            Some(Audience::Moderators) if post.state == PostState::Withdrawn => {
                Ok(of_post("said-before", &group, &post))
            }
            _ => self.pass_on(db, arrival, &group, member, taken).await,
        }
    }

    /// As if it had not been held for that.
    async fn for_the_group(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        mut post: Post,
    ) -> Result<Outcome> {
        let now = arrival.now;
        post.reasons.retain(|reason| *reason != HoldReason::ReadsPrivate);
        let released = if post.reasons.is_empty() { Some(policy::release_now(group, member)) } else { None };
        if let Some(Err(reason)) = &released {
            post.reasons.push(reason.clone());
        }
        posts::set_place(db, &post).await?;
        let subject = format!("post:{}", post.id);
        audit::write(db, now, Actor::Member(member.id.0), "meant-for-group", &subject, &serde_json::json!({})).await?;
        let Some(Ok(policy)) = released else {
            let answers = arrival.message.message_id.as_deref();
            self.tell_author_held(db, group, member, &post, answers, now).await?;
            return Ok(of_post("held", group, &post));
        };
        self.release(db, group, &post, Release::Policy(policy), now).await?;
        // They were asked to read it, and need not any more.
        let moderators = members::active_moderators(db, group.id).await?;
        let readers = self.readers_with_tokens(db, Purpose::Echo, &moderators, &post, now).await?;
        let notice = Notice::from(ToModerators::MeantForGroup { post: self.shown(db, group, &post, now).await? });
        self.notify(db, Some(group), "", &readers, &notice, Manner::Watched(Lane::Notice), now).await?;
        Ok(of_post("published", group, &post))
    }

    /// It becomes a private talk, and is no post any more.
    async fn for_the_moderators(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        post: &Post,
    ) -> Result<Outcome> {
        let now = arrival.now;
        let reply_reaches = self.who_answers(db, group, member).await?;
        let talk = self.talk_with(db, member, (&post.subject, &subject::read(&post.subject).base), now).await?;
        self.remember_her_mail(db, arrival, talk.id).await?;
        let is_carried = reply_reaches == Reaches::Author;
        let words = self.words(group);
        let notice = Notice::from(ToModerators::PrivateLine {
            talk: is_carried.then_some(talk.id),
            author: member.shown_name(words),
            reply_reaches,
            written_to: String::new(),
            subject: excerpt::line(&post.subject),
            text: excerpt::excerpt(post.written(), Some(&excerpt::post_show(post.id.0, words)), words),
            attachments: excerpt::files(&post.attachments),
            urgent: post.is_urgent(),
            concern: post.is_concern(),
            alert_open: !post.is_urgent() && alerts::is_open_about_member(db, member.id).await?,
            was_held: true,
            not_verified: post.reasons.contains(&HoldReason::SenderNotVerified),
        });
        let readers = self.moderators_or_administrators(db, group).await?;
        let lane = if notice.is_read_first() { Lane::Urgent } else { Lane::Notice };
        self.notify(db, Some(group), "", &readers, &notice, Manner::Watched(lane), now).await?;
        let told = Notice::from(ToMember::WentPrivate { talk: talk.id, subject: excerpt::line(&post.subject) });
        self.notify(db, Some(group), &member.name, &[Reader::of(member)], &told, arrival.manner(), now).await?;
        Ok(of_post("meant-privately", group, post))
    }
}

fn of_post(disposition: &'static str, group: &Group, post: &Post) -> Outcome {
    Outcome { post: Some(post.id), ..Outcome::plain(disposition, Some(group)) }
}
