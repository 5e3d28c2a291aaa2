//! `audit`: who did what, and whether the record of it is whole.

use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::json;

use super::house::House;
use super::show::{Part, count};
use super::values;
use crate::clock::Timestamp;
use crate::engine::record::Verdict;
use crate::store::audit::{self, Wanted};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List who did and who looked at what, oldest first; people by their number in `member list --json`
    List {
        /// About this alone, like post:3 or member:12
        #[arg(long, value_name = "SUBJECT")]
        subject: Option<String>,
        /// From this time on, like 2026-11-23T17:30:00-05:00
        #[arg(long, value_name = "TIME", value_parser = values::time)]
        since: Option<Timestamp>,
        /// Which part.
        #[command(flatten)]
        part: Part,
    },
    /// Walk the record and say whether every line is there as it was written; 1 and the first line that is not
    Verify {
        /// A head that an earlier `audit verify` printed: it must still be in the record
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// One sentence; a record that is not whole is one.
    pub async fn run(self, house: &House) -> Result<()> {
        match self {
            Self::List { subject, since, part } => list(house, subject.as_deref(), since, part).await,
            Self::Verify { head } => verify(house, head.as_deref()).await,
        }
    }
}

async fn list(house: &House, subject: Option<&str>, since: Option<Timestamp>, part: Part) -> Result<()> {
    let wanted = Wanted { subject, since, newest: part.newest, limit: part.limit.limit };
    let found = audit::list(&mut *house.lamplight.store.read().await?, &wanted).await?;
    let rows = found.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    let columns =
        [("ID", "id"), ("When", "at"), ("Who", "actor"), ("What", "action"), ("To", "subject"), ("More", "detail")];
    house.out.listing("lines in the record", &columns, rows)
}

async fn verify(house: &House, noted: Option<&str>) -> Result<()> {
    let noted = noted.map(|noted| noted.trim().to_lowercase());
    match house.lamplight.verify_record(noted.as_deref()).await? {
        Verdict::Broken { line, why } => bail!("the record is not whole at line {line}: {why}"),
        Verdict::Whole { head, floor, since } => {
            let json = json!({
                "whole": true, "count": head.count, "last": head.last_id, "head": head.hash,
                "first": floor + 1, "since": since,
            });
            let begins = match (floor, since) {
                (1.., Some(since)) => format!(
                    ", {} of them removed because their time was over; it begins with line {} of {since}",
                    floor,
                    floor + 1
                ),
                _ => String::new(),
            };
            house.out.thing(&json, || {
                format!("the record is whole: {}{begins}\nhead {}", count(head.count, "line"), head.hash)
            })
        }
    }
}
