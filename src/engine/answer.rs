//! Everything that is written to Lamplight and is no post: leaving, the private line, reports.
//!
//! Automatic mail gets no answer and changes nothing, except that a report on one of our own copies is noted there. What
//! only may be automatic gets no answer either, but people read it.

use std::sync::Arc;

use anyhow::Result;

use super::arrival::{Arrival, Outcome, Taken, add_flags, is_first, said_before, takes_part};
use super::notice::{Notice, Reaches, StrangerMail, ToMember, ToModerators};
use super::notify::{Manner, Reader};
use super::quoted::Answered;
use super::stranger::{beginning, urgent_words};
use super::wish::Heard;
use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::mail::envelope::{Destination, Service, TokenKind, TokenText};
use crate::mail::kind::{Kind, is_guess};
use crate::model::group::Group;
use crate::model::ids::OutboxId;
use crate::model::lexicon::{self, Category, Lexicon};
use crate::model::member::{Member, Role};
use crate::model::moderation::TOKEN_DAYS;
use crate::model::policy;
use crate::model::talk::Talk;
use crate::model::text::Quote;
use crate::model::wording::Wording;
use crate::store::outbox::Lane;
use crate::store::tokens::{self, NewToken, Purpose};
use crate::store::{Db, alerts, judgements, members, outbox};

const DAY: i64 = 86_400;

impl Lamplight {
    /// `-leave` asks for one answer, and so does a plain wish about addresses to `-request`; the other service addresses
    /// reach the moderators.
    pub(super) async fn serve_address(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        service: Service,
        recipient: &Address,
        taken: &mut Taken,
    ) -> Result<Outcome> {
        if let Some(outcome) = self.hear_wish(db, arrival, group, Heard::Service(service), taken).await? {
            return Ok(outcome);
        }
        if service == Service::Request
            && let Some(outcome) = self.wish_for_address(db, arrival, group, taken).await?
        {
            return Ok(outcome);
        }
        if service == Service::Help && self.explain_words(db, arrival, group).await? {
            return Ok(Outcome::plain("explained", Some(group)));
        }
        if service != Service::Leave || arrival.message.automatic.is_some() {
            return self.to_moderators(db, arrival, group, recipient, taken).await;
        }
        match self.taking_part(db, arrival, group).await? {
            Some(member) if member.role == Role::Member => {
                if !is_first(&mut taken.leaves, group) {
                    return Ok(said_before(Some(group)));
                }
                // A cry for help that happens to go to the wrong address still reaches people.
                self.hear_if_in_need(db, arrival, group, &member, taken).await?;
                self.ask_to_leave(db, arrival, group, &member).await?;
                Ok(Outcome::plain("asked-to-confirm", Some(group)))
            }
            _ => self.to_moderators(db, arrival, group, recipient, taken).await,
        }
    }

    pub(super) async fn ask_to_leave(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
    ) -> Result<()> {
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
        self.notify(db, Some(group), &member.name, &reader, &Notice::from(ToMember::LeaveAsk), arrival.manner(), now)
            .await
    }

    /// Whoever takes part in the group and wrote this.
    pub(super) async fn taking_part(&self, db: &mut Db, arrival: &Arrival, group: &Group) -> Result<Option<Member>> {
        let Some(address) = arrival.author() else { return Ok(None) };
        Ok(members::by_address(db, group.id, address).await?.filter(takes_part))
    }

    /// Whatever else becomes of it: people hear at once of words that may tell of a danger, or of a wish not to live.
    pub(super) async fn hear_if_in_need(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        taken: &mut Taken,
    ) -> Result<()> {
        let quote = self.new_in_quote(db, arrival, (group, member.id), Answered::default()).await?;
        let lexicon = self.lexicon(group);
        let is_in_need = is_urgent(arrival, &lexicon, &quote) || is_concern(arrival, &lexicon, &quote);
        if is_in_need {
            self.private_line_once(db, arrival, group, member, taken).await?;
        }
        Ok(())
    }

    /// The private line: from whoever takes part at once, from strangers with the daily summary.
    pub(super) async fn to_moderators(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        recipient: &Address,
        taken: &mut Taken,
    ) -> Result<Outcome> {
        let member = self.taking_part(db, arrival, group).await?;
        if arrival.message.automatic.is_some() && !self.is_passed_on(arrival, group, member.as_ref()) {
            return Ok(Outcome::ignored(Some(group)));
        }
        if !is_first(&mut taken.words, group) {
            return Ok(said_before(Some(group)));
        }
        match member {
            Some(member) => {
                self.private_line(db, arrival, group, &member).await?;
                Ok(Outcome::plain("passed-on", Some(group)))
            }
            None => {
                let flags = arrival.all_flags(&self.lexicon(group));
                self.stranger(db, arrival, group, recipient, &flags).await?;
                Ok(Outcome::plain("stranger", Some(group)))
            }
        }
    }

