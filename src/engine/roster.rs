//! Who is on a group's roster, and what a change there does to digests and waiting posts.

use std::collections::HashMap;

use anyhow::{Result, bail};

use super::Lamplight;
use super::addresses::is_somebodys;
use super::notice::{Notice, ToMember};
use super::notify::{Manner, Reader};
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::group::Group;
use crate::model::ids::MemberId;
use crate::model::member::{Delivery, Format, Member, MemberState, Role, check_name};
use crate::model::schedule::{Time, WeekDays, civil_day};
use crate::store::audit::{self, Actor};
use crate::store::outbox::Lane;
use crate::store::{Db, Locked, addresses, digests, members, posts, suppressions};

/// A person about to be added.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// Member or moderator.
    pub role: Role,
    /// Where mail goes.
    pub address: Address,
    /// The pseudonym, or a moderator's name.
    pub name: String,
    /// The registered real name.
    pub real_name: Option<String>,
    /// How posts come.
    pub delivery: Delivery,
    /// Own zone.
    pub zone: Option<chrono_tz::Tz>,
    /// Own hour.
    pub hour: Option<Time>,
    /// Own days of the week.
    pub days: Option<WeekDays>,
    /// In which form digests come.
    pub format: Format,
    /// No post is held for being the first.
    pub trusted: bool,
}

/// Why somebody is not added.
pub(super) const FORGOTTEN: &str = "whoever has this address asked this group to forget it";

/// When the next digest of a person is due: none unless digests come at all.
#[must_use]
pub fn next_digest(group: &Group, member: &Member, now: Timestamp) -> Option<Timestamp> {
    let takes = member.state == MemberState::Active && member.delivery.is_digest();
    takes.then(|| {
        let zone = member.zone.unwrap_or(group.zone);
        group.schedule.next_after(now, zone, member.own())
    })
}

/// The same after something changed, for somebody whose row says when it was due: one that is due stays due, except where the
/// new one comes later on the same day.
fn next_or_due(group: &Group, member: &Member, now: Timestamp) -> Option<Timestamp> {
    let next = next_digest(group, member, now)?;
    let zone = member.zone.unwrap_or(group.zone);
    let was = member.next_digest_at.filter(|was| *was <= now);
    Some(was.filter(|was| civil_day(*was, zone) != civil_day(next, zone)).unwrap_or(next))
}

/// Whether a person takes no part any more and may be taken back.
pub(super) fn has_gone(member: &Member) -> bool {
    matches!(member.state, MemberState::Left | MemberState::Removed)
}

/// "a member" or "a moderator".
pub(super) fn what_is(member: &Member) -> &'static str {
    if member.role == Role::Member { "a member" } else { "a moderator" }
}

/// A new person as the roster keeps it, in the row of `earlier` if there is one.
pub(super) fn on_roster(group: &Group, new: &NewMember, earlier: Option<&Member>, now: Timestamp) -> Member {
    let mut member = Member {
        id: earlier.map_or(MemberId(0), |earlier| earlier.id),
        group: group.id,
        role: new.role,
        address: new.address.clone(),
        name: new.name.trim().to_owned(),
        real_name: new.real_name.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned),
        delivery: new.delivery,
        zone: new.zone,
        hour: new.hour,
        days: new.days,
        format: new.format,
        folds: Vec::new(),
        paused_until: None,
        state: MemberState::Active,
        trusted_since: new.trusted.then_some(now),
        // Who comes back is read again: a year may have passed.
        known_since: None,
        joined_at: now,
        cursor: group.release_seq,
        next_digest_at: None,
        published: 0,
    };
    member.next_digest_at = next_digest(group, &member, now);
    member
}

impl Lamplight {
    /// What is wrong with a new person, apart from who else is there.
    pub(super) fn check_person(&self, new: &NewMember) -> Result<(), String> {
        check_name(&new.name)?;
        if self.scheme.read(&new.address).is_some() {
            return Err("an address of Lamplight itself can't be on a roster: its mail would go in a circle".to_owned());
        }
        Ok(())
    }

