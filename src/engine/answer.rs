//! Everything that is written to Lamplight and is no post: leaving, taking back, the private line, reports.
//!
//! Automatic mail gets no answer and changes nothing, except that a report on one of our own copies is noted there.

use anyhow::Result;

use super::arrival::{Arrival, NOBODY_TO_READ_IT, Outcome, takes_part};
use super::notice::Notice;
use super::notify::{Manner, Reader};
use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::mail::envelope::{Destination, Service, TokenKind, TokenText};
use crate::mail::kind::Kind;
use crate::model::command::{Confirmation, read_confirmation};
use crate::model::group::Group;
use crate::model::ids::OutboxId;
use crate::model::member::{Member, MemberState, Role};
use crate::model::moderation::TOKEN_DAYS;
use crate::model::policy;
use crate::model::post::{Post, PostState};
use crate::store::audit::{self, Actor};
use crate::store::outbox::Lane;
use crate::store::tokens::{self, NewToken, Purpose, Token};
use crate::store::{Db, decisions, groups, judgements, members, outbox, posts};

const DAY: i64 = 86_400;

impl Lamplight {
    /// `-leave` asks for one answer; the other service addresses reach the moderators.
    pub(super) async fn serve_address(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        service: Service,
        recipient: &Address,
    ) -> Result<Outcome> {
        if service != Service::Leave || arrival.message.automatic.is_some() {
            return self.to_moderators(db, arrival, group, recipient).await;
        }
        match self.taking_part(db, arrival, group).await? {
            Some(member) if member.role == Role::Member => {
                // A cry for help that happens to go to the wrong address still reaches people.
                if self.is_urgent(arrival, group) {
                    self.private_line(db, arrival, group, &member, recipient).await?;
                }
                self.ask_to_leave(db, arrival, group, &member).await?;
                Ok(Outcome::plain("asked-to-confirm", Some(group)))
            }
            _ => self.to_moderators(db, arrival, group, recipient).await,
        }
    }

    async fn ask_to_leave(&self, db: &mut Db, arrival: &Arrival, group: &Group, member: &Member) -> Result<()> {
        let now = arrival.now;
        // One confirmation per address a day, so that nobody can be flooded in another's name.
        if !self.may_answer(db, "leave", &member.address, 1, DAY, now).await? {
            return Ok(());
        }
        let new = NewToken {
            purpose: Purpose::Leave,
            member: member.id,
            post: None,
            content_hash: None,
            asked: None,
            expires_at: now.plus_seconds(TOKEN_DAYS * DAY),
        };
        let token = tokens::insert(db, &new, now).await?;
        let reader = [Reader::of(member).with_token(token)];
        self.notify(db, Some(group), &member.name, &reader, &Notice::LeaveAsk, arrival.manner(), now).await
    }

    /// Whoever takes part in the group and wrote this.
    async fn taking_part(&self, db: &mut Db, arrival: &Arrival, group: &Group) -> Result<Option<Member>> {
        let Some(address) = arrival.author() else { return Ok(None) };
        Ok(members::by_address(db, group.id, address).await?.filter(takes_part))
    }

    fn is_urgent(&self, arrival: &Arrival, group: &Group) -> bool {
        arrival.flags(&group.language).iter().any(|flag| policy::is_urgent(flag.category))
    }

    /// The private line: from whoever takes part at once, from strangers with the daily summary.
    pub(super) async fn to_moderators(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        recipient: &Address,
    ) -> Result<Outcome> {
        if arrival.message.automatic.is_some() {
            return Ok(Outcome::plain("ignored", Some(group)));
        }
        match self.taking_part(db, arrival, group).await? {
            Some(member) => {
                self.private_line(db, arrival, group, &member, recipient).await?;
                Ok(Outcome::plain("passed-on", Some(group)))
            }
            None => {
                let flags = arrival.flags(&group.language);
                self.stranger(db, arrival, group, recipient, &flags).await?;
                Ok(Outcome::plain("stranger", Some(group)))
            }
        }
    }

