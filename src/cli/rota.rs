//! `rota`: who is asked first when somebody may be in danger, and who is away.

use std::fmt::Write as _;

use anyhow::{Result, ensure};
use clap::Subcommand;
use serde_json::{Value, json};

use super::house::{House, group, lock_group, person};
use super::show::{note, print};
use super::values;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::ids::MemberId;
use crate::model::member::Role;
use crate::model::rota::Rung;
use crate::store::audit::{self, Actor};
use crate::store::{Db, members, rota};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Say who is on call, in the order in which they are asked; without anybody, all moderators are asked at once
    Set {
        /// The group
        group: String,
        /// Moderators of the group, the first first
        #[arg(value_parser = values::address)]
        order: Vec<Address>,
        /// Nobody is on call any more
        #[arg(long, conflicts_with = "order", required_unless_present = "order")]
        nobody: bool,
    },
    /// Show who is on call, who is away, and who is asked when
    Show {
        /// The group
        group: String,
    },
    /// Say that a moderator is away: the next one is asked in her place
    Away {
        /// The group
        group: String,
        /// Who
        #[arg(value_parser = values::address)]
        address: Address,
        /// Until then
        #[arg(long, value_name = "TIME", value_parser = values::time)]
        until: Timestamp,
    },
    /// Say that she is back
    Back {
        /// The group
        group: String,
        /// Who
        #[arg(value_parser = values::address)]
        address: Address,
    },
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// One sentence.
    pub async fn run(self, house: &House) -> Result<()> {
        match self {
            Self::Set { group, order, .. } => set(house, &group, &order).await,
            Self::Show { group } => show(house, &group).await,
            Self::Away { group, address, until } => {
                ensure!(until > house.now(), "{} has passed already", until.rfc3339());
                away(house, &group, &address, until).await
            }
            Self::Back { group, address } => away(house, &group, &address, house.now()).await,
        }
    }
}

async fn set(house: &House, name: &str, order: &[Address]) -> Result<()> {
    let mut tx = house.lamplight.store.begin().await?;
    let of = lock_group(&mut tx, name).await?;
    let mut ids = Vec::with_capacity(order.len());
    for address in order {
        let moderator = person(&mut tx, &of, address, Role::Moderator).await?;
        ensure!(
            moderator.is_active_moderator(),
            "{} does not decide for now: see `lamplight moderator`",
            moderator.name
        );
        ensure!(!ids.contains(&moderator.id), "{} stands twice in this order", moderator.name);
        ids.push(moderator.id);
    }
    rota::set(&mut tx, of.id, &ids).await?;
    let detail = json!({ "order": ids });
    audit::write(&mut tx, house.now(), Actor::Administrator, "rota", &format!("group:{}", of.id), &detail).await?;
    tx.commit().await?;
    if ids.len() == 1 {
        note("one person alone is on call: nobody is asked in her place before the administrators are");
    }
    show(house, name).await
}

async fn away(house: &House, name: &str, address: &Address, until: Timestamp) -> Result<()> {
    let mut tx = house.lamplight.store.begin().await?;
    let of = lock_group(&mut tx, name).await?;
    let moderator = person(&mut tx, &of, address, Role::Moderator).await?;
    rota::set_away(&mut tx, moderator.id, until).await?;
    let subject = format!("member:{}", moderator.id);
    let detail = json!({ "until": until.rfc3339() });
    audit::write(&mut tx, house.now(), Actor::Administrator, "away", &subject, &detail).await?;
    tx.commit().await?;
    show(house, name).await
}

async fn names(db: &mut Db, ids: &[MemberId]) -> Result<Vec<String>> {
    let mut names = Vec::with_capacity(ids.len());
    for id in ids {
        names.push(members::by_id(db, *id).await?.name);
    }
    Ok(names)
}

async fn show(house: &House, name: &str) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let of = group(&mut db, name).await?;
    let on_call = rota::on_call(&mut db, of.id, house.now()).await?;
    let away = rota::away(&mut db, of.id, house.now()).await?;
    let order = names(&mut db, &on_call.rota).await?;
    let mut steps: Vec<Vec<String>> = Vec::new();
    for rung in on_call.ladder() {
        steps.push(match rung {
            Rung::Moderators(ids) => names(&mut db, &ids).await?,
            Rung::Administrators | Rung::Everybody => vec!["the administrators".to_owned()],
        });
    }
    let ids: Vec<MemberId> = away.iter().map(|(id, _)| *id).collect();
    let who_is_away = names(&mut db, &ids).await?;
    let away: Vec<(String, Timestamp)> = who_is_away.into_iter().zip(away.iter().map(|(_, until)| *until)).collect();
    let minutes = house.lamplight.config.moderation.alert_minutes;
    if house.out.is_json() {
        let away: Vec<Value> =
            away.iter().map(|(who, until)| json!({ "name": who, "until": until.rfc3339() })).collect();
        return house.out.thing(
            &json!({ "group": of.name, "on_call": order, "away": away, "asked": steps, "alert_minutes": minutes }),
            String::new,
        );
    }
    let mut said = match order.is_empty() {
        true => format!("{}: nobody is on call, so all moderators are asked at once\n", of.name),
        false => format!("{}: on call are {}\n", of.name, order.join(", ")),
    };
    for (who, until) in &away {
        let _ = writeln!(said, "away until {}: {who}", until.rfc3339());
    }
    said.push_str("when somebody may be in danger:\n");
    for (step, who) in (0_u32..).zip(&steps) {
        let when = if step == 0 { "at once".to_owned() } else { format!("after {} min", step * minutes) };
        let _ = writeln!(said, "  {when}: {}", who.join(", "));
    }
    said.push_str("  then everybody again, for as long as nobody answers MINE");
    print(&said)
}
