//! `moderator`: the professionals who look after a group. A group whose last one goes is said so at once.

use anyhow::{Result, ensure};
use clap::{Args, Subcommand};

use super::house::{House, group, person};
use super::member::{Who, add, change, list};
use super::show::{self, Limit, note};
use super::values;
use crate::engine::roster::NewMember;
use crate::model::member::{Delivery, Member, MemberState, Role};
use crate::store::members;

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Add a moderator, who gets notices and decides by answering them
    Add(Add),
    /// List everybody who is or was a moderator
    List {
        /// The group
        group: String,
        /// How many.
        #[command(flatten)]
        limit: Limit,
    },
    /// Let a moderator go: no notices, no decisions
    Remove {
        /// Whom.
        #[command(flatten)]
        who: Who,
        /// Without a question
        #[arg(long)]
        yes: bool,
    },
    /// No notices and no decisions for now
    Suspend(Who),
    /// Notices and decisions again
    Resume(Who),
}

/// A new moderator.
#[derive(Debug, Args)]
pub struct Add {
    /// Whom.
    #[command(flatten)]
    pub who: Who,
    /// Her own name, which the group sees with the word moderator
    #[arg(long)]
    pub name: String,
    /// How the group's posts come
    #[arg(long, default_value = "daily", value_parser = values::delivery_words())]
    pub delivery: Delivery,
    /// Send a welcome
    #[arg(long)]
    pub welcome: bool,
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// One sentence.
    pub async fn run(self, house: &House) -> Result<()> {
        let role = Role::Moderator;
        match self {
            Self::Add(new) => new.run(house).await,
            Self::List { group, limit } => list(house, &group, role, limit).await,
            Self::Resume(who) => change(house, &who, role, |moderator, _| resume(moderator)).await,
            Self::Suspend(who) => {
                change(house, &who, role, |moderator, _| suspend(moderator)).await?;
                warn_if_nobody(house, &who.group).await
            }
            Self::Remove { who, yes } => {
                let there = &mut *house.lamplight.store.read().await?;
                let of = group(there, &who.group).await?;
                let moderator = person(there, &of, &who.address, role).await?;
                show::confirm(yes, &format!("Remove {} as a moderator of {}?", moderator.name, of.name))?;
                change(house, &who, role, |moderator, _| remove(moderator)).await?;
                warn_if_nobody(house, &who.group).await
            }
        }
    }
}

impl Add {
    async fn run(self, house: &House) -> Result<()> {
        let new = NewMember {
            role: Role::Moderator,
            address: self.who.address,
            name: self.name,
            real_name: None,
            delivery: self.delivery,
            zone: None,
            hour: None,
            days: None,
            format: Default::default(),
            trusted: false,
        };
        add(house, &self.who.group, &new, self.welcome, false).await
    }
}

fn suspend(moderator: &mut Member) -> Result<()> {
    ensure!(moderator.state != MemberState::Removed, "{} was removed", moderator.name);
    moderator.state = MemberState::Suspended;
    Ok(())
}

fn resume(moderator: &mut Member) -> Result<()> {
    let gone = moderator.state == MemberState::Removed;
    ensure!(!gone, "{} was removed; `lamplight moderator add` takes a person back", moderator.name);
    moderator.state = MemberState::Active;
    Ok(())
}

fn remove(moderator: &mut Member) -> Result<()> {
    ensure!(moderator.state != MemberState::Removed, "{} was removed already", moderator.name);
    moderator.state = MemberState::Removed;
    Ok(())
}

async fn warn_if_nobody(house: &House, name: &str) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let of = group(&mut db, name).await?;
    if members::active_moderators(&mut db, of.id).await?.is_empty() {
        let told = if house.lamplight.administrators().is_empty() {
            "and there is no administrator in the settings to tell"
        } else {
            "and the administrators are told instead"
        };
        note(&format!("warning: {name} has no active moderator now; nobody reads its held posts, {told}"));
    }
    Ok(())
}
