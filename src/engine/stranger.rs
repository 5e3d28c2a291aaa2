//! Mail from people who are not in the group: kept, listed and summed up once a day, never a notice each and never
//! published; at once only when somebody may be in danger.

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;

use super::alarm::Alarm;
use super::arrival::{Arrival, takes_part};
use super::notice::{Notice, StrangerMail, ToModerators};
use super::notify::Manner;
use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::mail::parse::Author;
use crate::mail::{self, Address, Incoming};
use crate::model::group::Group;
use crate::model::ids::SpoolId;
use crate::model::lexicon::{Flag, is_urgent};
use crate::store::outbox::Lane;
use crate::store::spool::Spooled;
use crate::store::{Db, groups, judgements, members, spool};

const DAY: i64 = 86_400;
/// The most messages in one notice: it must stay one that a mail server takes.
const MOST_TOGETHER: usize = 200;
/// The most that are told in one day, in several notices; what comes beyond, the day after.
const MOST_A_DAY: i64 = 1_000;

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
        self.alarm(db, arrival, Alarm::Stranger, Some(group), recipient, urgent_words(flags)).await
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
        let takes_part = match group {
            Some(group) => self.taking_part(db, arrival, group).await?.is_some(),
            None => false,
        };
        let alarm = if takes_part { Alarm::Member } else { Alarm::Stranger };
        let matched = urgent_words(&arrival.all_flags(&self.lexicon_of_service()));
        self.alarm(db, arrival, alarm, group, recipient, matched).await
    }

    /// Whether somebody of the group is named as the author of one of these.
    pub(super) async fn any_takes_part(
        &self,
        db: &mut Db,
        group: Option<&Group>,
        messages: &[StrangerMail],
    ) -> Result<bool> {
        let Some(group) = group else { return Ok(false) };
        let authors: BTreeSet<&str> = messages.iter().map(|message| message.from.as_str()).collect();
        for author in authors {
            let Ok(address) = Address::parse(author) else { continue };
            if members::by_address(db, group.id, &address).await?.is_some_and(|member| takes_part(&member)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn alarm(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        alarm: Alarm,
        group: Option<&Group>,
        recipient: &Address,
        matched: Vec<String>,
    ) -> Result<()> {
        if matched.is_empty() {
            return Ok(());
        }
        let message = stranger_mail(&arrival.message, &arrival.spooled, recipient, matched);
        self.tell(db, alarm, group, message, None, arrival.now).await
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
        let messages = self.untold_strangers(group).await?;
        let mut tx = self.store.begin().await?;
        // A quiet day counts too: otherwise the first mail after some would be told at once, a notice of its own.
        if !groups::set_strangers_told_at(&mut tx, group.id, told_at, told_at.plus_seconds(days * DAY)).await? {
            return Ok(false);
        }
        let readers = self.moderators_or_administrators(&mut tx, group).await?;
        for messages in messages.chunks(MOST_TOGETHER) {
            let ids: Vec<SpoolId> = messages.iter().map(|message| SpoolId(message.spool_id)).collect();
            let notice = Notice::from(ToModerators::Strangers { messages: messages.to_vec() });
            self.notify(&mut tx, Some(group), "", &readers, &notice, Manner::Watched(Lane::Notice), now).await?;
            judgements::set_told(&mut tx, group.id, &ids, now).await?;
        }
        tx.commit().await?;
        Ok(!messages.is_empty())
    }

    /// The strangers' messages that are told today, read before anything is locked; who asks for something is first, so that
    /// no flood pushes her out.
    async fn untold_strangers(&self, group: &Group) -> Result<Vec<StrangerMail>> {
        let mut db = self.store.read().await?;
        let mut messages: Vec<StrangerMail> = Vec::new();
        let mut at: HashMap<SpoolId, usize> = HashMap::new();
        for untold in judgements::untold_strangers(&mut db, group.id, MOST_A_DAY).await? {
            let Ok(recipient) = Address::parse(&untold.recipient) else { continue };
            // One mail to several addresses of the group is one entry; the address that asks for something names it.
            if let Some(told) = at.get(&untold.spool).and_then(|at| messages.get_mut(*at)) {
                told.written_to = format!("{}, {}", told.written_to, recipient.local_part());
                told.asks_for_something |= asks_for_something(&recipient);
            } else if let Some(spooled) = spool::by_id(&mut db, untold.spool).await? {
                at.insert(untold.spool, messages.len());
                let read = move || stranger_mail(&mail::parse(&spooled.message), &spooled, &recipient, Vec::new());
                messages.push(tokio::task::spawn_blocking(read).await?);
            }
        }
        messages.sort_by_key(|message| (!message.asks_for_something, message.received_at));
        Ok(messages)
    }
}

/// A message as people see it who hear of it; `matched` are the words that may tell of a danger to life.
pub(super) fn stranger_mail(
    message: &Incoming,
    spooled: &Spooled,
    recipient: &Address,
    matched: Vec<String>,
) -> StrangerMail {
    StrangerMail {
        spool_id: spooled.id.0,
        from: match &message.author {
            Author::One(mailbox) => mailbox.address.as_str().to_owned(),
            Author::Nobody | Author::Several(_) => String::new(),
        },
        subject: excerpt::line(&message.subject),
        beginning: beginning(&message.text.reply),
        written_to: recipient.local_part().to_owned(),
        asks_for_something: asks_for_something(recipient),
        received_at: spooled.received_at,
        matched,
        takes_part: false,
        not_verified: false,
    }
}

/// The first words.
pub(super) fn beginning(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
}

/// Whether an address is one of those that people write to when they need something.
fn asks_for_something(recipient: &Address) -> bool {
    let local = recipient.local_part().to_lowercase().replace('+', "-");
    ["-join", "-help", "-request", "-owner", "-moderators"].iter().any(|ending| local.ends_with(ending))
}

pub(super) fn urgent_words(flags: &[Flag]) -> Vec<String> {
    flags.iter().filter(|flag| is_urgent(flag.category)).map(|flag| flag.words.clone()).collect()
}
