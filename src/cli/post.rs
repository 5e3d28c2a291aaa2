//! `post`: posts, whatever became of them; and the one view of a post that `held show` shares.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

use super::house::{House, group};
use super::show::{Part, count, fields, indented, one_line, word};
use super::{thread, values};
use crate::clock::Timestamp;
use crate::model::ids::{GroupId, PostId};
use crate::model::member::{Member, Role};
use crate::model::policy::HoldReason;
use crate::model::post::{Post, PostState};
use crate::model::wording::Wording;
use crate::store::audit::{self, Actor};
use crate::store::{Db, decisions, groups, members, posts, threads, unread};

mod files;

/// The words for a post's state.
const STATES: [&str; 5] = ["held", "published", "returned", "withdrawn", "retracted"];

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List posts, oldest first
    List {
        /// Of this group only
        group: Option<String>,
        /// In this state only
        #[arg(long, value_parser = PossibleValuesParser::new(STATES))]
        state: Option<String>,
        /// Only those that the group has and no moderator has read
        #[arg(long)]
        unread: bool,
        /// Which part.
        #[command(flatten)]
        part: Part,
    },
    /// Show a post, its conversation and its history
    Show {
        /// The post
        id: i64,
    },
    /// Save the files that came with a post, each under a name made here
    Files {
        /// The post
        id: i64,
        /// Where; nothing in it is written over
        #[arg(long, value_name = "FOLDER")]
        to: PathBuf,
    },
    /// Let a moderator's post stand on top of the next digest, above the list of contents
    Top {
        /// The post
        id: i64,
        /// Where it would stand otherwise
        #[arg(long)]
        no: bool,
    },
    /// Take a published post back: unsent copies stop, pending digests leave it out
    Retract {
        /// The post
        id: i64,
        // It is the emergency brake and keeps the text, so it asks nothing; who writes --yes everywhere may.
        #[arg(long, hide = true)]
        /// Without a question, as always
        yes: bool,
    },
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// One sentence.
    pub async fn run(self, house: &House) -> Result<()> {
        match self {
            Self::List { group, state, unread, part } => {
                list(house, group.as_deref(), state.as_deref(), unread, part).await
            }
            Self::Show { id } => details(house, "post show", PostId(id)).await,
            Self::Files { id, to } => files::save(house, PostId(id), &to).await,
            Self::Top { id, no } => top(house, PostId(id), !no).await,
            Self::Retract { id, .. } => {
                let (stopped, sent) = house.lamplight.retract_as_administrator(PostId(id), house.now()).await?;
                let json = json!({ "id": id, "state": "retracted", "stopped": stopped, "sent": sent });
                house.out.thing(&json, || {
                    format!("post {id} is taken back: {stopped} copies were stopped, {sent} had left already")
                })
            }
        }
    }
}

async fn top(house: &House, id: PostId, on_top: bool) -> Result<()> {
    let now = house.now();
    let mut tx = house.lamplight.store.begin().await?;
    let Some((_, post)) = posts::lock(&mut tx, id).await? else { bail!("there is no post {id}") };
    ensure!(post.author_role == Role::Moderator, "post {id} is a member's: only a moderator's stands on top");
    ensure!(
        matches!(post.state, PostState::Held | PostState::Published),
        "post {id} is {}: no digest has it",
        word(&post.state)
    );
    posts::set_on_top(&mut tx, id, on_top.then_some(now)).await?;
    let action = if on_top { "on-top" } else { "not-on-top" };
    audit::write(&mut tx, now, Actor::Administrator, action, &format!("post:{id}"), &json!({})).await?;
    tx.commit().await?;
    house.out.thing(&json!({ "id": id, "on_top": on_top }), || {
        let where_to = if on_top { "on top of" } else { "in its place in" };
        format!("post {id} stands {where_to} the digests that are made from now on")
    })
}

/// The names of all groups.
///
/// # Errors
/// When the database refuses.
pub async fn group_names(db: &mut Db) -> Result<HashMap<GroupId, String>> {
    Ok(groups::all(db).await?.into_iter().map(|group| (group.id, group.name)).collect())
}

async fn list(house: &House, of: Option<&str>, state: Option<&str>, unread_only: bool, part: Part) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let of = match of {
        Some(name) => Some(group(&mut db, name).await?.id),
        None => None,
    };
    house.looked("post list", &of.map_or_else(|| "posts".to_owned(), |id| format!("group:{id}"))).await;
    let names = group_names(&mut db).await?;
    let unread = unread::all(&mut db).await?;
    let mut found = posts::list(&mut db, of, state.and_then(values::word)).await?;
    found.retain(|post| !unread_only || unread.contains_key(&post.id));
    let found = part.of(found);
    let rows = found
        .iter()
        .map(|post| {
            json!({
                "id": post.id,
                "group": names.get(&post.group),
                "name": post.author_name,
                "subject": post.subject,
                "state": post.state,
                "thread": post.thread,
                "parent": post.parent,
                "created_at": post.created_at.rfc3339(),
                "published_at": post.published_at.map(Timestamp::rfc3339),
                "unread": unread.contains_key(&post.id),
                "read_by": unread.get(&post.id).map(|read_by| read_by.rfc3339()),
            })
        })
        .collect();
    let columns = [
        ("ID", "id"),
        ("Group", "group"),
        ("Name", "name"),
        ("Subject", "subject"),
        ("State", "state"),
        ("Came", "created_at"),
        ("Published", "published_at"),
        ("To be read by", "read_by"),
    ];
    house.out.listing("posts", &columns, rows)
}

