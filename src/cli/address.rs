//! `member address`: where else a member writes from. No mail is sent by it, and none of ours goes there.

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;

use super::house::{House, lock_group, person};
use super::member::Who;
use super::values;
use crate::mail::Address;
use crate::model::member::Role;
use crate::store::audit::Actor;
use crate::store::{addresses, members};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Take mail from another address as this member's, too
    Add(Which),
    /// Take mail from one of her further addresses as hers no more
    Remove(Which),
}

/// One more address of a person.
#[derive(Debug, Args)]
pub struct Which {
    /// Whose.
    #[command(flatten)]
    pub who: Who,
    /// The other address
    #[arg(value_parser = values::address)]
    pub other: Address,
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// One sentence.
    pub async fn run(self, house: &House) -> Result<()> {
        let (Self::Add(which) | Self::Remove(which)) = &self;
        let mut tx = house.lamplight.store.begin().await?;
        let of = lock_group(&mut tx, &which.who.group).await?;
        let found = person(&mut tx, &of, &which.who.address, Role::Member).await?;
        let member = members::lock(&mut tx, found.id).await?;
        let by = (Actor::Administrator, house.now());
        match self {
            Self::Add(_) => house.lamplight.add_address(&mut tx, &of, &member, &which.other, by).await?,
            Self::Remove(_) => house.lamplight.remove_address(&mut tx, &of, &member, &which.other, by).await?,
        }
        let further = addresses::of_member(&mut tx, member.id).await?;
        tx.commit().await?;
        let further: Vec<&str> = further.iter().map(Address::as_str).collect();
        let json = json!({ "id": member.id, "group": of.name, "name": member.name,
            "address": member.address.as_str(), "other_addresses": further });
        house.out.thing(&json, || match further.as_slice() {
            [] => format!("{} of {} writes from one address alone", member.name, of.name),
            further => format!("{} of {} writes from {}, too", member.name, of.name, further.join(" and ")),
        })
    }
}
