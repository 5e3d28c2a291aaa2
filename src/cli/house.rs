//! A Lamplight opened for one verb: settings, database, and the way to answer. Nothing is made that is not there.

use anyhow::{Result, anyhow, bail};

use super::Global;
use super::show::{Out, note};
use crate::clock::{Clock, Timestamp};
use crate::config::{self, Config};
use crate::engine::{Lamplight, Opening};
use crate::mail::Address;
use crate::model::group::Group;
use crate::model::member::{Member, Role};
use crate::store::audit::{self, Actor};
use crate::store::{Db, Locked, groups, members};

/// What a verb works with.
pub struct House {
    /// Everything else.
    pub lamplight: Lamplight,
    /// Where the answer goes.
    pub out: Out,
}

/// The settings that the arguments name.
///
/// # Errors
/// Every fault of the settings, a line each.
pub fn settings(global: &Global) -> Result<Config> {
    Ok(config::load(global.config.as_deref(), config::environment())?.config)
}

impl House {
    /// Open what is there.
    ///
    /// # Errors
    /// What is wrong with the settings, the key or the database.
    pub async fn open(global: &Global, clock: Clock) -> Result<Self> {
        let lamplight = Lamplight::open(settings(global)?, clock, Opening::Existing).await?;
        Ok(Self { lamplight, out: Out::new(global.json) })
    }

    /// Put on record that somebody looks at what is private, before it is shown: with which verb, and at what (`post:3`). Where
    /// that can't be written (a full disk), whoever needs to see a cry for help sees it all the same, and is told.
    pub async fn looked(&self, with: &str, subject: &str) {
        if let Err(cause) = self.record_look(with, subject).await {
            note(&format!("this look could not be put on record: {cause:#}"));
        }
    }

    async fn record_look(&self, with: &str, subject: &str) -> Result<()> {
        let mut tx = self.lamplight.store.begin().await?;
        let detail = serde_json::json!({ "with": with });
        audit::write(&mut tx, self.now(), Actor::Administrator, "looked", subject, &detail).await?;
        Ok(tx.commit().await?)
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.lamplight.clock.now()
    }
}

/// The group of this name.
///
/// # Errors
/// One sentence when there is none.
pub async fn group(db: &mut Db, name: &str) -> Result<Group> {
    groups::by_name(db, name).await?.ok_or_else(|| anyhow!("there is no group {name}"))
}

/// The group of this name, to be changed, or before its people are.
///
/// # Errors
/// One sentence when there is none.
pub async fn lock_group(db: &mut Db, name: &str) -> Result<Locked<Group>> {
    let found = group(db, name).await?;
    Ok(groups::lock(db, found.id).await?)
}

/// Whoever has this address in a group, in this role.
///
/// # Errors
/// One sentence when nobody has, or has another role.
pub async fn person(db: &mut Db, group: &Group, address: &Address, role: Role) -> Result<Member> {
    let found = members::by_address(db, group.id, address).await?;
    match (found, role) {
        (Some(member), _) if member.role == role => Ok(member),
        (Some(_), Role::Member) => {
            bail!("this address is a moderator's in {}; use `lamplight moderator`", group.name)
        }
        (Some(_), Role::Moderator) => bail!("this address is a member's in {}; use `lamplight member`", group.name),
        (None, Role::Member) => bail!("nobody in {} has this address", group.name),
        (None, Role::Moderator) => bail!("no moderator of {} has this address", group.name),
    }
}
