//! `member export`: everything that is kept about one member, in a file that only its owner can read.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde_json::{Value, json};

use super::house::{House, group, person};
use super::member::{Who, as_json};
use super::mute;
use super::show::{json_text, print};
use crate::clock::Timestamp;
use crate::mail::{self, Address};
use crate::model::group::Group;
use crate::model::member::{Member, Role};
use crate::model::policy::HoldReason;
use crate::store::forget::{self, Her};
use crate::store::{Db, addresses, decisions, export, mutes, names, notes, posts};

/// How many mails are read together.
const AT_ONCE: i64 = 20;
/// Mails whose words are for her alone.
const TO_HER: [&str; 4] = ["private-answer", "private-note", "returned", "welcome"];

/// Give a member what is kept about her.
#[derive(Debug, Args)]
pub struct Export {
    /// Whom.
    #[command(flatten)]
    who: Who,
    /// Where to; it must not be there yet [default: standard output]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Leave out what moderators noted about her
    #[arg(long)]
    without_notes: bool,
}

impl Export {
    /// Do it.
    ///
    /// # Errors
    /// One sentence.
    pub async fn run(self, house: &House) -> Result<()> {
        let mut db = house.lamplight.store.read().await?;
        let of = group(&mut db, &self.who.group).await?;
        let member = person(&mut db, &of, &self.who.address, Role::Member).await?;
        if let Some(file) = &self.to {
            ensure!(!file.exists(), "{} is there already; nothing was written", file.display());
        }
        house.looked("member export", &format!("member:{}", member.id)).await;
        let all = everything(&mut db, &of, &member, house.now(), !self.without_notes).await?;
        match &self.to {
            None => print(&json_text(&all)),
            Some(file) => {
                write(file, &json_text(&all))?;
                let json =
                    json!({ "file": file.display().to_string(), "posts": all["posts"].as_array().map(Vec::len) });
                house.out.thing(&json, || format!("everything about this member is in {}", file.display()))
            }
        }
    }
}

/// Readable for its owner only, and never over another file.
fn write(file: &Path, text: &str) -> Result<()> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut out = opened.with_context(|| format!("can't write {}", file.display()))?;
    writeln!(out, "{text}")?;
    Ok(out.sync_all()?)
}

async fn everything(db: &mut Db, of: &Group, member: &Member, now: Timestamp, with_notes: bool) -> Result<Value> {
    let further = addresses::of_member(db, member.id).await?;
    let addresses: Vec<Address> = std::iter::once(&member.address).chain(&further).cloned().collect();
    let her = Her { member: member.id, group: of.id, spools: BTreeSet::new() };
    let mut all = json!({
        "made_at": now.rfc3339(),
        "member": as_json(of, member, &further),
        "addresses": addresses.iter().map(Address::as_str).collect::<Vec<_>>(),
        "mutes": mute::as_json(&mutes::list(db, member.id).await?),
        "names_in_her_mails": names::learnt_of(db, member.id).await?,
        "posts": posts_of(db, member).await?,
        "private_talks": talks_of(db, member).await?,
        "mails_to_her": sent_to(db, member).await?,
    });
    if with_notes {
        let kept = notes::latest(db, member.id, i64::MAX).await?;
        all["notes"] = kept
            .iter()
            .map(|note| json!({ "by": note.by, "at": note.at.rfc3339(), "text": note.words }))
            .collect::<Vec<_>>()
            .into();
    }
    let ids = forget::messages_of(db, &her, &addresses).await?;
    let mut messages = Vec::new();
    for (id, at, recipients) in export::envelopes(db, &ids).await? {
        for (_, bytes) in forget::messages(db, &BTreeSet::from([id])).await? {
            messages.push(json!({
                "id": id,
                "received_at": at.rfc3339(),
                "recipients": recipients,
                "message": String::from_utf8_lossy(&bytes),
            }));
        }
    }
    all["messages_as_they_came"] = messages.into();
    Ok(all)
}

async fn posts_of(db: &mut Db, member: &Member) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    for id in forget::posts_of(db, member.id).await? {
        let Some(post) = posts::by_id(db, id).await? else { continue };
        let published = (post.written() != post.text).then_some(&post.text);
        all.push(json!({
            "id": post.id,
            "state": post.state,
            "name": post.author_name,
            "subject": post.written_subject(),
            "signature": post.signature,
            "text": post.written(),
            "text_as_published": published,
            "attachments": post.attachments,
            "came_at": post.created_at.rfc3339(),
            "published_at": post.published_at.map(Timestamp::rfc3339),
            "conversation": post.thread,
            "answers": post.parent,
            "held_because": post.reasons.iter().map(HoldReason::sentence).collect::<Vec<_>>(),
            "decisions": decisions::history(db, id).await?,
        }));
    }
    Ok(all)
}

async fn talks_of(db: &mut Db, member: &Member) -> Result<Vec<Value>> {
    let talks = export::talks_of(db, member.id).await?;
    let talk = |(id, subject, began, last): &(i64, String, Timestamp, Timestamp)| json!({ "id": id, "subject": subject, "began_at": began.rfc3339(), "last_at": last.rfc3339() });
    Ok(talks.iter().map(talk).collect())
}

/// Dates and subjects; of what was written to her alone the words as well.
async fn sent_to(db: &mut Db, member: &Member) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    let mut after = 0;
    loop {
        let some = export::sent_to(db, member.id, after, AT_ONCE).await?;
        let Some((last, _)) = some.last() else { return Ok(all) };
        after = *last;
        for (_, sent) in &some {
            let (subject, _) = mail::parse::subject_and_author(&sent.message);
            let words = TO_HER.contains(&sent.folder.as_str()).then(|| mail::parse(&sent.message).text.reply);
            all.push(json!({
                "at": sent.at.rfc3339(),
                "kind": sent.kind,
                "what": sent.folder,
                "subject": subject,
                "state": sent.state,
                "settled_at": sent.settled_at.map(Timestamp::rfc3339),
                "text": words,
            }));
        }
    }
}