    /// What may be a person's is read by people, who are all that it reaches. A moderator's own responder would answer
    /// them for ever, and words of danger have a way of their own.
    fn is_passed_on(&self, arrival: &Arrival, group: &Group, member: Option<&Member>) -> bool {
        let message = &arrival.message;
        let is_responder =
            message.kind == Kind::AutoReply && member.is_some_and(|member| member.role == Role::Moderator);
        message.automatic.is_some_and(is_guess)
            && !is_responder
            && !self.bears_our_mark(arrival, group)
            && !policy::circles(message)
            && urgent_words(&arrival.all_flags(&self.lexicon(group))).is_empty()
    }

    pub(super) async fn private_line(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
    ) -> Result<()> {
        self.private_words(db, arrival, group, member, None).await
    }

    /// The same, if nobody has these words yet: one mail may go to several addresses.
    pub(super) async fn private_line_once(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        taken: &mut Taken,
    ) -> Result<()> {
        if is_first(&mut taken.words, group) {
            self.private_line(db, arrival, group, member).await?;
        }
        Ok(())
    }

    /// The same in a talk that is there.
    pub(super) async fn private_words(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        talk: Option<Talk>,
    ) -> Result<()> {
        let quote = self.new_in_quote(db, arrival, (group, member.id), Answered::default()).await?;
        let notice = self.private_notice(db, arrival, group, member, &quote, talk).await?;
        if is_urgent(arrival, &self.lexicon(group), &quote) {
            return self.cry_on_the_private_line(db, arrival, group, member, &notice, &quote).await;
        }
        let readers = self.moderators_or_administrators(db, group).await?;
        let lane = if notice.is_read_first() { Lane::Urgent } else { Lane::Notice };
        self.notify(db, Some(group), "", &readers, &notice, Manner::Watched(lane), arrival.now).await
    }

    /// Words of danger that are for the moderators alone: an alert, and the text to their author.
    async fn cry_on_the_private_line(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        notice: &Notice,
        quote: &Quote,
    ) -> Result<()> {
        let mut flags = arrival.flags(&self.lexicon(group));
        add_flags(&mut flags, quote.flags.clone());
        let shown = StrangerMail {
            spool_id: arrival.spooled.id.0,
            from: member.shown_name(self.words(group)),
            subject: excerpt::line(&arrival.message.subject),
            beginning: beginning(&arrival.message.text.reply),
            written_to: self.written_to(arrival, group),
            asks_for_something: true,
            received_at: arrival.spooled.received_at,
            matched: urgent_words(&flags),
            takes_part: true,
            not_verified: self.is_not_verified(arrival),
        };
        let now = arrival.now;
        let alert = self.raise_about_messages(db, Some(group), &[shown], Some(member.id), Some(notice), now).await?;
        let is_crisis = flags.iter().any(|flag| flag.category == Category::Crisis);
        if is_crisis && member.role == Role::Member && arrival.message.automatic.is_none() {
            let (answers, subject) = (arrival.message.message_id.as_deref(), &arrival.message.subject);
            self.answer_cry(db, group, member, alert, answers, subject, now).await?;
        }
        Ok(())
    }

    /// What the moderators read of words that are for them alone.
    pub(super) async fn private_notice(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        quote: &Quote,
        talk: Option<Talk>,
    ) -> Result<Notice> {
        let message = &arrival.message;
        let goes_on = talk.is_some();
        let reply_reaches = self.who_answers(db, group, member).await?;
        let talk = match talk {
            _ if reply_reaches != Reaches::Author => None,
            None => Some(
                self.talk_with(
                    db,
                    member,
                    (arrival.post_subject(self.words(group)), &message.base_subject),
                    arrival.now,
                )
                .await?,
            ),
            talk => talk,
        };
        if let Some(talk) = &talk {
            self.remember_her_mail(db, arrival, talk.id).await?;
        }
        let lexicon = self.lexicon(group);
        let urgent = is_urgent(arrival, &lexicon, quote);
        // What she says while people are asked who looks after her may be where she is.
        let alert_open = !urgent && alerts::is_open_about_member(db, member.id).await?;
        Ok(Notice::from(ToModerators::PrivateLine {
            talk: talk.map(|talk| talk.id),
            author: member.shown_name(self.words(group)),
            reply_reaches,
            written_to: if goes_on { String::new() } else { self.written_to(arrival, group) },
            subject: excerpt::line(&message.subject),
            text: private_text(arrival, quote, urgent, self.words(group)),
            attachments: excerpt::files(&message.attachments),
            urgent,
            concern: is_concern(arrival, &lexicon, quote),
            alert_open,
            was_held: false,
            not_verified: self.is_not_verified(arrival),
        }))
    }

