//! `thread`: conversations as the group has them.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde_json::{Value, json};

use super::house::{House, group};
use super::show::{Part, indented, one_line};
use crate::clock::Timestamp;
use crate::model::ids::ThreadId;
use crate::store::threads::Thread;
use crate::store::{Db, posts, threads};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the conversations of a group, oldest first
    List {
        /// The group
        group: String,
        /// Which part.
        #[command(flatten)]
        part: Part,
    },
    /// Show one conversation
    Show {
        /// The conversation
        id: i64,
    },
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// One sentence.
    pub async fn run(self, house: &House) -> Result<()> {
        let mut db = house.lamplight.store.read().await?;
        match self {
            Self::List { group: name, part } => {
                let of = group(&mut db, &name).await?;
                house.looked("thread list", &format!("group:{}", of.id)).await;
                let mut rows = Vec::new();
                for found in part.of(threads::of_group(&mut db, of.id).await?) {
                    rows.push(as_json(&mut db, &found).await?);
                }
                let columns = [("ID", "id"), ("Subject", "subject"), ("Posts", "count"), ("Last", "last_at")];
                house.out.listing("conversations", &columns, rows)
            }
            Self::Show { id } => {
                let found = threads::by_id(&mut db, ThreadId(id)).await?;
                let json = as_json(&mut db, &found.with_context(|| format!("there is no conversation {id}"))?).await?;
                house.looked("thread show", &format!("thread:{id}")).await;
                house.out.thing(&json, || words(&json))
            }
        }
    }
}

/// A conversation with the posts that the group has, in the order it got them.
///
/// # Errors
/// When the database refuses.
pub async fn as_json(db: &mut Db, thread: &Thread) -> Result<Value> {
    let found = posts::published_in(db, thread.id).await?;
    let list: Vec<Value> = found
        .iter()
        .map(|post| {
            json!({
                "id": post.id,
                "name": post.author_name,
                "role": post.author_role,
                "parent": post.parent,
                "text": post.text,
                "edited": post.original.is_some(),
                "published_at": post.published_at.map(Timestamp::rfc3339),
            })
        })
        .collect();
    Ok(json!({
        "id": thread.id,
        "subject": thread.subject,
        "count": list.len(),
        "last_at": found.last().and_then(|post| post.published_at).map(Timestamp::rfc3339),
        "posts": list,
    }))
}

/// The same for a person to read.
#[must_use]
pub fn words(json: &Value) -> String {
    let mut out = format!("Conversation {}: {}\n", json["id"], one_line(json["subject"].as_str().unwrap_or_default()));
    for post in json["posts"].as_array().into_iter().flatten() {
        let text = |field: &str| post[field].as_str().unwrap_or_default();
        let role = if text("role") == "moderator" { " (moderator)" } else { "" };
        let edited = if post["edited"] == true { ", edited by the moderators" } else { "" };
        let answers = post["parent"].as_i64().map(|id| format!(", answers {id}")).unwrap_or_default();
        // Writing to a String can't fail.
        let _ = writeln!(
            out,
            "\n  {} {}{role}, {}{answers}{edited}\n{}",
            post["id"],
            one_line(text("name")),
            text("published_at"),
            indented(text("text"))
        );
    }
    out
}
