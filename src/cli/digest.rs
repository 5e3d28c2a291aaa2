//! `digest`: make today's, look at what would be sent, list what was. Sending twice a day takes `--again`.

use anyhow::{Result, anyhow, bail, ensure};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::house::{House, group};
use super::show::{self, Part, note};
use super::{Global, opened, values};
use crate::clock::{Clock, Timestamp};
use crate::engine::preview::Preview;
use crate::mail::Address;
use crate::mail::compose::Outgoing;
use crate::store::{digests, members};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make today's digests of a group, in place of the scheduled ones; they go out with the next tick
    Send {
        /// The group
        group: String,
        /// The clock of this run, like 2026-11-23T17:30:00-05:00 [default: now]
        #[arg(long, value_name = "TIME", value_parser = values::time)]
        at: Option<Timestamp>,
        /// Also for members who have today's: a second one of what was published since
        #[arg(long)]
        again: bool,
    },
    /// Say that the clock is right as it stands: digests, which wait since it jumped, go on
    Resume,
    /// Show what would be sent now; nothing is kept
    Preview {
        /// The group
        group: String,
        /// For this member [default: the latest 20 posts]
        #[arg(long, value_name = "ADDRESS", value_parser = values::address)]
        member: Option<Address>,
        /// A made-up one instead, with everything that a digest can have
        #[arg(long, conflicts_with = "member")]
        sample: bool,
        /// How.
        #[command(flatten)]
        look: Look,
    },
    /// List the digests that were made, oldest first
    List {
        /// The group
        group: String,
        /// Which part.
        #[command(flatten)]
        part: Part,
    },
}

/// How a preview is shown.
#[derive(Debug, Clone, Copy, Args)]
pub struct Look {
    /// What to show
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Which mail of a long digest
    #[arg(long, default_value_t = 1)]
    pub part: usize,
    /// Write the page into a file for your eyes only, and open it
    #[arg(long)]
    pub open: bool,
}

/// What a preview shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The page
    Html,
    /// The words
    Text,
    /// The message as it would leave
    Mime,
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// One sentence.
    pub async fn run(self, global: &Global) -> Result<()> {
        let at = if let Self::Send { at, .. } = &self { *at } else { None };
        let house = House::open(global, at.map_or(Clock::System, Clock::At)).await?;
        match self {
            Self::Send { group, again, .. } => {
                if at.is_none() {
                    let doubted = house.lamplight.doubted_clock().await?;
                    ensure!(
                        doubted.is_none(),
                        "digests wait since the clock jumped (doctor); `lamplight digest resume` if it is right now"
                    );
                }
                send(&house, &group, again).await?;
            }
            Self::Resume => resume(&house).await?,
            Self::Preview { group, member, sample, look } => {
                preview(&house, &group, member.as_ref(), sample, look).await?;
            }
            Self::List { group, part } => list(&house, &group, part).await?,
        }
        house.lamplight.store.close().await;
        Ok(())
    }
}

async fn send(house: &House, name: &str, again: bool) -> Result<()> {
    let of = group(&mut *house.lamplight.store.read().await?, name).await?;
    if of.hold_everything_since.is_some() {
        bail!("{name} holds everything: no digest leaves until `lamplight group set {name} --hold-everything no`");
    }
    let done = house.lamplight.send_digests(&of, again, house.now()).await?;
    let json = serde_json::to_value(done)?;
    house.out.thing(&json, || {
        if done.sent == 0 && done.had_it > 0 && !again {
            return format!("already sent today: {} have it; --again makes a second one of what is new", done.had_it);
        }
        let mut words = format!("{} made", done.sent);
        for (count, what) in [(done.nothing_new, "have nothing new"), (done.had_it, "had today's already")] {
            if count > 0 {
                words.push_str(&format!(", {count} {what}"));
            }
        }
        words
    })
}

async fn resume(house: &House) -> Result<()> {
    let doubted = house.lamplight.believe_clock(house.now()).await?;
    let now = house.now().rfc3339();
    house.out.thing(&json!({ "resumed": doubted.is_some(), "now": now }), || match doubted {
        Some(_) => format!("digests go on; it is {now}"),
        None => "digests were not waiting".to_owned(),
    })
}

async fn preview(house: &House, name: &str, address: Option<&Address>, sample: bool, look: Look) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let of = group(&mut db, name).await?;
    if sample {
        return shown(house, &house.lamplight.sample_digest(&of, house.now())?, look);
    }
    let member = match address {
        Some(address) => {
            let found = members::by_address(&mut db, of.id, address).await?;
            Some(found.ok_or_else(|| anyhow::anyhow!("nobody in {name} has this address"))?)
        }
        None => None,
    };
    let subject = match &member {
        Some(member) => format!("member:{}", member.id),
        None => format!("group:{}", of.id),
    };
    house.looked("digest preview", &subject).await;
    let preview = house.lamplight.preview_digest(&mut db, &of, member.as_ref(), house.now()).await?;
    let Some(preview) = preview else {
        note("there is nothing new: no digest would be sent");
        return if house.out.is_json() { show::print("null") } else { Ok(()) };
    };
    shown(house, &preview, look)
}

fn shown(house: &House, preview: &Preview, look: Look) -> Result<()> {
    if house.out.is_json() && !look.open {
        let part = |mail: &Outgoing| json!({ "subject": mail.subject, "text": mail.text, "html": mail.html });
        let mut json = preview.mails.first().map(part).unwrap_or_default();
        json["count"] = preview.count.into();
        json["parts"] = preview.mails.iter().map(part).collect::<Vec<_>>().into();
        return house.out.thing(&json, String::new);
    }
    let parts = preview.mails.len();
    let Some((mail, bytes)) =
        look.part.checked_sub(1).and_then(|at| Some((preview.mails.get(at)?, preview.bytes.get(at)?)))
    else {
        bail!("there is no part {}: this digest would come in {}", look.part, show::count(parts as u64, "mail"));
    };
    if parts > 1 {
        note(&format!("part {} of {parts}; --part shows another one", look.part));
    }
    let page = || {
        let page = mail.html.as_deref().map(str::trim_end);
        page.ok_or_else(|| anyhow!("this member gets digests without a page; --format text or mime shows them"))
    };
    match look.format {
        _ if look.open => opened::open(page()?, &house.lamplight.config.service.state_dir),
        Format::Text => show::print(mail.text.trim_end()),
        Format::Html => show::print(page()?),
        Format::Mime => show::bytes(bytes),
    }
}

async fn list(house: &House, name: &str, part: Part) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let of = group(&mut db, name).await?;
    let made = part.of(digests::list(&mut db, of.id).await?);
    let rows = made.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    let columns = [
        ("Day", "day"),
        ("Name", "name"),
        ("Number", "number"),
        ("Posts", "posts"),
        ("Made", "made_at"),
        ("State", "state"),
    ];
    house.out.listing("digests", &columns, rows)
}
