//! `outbox`: mail on its way out, one row a recipient.

use anyhow::{Context as _, Result, bail, ensure};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::house::House;
use super::show::{self, Column, Part, count};
use super::values;
use crate::mail::Address;
use crate::model::ids::OutboxId;
use crate::store::audit::{self, Actor};
use crate::store::deliveries::{self, Listed};
use crate::store::{outbox, way};

/// The words for a row's state.
const STATES: [&str; 5] = ["waiting", "sending", "sent", "failed", "dropped"];

/// Somebody was faster.
const TAKEN_UP: &str = "it was taken up to be sent this very moment; nothing was changed";

/// What a listing shows of a row.
pub const COLUMNS: [Column; 12] = [
    ("ID", "id"),
    ("Recipient", "recipient"),
    ("State", "state"),
    ("What", "template"),
    ("Attempts", "attempts"),
    ("Due", "due_at"),
    ("Written", "written_at"),
    ("First tried", "first_attempt_at"),
    ("Last tried", "last_attempt_at"),
    ("Settled", "settled_at"),
    ("Bounced", "bounced_at"),
    ("Cause", "cause"),
];

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List mail on its way out and mail that left, one row for each recipient, oldest first
    List {
        /// In this state only
        #[arg(long, value_parser = PossibleValuesParser::new(STATES))]
        state: Option<String>,
        /// To this address only
        #[arg(long, value_name = "ADDRESS", value_parser = values::address)]
        recipient: Option<Address>,
        /// Which part.
        #[command(flatten)]
        part: Part,
    },
    /// Send mail that waits or failed with the next tick, and count its attempts from the beginning
    Retry(Which),
    /// Give mail up that waits or failed: it is never sent
    Drop {
        /// A row of `outbox list`
        id: i64,
        /// Without a question
        #[arg(long)]
        yes: bool,
    },
}

/// One row, or all of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// A row of `outbox list`
    pub id: Option<i64>,
    /// Every row that waits or failed
    #[arg(long)]
    pub all: bool,
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// One sentence.
    pub async fn run(self, house: &House) -> Result<()> {
        match self {
            Self::List { state, recipient, part } => {
                let selection = part.select(state.as_deref(), recipient.as_ref());
                let mut db = house.lamplight.store.read().await?;
                if let Some(closed) = way::closed(&mut db).await? {
                    let (since, asked) = (closed.since.rfc3339(), closed.asked_at.rfc3339());
                    show::note(&format!("nothing leaves since {since}; when last asked, at {asked}: {}", closed.cause));
                }
                let found = deliveries::list(&mut db, &selection).await?;
                house.looked("outbox list", "outbox").await;
                let rows = found.iter().map(as_row).collect::<Result<_>>()?;
                house.out.listing("mail in the outbox", &COLUMNS, rows)
            }
            Self::Retry(which) => retry(house, which.id).await,
            Self::Drop { id, yes } => {
                let row = may_change(house, id).await?;
                if !yes {
                    house.looked("outbox drop", &format!("outbox:{id}")).await;
                }
                show::confirm(yes, &format!("Give {id} up? {} never gets it.", row.recipient))?;
                drop_row(house, id).await
            }
        }
    }
}

/// A row with the cause for which it waits now, whatever its last attempt came to.
fn as_row(listed: &Listed) -> Result<Value> {
    let mut row = serde_json::to_value(listed)?;
    if listed.held_back {
        row["cause"] = json!("its group holds everything");
    }
    Ok(row)
}

/// The row, if it waits or failed.
///
/// # Errors
/// One sentence that says what became of it instead.
async fn may_change(house: &House, id: i64) -> Result<Listed> {
    let found = deliveries::by_id(&mut *house.lamplight.store.read().await?, OutboxId(id)).await?;
    let row = found.with_context(|| format!("there is no row {id} in the outbox"))?;
    let since = |at: &Option<String>| at.clone().unwrap_or_else(|| "an unknown time".to_owned());
    match row.state.as_str() {
        "waiting" | "failed" => Ok(row),
        "sending" if row.lease_until.is_some_and(|until| until <= house.now()) => bail!(
            "{id} neither waits nor failed: sending it was begun at {} and never ended; the next tick tries it again",
            since(&row.last_attempt_at)
        ),
        "sending" => bail!("{id} neither waits nor failed: it is being sent since {}", since(&row.last_attempt_at)),
        state => bail!("{id} neither waits nor failed: it was {state} at {}", since(&row.settled_at)),
    }
}

async fn retry(house: &House, id: Option<i64>) -> Result<()> {
    if let Some(id) = id {
        may_change(house, id).await?;
    }
    let mut tx = house.lamplight.store.begin().await?;
    let retried = outbox::retry(&mut tx, id.map(OutboxId), house.now()).await?;
    ensure!(id.is_none() || retried > 0, TAKEN_UP);
    tx.commit().await?;
    house.out.thing(&json!({ "retried": retried }), || match retried {
        0 => "nothing waits and nothing failed".to_owned(),
        _ => format!("{} to be sent with the next tick", count(retried, "mail")),
    })
}

async fn drop_row(house: &House, id: i64) -> Result<()> {
    let mut tx = house.lamplight.store.begin().await?;
    ensure!(outbox::drop_row(&mut tx, OutboxId(id), house.now()).await?, TAKEN_UP);
    audit::write(&mut tx, house.now(), Actor::Administrator, "dropped", &format!("outbox:{id}"), &json!({})).await?;
    tx.commit().await?;
    house.out.thing(&json!({ "id": id, "state": "dropped" }), || format!("{id} is given up"))
}
