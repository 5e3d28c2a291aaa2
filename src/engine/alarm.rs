//! What people hear of mail that no rule passes on: the first of an hour each by itself and at once, what comes beyond
//! that together, every few minutes. So no flood drowns anybody, and nobody is unheard.
//!
//! What waits to be told stands in the database: it outlasts the program, and any server tells it.

use anyhow::{Context as _, Result};

use super::Lamplight;
use super::notice::{Notice, StrangerMail, ToAdministrators, ToModerators};
use super::notify::{Manner, Reader};
use crate::clock::Timestamp;
use crate::model::group::Group;
use crate::model::ids::SpoolId;
use crate::store::alarms::{self, Ear};
use crate::store::outbox::Lane;
use crate::store::{Db, groups};

const HOUR: i64 = 3_600;
/// So many of one kind within an hour are told at once to a group's moderators, or to the administrators.
const MOST_AT_ONCE: i64 = 20;
/// What comes beyond that waits for so many seconds at most.
const LONGEST_WAIT: i64 = 180;
/// The most messages in one notice: it must stay one that a mail server takes.
const MOST_TOGETHER: i64 = 200;

/// What is told. Each kind has a limit of its own, so that a flood of one delays no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alarm {
    /// Danger in the words of somebody who takes part in the group: no limit binds members.
    Member,
    /// Danger in the words of somebody who does not.
    Stranger,
    /// A message was set aside.
    SetAside,
    /// Mail to postmaster@ or abuse@.
    Postmaster,
}

impl Alarm {
    const ALL: [Self; 4] = [Self::Member, Self::Stranger, Self::SetAside, Self::Postmaster];

    fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Stranger => "stranger",
            Self::SetAside => "set-aside",
            Self::Postmaster => "postmaster",
        }
    }

    fn notice(self, messages: Vec<StrangerMail>) -> Notice {
        match self {
            Self::Member | Self::Stranger => Notice::from(ToModerators::StrangerUrgent { messages, alert: None }),
            Self::SetAside => {
                Notice::from(ToModerators::SetAside { urgent: lane(&messages) == Lane::Urgent, messages })
            }
            Self::Postmaster => Notice::from(ToAdministrators::PostmasterMore { messages }),
        }
    }
}

fn lane(messages: &[StrangerMail]) -> Lane {
    if messages.iter().any(|message| !message.matched.is_empty()) { Lane::Urgent } else { Lane::Notice }
}

impl Lamplight {
    /// Tell a group's moderators, or the administrators, of a message: once, whatever led to it. `alone` is the notice
    /// that tells of it alone, where that says more than the usual one.
    pub(super) async fn tell(
        &self,
        db: &mut Db,
        alarm: Alarm,
        group: Option<&Group>,
        message: StrangerMail,
        alone: Option<Notice>,
        now: Timestamp,
    ) -> Result<()> {
        let ear = Ear { kind: alarm.word().to_owned(), group: group.map(|group| group.id) };
        let spool = SpoolId(message.spool_id);
        if alarms::has(db, &ear, spool).await? {
            return Ok(());
        }
        let is_limited = alarm != Alarm::Member;
        if is_limited && alarms::count_since(db, &ear, now.plus_seconds(-HOUR)).await? >= MOST_AT_ONCE {
            let shown = serde_json::to_string(&message)?;
            return Ok(alarms::insert(db, &ear, spool, Some(&shown), now).await?);
        }
        alarms::insert(db, &ear, spool, None, now).await?;
        self.tell_now(db, group, alarm, vec![message], alone, now).await
    }

    /// To the group's moderators, or to the administrators where there is no group or nobody in it. Danger is an alert.
    async fn tell_now(
        &self,
        db: &mut Db,
        group: Option<&Group>,
        alarm: Alarm,
        messages: Vec<StrangerMail>,
        alone: Option<Notice>,
        now: Timestamp,
    ) -> Result<()> {
        let lane = lane(&messages);
        if lane == Lane::Urgent {
            let first = match (alone, alarm) {
                // The usual notice, which says by itself what comes next.
                (None, Alarm::Member | Alarm::Stranger) => None,
                (alone, _) => Some(alone.unwrap_or_else(|| alarm.notice(messages.clone()))),
            };
            return self.raise_about_messages(db, group, &messages, None, first.as_ref(), now).await.map(drop);
        }
        let notice = alone.unwrap_or_else(|| alarm.notice(messages));
        let readers = match group {
            Some(group) => self.moderators_or_administrators(db, group).await?,
            None => self.administrators().iter().map(Reader::administrator).collect(),
        };
        if readers.is_empty() {
            tracing::error!(notice = notice.folder(), "there is nobody to tell: no moderator and no administrator");
        }
        self.notify(db, group, "", &readers, &notice, Manner::Watched(lane), now).await
    }

    /// Tell together what has waited for long enough, with all that came since; gives how many heard of it.
    pub(super) async fn tell_together(&self, now: Timestamp) -> Result<usize> {
        let due = alarms::untold_since(&mut *self.store.read().await?, now.plus_seconds(-LONGEST_WAIT)).await?;
        for ear in &due {
            while self.tell_some(ear, now).await? {}
        }
        Ok(due.len())
    }

    /// `false` when nothing is left, or another server tells it.
    async fn tell_some(&self, ear: &Ear, now: Timestamp) -> Result<bool> {
        let alarm =
            Alarm::ALL.into_iter().find(|alarm| alarm.word() == ear.kind).context("an unknown kind of alarm")?;
        let mut tx = self.store.begin().await?;
        let waiting = alarms::take_untold(&mut tx, ear, MOST_TOGETHER, now).await?;
        if waiting.is_empty() {
            return Ok(false);
        }
        let group = match ear.group {
            Some(id) => Some(groups::by_id(&mut tx, id).await?),
            None => None,
        };
        let messages = waiting.iter().map(|shown| serde_json::from_str(shown)).collect::<Result<Vec<_>, _>>()?;
        self.tell_now(&mut tx, group.as_ref(), alarm, messages, None, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