/// Show one post with all that a decision needs; `with` is the verb that was typed.
///
/// # Errors
/// One sentence.
pub async fn details(house: &House, with: &str, id: PostId) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let post = posts::by_id(&mut db, id).await?.with_context(|| format!("there is no post {id}"))?;
    house.looked(with, &format!("post:{id}")).await;
    let of = groups::by_id(&mut db, post.group).await?;
    let author = members::by_id(&mut db, post.author).await?;
    let shown = house.lamplight.shown(&mut db, &of, &post, house.now()).await?;
    let standing = decisions::standing_for(&mut db, id).await?;
    let claimed_by = match post.claimed_by {
        Some(id) => Some(members::by_id(&mut db, id).await?.name),
        None => None,
    };
    let history = decisions::history(&mut db, id).await?;
    let conversation = threads::by_id(&mut db, post.thread).await?;
    let conversation = match &conversation {
        Some(found) => thread::as_json(&mut db, found).await?,
        None => Value::Null,
    };
    let json = json!({
        "id": post.id,
        "group": of.name,
        "name": post.author_name,
        "address": author.address.as_str(),
        "days_a_member": shown.days_a_member,
        "earlier_posts": shown.earlier_posts,
        "subject": post.subject,
        "text": post.text,
        "edited": post.edited_since.is_some(),
        "original_text": post.original,
        "original_subject": post.original_subject,
        "signature": post.signature,
        "attachments": post.attachments,
        "pictures": shown.pictures,
        "state": post.state,
        "reasons": post.reasons.iter().map(HoldReason::word).collect::<Vec<_>>(),
        "why": shown.reasons,
        "urgent": shown.urgent,
        "since": post.created_at.rfc3339(),
        "read_by": post.read_by.rfc3339(),
        "claimed_by": claimed_by,
        "decided": standing.as_ref().map(|standing| standing.verb),
        "release_at": standing.as_ref().map(|standing| standing.release_at.rfc3339()),
        "published_at": post.published_at.map(Timestamp::rfc3339),
        "parent": post.parent,
        "spool": post.spool,
        "history": history,
        "thread": conversation,
    });
    house.out.thing(&json, || words(&json, &post, &author))
}

fn words(json: &Value, post: &Post, author: &Member) -> String {
    let text = |field: &str| json[field].as_str().unwrap_or_default().to_owned();
    let number = |field: &str| json[field].as_i64().unwrap_or_default();
    let who = format!(
        "{} <{}>, on the roster for {}, {}",
        post.shown_author(Wording::english()),
        author.address.as_str(),
        count(number("days_a_member"), "day"),
        count(number("earlier_posts"), "earlier post")
    );
    let decided = match text("decided").as_str() {
        "" => String::new(),
        verb => format!("{verb}, in effect from {}", text("release_at")),
    };
    let mut out = fields(&[
        ("Post", post.id.to_string()),
        ("Group", text("group")),
        ("Author", who),
        ("Subject", post.subject.clone()),
        ("State", word(&post.state)),
        ("Came", text("since")),
        ("Read by", text("read_by")),
        ("Claimed by", text("claimed_by")),
        ("Decided", decided),
        ("Published", text("published_at")),
        ("Original", post.spool.map(|id| format!("lamplight spool show {id} --raw")).unwrap_or_default()),
    ]);
    // Writing to a String can't fail.
    for why in json["why"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "Held because {}", one_line(why.as_str().unwrap_or_default()));
    }
    for attachment in &post.attachments {
        let name = one_line(attachment.name.as_deref().unwrap_or("without a name"));
        let _ =
            writeln!(out, "Came with it: {name} ({}, {} octets)", one_line(&attachment.media_type), attachment.size);
    }
    if !post.attachments.is_empty() {
        let _ = writeln!(out, "To save what came: lamplight post files {} --to FOLDER", post.id);
        let _ = writeln!(out, "The group gets of it: {}", count(number("pictures"), "picture"));
    }
    let _ = write!(out, "\n{}", indented(&post.text));
    if post.original.is_some() || post.original_subject.is_some() {
        let what = if post.edited_since.is_some() {
            "A moderator edited it; its author wrote"
        } else {
            "What would give somebody away was taken out; its author wrote"
        };
        let _ = write!(out, "\n{what}\n");
        if let Some(subject) = &post.original_subject {
            let _ = write!(out, "    Subject: {}\n\n", one_line(subject));
        }
        out.push_str(&indented(post.written()));
    }
    let history = json["history"].as_array().into_iter().flatten();
    for (at, line) in history.enumerate() {
        let field = |name: &str| one_line(line[name].as_str().unwrap_or_default());
        let by = line["by"].as_str().map_or_else(|| "an administrator".to_owned(), one_line);
        let undone = if line["undone"].as_bool().unwrap_or(false) { " (undone)" } else { "" };
        let head = if at == 0 { "\nHistory\n" } else { "" };
        let _ = writeln!(out, "{head}    {} {} by {by}{undone} {}", field("at"), field("verb"), field("note"));
    }
    if json["thread"]["posts"].as_array().is_some_and(|posts| !posts.is_empty()) {
        let _ = write!(out, "\n{}", thread::words(&json["thread"]));
    }
    out
}
