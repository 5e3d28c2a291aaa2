//! `outbox`: mail on its way out, one row a recipient.

use anyhow::{Result, bail, ensure};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::json;

use super::house::House;
use super::show::{self, Column, Limit};
use crate::model::ids::OutboxId;
use crate::store::audit::{self, Actor};
use crate::store::{deliveries, outbox, way};

/// The words for a row's state.
const STATES: [&str; 5] = ["waiting", "sending", "sent", "failed", "dropped"];

/// What a listing shows of a row.
pub const COLUMNS: [Column; 12] = [
    ("ID", "id"),
    ("Recipient", "recipient"),
    ("State", "state"),
    ("What", "template"),
    ("Attempts", "attempts"),
    ("Due", "due_at"),
    ("Cause", "cause"),
    ("Written", "written_at"),
    ("First tried", "first_attempt_at"),
    ("Last tried", "last_attempt_at"),
    ("Settled", "settled_at"),
    ("Bounced", "bounced_at"),
];

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List what goes and went out, oldest first
    List {
        /// In this state only
        #[arg(long, value_parser = PossibleValuesParser::new(STATES))]
        state: Option<String>,
        /// How many.
        #[command(flatten)]
        limit: Limit,
    },
    /// Try waiting and failed mail again, at the next tick
    Retry(Which),
    /// Give waiting or failed mail up: it is never sent
    Drop {
        /// The row
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
    /// The row
    pub id: Option<i64>,
    /// Every one that waits or failed
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
            Self::List { state, limit } => {
                let mut db = house.lamplight.store.read().await?;
                if let Some(closed) = way::closed(&mut db).await? {
                    let (since, asked) = (closed.since.rfc3339(), closed.asked_at.rfc3339());
                    show::note(&format!("nothing leaves since {since}; when last asked, at {asked}: {}", closed.cause));
                }
                let found = deliveries::list(&mut db, state.as_deref()).await?;
                let rows = found.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
                house.out.listing("mail in the outbox", &COLUMNS, rows, limit)
            }
            Self::Retry(which) => retry(house, which.id).await,
            Self::Drop { id, yes } => {
                show::confirm(yes, &format!("Give {id} up? Nobody gets it."))?;
                drop_row(house, id).await
            }
        }
    }
}

async fn retry(house: &House, id: Option<i64>) -> Result<()> {
    let mut tx = house.lamplight.store.begin().await?;
    let count = outbox::retry(&mut tx, id.map(OutboxId), house.now()).await?;
    if let (Some(id), 0) = (id, count) {
        bail!("{id} neither waits nor failed");
    }
    tx.commit().await?;
    house.out.thing(&json!({ "retried": count }), || format!("{count} to be tried at the next tick"))
}

async fn drop_row(house: &House, id: i64) -> Result<()> {
    let mut tx = house.lamplight.store.begin().await?;
    let done = outbox::drop_row(&mut tx, OutboxId(id), house.now()).await?;
    ensure!(done, "{id} neither waits nor failed");
    audit::write(&mut tx, house.now(), Actor::Administrator, "dropped", &format!("outbox:{id}"), &json!({})).await?;
    tx.commit().await?;
    house.out.thing(&json!({ "id": id, "state": "dropped" }), || format!("{id} is given up"))
}
