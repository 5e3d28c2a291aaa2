//! `member forget`: take a member out, and say honestly what can't be called back.

use anyhow::Result;
use clap::Args;
use clap::builder::PossibleValuesParser;

use super::house::{House, group};
use super::member::Who;
use super::show::{confirm, count};
use crate::engine::forget::{Notes, Receipt};
use crate::model::group::Group;

/// Remove everything that tells of a member.
#[derive(Debug, Args)]
pub struct Forget {
    /// Whom.
    #[command(flatten)]
    who: Who,
    /// What becomes of moderators' notes about her; to be said where there are any
    #[arg(long, value_name = "keep|forget", value_parser = PossibleValuesParser::new(["keep", "forget"]))]
    notes: Option<String>,
    /// Without a question
    #[arg(long)]
    yes: bool,
}

impl Forget {
    /// Do it.
    ///
    /// # Errors
    /// One sentence; then nothing was changed.
    pub async fn run(self, house: &House) -> Result<()> {
        let of = {
            let mut db = house.lamplight.store.read().await?;
            let of = group(&mut db, &self.who.group).await?;
            house.lamplight.whom_to_forget(&mut db, &of, &self.who.address).await?;
            of
        };
        confirm(
            self.yes,
            &format!("Remove everything that tells of this member from {}? It can't be undone.", of.name),
        )?;
        let notes = self.notes.as_deref().map(|word| if word == "keep" { Notes::Keep } else { Notes::Forget });
        let receipt = house.lamplight.forget(&of, &self.who.address, notes).await?;
        let mut json = serde_json::to_value(&receipt)?;
        json["group"] = of.name.as_str().into();
        json["whole"] = receipt.is_whole().into();
        let is_sqlite = house.lamplight.store.is_sqlite();
        let is_captured = house.lamplight.config.outbound.smarthost.starts_with("maildir:");
        json["cannot_be_called_back"] = not_called_back(&receipt, is_sqlite, is_captured).into();
        house.out.thing(&json, || words(&of, &receipt, is_sqlite, is_captured))
    }
}

fn words(of: &Group, receipt: &Receipt, is_sqlite: bool, is_captured: bool) -> String {
    let mut out = format!(
        "Removed from the group {}, member number {}{}:\n",
        of.name,
        receipt.member,
        if receipt.again { ", who was forgotten before" } else { "" }
    );
    let mut line = |text: String| out.push_str(&format!("  - {text}\n"));
    line("the address, the names and the settings of the member; the address is kept from being added or written to again by a code that nobody can read".to_owned());
    line(format!(
        "the words of {}, {} of them withdrawn because they waited",
        count(receipt.posts as u64, "post"),
        receipt.withdrawn
    ));
    line(format!("quotes and names in {} of others", count(receipt.others as u64, "post")));
    line(format!("{} as they came in", count(receipt.messages, "message")));
    line(format!("the words of {} that Lamplight wrote (copies, digests, notices)", count(receipt.mails, "mail")));
    line(format!("{} to the member that waited", count(receipt.stopped, "mail")));
    match (receipt.notes_removed, receipt.notes_kept) {
        (0, 0) => {}
        (removed, 0) => line(format!("{} of moderators", count(removed, "note"))),
        (_, kept) => line(format!("nothing of {} of moderators, which are kept as was asked", count(kept, "note"))),
    }
    out.push_str("\nWhat this can't reach:\n");
    for text in not_called_back(receipt, is_sqlite, is_captured) {
        out.push_str(&format!("  - {text}\n"));
    }
    if receipt.is_whole() {
        out.push_str("\nNothing is left to be done here.\n");
        return out;
    }
    out.push_str("\nStill to be done:\n");
    let mut line = |text: String| out.push_str(&format!("  - {text}\n"));
    if receipt.on_their_way > 0 {
        line(format!(
            "{} on the way; their words go by themselves when they have left. Run this again then",
            count(receipt.on_their_way, "mail")
        ));
    }
    for why in &receipt.files.held_up {
        line(format!("the files of the database could not be cleaned, because {why}. Run this again"));
    }
    for id in &receipt.unread {
        line(format!(
            "message {id} of somebody else tells of the member and could not be read: lamplight spool show {id} --raw, lamplight spool retry {id}; then run this again"
        ));
    }
    out
}

/// In words that can be handed on.
fn not_called_back(receipt: &Receipt, is_sqlite: bool, is_captured: bool) -> Vec<String> {
    let out = receipt.out_there;
    let mut all = vec![
        format!(
            "e-mails in the mailboxes of {}: {} of {} were sent, and {} to moderators and administrators. Only they can delete them, and whoever has the words can write them again",
            count(out.readers, "reader"),
            count(out.copies, "copy").replace("copys", "copies"),
            count(out.posts, "post"),
            count(out.notices, "notice")
        ),
        "backups of the database that were made before: they hold everything until they are replaced".to_owned(),
        "logs of mail servers: that of the smarthost, and those of all servers on the way, name addresses and times"
            .to_owned(),
        "Lamplight's own log (journald or the files it is sent to): it holds numbers only, no names and no words"
            .to_owned(),
    ];
    if is_sqlite {
        all.push("free blocks of the disk: the file of the database is overwritten, what a file system or an SSD keeps aside is not".to_owned());
    } else {
        all.push("PostgreSQL's write-ahead log and its archives, replicas, and blocks of the disk that were freed: they go when the server reuses or removes them".to_owned());
        for why in &receipt.files.refused {
            all.push(format!("PostgreSQL's own statistics may still name values: {why}"));
        }
    }
    if is_captured {
        all.push("mails captured by `maildir:` in the settings: delete these files".to_owned());
    }
    if receipt.notes_kept > 0 {
        all.push(format!("{} about the member, which were to be kept", count(receipt.notes_kept, "note")));
    }
    if receipt.notes_of_others > 0 {
        all.push(format!(
            "{} about other members that name this one: they are the moderators' records and stay as they were written",
            count(receipt.notes_of_others as u64, "note")
        ));
    }
    if receipt.other_groups > 0 {
        all.push(format!(
            "{} in which the address takes part: each is forgotten by itself",
            count(receipt.other_groups, "other group")
        ));
    }
    all
}
