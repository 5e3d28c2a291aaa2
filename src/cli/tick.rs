//! `tick`: do once whatever is due, deliver, end. For hosts with cron and no services, and for tests.

use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;

use super::Global;
use super::house::House;
use super::values;
use crate::clock::{Clock, Timestamp};
use crate::store::deliveries;

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
    /// When the database fails, or the smarthost was not reached: then with how many copies wait.
    pub async fn run(self, global: &Global) -> Result<()> {
        let house = House::open(global, self.at.map_or(Clock::System, Clock::fixed)).await?;
        let transport = house.lamplight.transport()?;
        let done = house.lamplight.run_due(&transport, house.now()).await?;
        let (waiting, _) = deliveries::counts(&mut *house.lamplight.store.read().await?).await?;
        let mut report = serde_json::to_value(done)?;
        report["waiting"] = json!(waiting);
        house.out.thing(&report, || {
            format!(
                "{} read, {} decided, {} reminded, {} digests looked at, {} summaries, {} sent, {waiting} waiting",
                done.received, done.decided, done.reminded, done.digests, done.summaries, done.sent
            )
        })?;
        house.lamplight.store.close().await;
        if done.unreachable {
            bail!("the smarthost was not reached; {waiting} waiting");
        }
        Ok(())
    }
}
