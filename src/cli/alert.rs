//! `alert`: people who may be in danger, who was asked, and who answered.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, ensure};
use clap::Subcommand;
use serde_json::{Value, json};

use super::house::{House, group, person};
use super::show::{Limit, fields, print};
use super::values;
use crate::clock::Timestamp;
use crate::engine::notice::StrangerMail;
use crate::mail::Address;
use crate::model::ids::AlertId;
use crate::model::member::Role;
use crate::store::alerts::{self, Alert};
use crate::store::{Db, groups, members};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the alerts that nobody has answered, oldest first
    List {
        /// Of this group only
        group: Option<String>,
        /// Those that were answered as well
        #[arg(long)]
        all: bool,
        /// How many.
        #[command(flatten)]
        limit: Limit,
    },
    /// Show an alert: whom each step told and what became of each mail, what its author was told, who answered
    Show {
        /// An alert of `alert list`
        id: i64,
    },
    /// Say that somebody looks after it: nobody is asked any more
    Ack {
        /// An alert of `alert list`
        id: i64,
        /// Which moderator, if it is one
        #[arg(long, value_name = "ADDRESS", value_parser = values::address)]
        moderator: Option<Address>,
    },
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// One sentence.
    pub async fn run(self, house: &House) -> Result<()> {
        match self {
            Self::List { group, all, limit } => list(house, group.as_deref(), all, limit).await,
            Self::Show { id } => show(house, AlertId(id)).await,
            Self::Ack { id, moderator } => ack(house, AlertId(id), moderator.as_ref()).await,
        }
    }
}

async fn list(house: &House, name: Option<&str>, all: bool, limit: Limit) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let of = match name {
        Some(name) => Some(group(&mut db, name).await?.id),
        None => None,
    };
    let mut rows = Vec::new();
    for alert in limit.of(alerts::list(&mut db, of, all).await?) {
        rows.push(facts(&mut db, &alert).await?);
    }
    let columns = [
        ("ID", "id"),
        ("Group", "group"),
        ("About", "about"),
        ("Raised", "raised_at"),
        ("Step", "step"),
        ("Next", "climb_at"),
        ("Answered by", "ended_by"),
    ];
    house.out.listing("alerts", &columns, rows)
}

/// An alert without anybody's words or address.
async fn facts(db: &mut Db, alert: &Alert) -> Result<Value> {
    let group = match alert.group {
        Some(id) => Some(groups::by_id(db, id).await?.name),
        None => None,
    };
    let messages: Vec<StrangerMail> = serde_json::from_str(&alert.shown).unwrap_or_default();
    let spool: Vec<i64> = messages.iter().map(|message| message.spool_id).collect();
    let about = match alert.post {
        Some(post) => format!("post {post}"),
        None => format!("message {}", spool.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")),
    };
    let ended_by = match (alert.ended_at, alert.ended_by) {
        (None, _) => None,
        (Some(_), Some(id)) => Some(members::by_id(db, id).await?.name),
        (Some(_), None) => Some("an administrator".to_owned()),
    };
    Ok(json!({
        "id": alert.id, "group": group, "about": about, "post": alert.post, "spool": spool,
        "raised_at": alert.raised_at.rfc3339(), "step": alert.step,
        "climb_at": alert.ended_at.is_none().then(|| alert.climb_at.rfc3339()),
        "ended_at": alert.ended_at.map(Timestamp::rfc3339), "ended_by": ended_by, "ended_how": alert.ended_how,
    }))
}

async fn one(db: &mut Db, id: AlertId) -> Result<Alert> {
    alerts::by_id(db, id).await?.with_context(|| format!("there is no alert {id}"))
}

async fn show(house: &House, id: AlertId) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let alert = one(&mut db, id).await?;
    // Administrators stand there with their addresses.
    house.looked("alert show", &format!("alert:{id}")).await;
    let mut shown = facts(&mut db, &alert).await?;
    let (mut steps, mut lines) = (Vec::new(), String::new());
    for step in alerts::steps(&mut db, id).await? {
        let mut copies = Vec::new();
        if let Some(edition) = step.edition {
            for told in alerts::told_by(&mut db, edition).await? {
                let name = match told.member {
                    Some(id) => members::by_id(&mut db, id).await?.name,
                    None => told.recipient.clone(),
                };
                let state = if told.bounced_at.is_some() { "came back" } else { told.state.as_str() };
                let at = told.settled_at.map(Timestamp::rfc3339);
                let _ = writeln!(
                    lines,
                    "  {} step {}: {name}: {state} {}",
                    step.at.rfc3339(),
                    step.step,
                    at.as_deref().unwrap_or("")
                );
                copies.push(json!({ "name": name, "state": state, "settled_at": at }));
            }
        }
        if copies.is_empty() {
            let _ = writeln!(lines, "  {} step {}: nobody was there to tell", step.at.rfc3339(), step.step);
        }
        steps.push(json!({ "step": step.step, "rung": step.rung, "at": step.at.rfc3339(), "told": copies }));
    }
    let text = alerts::text_of(&mut db, id).await?;
    let to_author = match &text {
        None => "none".to_owned(),
        Some(text) => match (&text.said, text.said_at) {
            (Some(said), Some(at)) if said == "alerted" => {
                format!("{}, saying that a social worker was alerted", at.rfc3339())
            }
            (Some(_), Some(at)) => {
                format!("{}, without saying that anybody was alerted: no mail server had taken the alert", at.rfc3339())
            }
            _ => format!("waits for the alert, until {}", text.due_at.rfc3339()),
        },
    };
    shown["steps"] = json!(steps);
    shown["text_to_author"] = match &text {
        Some(text) => json!({ "said": text.said, "at": text.said_at.map(Timestamp::rfc3339) }),
        None => Value::Null,
    };
    house.out.thing(&shown.clone(), || {
        let word = |key: &str| shown[key].as_str().unwrap_or("").to_owned();
        let answered = match alert.ended_at {
            Some(at) => format!("{} by {} ({})", at.rfc3339(), word("ended_by"), word("ended_how")),
            None => format!("nobody yet; asks again at {}", alert.climb_at.rfc3339()),
        };
        let pairs = [
            ("Alert", id.to_string()),
            ("Group", word("group")),
            ("About", word("about")),
            ("Raised", word("raised_at")),
            ("Answered", answered),
            ("Text to the author", to_author),
        ];
        format!("{}\n{}", fields(&pairs), lines.trim_end())
    })
}

async fn ack(house: &House, id: AlertId, address: Option<&Address>) -> Result<()> {
    let mut tx = house.lamplight.store.begin().await?;
    let alert = one(&mut tx, id).await?;
    let of = match alert.group {
        Some(id) => Some(groups::by_id(&mut tx, id).await?),
        None => None,
    };
    let by = match (&of, address) {
        (_, None) => None,
        (Some(of), Some(address)) => Some(person(&mut tx, of, address, Role::Moderator).await?),
        (None, Some(_)) => anyhow::bail!("alert {id} is the administrators': no moderator looks after it"),
    };
    let ended = house.lamplight.end_alert(&mut tx, &alert, of.as_ref(), by.as_ref(), "ack", house.now()).await?;
    ensure!(ended, "alert {id} was answered already; `lamplight alert show {id}` says by whom");
    tx.commit().await?;
    if house.out.is_json() {
        return house.out.thing(&json!({ "id": id, "ended_how": "ack" }), String::new);
    }
    print(&format!("nobody is asked about alert {id} any more"))
}
