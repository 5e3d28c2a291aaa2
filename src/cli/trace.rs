//! `trace`: where a message went, to whom, and why. Finds what came in by its Message-ID, what went out by ours, and any
//! post by its number; with a member, one plain sentence says whether that person has it.

mod answer;

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::{Value, json};

use super::house::House;
use super::post::group_names;
use super::show::{indented, one_line, word};
use super::spool::{as_json, words};
use super::values;
use crate::mail::Address;
use crate::model::ids::{PostId, SpoolId};
use crate::store::deliveries::Listed;
use crate::store::{Db, deliveries, judgements, members, posts, spool};

/// The arguments.
#[derive(Debug, Args)]
pub struct Trace {
    /// With or without its angle brackets
    #[arg(value_name = "MESSAGE-ID", required_unless_present = "post", conflicts_with = "post")]
    pub message_id: Option<String>,
    /// A post by its number, instead
    #[arg(long, value_name = "ID")]
    pub post: Option<i64>,
    /// Did this person get it?
    #[arg(long, value_name = "ADDRESS", value_parser = values::address)]
    pub member: Option<Address>,
}

/// What was found, both ways of saying it.
struct Found {
    json: Value,
    text: String,
}

impl Trace {
    /// Do it.
    ///
    /// # Errors
    /// One sentence when nothing is known of it.
    pub async fn run(self, house: &House) -> Result<()> {
        let mut db = house.lamplight.store.read().await?;
        let member = self.member.as_ref();
        let found = match (self.post, self.message_id) {
            (Some(id), _) => {
                of_post(&mut db, PostId(id), member).await?.with_context(|| format!("there is no post {id}"))?
            }
            (None, id) => of_message(&mut db, id.as_deref().unwrap_or_default(), member).await?,
        };
        house.out.thing(&found.json, || found.text)
    }
}

async fn of_message(db: &mut Db, id: &str, member: Option<&Address>) -> Result<Found> {
    let id = id.trim();
    let id = id.strip_prefix('<').unwrap_or(id);
    let id = id.strip_suffix('>').unwrap_or(id);
    let (mut received, mut text) = (Vec::new(), String::new());
    // Writing to a String can't fail.
    for listed in spool::by_message_id(db, id).await? {
        let lines = judgements::of_message(db, SpoolId(listed.id)).await?;
        let mut json = as_json(&listed, &lines)?;
        if member.is_none() {
            let _ = write!(text, "Came in\n{}", indented(&words(&listed, &lines)));
        }
        let mut of_posts = Vec::new();
        for post in lines.iter().filter_map(|line| line.post) {
            if let Some(found) = of_post(db, PostId(post), member).await? {
                text.push_str(&found.text);
                of_posts.push(found.json);
            }
        }
        json["posts"] = Value::Array(of_posts);
        received.push(json);
    }
    let sent = deliveries::by_message_id(db, id).await?;
    if received.is_empty() && sent.is_empty() {
        bail!("nothing is known of this Message-ID; a message that was not read yet has none");
    }
    let of_edition = deliveries::posts_of_message_id(db, id).await?;
    let mut json = json!({ "message_id": id, "received": received, "posts": of_edition });
    let sent: Vec<&Listed> = sent.iter().filter(|row| member.is_none_or(|member| is_to(row, member))).collect();
    json["sent"] = serde_json::to_value(&sent)?;
    match member {
        None => {
            if !sent.is_empty() {
                let _ = write!(text, "Went out\n{}", rows(&sent));
            }
            if !of_edition.is_empty() {
                let list = of_edition.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let _ = writeln!(text, "    with post {list}");
            }
        }
        Some(member) => {
            for post in of_edition {
                text.extend(of_post(db, post, Some(member)).await?.map(|found| found.text));
            }
            if text.is_empty() {
                text = sent.iter().map(|row| answer::of_copy(member.as_str(), row) + "\n").collect();
            }
            if text.is_empty() {
                text = format!("{} did not get it: it went to others.\n", member.as_str());
            }
            json["answer"] = json!(text.trim_end());
        }
    }
    Ok(Found { json, text })
}

fn is_to(row: &Listed, member: &Address) -> bool {
    Address::parse(&row.recipient).is_ok_and(|address| address.key() == member.key())
}

/// What became of a post, with every copy and every notice about it; or of one person's alone.
async fn of_post(db: &mut Db, id: PostId, member: Option<&Address>) -> Result<Option<Found>> {
    let names = group_names(db).await?;
    let Some(post) = posts::by_id(db, id).await? else { return Ok(None) };
    let copies = deliveries::of_post(db, id).await?;
    let notices = deliveries::notices_of_post(db, id).await?;
    let group = names.get(&post.group).cloned().unwrap_or_default();
    let state = word(&post.state);
    let mut json = json!({ "id": id, "group": group, "state": state });
    let Some(address) = member else {
        let mut text = format!("Post {id} in {group}: {state}\n");
        for (heading, listed) in [("Copies", &copies), ("Notices about it", &notices)] {
            if !listed.is_empty() {
                let _ = write!(text, "  {heading}\n{}", rows(&listed.iter().collect::<Vec<_>>()));
            }
        }
        (json["copies"], json["notices"]) = (serde_json::to_value(copies)?, serde_json::to_value(notices)?);
        return Ok(Some(Found { json, text }));
    };
    let reader = members::by_address(db, post.group, address).await?;
    let is_hers = |row: &&Listed| {
        is_to(row, address) || (row.member.is_some() && row.member == reader.as_ref().map(|reader| reader.id))
    };
    let copies: Vec<&Listed> = copies.iter().filter(is_hers).collect();
    let who = reader.as_ref().map_or(address.as_str(), |reader| reader.name.as_str());
    let sentence = one_line(&answer::answer(who, reader.as_ref(), &post, &copies));
    json["copies"] = serde_json::to_value(&copies)?;
    json["notices"] = serde_json::to_value(notices.iter().filter(is_hers).collect::<Vec<_>>())?;
    json["answer"] = json!(sentence);
    Ok(Some(Found { json, text: format!("Post {id} in {group}: {sentence}\n") }))
}

fn rows(listed: &[&Listed]) -> String {
    let mut out = String::new();
    for row in listed {
        let end = row.settled_at.as_ref().unwrap_or(&row.due_at);
        let _ = write!(out, "    {} {end} {} ({}): written {}", row.state, row.recipient, row.template, row.written_at);
        let times = [
            ("first tried", &row.first_attempt_at),
            ("last tried", &row.last_attempt_at),
            ("bounced", &row.bounced_at),
        ];
        for (what, at) in times {
            if let Some(at) = at {
                let _ = write!(out, ", {what} {at}");
            }
        }
        let cause = row.cause.as_ref().map(|cause| format!(": {}", one_line(cause))).unwrap_or_default();
        let _ = writeln!(out, "{cause}");
    }
    out
}
