//! Everything that is written to Lamplight and is no post: leaving, the private line, the administrators, reports.
//!
//! Automatic mail gets no answer and changes nothing, except that a report on one of our own copies is noted there.

use std::sync::Arc;

use anyhow::Result;

use super::alarm::Alarm;
use super::arrival::{Arrival, NOBODY_TO_READ_IT, Outcome, Taken, is_first, said_before, takes_part};
use super::notice::Notice;
use super::notify::{Manner, Reader};
use super::quoted::Answered;
use super::stranger::{stranger_mail, urgent_words};
use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::mail::envelope::{Destination, Service, TokenKind, TokenText};
use crate::mail::kind::Kind;
use crate::model::group::Group;
use crate::model::ids::OutboxId;
use crate::model::lexicon::Lexicon;
use crate::model::member::{Member, Role};
use crate::model::moderation::TOKEN_DAYS;
use crate::model::policy;
use crate::model::text::Quote;
use crate::store::audit::{self, Actor};
use crate::store::outbox::Lane;
use crate::store::tokens::{self, NewToken, Purpose};
use crate::store::{Db, judgements, members, outbox};

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
        taken: &mut Taken,
    ) -> Result<Outcome> {
        if service != Service::Leave || arrival.message.automatic.is_some() {
            return self.to_moderators(db, arrival, group, recipient, taken).await;
        }
        match self.taking_part(db, arrival, group).await? {
            Some(member) if member.role == Role::Member => {
                if !is_first(&mut taken.leaves, group) {
                    return Ok(said_before(Some(group)));
                }
                // A cry for help that happens to go to the wrong address still reaches people.
                self.hear_if_urgent(db, arrival, group, &member, taken).await?;
                self.ask_to_leave(db, arrival, group, &member).await?;
                Ok(Outcome::plain("asked-to-confirm", Some(group)))
            }
            _ => self.to_moderators(db, arrival, group, recipient, taken).await,
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
    pub(super) async fn taking_part(&self, db: &mut Db, arrival: &Arrival, group: &Group) -> Result<Option<Member>> {
        let Some(address) = arrival.author() else { return Ok(None) };
        Ok(members::by_address(db, group.id, address).await?.filter(takes_part))
    }

    /// Whatever else becomes of it: people hear at once of words that may tell of a danger.
    pub(super) async fn hear_if_urgent(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        taken: &mut Taken,
    ) -> Result<()> {
        let quote = self.new_in_quote(db, arrival, member.id, &self.lexicon(group), Answered::default()).await?;
        if is_urgent(arrival, &self.lexicon(group), &quote) && is_first(&mut taken.words, group) {
            self.private_line(db, arrival, group, member).await?;
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
        if arrival.message.automatic.is_some() {
            return Ok(Outcome::ignored(Some(group)));
        }
        if !is_first(&mut taken.words, group) {
            return Ok(said_before(Some(group)));
        }
        match self.taking_part(db, arrival, group).await? {
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

    pub(super) async fn private_line(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
    ) -> Result<()> {
        let quote = self.new_in_quote(db, arrival, member.id, &self.lexicon(group), Answered::default()).await?;
        let urgent = is_urgent(arrival, &self.lexicon(group), &quote);
        let notice = self.private_notice(arrival, group, member, &quote);
        let readers = self.moderators_or_administrators(db, group).await?;
        let lane = if urgent { Lane::Urgent } else { Lane::Notice };
        let subject = format!("member:{}", member.id);
        let detail = serde_json::json!({ "spool": arrival.spooled.id });
        audit::write(db, arrival.now, Actor::Lamplight, "address-shown", &subject, &detail).await?;
        self.notify(db, Some(group), "", &readers, &notice, Manner::Watched(lane), arrival.now).await
    }

    /// What the moderators read of words that are for them alone.
    pub(super) fn private_notice(&self, arrival: &Arrival, group: &Group, member: &Member, quote: &Quote) -> Notice {
        let (text, elsewhere) = (&arrival.message.text, &arrival.message.elsewhere);
        let urgent = is_urgent(arrival, &self.lexicon(group), quote);
        let mut parts = vec![if text.reply.trim().is_empty() { &text.quoted } else { &text.reply }];
        // What may tell of a danger is shown wherever it stands, and so are words that may be the author's.
        if urgent {
            parts.extend([&text.signature, &quote.words]);
        } else if !text.reply.trim().is_empty() {
            parts.push(&quote.left_out);
        }
        // What only another version of it says is no less hers.
        if urgent || elsewhere.differs {
            parts.push(&elsewhere.text);
        }
        let text = parts.into_iter().filter(|part| !part.trim().is_empty()).cloned().collect::<Vec<_>>().join("\n\n");
        Notice::PrivateLine {
            author: member.shown_name(),
            address: member.address.as_str().to_owned(),
            written_to: self.written_to(arrival, group),
            subject: excerpt::line(&arrival.message.subject),
            text: excerpt::excerpt(text.trim(), Some(&excerpt::spool_show(arrival.spooled.id.0))),
            urgent,
        }
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

    /// postmaster@ and abuse@: past moderation, to the administrators.
    pub(super) async fn to_administrators(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        recipient: &Address,
        taken: &mut Taken,
    ) -> Result<Outcome> {
        if arrival.message.automatic.is_some() && arrival.message.kind != Kind::Feedback {
            return Ok(Outcome::ignored(None));
        }
        if std::mem::replace(&mut taken.by_administrators, true) {
            return Ok(said_before(None));
        }
        if self.administrators().is_empty() {
            return Ok(Outcome::plain(NOBODY_TO_READ_IT, None));
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
        let matched = urgent_words(&arrival.all_flags(&self.lexicon_of_service()));
        let message = stranger_mail(&arrival.message, &arrival.spooled, recipient, matched);
        self.tell(db, Alarm::Postmaster, None, message, Some(notice), arrival.now).await?;
        Ok(Outcome::plain("to-administrators", None))
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

fn is_urgent(arrival: &Arrival, lexicon: &Arc<Lexicon>, quote: &Quote) -> bool {
    arrival.flags(lexicon).iter().chain(&quote.flags).any(|flag| policy::is_urgent(flag.category))
}
