//! Pauses that end: whoever named a day gets mail again from then on, by herself. Several servers and a long downtime end each
//! once: the row is looked at again under its lock.

use anyhow::{Context as _, Result};

use super::Lamplight;
use super::changed::gets;
use super::notice::{Notice, ToMember};
use super::notify::Manner;
use super::tick::Tally;
use crate::clock::Timestamp;
use crate::model::group::GroupState;
use crate::model::ids::{GroupId, MemberId};
use crate::model::member::{Member, MemberState};
use crate::store::audit::Actor;
use crate::store::outbox::Lane;
use crate::store::{groups, members};

impl Lamplight {
    /// Bring back everybody whose day has come; gives how many.
    pub(super) async fn end_pauses(&self, now: Timestamp) -> Result<usize> {
        let due = members::back_by(&mut *self.store.read().await?, now).await?;
        let mut tally = Tally::default();
        for (group, member) in due {
            tally.count(
                self.end_pause(group, member, now).await.with_context(|| format!("the pause of member {member}")),
            );
        }
        tally.end()
    }

    async fn end_pause(&self, group: GroupId, member: MemberId, now: Timestamp) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let group = groups::lock(&mut tx, group).await?;
        let mut after = members::lock(&mut tx, member).await?;
        let is_due = after.state == MemberState::Paused && after.paused_until.is_some_and(|until| until <= now);
        if !is_due {
            return Ok(false);
        }
        let before = after.clone();
        let missed = self.missed(&mut tx, &before).await?;
        after.state = MemberState::Active;
        after.paused_until = None;
        let member = Member::clone(&after);
        self.change_person_by(&mut tx, &group, &before, after, (Actor::Lamplight, now)).await?;
        if group.state == GroupState::Open {
            let notice = Notice::from(ToMember::Back { gets: gets(&group, &member, now), missed });
            let manner = Manner::Watched(Lane::Notice);
            self.notify_author(&mut tx, &group, &member, None, &notice, manner, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}
