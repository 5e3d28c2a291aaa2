//! `trace`: where a message went, to whom, and why. Finds what came in by its Message-ID, what went out by ours, and any
//! post by its number; with a member, one plain sentence says whether that person has it.

mod answer;
mod copy;
#[cfg(test)]
mod scene;

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::{Value, json};

use super::house::House;
use super::post::group_names;
use super::show::{count, indented, one_line, word};
use super::spool::{as_json, words};
use super::values;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::ids::{MemberId, PostId, SpoolId};
use crate::model::member::{Member, MemberState, Role};
use crate::model::post::{Post, PostState};
use crate::store::deliveries::Listed;
use crate::store::{Db, decisions, deliveries, judgements, members, mutes, posts, spool};
use answer::{Known, answer};
use copy::{Asked, sentence};

/// The arguments.
#[derive(Debug, Args)]
pub struct Trace {
    /// Of a message that came in or went out, with or without its angle brackets
    #[arg(value_name = "MESSAGE-ID", required_unless_present = "post", conflicts_with = "post")]
    pub message_id: Option<String>,
    /// A post instead, by its number in `post list`
    #[arg(long, value_name = "ID")]
    pub post: Option<i64>,
    /// Say whether this member or moderator got it, and the notices about it, or what they wait for
    #[arg(long, value_name = "ADDRESS", value_parser = values::address)]
    pub member: Option<Address>,
}

/// What was found, both ways of saying it.
struct Found {
    json: Value,
    text: String,
}

/// Whom it is asked for, if for one person alone, and when.
#[derive(Clone, Copy)]
struct Question<'a> {
    member: Option<&'a Address>,
    now: Timestamp,
}

impl Trace {
    /// Do it.
    ///
    /// # Errors
    /// One sentence when nothing is known of it.
    pub async fn run(self, house: &House) -> Result<()> {
        let mut db = house.lamplight.store.read().await?;
        let question = Question { member: self.member.as_ref(), now: house.now() };
        let found = match (self.post, self.message_id) {
            (Some(id), _) => {
                of_post(&mut db, PostId(id), question).await?.with_context(|| format!("there is no post {id}"))?
            }
            (None, id) => of_message(&mut db, id.as_deref().unwrap_or_default(), question).await?,
        };
        // A Message-ID of the author's own would tell who she is.
        let subject = match (self.post, found.json["received"][0]["id"].as_i64()) {
            (Some(id), _) => format!("post:{id}"),
            (None, Some(id)) => format!("spool:{id}"),
            (None, None) => "outbox".to_owned(),
        };
        house.looked("trace", &subject).await;
        house.out.thing(&found.json, || found.text)
    }
}

async fn of_message(db: &mut Db, id: &str, question: Question<'_>) -> Result<Found> {
    let id = id.trim();
    let id = id.strip_prefix('<').unwrap_or(id);
    let id = id.strip_suffix('>').unwrap_or(id);
    let Found { json: received, mut text } = came_in(db, id, question).await?;
    let sent = deliveries::by_message_id(db, id).await?;
    if received.as_array().is_some_and(Vec::is_empty) && sent.is_empty() {
        bail!("nothing is known of this Message-ID; a message that was not read yet has none");
    }
    let of_edition = deliveries::posts_of_message_id(db, id).await?;
    let mut json = json!({ "message_id": id, "received": received, "posts": of_edition });
    // Mail goes to the first address of whoever is asked for by another one.
    let people = match question.member {
        Some(member) => members::look_up(db, &[], &[member]).await?,
        None => Vec::new(),
    };
    let sent: Vec<&Listed> =
        sent.iter().filter(|row| question.member.is_none_or(|member| is_to(row, member, &people))).collect();
    json["sent"] = serde_json::to_value(&sent)?;
    match question.member {
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
                text.extend(of_post(db, post, question).await?.map(|found| found.text));
            }
            if text.is_empty() {
                let asked = Asked { who: member.as_str(), reader: None, muted: false, now: question.now };
                text = sent.iter().map(|row| one_line(&sentence(asked, row)) + "\n").collect();
            }
            if text.is_empty() {
                text = format!("{} did not get it: it went to others.\n", member.as_str());
            }
            json["answer"] = json!(text.trim_end());
        }
    }
    Ok(Found { json, text })
}

/// The messages of a Message-ID that came in, with what became of their posts.
async fn came_in(db: &mut Db, id: &str, question: Question<'_>) -> Result<Found> {
    let (mut received, mut text) = (Vec::new(), String::new());
    for listed in spool::by_message_id(db, id).await? {
        let lines = judgements::of_message(db, SpoolId(listed.id)).await?;
        let mut json = as_json(&listed, &lines)?;
        if question.member.is_none() {
            // Writing to a String can't fail.
            let _ = write!(text, "Came in\n{}", indented(&words(&listed, &lines)));
        }
        let mut of_posts = Vec::new();
        for post in lines.iter().filter_map(|line| line.post) {
            if let Some(found) = of_post(db, PostId(post), question).await? {
                text.push_str(&found.text);
                of_posts.push(found.json);
            }
        }
        json["posts"] = Value::Array(of_posts);
        received.push(json);
    }
    Ok(Found { json: Value::Array(received), text })
}

