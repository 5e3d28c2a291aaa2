//! `spool`: messages as they came in, and what was judged of each recipient.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::house::House;
use super::show::{self, Part, count, fields, one_line};
use super::values;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::ids::SpoolId;
use crate::store::judgements::{self, Line};
use crate::store::selection::Selection;
use crate::store::spool;
use crate::store::spool::Listed;

/// The words for a row's state.
const STATES: [&str; 3] = ["new", "done", "quarantined"];

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the messages that came in, oldest first
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
    /// Show a message's envelope, and for each recipient what became of it and what each rule found
    Show {
        /// A message of `spool list`
        id: i64,
        /// Print the message itself instead, byte for byte
        #[arg(long)]
        raw: bool,
    },
    /// Read messages once more, with the next tick, that were set aside (quarantined)
    Retry(Which),
}

/// One message that was set aside, or all of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// A message of `spool list --state quarantined`
    pub id: Option<i64>,
    /// Every message that was set aside
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
                let found = spool::list(&mut *house.lamplight.store.read().await?, &selection).await?;
                house.looked("spool list", "spool").await;
                let rows = found.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
                let columns = [
                    ("ID", "id"),
                    ("State", "state"),
                    ("Sender", "sender"),
                    ("Recipients", "recipients"),
                    ("Octets", "size"),
                    ("Came", "received_at"),
                    ("Settled", "settled_at"),
                    ("Cause", "cause"),
                ];
                house.out.listing("messages", &columns, rows)
            }
            Self::Show { id, raw: true } => {
                let found = spool::by_id(&mut *house.lamplight.store.read().await?, SpoolId(id)).await?;
                let found = found.with_context(|| missing(id))?;
                house.looked("spool show --raw", &format!("spool:{id}")).await;
                if found.message.is_empty() {
                    bail!("message {id} is {NO_LONGER}");
                }
                show::bytes(&found.message)
            }
            Self::Show { id, raw: false } => show_one(house, id).await,
            Self::Retry(which) => retry(house, which.id).await,
        }
    }
}

/// What is said of a message whose octets are gone.
const NO_LONGER: &str = "no longer kept as it came: its time was over, or somebody asked to be forgotten";

fn missing(id: i64) -> String {
    format!("there is no message {id}")
}

async fn show_one(house: &House, id: i64) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let listed = spool::listed_by_id(&mut db, SpoolId(id)).await?.with_context(|| missing(id))?;
    let lines = judgements::of_message(&mut db, SpoolId(id)).await?;
    let mut json = as_json(&listed, &lines)?;
    let gone = spool::raw_gone_at(&mut db, SpoolId(id)).await?;
    json["raw_gone_at"] = json!(gone.map(Timestamp::rfc3339));
    house.looked("spool show", &format!("spool:{id}")).await;
    house.out.thing(&json, || {
        let gone = gone.map(|at| format!("\nSince {} it is {NO_LONGER}\n", at.rfc3339())).unwrap_or_default();
        words(&listed, &lines) + &gone
    })
}

/// A message and its judgements.
///
/// # Errors
/// Never for what a database holds.
pub fn as_json(listed: &Listed, lines: &[Line]) -> Result<Value> {
    let mut json = serde_json::to_value(listed)?;
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| {
            let trail: Vec<Value> =
                line.trail.iter().map(|(rule, found)| json!({ "rule": rule, "found": found })).collect();
            json!({
                "recipient": line.recipient,
                "disposition": line.disposition,
                "post": line.post,
                "at": line.at,
                "trail": trail,
            })
        })
        .collect();
    json["judgements"] = Value::Array(lines);
    Ok(json)
}

/// The same for a person to read.
#[must_use]
pub fn words(listed: &Listed, lines: &[Line]) -> String {
    let sender = if listed.sender.is_empty() { "<> (automatic)" } else { &listed.sender };
    let mut out = fields(&[
        ("Message", listed.id.to_string()),
        ("State", listed.state.clone()),
        ("Cause", listed.cause.clone().unwrap_or_default()),
        ("Sender", sender.to_owned()),
        ("Recipients", listed.recipients.join(", ")),
        ("Message-ID", listed.message_id.clone().unwrap_or_default()),
        ("Octets", listed.size.to_string()),
        ("Came", listed.received_at.clone()),
        ("Settled", listed.settled_at.clone().unwrap_or_default()),
    ]);
    // Writing to a String can't fail.
    for line in lines {
        let post = line.post.map(|id| format!(", post {id}")).unwrap_or_default();
        let _ = writeln!(out, "\n{} for {}{post}, {}", line.disposition, one_line(&line.recipient), line.at);
        for (rule, found) in &line.trail {
            let _ = writeln!(out, "    {rule}: {found}");
        }
    }
    out
}

async fn retry(house: &House, id: Option<i64>) -> Result<()> {
    let mut tx = house.lamplight.store.begin().await?;
    let ids = match id {
        Some(id) => vec![id],
        None => {
            let aside = Selection { state: Some("quarantined"), ..Selection::default() };
            spool::list(&mut tx, &aside).await?.iter().map(|listed| listed.id).collect()
        }
    };
    for id in &ids {
        if !spool::retry(&mut tx, SpoolId(*id)).await? {
            let found = spool::listed_by_id(&mut tx, SpoolId(*id)).await?.with_context(|| missing(*id))?;
            bail!("message {id} is not set aside: it is {}", found.state);
        }
    }
    tx.commit().await?;
    house.out.thing(&json!({ "retried": ids.len() }), || match ids.len() {
        0 => "no message is set aside".to_owned(),
        number => format!("{} to be read again with the next tick", count(number as u64, "message")),
    })
}
