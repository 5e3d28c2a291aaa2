//! `tick`: do once whatever is due, deliver, end. For hosts with cron and no services, and for tests.
//!
//! Cron hears of trouble by exit code and standard error: 1 and one line when copies failed for good or the smarthost
//! took nothing. Copies that are only postponed are said on standard output.

use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;

use super::Global;
use super::house::House;
use super::show::{count, one_line};
use super::values;
use crate::clock::{Clock, Reading, Timestamp};
use crate::engine::tick::Ticked;
use crate::store::deliveries::{self, Left};
use crate::store::way;

/// The arguments.
#[derive(Debug, Args)]
pub struct Tick {
    /// The clock of this run, like 2026-11-23T17:30:00-05:00 [default: now]
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub at: Option<Timestamp>,
}

impl Tick {
    /// Do it.
    ///
    /// # Errors
    /// When the database fails, copies failed for good, or the smarthost took nothing: then with how many copies wait.
    pub async fn run(self, global: &Global) -> Result<()> {
        let house = House::open(global, self.at.map_or(Clock::System, Clock::At)).await?;
        let _beside = house.lamplight.run_beside()?;
        if self.at.is_none() {
            house.lamplight.look_at_clock(&Reading::take()).await?;
        }
        let (transport, began) = (house.lamplight.transport()?, house.now());
        let done = house.lamplight.run_due(&transport, began).await?;
        let mut db = house.lamplight.store.read().await?;
        let left = deliveries::counts(&mut db).await?;
        let closed = way::closed(&mut db).await?.filter(|closed| closed.asked_at >= began);
        let refusal = closed.map(|closed| closed.cause).filter(|cause| is_refusal(cause));
        drop(db);
        let mut report = serde_json::to_value(done)?;
        report["waiting"] = json!(left.waiting);
        report["postponed"] = json!(left.postponed);
        report["next_at"] = json!(left.next_at.map(Timestamp::rfc3339));
        house.out.thing(&report, || words(&done, &left))?;
        house.lamplight.store.close().await;
        trouble(&done, &left, refusal).map_or(Ok(()), |line| bail!(line))
    }
}

fn words(done: &Ticked, left: &Left) -> String {
    let postponed = match left.next_at {
        Some(at) => format!(" ({} to be tried again, the first at {})", left.postponed, at.rfc3339()),
        None => String::new(),
    };
    format!(
        "{} read, {} decided, {} reminded, {} digests looked at, {} summaries, {} sent, {} failed, {} waiting{postponed}",
        done.received, done.decided, done.reminded, done.digests, done.summaries, done.sent, done.failed, left.waiting
    )
}

/// It was reached, and wants nothing of ours.
fn is_refusal(cause: &str) -> bool {
    ["login: 5", "MAIL: 5"].iter().any(|beginning| cause.starts_with(beginning))
}

/// What whoever reads the mail of cron must hear.
fn trouble(done: &Ticked, left: &Left, refusal: Option<String>) -> Option<String> {
    let failed = (done.failed > 0)
        .then(|| format!("{} failed for good (outbox list --state failed)", count(done.failed as u64, "mail")));
    let closed = match (done.unreachable, refusal) {
        (false, _) => None,
        (true, None) => Some(format!("the smarthost was not reached; {} waiting", left.waiting)),
        (true, Some(cause)) => {
            Some(format!("the smarthost refuses our mail ({}); {} waiting", one_line(&cause), left.waiting))
        }
    };
    let lines: Vec<String> = failed.into_iter().chain(closed).collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cron_hears() {
        let left = Left { waiting: 3, postponed: 0, next_at: None, failed: 9 };
        let refusal = || Some("MAIL: 550 5.7.1 no".to_owned());
        let away = "the smarthost was not reached; 3 waiting";
        let table = [
            (0, false, None, None),
            (0, false, refusal(), None),
            (1, false, None, Some("1 mail failed for good (outbox list --state failed)".to_owned())),
            (0, true, None, Some(away.to_owned())),
            (0, true, refusal(), Some("the smarthost refuses our mail (MAIL: 550 5.7.1 no); 3 waiting".to_owned())),
            (2, true, None, Some(format!("2 mails failed for good (outbox list --state failed); {away}"))),
        ];
        for (failed, unreachable, refusal, expected) in table {
            let done = Ticked { failed, unreachable, ..Ticked::default() };
            assert_eq!(trouble(&done, &left, refusal), expected);
        }
    }
}
