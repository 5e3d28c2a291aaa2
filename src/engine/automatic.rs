//! Automatic mail is never answered or published, decides nothing and asks for nothing (RFC 3834 §2); but it may tell
//! people. Filters and programs put its marks on people's mail too, so whatever the rooms ignore comes by here before it
//! is forgotten: who cries in it is heard.
//!
//! Automatic mail quotes what it answers. Our own words, a notice about a cry most of all, ring no second time.

use std::borrow::Cow;

use anyhow::Result;

use super::Lamplight;
use super::alarm::Alarm;
use super::arrival::{Arrival, NOBODY_TO_READ_IT, Outcome, Taken, is_first};
use super::stranger::{stranger_mail, urgent_words};
use crate::mail::envelope::{Destination, TokenKind};
use crate::mail::known::Known;
use crate::mail::reply::NewText;
use crate::mail::{self, Address, Incoming};
use crate::model::ids::OutboxId;
use crate::model::policy;
use crate::model::text::{self, Quote};
use crate::store::{Db, addresses, groups, sent};

/// What of ours is looked at to know our own words again, in octets: notices are small.
const MOST_OF_OURS: usize = 4 * 1024 * 1024;
/// Messages that a mail says it answers.
const MOST_REFERENCES: usize = 20;

impl Lamplight {
    /// Before a mail is ignored for one recipient: words of danger in it reach people, within the limits for floods. Its
    /// author gets no answer.
    pub(super) async fn hear_before_ignoring(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        recipient: &Address,
        taken: &mut Taken,
        ignored: Outcome,
    ) -> Result<Outcome> {
        let group = match ignored.group {
            Some(id) => Some(groups::by_id(db, id).await?),
            None => self.group_behind(db, recipient).await?,
        };
        let lexicon = group.as_ref().map_or_else(|| self.lexicon_of_service(), |group| self.lexicon(group));
        if urgent_words(&arrival.flags(&lexicon)).is_empty() {
            return Ok(ignored);
        }
        let own = self.its_own_words(db, arrival, recipient).await?;
        let matched = urgent_words(&text::flags(&own, &lexicon));
        if matched.is_empty() {
            return Ok(ignored);
        }
        // Such mail may be a circle of two programs: what a member writes so is bound by the limits as well.
        let told = Outcome { trail: ignored.trail, ..Outcome::plain("told-of", group.as_ref()) };
        let message = stranger_mail(&own, &arrival.spooled, recipient, matched);
        let Some(group) = &group else {
            if self.administrators().is_empty() {
                return Ok(Outcome::plain(NOBODY_TO_READ_IT, None));
            }
            if !std::mem::replace(&mut taken.by_administrators, true) {
                self.tell(db, Alarm::Stranger, None, message, None, arrival.now).await?;
            }
            return Ok(told);
        };
        if !is_first(&mut taken.words, group) {
            return Ok(told);
        }
        let alone = match self.taking_part(db, arrival, group).await? {
            Some(member) => Some(self.private_notice(db, arrival, group, &member, &Quote::default(), None).await?),
            None => None,
        };
        self.tell(db, Alarm::Stranger, Some(group), message, alone, arrival.now).await?;
        Ok(told)
    }

    /// The message without words of ours that it brings back; a person's mail as it stands.
    pub(super) async fn its_own_words<'a>(
        &self,
        db: &mut Db,
        arrival: &'a Arrival,
        recipient: &Address,
    ) -> Result<Cow<'a, Incoming>> {
        let message = &arrival.message;
        let may_be_ours = message.automatic.is_some() || !message.loop_marks.is_empty() || policy::circles(message);
        if !may_be_ours {
            return Ok(Cow::Borrowed(message));
        }
        let ours = self.what_it_may_quote(db, arrival, recipient).await?;
        Ok(if ours.is_empty() { Cow::Borrowed(message) } else { Cow::Owned(without(message, &ours)) })
    }

    /// What of ours went to whoever wrote or was not reached, what the mail says that it answers or is, and what went out
    /// with the return path that it came to.
    async fn what_it_may_quote(&self, db: &mut Db, arrival: &Arrival, recipient: &Address) -> Result<Vec<Vec<u8>>> {
        let message = &arrival.message;
        let mut ours = Vec::new();
        if let Some(Destination::OwnToken(TokenKind::Bounce, token)) = self.scheme.read(recipient)
            && let Some(row) = self.opened_by(TokenKind::Bounce, &token)
            && let Some((sent, _)) = sent::with_row(db, OutboxId(row)).await?
        {
            ours.push(sent);
        }
        let ids = message.message_id.iter().chain(&message.in_reply_to).chain(message.references.iter().rev());
        for id in ids.take(MOST_REFERENCES) {
            ours.extend(sent::under_message_id(db, id).await?);
        }
        let failed = message.failed_recipients.first().map(|failed| failed.address.clone());
        for address in arrival.author().cloned().into_iter().chain(failed) {
            ours.extend(sent::lately_to(db, &address).await?);
            // What went to her first address may have been passed on to this one.
            for first in addresses::firsts_of(db, &address).await? {
                ours.extend(sent::lately_to(db, &first).await?);
            }
        }
        let mut octets = 0;
        ours.retain(|sent| {
            octets += sent.len();
            octets <= MOST_OF_OURS
        });
        Ok(ours)
    }
}

/// A message without the sentences that stand in these.
fn without(message: &Incoming, ours: &[Vec<u8>]) -> Incoming {
    let mut known = Known::nothing();
    let mut own = message.clone();
    for raw in ours {
        // As it was written and as it is read: a bounce may bring back either.
        known.learn(&String::from_utf8_lossy(raw));
        let sent = mail::parse(raw);
        for text in [&sent.subject, &sent.text.reply, &sent.text.quoted, &sent.text.signature, &sent.elsewhere.text] {
            known.learn(text);
        }
        // A short subject makes no run of words.
        if let Some(label) = own.subject.strip_suffix(&sent.subject) {
            own.subject = label.to_owned();
        }
    }
    own.subject = known.rest(&own.subject);
    for text in [&mut own.elsewhere.text, &mut own.elsewhere.quoted, &mut own.elsewhere.attached] {
        *text = known.rest(text);
    }
    own.text = NewText {
        reply: known.rest(&message.text.reply),
        quoted: known.rest(&message.text.quoted),
        unmarked: known.rest(&message.text.unmarked),
        torn: Vec::new(),
        coloured: Vec::new(),
        signature: known.rest(&message.text.signature),
    };
    own
}