    async fn private_line(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        recipient: &Address,
    ) -> Result<()> {
        let urgent = self.is_urgent(arrival, group);
        let text = &arrival.message.text;
        let text = if text.reply.trim().is_empty() { &text.quoted } else { &text.reply };
        let notice = Notice::PrivateLine {
            author: member.shown_name(),
            address: member.address.as_str().to_owned(),
            written_to: self.service_suffix(recipient),
            subject: excerpt::line(&arrival.message.subject),
            text: excerpt::excerpt(text, Some(&excerpt::spool_show(arrival.spooled.id.0))),
            urgent,
        };
        let readers = self.moderators_or_administrators(db, group).await?;
        let lane = if urgent { Lane::Urgent } else { Lane::Notice };
        let subject = format!("member:{}", member.id);
        let detail = serde_json::json!({ "spool": arrival.spooled.id });
        audit::write(db, arrival.now, Actor::Lamplight, "address-shown", &subject, &detail).await?;
        self.notify(db, Some(group), "", &readers, &notice, Manner::Watched(lane), arrival.now).await
    }

    /// `-owner`, `-help` … of an address of ours; a private talk's token counts as `-owner`.
    fn service_suffix(&self, recipient: &Address) -> String {
        let suffix = match self.scheme.read(recipient) {
            Some(Destination::Service(_, Service::Join)) => "-join",
            Some(Destination::Service(_, Service::Leave)) => "-leave",
            Some(Destination::Service(_, Service::Help)) => "-help",
            Some(Destination::Service(_, Service::Request)) => "-request",
            _ => "-owner",
        };
        suffix.to_owned()
    }

    /// postmaster@ and abuse@: past moderation, to the administrators.
    pub(super) async fn to_administrators(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        recipient: &Address,
    ) -> Result<Outcome> {
        if arrival.message.automatic.is_some() && arrival.message.kind != Kind::Feedback {
            return Ok(Outcome::plain("ignored", None));
        }
        let text = &arrival.message.text;
        let notice = Notice::Postmaster {
            from: arrival.author().map(|address| address.as_str().to_owned()).unwrap_or_default(),
            written_to: recipient.local_part().to_owned(),
            subject: excerpt::line(&arrival.message.subject),
            // The template says how to read the whole.
            text: excerpt::excerpt(format!("{}\n{}", text.reply, text.quoted).trim(), None),
            spool_id: arrival.spooled.id.0,
        };
        let readers: Vec<Reader> = self.administrators().iter().map(Reader::administrator).collect();
        if readers.is_empty() {
            return Ok(Outcome::plain(NOBODY_TO_READ_IT, None));
        }
        self.notify(db, None, "", &readers, &notice, Manner::Watched(Lane::Notice), arrival.now).await?;
        Ok(Outcome::plain("to-administrators", None))
    }

    /// A report on one of our copies. Without a return path that we gave out it changes nothing.
    pub(super) async fn bounced(&self, db: &mut Db, arrival: &Arrival, token: &TokenText) -> Result<Outcome> {
        let Some(row) = self.opened_by(TokenKind::Bounce, token) else { return Ok(Outcome::plain("ignored", None)) };
        let failed = arrival.message.failed_recipients.iter().find(|recipient| recipient.permanent);
        let Some(failed) = failed.filter(|_| arrival.message.kind == Kind::Bounce) else {
            return Ok(Outcome::plain("ignored", None));
        };
        let cause = format!("bounced: {}", failed.status.as_deref().unwrap_or("no status"));
        outbox::set_bounced(db, OutboxId(row), &cause, arrival.now).await?;
        Ok(Outcome::plain("bounce", None))
    }

    /// An answer to one of our questions to a member: leaving, or a held post to take back.
    pub(super) async fn confirm(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        text: &TokenText,
        recipient: &Address,
    ) -> Result<Outcome> {
        if arrival.message.automatic.is_some() {
            return Ok(Outcome::plain("ignored", None));
        }
        let Some(token) = tokens::find(db, self.store.key(), TokenKind::Confirmation, text).await? else {
            self.alarm_if_urgent(db, arrival, None, recipient).await?;
            return Ok(Outcome::plain("unknown-token", None));
        };
        let member = members::by_id(db, token.member).await?;
        let group = groups::by_id(db, member.group).await?;
        // A forwarded question must not act for somebody else; but whoever wrote this is read by people.
        if arrival.author().is_none_or(|author| author.key() != member.address.key()) {
            return self.to_moderators(db, arrival, &group, recipient).await;
        }
        let answer = read_confirmation(&arrival.message.text.reply);
        let fresh = token.used_at.is_none() && arrival.now < token.expires_at;
        match (token.purpose, answer) {
            (Purpose::Leave, Confirmation::Yes) if fresh && member.state != MemberState::Left => {
                self.leave(db, arrival, &group, member, &token).await?;
                Ok(Outcome::plain("left", Some(&group)))
            }
            (Purpose::Leave, Confirmation::Yes) if member.state == MemberState::Left => {
                Ok(Outcome::plain("left-before", Some(&group)))
            }
            (Purpose::Withdraw, Confirmation::TakeBack) => self.take_back(db, arrival, &group, &member, &token).await,
            _ => self.pass_on(db, arrival, &group, &member).await,
        }
    }