/// Whether it is to one of these people, or to this address.
fn is_to(row: &Listed, member: &Address, people: &[MemberId]) -> bool {
    Address::parse(&row.recipient).is_ok_and(|address| address.key() == member.key())
        || row.member.is_some_and(|member| people.contains(&member))
}

/// What became of a post, with every copy, every notice about it, and everybody who has neither; or of one person's.
async fn of_post(db: &mut Db, id: PostId, question: Question<'_>) -> Result<Option<Found>> {
    let names = group_names(db).await?;
    let Some(post) = posts::by_id(db, id).await? else { return Ok(None) };
    let copies = deliveries::of_post(db, id).await?;
    let notices = deliveries::notices_of_post(db, id).await?;
    let standing = decisions::standing_for(db, id).await?;
    let known = Known { post: &post, standing: standing.as_ref() };
    let group = names.get(&post.group).cloned().unwrap_or_default();
    let state = word(&post.state);
    let mut json = json!({ "id": id, "group": group, "state": state });
    let Some(address) = question.member else {
        let others = without_copy(db, &post, &copies).await?;
        let ids: Vec<MemberId> = others.iter().map(|reader| reader.id).collect();
        let muted = mutes::of(db, &ids).await?;
        let others: Vec<(&str, String)> = others
            .iter()
            .map(|reader| {
                let muted = muted.contains(&(reader.id, post.thread));
                let asked = Asked { who: &reader.name, reader: Some(reader), muted, now: question.now };
                (reader.address.as_str(), one_line(&answer(asked, known, &[], &[])))
            })
            .collect();
        let mut text = format!("Post {id} in {group}: {state}\n");
        for (heading, listed) in [("Copies", &copies), ("Notices about it", &notices)] {
            if !listed.is_empty() {
                let _ = write!(text, "  {heading}\n{}", rows(&listed.iter().collect::<Vec<_>>()));
            }
        }
        for (at, (_, sentence)) in others.iter().enumerate() {
            let _ = writeln!(text, "{}    {sentence}", if at == 0 { "  No copy\n" } else { "" });
        }
        (json["copies"], json["notices"]) = (serde_json::to_value(copies)?, serde_json::to_value(notices)?);
        json["others"] = others.iter().map(|(to, answer)| json!({ "recipient": to, "answer": answer })).collect();
        return Ok(Some(Found { json, text }));
    };
    let reader = members::by_address(db, post.group, address).await?;
    let is_hers = |row: &&Listed| {
        is_to(row, address, &[]) || (row.member.is_some() && row.member == reader.as_ref().map(|reader| reader.id))
    };
    let copies: Vec<&Listed> = copies.iter().filter(is_hers).collect();
    let notices: Vec<&Listed> = notices.iter().filter(is_hers).collect();
    let who = reader.as_ref().map_or(address.as_str(), |reader| reader.name.as_str());
    let muted = match &reader {
        Some(reader) => mutes::of(db, &[reader.id]).await?.contains(&(reader.id, post.thread)),
        None => false,
    };
    let asked = Asked { who, reader: reader.as_ref(), muted, now: question.now };
    let said = one_line(&answer(asked, known, &copies, &notices));
    json["copies"] = serde_json::to_value(&copies)?;
    json["notices"] = serde_json::to_value(&notices)?;
    json["answer"] = json!(said);
    Ok(Some(Found { json, text: format!("Post {id} in {group}: {said}\n") }))
}

/// Everybody on the roster who has no copy of a post that the group got; not those who were gone before it.
async fn without_copy(db: &mut Db, post: &Post, copies: &[Listed]) -> Result<Vec<Member>> {
    if !matches!(post.state, PostState::Published | PostState::Retracted) {
        return Ok(Vec::new());
    }
    let mut people = members::of_group(db, post.group, Role::Member).await?;
    people.extend(members::of_group(db, post.group, Role::Moderator).await?);
    people.retain(|reader| {
        let is_gone = matches!(reader.state, MemberState::Left | MemberState::Removed);
        !is_gone && copies.iter().all(|copy| copy.member != Some(reader.id))
    });
    Ok(people)
}

fn rows(listed: &[&Listed]) -> String {
    let mut out = String::new();
    for row in listed {
        let _ = write!(out, "    {} {} ({}): written {}", row.state, row.recipient, row.template, row.written_at);
        let times = [
            ("first tried", &row.first_attempt_at),
            ("last tried", &row.last_attempt_at),
            (row.state.as_str(), &row.settled_at),
            ("bounced", &row.bounced_at),
        ];
        for (what, at) in times {
            if let Some(at) = at {
                let _ = write!(out, ", {what} {at}");
            }
        }
        if row.attempts > 0 {
            let _ = write!(out, ", {}", count(row.attempts, "attempt"));
        }
        let _ = match (row.state.as_str(), row.held_back) {
            ("waiting", true) => write!(out, ", due when the group holds everything no more"),
            ("waiting", false) => write!(out, ", due {}", row.due_at),
            _ => Ok(()),
        };
        let cause = row.cause.as_ref().map(|cause| format!(": {}", one_line(cause))).unwrap_or_default();
        let _ = writeln!(out, "{cause}");
    }
    out
}
