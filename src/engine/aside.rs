//! Messages that can't be taken to their end: they are set aside for a person and listed, and what can be read of them is
//! read for danger.

use anyhow::Result;

use super::Lamplight;
use super::alarm::Alarm;
use super::arrival::Arrival;
use super::notice::StrangerMail;
use super::stranger::{stranger_mail, urgent_words};
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::mail::envelope::{Destination, TokenKind};
use crate::model::group::Group;
use crate::store::{Db, groups, members, tokens};

impl Lamplight {
    /// A message that can't be read in full is told of at once where its words are of danger: its author was told that it
    /// arrived.
    pub(super) async fn alarm_unreadable(&self, db: &mut Db, arrival: &Arrival) -> Result<()> {
        let matched = urgent_words(&arrival.flags(&self.config.service.language));
        if matched.is_empty() || arrival.message.automatic.is_some() {
            return Ok(());
        }
        let recipients = &arrival.spooled.envelope.recipients;
        let Some(first) = recipients.first() else { return Ok(()) };
        let message = stranger_mail(&arrival.message, &arrival.spooled, first, matched);
        self.tell_of_it(db, message, recipients, arrival.now).await
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
    async fn group_behind(&self, db: &mut Db, recipient: &Address) -> Result<Option<Group>> {
        match self.scheme.read(recipient) {
            Some(Destination::Group(name) | Destination::Service(name, _) | Destination::GroupToken(name, ..)) => {
                Ok(groups::by_name(db, &name).await?)
            }
            Some(Destination::OwnToken(kind @ (TokenKind::Decision | TokenKind::Confirmation), text)) => {
                let Some(token) = tokens::find(db, self.store.key(), kind, &text).await? else { return Ok(None) };
                let member = members::by_id(db, token.member).await?;
                Ok(Some(groups::by_id(db, member.group).await?))
            }
            Some(Destination::OwnToken(..) | Destination::Administrators) | None => Ok(None),
        }
    }
}