    async fn leave(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        mut member: Member,
        token: &Token,
    ) -> Result<()> {
        let now = arrival.now;
        tokens::use_up(db, token.id, now).await?;
        member.state = MemberState::Left;
        member.next_digest_at = None;
        members::update(db, &member, now).await?;
        let subject = format!("member:{}", member.id);
        audit::write(db, now, Actor::Member(member.id.0), "left", &subject, &serde_json::json!({})).await?;
        self.notify(db, Some(group), &member.name, &[Reader::of(&member)], &Notice::LeaveDone, arrival.manner(), now)
            .await
    }

    async fn take_back(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        token: &Token,
    ) -> Result<Outcome> {
        let post = match token.post {
            Some(id) => posts::lock(db, id).await?,
            None => None,
        };
        match post {
            Some(post) if post.state == PostState::Held && self.withdraw(db, &post, member, arrival.now).await? => {
                tokens::use_up(db, token.id, arrival.now).await?;
                let notice = Notice::Withdrawn { about: post.id, subject: post.subject.clone() };
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
            Some(post) if post.state == PostState::Withdrawn => Ok(Outcome::plain("withdrawn-before", Some(group))),
            _ => self.pass_on(db, arrival, group, member).await,
        }
    }

    /// A decision that can still be undone gives way to the author's wish.
    async fn withdraw(&self, db: &mut Db, post: &Post, member: &Member, now: Timestamp) -> Result<bool> {
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
    async fn pass_on(&self, db: &mut Db, arrival: &Arrival, group: &Group, member: &Member) -> Result<Outcome> {
        let owner = self.scheme.group_address(&group.name, "-owner")?;
        self.private_line(db, arrival, group, member, &owner).await?;
        if self.may_answer(db, "passed-on", &member.address, 1, DAY, arrival.now).await? {
            self.notify(
                db,
                Some(group),
                &member.name,
                &[Reader::of(member)],
                &Notice::PassedOn,
                arrival.manner(),
                arrival.now,
            )
            .await?;
        }
        Ok(Outcome::plain("passed-on", Some(group)))
    }

    /// An answer of a kind that one sender gets at most once a day.
    pub(super) async fn answer_once_a_day(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        notice: &Notice,
    ) -> Result<()> {
        let now = arrival.now;
        if !self.may_answer(db, notice.folder(), &member.address, 1, DAY, now).await? {
            return Ok(());
        }
        self.notify(db, Some(group), &member.name, &[Reader::of(member)], notice, arrival.manner(), now).await
    }

    /// Whether an answer of this kind went to this address within the last `seconds`.
    pub(super) async fn was_answered(
        &self,
        db: &mut Db,
        kind: &str,
        address: &Address,
        seconds: i64,
        now: Timestamp,
    ) -> Result<bool> {
        let about = crate::model::token::content_hash(&[&self.store.key().fingerprint(), &address.key()]);
        Ok(judgements::answers_since(db, kind, &about, now.plus_seconds(-seconds)).await? > 0)
    }

    /// Count one more answer of this kind to this address, unless there were `most` within the last `seconds`.
    pub(super) async fn may_answer(
        &self,
        db: &mut Db,
        kind: &str,
        address: &Address,
        most: i64,
        seconds: i64,
        now: Timestamp,
    ) -> Result<bool> {
        let about = crate::model::token::content_hash(&[&self.store.key().fingerprint(), &address.key()]);
        if judgements::answers_since(db, kind, &about, now.plus_seconds(-seconds)).await? >= most {
            return Ok(false);
        }
        judgements::count_answer(db, kind, &about, now).await?;
        Ok(true)
    }
}
