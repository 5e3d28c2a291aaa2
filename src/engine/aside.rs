//! Messages that can't be taken to their end. They are set aside for a person, listed, and told of to whoever looks after
//! the group: their senders were told that they arrived. What can be read of them is read for danger.

use std::borrow::Cow;

use anyhow::Result;

use super::alarm::Alarm;
use super::arrival::{Arrival, all_flags, read};
use super::notice::StrangerMail;
use super::receive::{LONGEST_READ, MOST_ATTEMPTS};
use super::stranger::{stranger_mail, urgent_words};
use super::{Lamplight, is_outage};
use crate::clock::Timestamp;
use crate::mail::envelope::{Destination, TokenKind};
use crate::mail::{Address, salvage};
use crate::model::group::Group;
use crate::model::ids::{OutboxId, SpoolId};
use crate::store::spool::{self, ClaimedMessage, Listed, Spooled};
use crate::store::{Db, groups, members, sent, tokens};

/// How a message that failed is looked at once more, for what people must hear of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// It could be read; what follows from it could not be written down.
    Whole,
    /// Reading it is what failed: its octets are searched for words.
    Octets,
    /// The database fails for it alone: what it does not give is left out.
    WhatIsThere,
}

impl Lamplight {
    /// A message that can't be read in full is told of at once where its words are of danger: its author was told that it
    /// arrived.
    pub(super) async fn alarm_unreadable(&self, db: &mut Db, arrival: &Arrival) -> Result<()> {
        let lexicon = &self.lexicon_of_service();
        let recipients = &arrival.spooled.envelope.recipients;
        let Some(first) = recipients.first().filter(|_| !urgent_words(&arrival.all_flags(lexicon)).is_empty()) else {
            return Ok(());
        };
        let own = self.its_own_words(db, arrival, first).await?;
        let matched = urgent_words(&match &own {
            Cow::Borrowed(_) => arrival.all_flags(lexicon),
            Cow::Owned(own) => all_flags(own, lexicon),
        });
        if matched.is_empty() {
            return Ok(());
        }
        let message = stranger_mail(&own, &arrival.spooled, first, matched);
        self.tell_of_it(db, message, recipients, arrival.now).await
    }

    /// Set a message aside that failed too often, and say so. That people hear of it must not fail for the same reason as
    /// the message did: what was read of it is left out then, and at last the notice.
    pub(super) async fn set_aside(
        &self,
        claimed: ClaimedMessage,
        cause: &str,
        look: Look,
        now: Timestamp,
    ) -> Result<()> {
        let Some((message, recipients)) = self.look_at(claimed, look, now).await? else { return Ok(()) };
        let nameless =
            StrangerMail { from: String::new(), subject: String::new(), beginning: String::new(), ..message.clone() };
        let wordless = StrangerMail { matched: Vec::new(), ..nameless.clone() };
        for said in [Some(message), Some(nameless), Some(wordless), None] {
            let set_aside = async {
                let mut tx = self.store.begin().await?;
                if spool::lock_claimed(&mut tx, &[claimed]).await?.is_empty() {
                    return Ok(());
                }
                spool::quarantine(&mut tx, claimed, cause, None, now).await?;
                if let Some(message) = &said {
                    self.tell_of_it(&mut tx, message.clone(), &recipients, now).await?;
                }
                tx.commit().await?;
                anyhow::Ok(())
            };
            match set_aside.await {
                Err(failed) if said.is_some() && !is_outage(&failed) => {
                    tracing::error!(spool.id = %claimed.id, cause = %format!("{failed:#}"), "what is set aside could not be told of");
                }
                outcome => return outcome,
            }
        }
        Ok(())
    }

