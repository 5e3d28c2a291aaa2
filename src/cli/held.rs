//! `held`: posts that wait for a decision. An administrator's decision takes effect at once, and every moderator hears
//! of it; the first decision wins.

use anyhow::{Result, ensure};
use clap::Subcommand;
use serde_json::{Value, json};

use super::house::{House, group, person};
use super::post::{details, group_names};
use super::show::{Part, print};
use super::values;
use crate::mail::Address;
use crate::model::command::Verb as Decision;
use crate::model::ids::PostId;
use crate::model::member::Role;
use crate::model::policy::HoldReason;
use crate::model::post::PostState;
use crate::store::audit::{self, Actor};
use crate::store::decisions::{self, NewDecision};
use crate::store::{members, posts};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List what waits, oldest first
    List {
        /// Of this group only
        group: Option<String>,
        /// Which part.
        #[command(flatten)]
        part: Part,
    },
    /// Show a post, why it waits, its conversation and its history
    Show {
        /// The post
        id: i64,
    },
    /// Let the group have it, now
    Approve {
        /// The post
        id: i64,
    },
    /// Give it back to its author with a kind note
    Return {
        /// The post
        id: i64,
        /// What the author reads
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Say that a moderator takes care of it
    Claim {
        /// The post
        id: i64,
        /// Who
        #[arg(long, value_name = "ADDRESS", value_parser = values::address)]
        moderator: Address,
    },
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// One sentence.
    pub async fn run(self, house: &House) -> Result<()> {
        let now = house.now();
        match self {
            Self::List { group, part } => list(house, group.as_deref(), part).await,
            Self::Show { id } => details(house, "held show", PostId(id)).await,
            Self::Approve { id } => {
                house.lamplight.decide_as_administrator(PostId(id), Decision::Approve, None, now).await?;
                decided(house, id, "approved", "the group has it")
            }
            Self::Return { id, note } => {
                ensure!(!note.trim().is_empty(), "a returned post needs a note: its author reads it");
                house.lamplight.decide_as_administrator(PostId(id), Decision::Return, Some(note.trim()), now).await?;
                decided(house, id, "returned", "its author has it back")
            }
            Self::Claim { id, moderator } => claim(house, PostId(id), &moderator).await,
        }
    }
}

fn decided(house: &House, id: i64, what: &str, effect: &str) -> Result<()> {
    house.out.thing(&json!({ "id": id, "decided": what }), || format!("post {id} is {what}: {effect}"))
}

async fn list(house: &House, of: Option<&str>, part: Part) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let of = match of {
        Some(name) => Some(group(&mut db, name).await?.id),
        None => None,
    };
    house.looked("held list", &of.map_or_else(|| "posts".to_owned(), |id| format!("group:{id}"))).await;
    let names = group_names(&mut db).await?;
    let mut rows: Vec<Value> = Vec::new();
    for post in part.of(posts::list(&mut db, of, Some(PostState::Held)).await?) {
        let standing = decisions::standing_for(&mut db, post.id).await?;
        let claimed_by = match post.claimed_by {
            Some(id) => Some(members::by_id(&mut db, id).await?.name),
            None => None,
        };
        rows.push(json!({
            "id": post.id,
            "group": names.get(&post.group),
            "name": post.author_name,
            "subject": post.subject,
            "reasons": post.reasons.iter().map(HoldReason::word).collect::<Vec<_>>(),
            "since": post.created_at.rfc3339(),
            "read_by": post.read_by.rfc3339(),
            "state": post.state,
            "urgent": post.is_urgent(),
            "claimed_by": claimed_by,
            // Decided, and still to be undone until then.
            "decided": standing.as_ref().map(|standing| standing.verb),
            "release_at": standing.as_ref().map(|standing| standing.release_at.rfc3339()),
        }));
    }
    let columns = [
        ("ID", "id"),
        ("Group", "group"),
        ("Name", "name"),
        ("Subject", "subject"),
        ("Why", "reasons"),
        ("Since", "since"),
        ("Claimed by", "claimed_by"),
        ("Decided", "decided"),
        ("Takes effect", "release_at"),
    ];
    house.out.listing("held posts", &columns, rows)
}

async fn claim(house: &House, id: PostId, address: &Address) -> Result<()> {
    let now = house.now();
    let mut tx = house.lamplight.store.begin().await?;
    let Some((of, post)) = posts::lock(&mut tx, id).await? else { anyhow::bail!("there is no post {id}") };
    ensure!(post.state == PostState::Held, "post {id} is not held");
    ensure!(decisions::standing_for(&mut tx, id).await?.is_none(), "post {id} is decided already");
    let moderator = person(&mut tx, &of, address, Role::Moderator).await?;
    ensure!(moderator.is_active_moderator(), "{} may not decide for now", moderator.name);
    house.lamplight.take_upon(&mut tx, &of, &post, &moderator, now).await?;
    let new = NewDecision { post: id, by: Some(moderator.id), verb: "mine", note: None, token: None, release_at: None };
    decisions::insert(&mut tx, &new, now).await?;
    house.lamplight.end_alerts_about(&mut tx, &of, &post, Some(&moderator), "mine", now).await?;
    audit::write(&mut tx, now, Actor::Administrator, "mine", &format!("post:{id}"), &json!({ "for": moderator.id }))
        .await?;
    tx.commit().await?;
    if house.out.is_json() {
        return house.out.thing(&json!({ "id": id, "claimed_by": moderator.name }), String::new);
    }
    print(&format!("{} takes care of post {id}", moderator.name))
}
