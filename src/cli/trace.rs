//! `trace`: where a message went, to whom, and why. Finds what came in by its Message-ID, and what went out by ours.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value, json};

use super::house::House;
use super::post::group_names;
use super::show::{indented, one_line, word};
use super::spool::{as_json, words};
use crate::model::ids::{PostId, SpoolId};
use crate::store::deliveries::Listed;
use crate::store::{Db, deliveries, judgements, posts, spool};

/// The arguments.
#[derive(Debug, Args)]
pub struct Trace {
    /// With or without its angle brackets
    #[arg(value_name = "MESSAGE-ID")]
    pub message_id: String,
}

impl Trace {
    /// Do it.
    ///
    /// # Errors
    /// One sentence when nothing is known of it.
    pub async fn run(self, house: &House) -> Result<()> {
        let id = self.message_id.trim();
        let id = id.strip_prefix('<').unwrap_or(id);
        let id = id.strip_suffix('>').unwrap_or(id);
        let mut db = house.lamplight.store.read().await?;
        let mut found: Vec<Value> = Vec::new();
        let mut text = String::new();
        // Writing to a String can't fail.
        for listed in spool::by_message_id(&mut db, id).await? {
            let lines = judgements::of_message(&mut db, SpoolId(listed.id)).await?;
            let mut json = as_json(&listed, &lines)?;
            let _ = write!(text, "Came in\n{}", indented(&words(&listed, &lines)));
            let mut of_posts = Vec::new();
            for post in lines.iter().filter_map(|line| line.post) {
                let (post, said) = post_story(&mut db, PostId(post)).await?;
                text.push_str(&said);
                of_posts.push(post);
            }
            json["posts"] = Value::Array(of_posts);
            found.push(json);
        }
        let sent = deliveries::by_message_id(&mut db, id).await?;
        if found.is_empty() && sent.is_empty() {
            bail!("nothing is known of this Message-ID; a message that was not read yet has none");
        }
        if !sent.is_empty() {
            let _ = write!(text, "Went out\n{}", rows(&sent));
        }
        let mut of_edition = Vec::new();
        for post in deliveries::posts_of_message_id(&mut db, id).await? {
            of_edition.push(post);
        }
        if !of_edition.is_empty() {
            let list = of_edition.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let _ = writeln!(text, "    with post {list}");
        }
        let json = json!({ "message_id": id, "received": found, "posts": of_edition, "sent": sent });
        house.out.thing(&json, || text)
    }
}

/// What became of a post, with every copy and every notice about it.
async fn post_story(db: &mut Db, id: PostId) -> Result<(Value, String)> {
    let names = group_names(db).await?;
    let post = posts::by_id(db, id).await?;
    let copies = deliveries::of_post(db, id).await?;
    let notices = deliveries::notices_of_post(db, id).await?;
    let group = post.as_ref().and_then(|post| names.get(&post.group)).cloned().unwrap_or_default();
    let state = post.as_ref().map(|post| word(&post.state)).unwrap_or_default();
    let mut text = format!("Post {id} in {group}: {state}\n");
    if !copies.is_empty() {
        let _ = write!(text, "  Copies\n{}", rows(&copies));
    }
    if !notices.is_empty() {
        let _ = write!(text, "  Notices about it\n{}", rows(&notices));
    }
    let json = json!({ "id": id, "group": group, "state": state, "copies": copies, "notices": notices });
    Ok((json, text))
}

fn rows(listed: &[Listed]) -> String {
    let mut out = String::new();
    for row in listed {
        let at = row.settled_at.as_ref().unwrap_or(&row.due_at);
        let bounced = row.bounced_at.as_ref().map(|at| format!(", bounced {at}")).unwrap_or_default();
        let cause = row.cause.as_ref().map(|cause| format!(": {}", one_line(cause))).unwrap_or_default();
        let _ = writeln!(out, "    {} {} {} ({}){bounced}{cause}", row.state, at, row.recipient, row.template);
    }
    out
}
