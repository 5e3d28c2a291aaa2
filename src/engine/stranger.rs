//! Mail from people who are not in the group: kept, listed and summed up once a day, never a notice each and never
//! published; at once only when somebody may be in danger.

use anyhow::Result;

use super::Lamplight;
use super::arrival::Arrival;
use super::notice::{Notice, StrangerMail};
use super::notify::{Manner, Reader};
use crate::clock::Timestamp;
use crate::mail::envelope::Destination;
use crate::mail::parse::Author;
use crate::mail::{self, Address, Incoming};
use crate::model::group::Group;
use crate::model::ids::{GroupId, SpoolId};
use crate::model::lexicon::Flag;
use crate::model::policy;
use crate::store::outbox::Lane;
use crate::store::{Db, groups, judgements, spool};

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;
/// Beyond so many urgent words of strangers to a group within an hour, the rest waits for the daily summary.
const MOST_URGENT_STRANGERS: i64 = 20;

impl Lamplight {
    /// Kept, listed and summed up once a day; at once only when somebody may be in danger.
    pub(super) async fn stranger(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        recipient: &Address,
        flags: &[Flag],
    ) -> Result<()> {
        let urgent = urgent_words(flags);
        if urgent.is_empty() || arrival.message.automatic.is_some() {
            return Ok(());
        }
        // Strangers cost nothing to invent; a flood of them must not drown a member's alarm.
        let everyone = self.scheme.group_address(&group.name, "")?;
        if !self.may_answer(db, "stranger-urgent", &everyone, MOST_URGENT_STRANGERS, HOUR, arrival.now).await? {
            return Ok(());
        }
        self.alarm(db, arrival, Some(group), recipient, urgent).await
    }

    /// Words to an answer address from elsewhere, at once to the moderators of its group, or to the administrators where
    /// it is nobody's, when somebody may be in danger.
    pub(super) async fn alarm_if_urgent(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: Option<&Group>,
        recipient: &Address,
    ) -> Result<()> {
        let matched = urgent_words(&arrival.flags(&self.config.service.language));
        if matched.is_empty() || arrival.message.automatic.is_some() {
            return Ok(());
        }
        self.alarm(db, arrival, group, recipient, matched).await
    }

    /// The alarm itself: to the group's moderators, or to the administrators where there is no group or nobody in it.
    async fn alarm(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: Option<&Group>,
        recipient: &Address,
        matched: Vec<String>,
    ) -> Result<()> {
        let message = stranger_mail(&arrival.message, arrival.spooled.id, arrival.spooled.received_at, recipient);
        let notice = Notice::StrangerUrgent { message, matched };
        let readers = match group {
            Some(group) => self.moderators_or_administrators(db, group).await?,
            None => self.administrators().iter().map(Reader::administrator).collect(),
        };
        self.notify(db, group, "", &readers, &notice, Manner::Watched(Lane::Urgent), arrival.now).await
    }

    /// A message that is set aside is read for danger all the same: its author was told that it arrived. No daily summary
    /// would name it, so no flood of strangers may keep it back.
    pub(super) async fn alarm_unreadable(&self, db: &mut Db, arrival: &Arrival) -> Result<()> {
        let matched = urgent_words(&arrival.flags(&self.config.service.language));
        if matched.is_empty() || arrival.message.automatic.is_some() {
            return Ok(());
        }
        let mut told: Vec<GroupId> = Vec::new();
        for recipient in &arrival.spooled.envelope.recipients {
            let name = match self.scheme.read(recipient) {
                Some(Destination::Group(name) | Destination::Service(name, _) | Destination::GroupToken(name, ..)) => {
                    name
                }
                _ => continue,
            };
            if let Some(group) = groups::by_name(db, &name).await?
                && !told.contains(&group.id)
            {
                self.alarm(db, arrival, Some(&group), recipient, matched.clone()).await?;
                told.push(group.id);
            }
        }
        match arrival.spooled.envelope.recipients.first() {
            Some(recipient) if told.is_empty() => self.alarm(db, arrival, None, recipient, matched).await,
            _ => Ok(()),
        }
    }

    /// Once a day, the moderators of a group hear of mail from people who are not in it.
    pub(super) async fn sum_up_strangers(&self, now: Timestamp) -> Result<usize> {
        let due = groups::told_of_strangers_before(&mut *self.store.read().await?, now.plus_seconds(-DAY)).await?;
        let mut count = 0;
        for (group, told_at) in due {
            count += usize::from(self.sum_up_strangers_of(&group, told_at, now).await?);
        }
        Ok(count)
    }

    async fn sum_up_strangers_of(&self, group: &Group, told_at: Timestamp, now: Timestamp) -> Result<bool> {
        let days = now.seconds_since(told_at) / DAY;
        let mut tx = self.store.begin().await?;
        let untold = judgements::untold_strangers(&mut tx, group.id).await?;
        // A quiet day counts too: otherwise the first mail after some would be told at once, a notice of its own.
        if !groups::set_strangers_told_at(&mut tx, group.id, told_at, told_at.plus_seconds(days * DAY)).await? {
            return Ok(false);
        }
        let Some(last) = untold.last().map(|untold| untold.id) else {
            tx.commit().await?;
            return Ok(false);
        };
        let mut messages = Vec::new();
        for untold in &untold {
            // One mail to several addresses of the group is one entry; the address that asks for something names it.
            if let Some(told) = messages.iter_mut().find(|told: &&mut StrangerMail| told.spool_id == untold.spool.0) {
                if let Ok(recipient) = Address::parse(&untold.recipient) {
                    told.written_to = format!("{}, {}", told.written_to, recipient.local_part());
                    told.asks_for_something |= asks_for_something(&recipient);
                }
            } else if let Ok(recipient) = Address::parse(&untold.recipient)
                && let Some(spooled) = spool::by_id(&mut tx, untold.spool).await?
            {
                let message = mail::parse(&spooled.message);
                messages.push(stranger_mail(&message, untold.spool, spooled.received_at, &recipient));
            }
        }
        // Who asks for something is shown first.
        messages.sort_by_key(|message| (!message.asks_for_something, message.received_at));
        let readers = self.moderators_or_administrators(&mut tx, group).await?;
        let notice = Notice::Strangers { messages };
        self.notify(&mut tx, Some(group), "", &readers, &notice, Manner::Watched(Lane::Notice), now).await?;
        judgements::set_told(&mut tx, group.id, last, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// A stranger's message as moderators see it.
fn stranger_mail(message: &Incoming, spool: SpoolId, received_at: Timestamp, recipient: &Address) -> StrangerMail {
    let beginning: String =
        message.text.reply.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect();
    StrangerMail {
        spool_id: spool.0,
        from: match &message.author {
            Author::One(mailbox) => mailbox.address.as_str().to_owned(),
            Author::Nobody | Author::Several(_) => String::new(),
        },
        subject: message.subject.clone(),
        beginning,
        written_to: recipient.local_part().to_owned(),
        asks_for_something: asks_for_something(recipient),
        received_at,
    }
}

/// Whether an address is one of those that people write to when they need something.
fn asks_for_something(recipient: &Address) -> bool {
    let local = recipient.local_part().to_lowercase().replace('+', "-");
    ["-join", "-help", "-request", "-owner", "-moderators"].iter().any(|ending| local.ends_with(ending))
}

fn urgent_words(flags: &[Flag]) -> Vec<String> {
    flags.iter().filter(|flag| policy::is_urgent(flag.category)).map(|flag| flag.words.clone()).collect()
}
