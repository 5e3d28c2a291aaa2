//! `member mute`: conversations of which a member gets no more. On the record, as her own word is; no mail is sent by it.

use anyhow::{Result, ensure};
use clap::Args;
use serde_json::{Value, json};

use super::house::{House, lock_group, person};
use super::member::Who;
use super::show::one_line;
use crate::clock::Timestamp;
use crate::model::ids::ThreadId;
use crate::model::member::Role;
use crate::store::audit::Actor;
use crate::store::mutes::{self, Muted};
use crate::store::{members, threads};

/// A conversation and a person.
#[derive(Debug, Args)]
pub struct Which {
    /// Whose mail.
    #[command(flatten)]
    pub who: Who,
    /// The conversation's number, as `thread list` has it
    #[arg(value_name = "THREAD-ID")]
    pub thread: i64,
}

/// Mute it, or no longer.
///
/// # Errors
/// One sentence when there is no such person or conversation.
pub async fn run(house: &House, which: &Which, mute: bool) -> Result<()> {
    let mut tx = house.lamplight.store.begin().await?;
    let of = lock_group(&mut tx, &which.who.group).await?;
    let found = person(&mut tx, &of, &which.who.address, Role::Member).await?;
    let member = members::lock(&mut tx, found.id).await?;
    let thread = threads::by_id(&mut tx, ThreadId(which.thread)).await?.filter(|thread| thread.group == of.id);
    ensure!(thread.is_some(), "there is no conversation {} in {} (thread list)", which.thread, of.name);
    let id = thread.map_or(ThreadId(which.thread), |thread| thread.id);
    let by = (Actor::Administrator, house.now());
    let is_new = house.lamplight.mute(&mut tx, &member, id, mute, by).await?;
    let muted = mutes::list(&mut tx, member.id).await?;
    tx.commit().await?;
    let json =
        json!({ "id": member.id, "group": of.name, "name": member.name, "thread": id, "mutes": as_json(&muted) });
    house.out.thing(&json, || {
        let does = match (mute, is_new) {
            (true, true) => "gets no more of",
            (true, false) => "had muted already",
            (false, true) => "gets again",
            (false, false) => "had not muted",
        };
        format!("{} {does} conversation {id} of {}", member.name, of.name)
    })
}

/// Muted conversations as listings show them.
#[must_use]
pub fn as_json(muted: &[Muted]) -> Value {
    let one =
        |muted: &Muted| json!({ "thread": muted.thread, "subject": muted.subject, "since": muted.since.rfc3339() });
    muted.iter().map(one).collect()
}

/// The same in words.
#[must_use]
pub fn words(muted: &[Muted]) -> String {
    let one = |muted: &Muted| format!("{} ({}, since {})", muted.thread, one_line(&muted.subject), day(muted.since));
    muted.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn day(at: Timestamp) -> String {
    at.rfc3339().split('T').next().unwrap_or_default().to_owned()
}