    /// Somebody who was forgotten wants to be back, or is asked to look after the group.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn let_back(&self, db: &mut Db, group: &Group, address: &Address) -> Result<()> {
        Ok(suppressions::remove(db, group.id, &self.suppressed_hash(address)).await?)
    }

    /// Send a new person the welcome.
    pub(super) async fn welcome(&self, db: &mut Db, group: &Group, member: &Member, now: Timestamp) -> Result<()> {
        let delivery = serde_json::to_value(member.delivery)?.as_str().unwrap_or_default().to_owned();
        let notice = Notice::from(ToMember::Welcome { delivery });
        self.notify(db, Some(group), &member.name, &[Reader::of(member)], &notice, Manner::Watched(Lane::Notice), now)
            .await
    }

    /// Add a person, or take back one who had left. Counts as confirmed and agreed; no mail goes out unless `welcome`.
    ///
    /// # Errors
    /// One sentence when the name is no name, or address or name is taken in the group.
    pub async fn add_person(
        &self,
        db: &mut Db,
        group: &Locked<Group>,
        new: &NewMember,
        welcome: bool,
        now: Timestamp,
    ) -> Result<MemberId> {
        self.check_person(new).map_err(anyhow::Error::msg)?;
        if new.role == Role::Moderator {
            self.let_back(db, group, &new.address).await?;
        }
        if suppressions::of(db, group.id, &self.suppressed_hash(&new.address)).await?.is_some() {
            bail!("{FORGOTTEN}; to add it all the same, say --again");
        }
        let earlier = match members::by_address(db, group.id, &new.address).await? {
            Some(other) if other.address.key() != new.address.key() => {
                bail!("{}", is_somebodys(group, &other, &new.address))
            }
            Some(earlier) => Some(members::lock(db, earlier.id).await?),
            None => None,
        };
        if let Some(earlier) = &earlier
            && !has_gone(earlier)
        {
            bail!("{}", is_somebodys(group, earlier, &new.address));
        }
        let mut member = on_roster(group, new, earlier.as_deref(), now);
        let written = match earlier {
            Some(mut row) => {
                row.clone_from(&member);
                members::update(db, &row, now).await.map(|()| row.id)
            }
            None => members::insert(db, &member).await,
        };
        let id = match written {
            Err(cause) if cause.is_unique_violation() => {
                bail!("somebody in {} has the name {} already", group.name, member.name)
            }
            other => other?,
        };
        member.id = id;
        if new.role == Role::Moderator {
            // Her word decides, from the registered address alone.
            addresses::remove_all(db, id).await?;
        }
        let detail = serde_json::json!({ "group": group.id, "role": new.role });
        audit::write(db, now, Actor::Administrator, "added", &format!("member:{id}"), &detail).await?;
        if welcome {
            self.welcome(db, group, &member, now).await?;
        }
        Ok(id)
    }

    /// Write a changed person back: digests follow the change of delivery, hour, zone and state. One that is due stays due.
    ///
    /// # Errors
    /// One sentence when the name is taken in the group.
    pub async fn change_person(
        &self,
        db: &mut Db,
        group: &Locked<Group>,
        before: &Member,
        after: Locked<Member>,
        now: Timestamp,
    ) -> Result<()> {
        self.change_person_by(db, group, before, after, (Actor::Administrator, now)).await
    }

    /// The same by anybody's word.
    ///
    /// # Errors
    /// As [`Self::change_person`].
    pub(super) async fn change_person_by(
        &self,
        db: &mut Db,
        group: &Locked<Group>,
        before: &Member,
        mut after: Locked<Member>,
        (by, now): (Actor, Timestamp),
    ) -> Result<()> {
        check_name(&after.name).map_err(anyhow::Error::msg)?;
        let got_digests = before.delivery.is_digest() && before.state == MemberState::Active;
        let gets_digests = after.delivery.is_digest() && after.state == MemberState::Active;
        if gets_digests && !got_digests {
            // What came meanwhile is not sent: it would be a flood, or a second copy.
            after.cursor = group.release_seq;
        }
        let got_each = before.delivery == Delivery::Each && before.state == MemberState::Active;
        if got_each && !(after.delivery == Delivery::Each && after.state == MemberState::Active) {
            // Every post until now had a copy of its own: what comes meanwhile is counted from here.
            after.cursor = group.release_seq;
        }
        if after.state != MemberState::Paused {
            after.paused_until = None;
        }
        if got_digests && after.state == MemberState::Active && after.delivery == Delivery::Each {
            self.send_what_waits(db, group, &after, now).await?;
        }
        after.next_digest_at = next_or_due(group, &after, now);
        match members::update(db, &after, now).await {
            Err(cause) if cause.is_unique_violation() => {
                bail!("somebody in {} has the name {} already", group.name, after.name)
            }
            other => other?,
        }
        let detail = serde_json::json!({ "state": after.state, "delivery": after.delivery });
        audit::write(db, now, by, "changed", &format!("member:{}", after.id), &detail).await?;
        let lost = before.is_active_moderator() && !after.is_active_moderator();
        if lost {
            self.let_go(db, after.id, now).await?;
        }
        if lost && members::active_moderators(db, group.id).await?.is_empty() && posts::held_in(db, group.id).await? > 0
        {
            self.tell_no_moderator(db, group, false, now).await?;
        }
        Ok(())
    }

    /// After a group's schedule or zone changed: when everybody's next digest is due. One that is due stays due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reschedule(&self, db: &mut Db, group: &Locked<Group>, now: Timestamp) -> Result<()> {
        self.set_due_again(db, group, now, |next, was| next != was).await
    }

    /// Nobody's digest is put off for longer than her schedule says; one that is due stays due.
    pub(super) async fn draw_near(&self, db: &mut Db, group: &Locked<Group>, now: Timestamp) -> Result<()> {
        self.set_due_again(db, group, now, |next, was| was.zip(next).is_some_and(|(was, next)| was > next)).await
    }

    async fn set_due_again(
        &self,
        db: &mut Db,
        group: &Locked<Group>,
        now: Timestamp,
        is_changed: impl Fn(Option<Timestamp>, Option<Timestamp>) -> bool,
    ) -> Result<()> {
        let mut changed: HashMap<Option<Timestamp>, Vec<MemberId>> = HashMap::new();
        for member in members::lock_all(db, group).await? {
            let next = next_or_due(group, &member, now);
            if is_changed(next, member.next_digest_at) {
                changed.entry(next).or_default().push(member.id);
            }
        }
        for (due_at, readers) in changed {
            digests::set_due(db, &readers, due_at).await?;
        }
        Ok(())
    }
}
