//! An answer to one of our questions to a member: leaving the group, taking a held post back, saying which conversation
//! it is for, or agreeing to another address. A clear word acts; any other words go to people.

use anyhow::Result;

use super::Lamplight;
use super::arrival::{Arrival, Outcome, Taken};
use super::meant::WHOLE_GROUP;
use super::notice::{Notice, ToMember};
use super::notify::Reader;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::mail::envelope::{TokenKind, TokenText};
use crate::model::command::{Confirmation, read_confirmation};
use crate::model::group::Group;
use crate::model::member::{Member, MemberState};
use crate::model::post::{Post, PostState};
use crate::store::audit::{self, Actor};
use crate::store::tokens::{self, Purpose, Token};
use crate::store::{Db, decisions, groups, members, posts};

const DAY: i64 = 86_400;

impl Lamplight {
    /// An answer to one of our questions to a member: leaving, or a held post to take back.
    pub(super) async fn confirm(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        text: &TokenText,
        recipient: &Address,
        taken: &mut Taken,
    ) -> Result<Outcome> {
        if arrival.message.automatic.is_some() {
            return Ok(Outcome::ignored(None));
        }
        let Some(token) = tokens::find(db, self.store.key(), TokenKind::Confirmation, text).await? else {
            self.alarm_if_urgent(db, arrival, None, recipient).await?;
            return Ok(Outcome::plain("unknown-token", None));
        };
        let member = members::by_id(db, token.member).await?;
        let group = groups::by_id(db, member.group).await?;
        if token.purpose == Purpose::Address {
            return self.answer_about_address(db, arrival, (&group, &member), &token, recipient, taken).await;
        }
        // A forwarded question must not act for somebody else; but whoever wrote this is read by people.
        if !self.is_by(db, arrival, &member).await? {
            return self.to_moderators(db, arrival, &group, recipient, taken).await;
        }
        self.hear_if_in_need(db, arrival, &group, &member, taken).await?;
        let answer = read_confirmation(&arrival.message.text.reply);
        let fresh = token.used_at.is_none() && arrival.now < token.expires_at;
        match (token.purpose, answer) {
            (Purpose::Leave, Confirmation::Yes) if fresh && member.state != MemberState::Left => {
                self.leave(db, arrival, &group, &member, &token).await
            }
            (Purpose::Leave, Confirmation::Yes) if member.state == MemberState::Left => {
                Ok(Outcome::plain("left-before", Some(&group)))
            }
            (Purpose::Withdraw, Confirmation::TakeBack) => {
                self.take_back(db, arrival, &group, &member, &token, taken).await
            }
            (Purpose::Withdraw, _) if token.asked.as_deref() == Some(WHOLE_GROUP) => {
                self.said_whom(db, arrival, &member, &token, taken).await
            }
            (Purpose::Withdraw, _) if token.asked.is_some() => {
                self.placed_by_author(db, arrival, &member, &token, taken).await
            }
            _ => self.pass_on(db, arrival, &group, &member, taken).await,
        }
    }

    async fn leave(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        token: &Token,
    ) -> Result<Outcome> {
        let now = arrival.now;
        groups::lock(db, group.id).await?;
        tokens::use_up(db, token.id, now).await?;
        if !members::set_left(db, member.id, now).await? {
            return Ok(Outcome::plain("left-before", Some(group)));
        }
        let subject = format!("member:{}", member.id);
        audit::write(db, now, Actor::Member(member.id.0), "left", &subject, &serde_json::json!({})).await?;
        self.let_go(db, member.id, now).await?;
        self.notify(
            db,
            Some(group),
            &member.name,
            &[Reader::of(member)],
            &Notice::from(ToMember::LeaveDone),
            arrival.manner(),
            now,
        )
        .await?;
        Ok(Outcome::plain("left", Some(group)))
    }

    async fn take_back(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        token: &Token,
        taken: &mut Taken,
    ) -> Result<Outcome> {
        let post = posts::lock_of_token(db, token).await?;
        match post {
            Some((_, post))
                if post.state == PostState::Held && self.withdraw(db, &post, member, arrival.now).await? =>
            {
                tokens::use_up(db, token.id, arrival.now).await?;
                let notice = Notice::from(ToMember::Withdrawn { about: post.id, subject: post.subject.clone() });
                self.notify(
                    db,
                    Some(group),
                    &member.name,
                    &[Reader::of(member)],
                    &notice,
                    arrival.manner(),
                    arrival.now,
                )
                .await?;
                Ok(Outcome::plain("withdrawn", Some(group)))
            }
            Some((_, post)) if post.state == PostState::Withdrawn => {
                Ok(Outcome::plain("withdrawn-before", Some(group)))
            }
            _ => self.pass_on(db, arrival, group, member, taken).await,
        }
    }

    /// A decision that can still be undone gives way to the author's wish.
    pub(super) async fn withdraw(&self, db: &mut Db, post: &Post, member: &Member, now: Timestamp) -> Result<bool> {
        if let Some(standing) = decisions::standing_for(db, post.id).await?
            && !decisions::undo(db, standing.id, now).await?
        {
            return Ok(false);
        }
        posts::set_state(db, post.id, PostState::Withdrawn).await?;
        let subject = format!("post:{}", post.id);
        audit::write(db, now, Actor::Member(member.id.0), "withdrew", &subject, &serde_json::json!({})).await?;
        Ok(true)
    }

    /// Words that no rule understood go to people, and their author is told so.
    pub(super) async fn pass_on(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        taken: &mut Taken,
    ) -> Result<Outcome> {
        self.private_line_once(db, arrival, group, member, taken).await?;
        if self.may_answer(db, "passed-on", &member.address, 1, DAY, arrival.now).await? {
            self.notify(
                db,
                Some(group),
                &member.name,
                &[Reader::of(member)],
                &Notice::from(ToMember::PassedOn),
                arrival.manner(),
                arrival.now,
            )
            .await?;
        }
        Ok(Outcome::plain("passed-on", Some(group)))
    }
}
