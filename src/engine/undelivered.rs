//! A notice that a moderator did not get reaches somebody: of an urgent one the administrators hear at once, of the others
//! once a day.
//!
//! Of a moderator's words to a member alone the moderators of her group hear at once, under her pseudonym: each of them believes
//! that she was answered.
//!
//! The administrators' own notices are in no moderator's name, so one of these that fails is logged and shown by `doctor`, and no more.

use anyhow::Result;

use super::notice::{LostLetter, Notice, ToAdministrators, ToModerators, UndeliveredNotice};
use super::notify::{Manner, Reader};
use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::mail;
use crate::model::ids::OutboxId;
use crate::store::groups;
use crate::store::outbox::Lane;
use crate::store::undelivered::{self, Lost, Untold};

const DAY: i64 = 86_400;
const KIND: &str = "undelivered";

impl Lamplight {
    /// Gives of how many mails people were told.
    pub(super) async fn tell_undelivered(&self, now: Timestamp) -> Result<usize> {
        let urgent = self.tell_undelivered_of(Lane::Urgent, now).await?;
        Ok(urgent + self.tell_undelivered_of(Lane::Notice, now).await? + self.tell_lost(now).await?)
    }

    async fn tell_lost(&self, now: Timestamp) -> Result<usize> {
        if undelivered::lost(&mut *self.store.read().await?).await?.is_empty() {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        let mut lost = undelivered::lost(&mut tx).await?;
        let ids: Vec<OutboxId> = lost.iter().map(|letter| letter.id).collect();
        let ours = undelivered::set_told(&mut tx, &ids, now).await?;
        lost.retain(|letter| ours.contains(&letter.id));
        lost.sort_by_key(|letter| (letter.group.0, letter.id.0));
        for letters in lost.chunk_by(|one, other| one.group == other.group) {
            let Some(first) = letters.first() else { continue };
            let group = groups::by_id(&mut tx, first.group).await?;
            let readers = self.moderators_or_administrators(&mut tx, &group).await?;
            let notice =
                Notice::from(ToModerators::PrivateUndelivered { letters: letters.iter().map(letter).collect() });
            self.notify(&mut tx, Some(&group), "", &readers, &notice, Manner::Watched(Lane::Notice), now).await?;
        }
        tx.commit().await?;
        Ok(lost.len())
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

fn letter(lost: &Lost) -> LostLetter {
    LostLetter {
        member: lost.member.clone(),
        subject: excerpt::line(&mail::parse(&lost.message).subject),
        written_at: lost.written_at,
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
