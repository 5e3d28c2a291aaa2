//! Which alert an answer on the private line ends: the one whose mail it answers. In doubt it goes on climbing, and whoever
//! wrote hears of it.

use anyhow::Result;

use super::Lamplight;
use super::arrival::Arrival;
use super::notice::{Notice, StrangerMail, ToModerators};
use super::notify::Manner;
use crate::clock::Timestamp;
use crate::mail::Incoming;
use crate::model::group::Group;
use crate::model::member::Member;
use crate::model::talk::Talk;
use crate::store::alerts::{self, Alert};
use crate::store::outbox::Lane;
use crate::store::{Db, alert_mails};

const HOUR: i64 = 3_600;
/// So often in an hour one moderator hears that the same alert is open.
const MOST_TOLD: i64 = 3;

/// What an answer did to the alerts about the member of its talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// No alert was open.
    NoneOpen,
    /// It answers one that was, which has ended.
    After,
    /// One is open that it does not answer, and its author hears of that.
    Elsewhere,
}

impl Lamplight {
    /// Whoever answers somebody's cry looks after her. An answer to anything else ends nothing.
    pub(super) async fn looks_after(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        moderator: &Member,
        talk: &Talk,
        how: &str,
    ) -> Result<Looks> {
        let answered = answered(&arrival.message);
        let mut looks = Looks::NoneOpen;
        for alert in alerts::open_privately(db, talk.member).await? {
            let is_meant = if answered.is_empty() {
                // Her program names nothing: she can have answered what she had of this talk.
                alert.talk == Some(talk.id) && alert.raised_at <= arrival.spooled.received_at
            } else {
                alert_mails::is_named(db, &alert, &answered).await?
            };
            if is_meant {
                self.end_alert(db, &alert, Some(group), Some(moderator), how, arrival.now).await?;
                looks = Looks::After;
            } else {
                self.tell_still_open(db, group, moderator, &alert, arrival.now).await?;
                looks = if looks == Looks::After { looks } else { Looks::Elsewhere };
            }
        }
        Ok(looks)
    }

    /// Her answer was about something else: this waits for somebody, and MINE in reply takes it.
    async fn tell_still_open(
        &self,
        db: &mut Db,
        group: &Group,
        moderator: &Member,
        alert: &Alert,
        now: Timestamp,
    ) -> Result<()> {
        let kind = format!("alert-open/{}", alert.id);
        if !self.may_answer(db, &kind, &moderator.address, MOST_TOLD, HOUR, now).await? {
            return Ok(());
        }
        let messages: Vec<StrangerMail> = serde_json::from_str(&alert.shown)?;
        let reader = [self.reader_for_alert(db, alert.id, 0..messages.len(), moderator, now).await?];
        let notice = Notice::from(ToModerators::AlertOpen { messages });
        let manner = Manner::Watched(Lane::Urgent);
        self.notify(db, Some(group), &moderator.name, &reader, &notice, manner, now).await
    }
}

/// The mails that a message answers. What a program adds to the References stands in the talk before, so that only the last
/// one counts, and only where nothing says more.
fn answered(message: &Incoming) -> Vec<&str> {
    if message.in_reply_to.is_empty() {
        return message.references.last().map(String::as_str).into_iter().collect();
    }
    message.in_reply_to.iter().map(String::as_str).collect()
}
