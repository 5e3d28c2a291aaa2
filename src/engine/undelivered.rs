//! A notice that a moderator did not get reaches somebody: of an urgent one the administrators hear at once, of the others
//! once a day.
//!
//! Their own notices are in no moderator's name, so one of these that fails is logged and shown by `doctor`, and no more.

use anyhow::Result;

use super::Lamplight;
use super::notice::{Notice, ToAdministrators, UndeliveredNotice};
use super::notify::{Manner, Reader};
use crate::clock::Timestamp;
use crate::model::ids::OutboxId;
use crate::store::outbox::Lane;
use crate::store::undelivered::{self, Untold};

const DAY: i64 = 86_400;
const KIND: &str = "undelivered";

impl Lamplight {
    /// Gives of how many notices they were told.
    pub(super) async fn tell_undelivered(&self, now: Timestamp) -> Result<usize> {
        Ok(self.tell_undelivered_of(Lane::Urgent, now).await? + self.tell_undelivered_of(Lane::Notice, now).await?)
    }

    async fn tell_undelivered_of(&self, lane: Lane, now: Timestamp) -> Result<usize> {
        let us = self.scheme.group_address("postmaster", "")?;
        // A look that takes no lock.
        let mut look = self.store.read().await?;
        if undelivered::untold(&mut look, lane).await?.is_empty()
            || (lane != Lane::Urgent && self.was_answered(&mut look, KIND, &us, DAY, now).await?)
        {
            return Ok(0);
        }
        drop(look);
        let mut tx = self.store.begin().await?;
        if lane != Lane::Urgent && !self.may_answer(&mut tx, KIND, &us, 1, DAY, now).await? {
            return Ok(0);
        }
        let mut untold = undelivered::untold(&mut tx, lane).await?;
        let ids: Vec<OutboxId> = untold.iter().map(|notice| notice.id).collect();
        let ours = undelivered::set_told(&mut tx, &ids, now).await?;
        untold.retain(|notice| ours.contains(&notice.id));
        let administrators: Vec<Reader> = self.administrators().iter().map(Reader::administrator).collect();
        for notice in &untold {
            let told = administrators.len();
            match told {
                0 => {
                    tracing::error!(outbox.id = %notice.id, group = %notice.group, "a moderator did not get this notice, and nobody hears of it")
                }
                _ => {
                    tracing::warn!(outbox.id = %notice.id, group = %notice.group, told, "a moderator did not get this notice")
                }
            }
        }
        if !untold.is_empty() {
            let urgent = lane == Lane::Urgent;
            let notice =
                Notice::from(ToAdministrators::Undelivered { urgent, notices: untold.iter().map(shown).collect() });
            self.notify(&mut tx, None, "", &administrators, &notice, Manner::Watched(lane), now).await?;
        }
        tx.commit().await?;
        Ok(untold.len())
    }
}

fn shown(untold: &Untold) -> UndeliveredNotice {
    UndeliveredNotice {
        group: untold.group.clone(),
        moderator: untold.moderator.clone(),
        address: untold.address.clone(),
        cause: untold.cause.clone(),
        written_at: untold.written_at,
        others: untold.others,
    }
}