    /// What can be said of a message, and its recipients.
    async fn look_at(
        &self,
        claimed: ClaimedMessage,
        look: Look,
        now: Timestamp,
    ) -> Result<Option<(StrangerMail, Vec<Address>)>> {
        let mut db = self.store.read().await?;
        let Some(listed) = spool::listed_by_id(&mut db, claimed.id).await? else { return Ok(None) };
        let recipients: Vec<Address> =
            listed.recipients.iter().filter_map(|recipient| Address::parse(recipient).ok()).collect();
        let unread = unread(claimed.id, &listed, now);
        // Looking at it ended the program as well: nobody looks at it again.
        if claimed.attempts > MOST_ATTEMPTS + 1 {
            return Ok(Some((unread, recipients)));
        }
        let spooled = match spool::by_id(&mut db, claimed.id).await {
            Err(cause) if cause.is_outage() && look != Look::WhatIsThere => return Err(cause.into()),
            Ok(Some(spooled)) => spooled,
            _ => return Ok(Some((unread, recipients))),
        };
        drop(db);
        let whole = match look {
            Look::Whole | Look::WhatIsThere => self.read_whole(spooled.clone()).await,
            Look::Octets => None,
        };
        let message = match whole {
            Some(message) => message,
            None => self.search_octets(spooled, unread).await,
        };
        Ok(Some((message, recipients)))
    }

    async fn read_whole(&self, spooled: Spooled) -> Option<StrangerMail> {
        let lexicon = self.lexicon_of_service();
        on_a_task(move || {
            let arrival = read(spooled, &lexicon);
            let first = arrival.spooled.envelope.recipients.first()?;
            Some(stranger_mail(&arrival.message, &arrival.spooled, first, urgent_words(&arrival.all_flags(&lexicon))))
        })
        .await
        .flatten()
    }

    async fn search_octets(&self, spooled: Spooled, unread: StrangerMail) -> StrangerMail {
        let lexicon = self.lexicon_of_service();
        let matched = on_a_task(move || {
            let flags = lexicon.read(&salvage::words(&spooled.message));
            urgent_words(&flags)
        });
        StrangerMail { matched: matched.await.unwrap_or_default(), ..unread }
    }

    /// Tell the moderators of each of its groups, or the administrators where it belongs to none.
    async fn tell_of_it(
        &self,
        db: &mut Db,
        message: StrangerMail,
        recipients: &[Address],
        now: Timestamp,
    ) -> Result<()> {
        let mut is_told = false;
        for recipient in recipients {
            if let Some(group) = self.group_behind(db, recipient).await? {
                let message = StrangerMail { written_to: recipient.local_part().to_owned(), ..message.clone() };
                self.tell(db, Alarm::SetAside, Some(&group), message, None, now).await?;
                is_told = true;
            }
        }
        if is_told { Ok(()) } else { self.tell(db, Alarm::SetAside, None, message, None, now).await }
    }

    /// The group that an address of ours belongs to, its name or its token's.
    pub(super) async fn group_behind(&self, db: &mut Db, recipient: &Address) -> Result<Option<Group>> {
        match self.scheme.read(recipient) {
            Some(Destination::Group(name) | Destination::Service(name, _) | Destination::GroupToken(name, ..)) => {
                Ok(groups::by_name(db, &name).await?)
            }
            Some(Destination::OwnToken(kind @ (TokenKind::Decision | TokenKind::Confirmation), text)) => {
                let Some(token) = tokens::find(db, self.store.key(), kind, &text).await? else { return Ok(None) };
                let member = members::by_id(db, token.member).await?;
                Ok(Some(groups::by_id(db, member.group).await?))
            }
            Some(Destination::OwnToken(TokenKind::Bounce, text)) => {
                let Some(row) = self.opened_by(TokenKind::Bounce, &text) else { return Ok(None) };
                match sent::with_row(db, OutboxId(row)).await? {
                    Some((_, Some(group))) => Ok(Some(groups::by_id(db, group).await?)),
                    _ => Ok(None),
                }
            }
            Some(Destination::OwnToken(..) | Destination::Administrators) | None => Ok(None),
        }
    }
}

/// Whatever goes wrong there ends that task alone, and what takes too long is not waited for.
async fn on_a_task<T: Send + 'static>(look: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::time::timeout(LONGEST_READ, tokio::task::spawn_blocking(look)).await.ok()?.ok()
}

/// What its envelope says.
fn unread(id: SpoolId, listed: &Listed, now: Timestamp) -> StrangerMail {
    StrangerMail {
        spool_id: id.0,
        from: listed.sender.clone(),
        subject: String::new(),
        beginning: String::new(),
        // Where it belongs to a group, the address of that one stands in its place.
        written_to: listed.recipients.first().cloned().unwrap_or_default(),
        asks_for_something: false,
        received_at: Timestamp::parse(&listed.received_at).unwrap_or(now),
        matched: Vec::new(),
        takes_part: false,
        not_verified: false,
    }
}