    /// `-owner`, `-leave, -help` …: the addresses of a group that a message was written to; an answer address counts as
    /// `-owner`.
    fn written_to(&self, arrival: &Arrival, group: &Group) -> String {
        let mut suffixes: Vec<&str> = Vec::new();
        for recipient in &arrival.spooled.envelope.recipients {
            let suffix = match self.scheme.read(recipient) {
                Some(Destination::Service(name, service)) if name == group.name => match service {
                    Service::Join => "-join",
                    Service::Leave => "-leave",
                    Service::Help => "-help",
                    Service::Request => "-request",
                    Service::Owner => "-owner",
                },
                Some(Destination::GroupToken(name, TokenKind::Private, _)) if name == group.name => "-owner",
                _ => continue,
            };
            if !suffixes.contains(&suffix) {
                suffixes.push(suffix);
            }
        }
        if suffixes.is_empty() { "-owner".to_owned() } else { suffixes.join(", ") }
    }

    /// A report on one of our copies. Without a return path that we gave out it changes nothing.
    pub(super) async fn bounced(&self, db: &mut Db, arrival: &Arrival, token: &TokenText) -> Result<Outcome> {
        let Some(row) = self.opened_by(TokenKind::Bounce, token) else { return Ok(Outcome::ignored(None)) };
        // RFC 3464 §2.3.3: "failed" is the last word, also with 4.x after days of trying; a delay is none.
        let named = &arrival.message.failed_recipients;
        let given_up = named.first().filter(|_| named.iter().all(|recipient| !recipient.delayed));
        let failed = named.iter().find(|recipient| recipient.permanent).or(given_up);
        let Some(failed) = failed.filter(|_| arrival.message.kind == Kind::Bounce) else {
            return Ok(Outcome::ignored(None));
        };
        let cause = format!("bounced: {}", failed.status.as_deref().unwrap_or("no status"));
        outbox::set_bounced(db, OutboxId(row), &cause, arrival.now).await?;
        Ok(Outcome::plain("bounce", None))
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
        let about = self.answers_about(address);
        Ok(judgements::answers_since(db, kind, &about, now.plus_seconds(-seconds), now).await? > 0)
    }

    /// The hash under which answers to an address are counted.
    pub(super) fn answers_about(&self, address: &Address) -> String {
        crate::model::token::content_hash(&[&self.store.key().fingerprint(), &address.key()])
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
        let about = self.answers_about(address);
        if judgements::answers_since(db, kind, &about, now.plus_seconds(-seconds), now).await? >= most {
            return Ok(false);
        }
        judgements::count_answer(db, kind, &about, now).await?;
        Ok(true)
    }
}

pub(super) fn is_urgent(arrival: &Arrival, lexicon: &Arc<Lexicon>, quote: &Quote) -> bool {
    raises(arrival, lexicon, quote, lexicon::is_urgent)
}

/// No alarm, and read before others.
pub(super) fn is_concern(arrival: &Arrival, lexicon: &Arc<Lexicon>, quote: &Quote) -> bool {
    !is_urgent(arrival, lexicon, quote) && raises(arrival, lexicon, quote, |category| category == Category::Concern)
}

fn raises(arrival: &Arrival, lexicon: &Arc<Lexicon>, quote: &Quote, what: impl Fn(Category) -> bool) -> bool {
    arrival.flags(lexicon).iter().chain(&quote.flags).any(|flag| what(flag.category))
}

/// All of somebody's words that people should see.
fn private_text(arrival: &Arrival, quote: &Quote, urgent: bool, words: &Wording) -> String {
    let (text, elsewhere) = (&arrival.message.text, &arrival.message.elsewhere);
    let mut parts = vec![if text.reply.trim().is_empty() { &text.quoted } else { &text.reply }];
    // What may tell of a danger is shown wherever it stands, and so are words that may be the author's.
    if urgent {
        parts.extend([&text.signature, &quote.words]);
    } else if !text.reply.trim().is_empty() {
        parts.extend([&quote.left_out, &quote.omitted, &quote.signed]);
    }
    // What only another version of it says is no less hers.
    if urgent || elsewhere.differs {
        parts.push(&elsewhere.text);
    }
    let text = parts.into_iter().filter(|part| !part.trim().is_empty()).cloned().collect::<Vec<_>>().join("\n\n");
    excerpt::excerpt(text.trim(), Some(&excerpt::spool_show(arrival.spooled.id.0, words)), words)
}
