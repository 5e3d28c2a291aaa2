//! What is kept for how long. The scheduler removes what is due in small portions, each a transaction of its own, so that
//! nobody waits for it; several servers may do so at once.

use std::sync::atomic::Ordering;

use anyhow::Result;

use super::Lamplight;
use crate::clock::Timestamp;
use crate::store::audit::{self, Actor};
use crate::store::retention;

/// So many messages, mails and posts are done in one tick …
const AT_ONCE: i64 = 50;
/// … and so many lines of the record.
const LINES: i64 = 2_000;
const DAY: i64 = 86_400;
/// A twelfth of a year.
const MONTH: i64 = 2_629_800;
/// What is kept for days need not be looked for every second.
const BETWEEN: i64 = 600;

/// What is kept, in the order of [`retention::kept`].
pub const KINDS: [&str; 4] = ["messages as they came", "mails sent", "posts' words", "lines of the record"];

impl Lamplight {
    /// For how long each of [`KINDS`] is kept, in seconds; `None`: for ever.
    #[must_use]
    pub fn kept_for(&self) -> [Option<i64>; 4] {
        let settings = &self.config.retention;
        let days = settings.raw_days.map(|days| i64::from(days) * DAY);
        let months = |months: Option<u32>| months.map(|months| i64::from(months) * MONTH);
        [days, days, months(settings.bodies_months), months(settings.audit_months)]
    }

    /// Remove what is due, a portion of each; gives how much.
    pub(super) async fn expire(&self, now: Timestamp) -> Result<usize> {
        // Before, the clock may have been set back since.
        let last = self.expired_at.load(Ordering::Relaxed);
        if (last..last.saturating_add(BETWEEN * 1_000_000)).contains(&now.0) {
            return Ok(0);
        }
        let done = self.expire_a_portion(now).await?;
        // Where something went there may be more.
        self.expired_at.store(if done == 0 { now.0 } else { i64::MIN }, Ordering::Relaxed);
        Ok(done)
    }

    async fn expire_a_portion(&self, now: Timestamp) -> Result<usize> {
        let [raw, mails, bodies, record] = self.kept_for().map(|kept| kept.map(|seconds| now.plus_seconds(-seconds)));
        let mut done = 0;
        if let Some(before) = raw {
            let mut tx = self.store.begin().await?;
            done += retention::expire_raw(&mut tx, before, AT_ONCE, now).await?;
            tx.commit().await?;
        }
        if let Some(before) = mails {
            let mut tx = self.store.begin().await?;
            done += retention::expire_mails(&mut tx, before, AT_ONCE, now).await?;
            tx.commit().await?;
        }
        if let Some(before) = bodies {
            let mut tx = self.store.begin().await?;
            done += retention::expire_bodies(&mut tx, before, AT_ONCE, now).await?;
            done += retention::expire_alerts(&mut tx, before).await?;
            tx.commit().await?;
        }
        if let Some(before) = record {
            let mut tx = self.store.begin().await?;
            if let Some(line) = retention::expire_record(&mut tx, before, LINES).await? {
                let detail = serde_json::json!({ "until": line });
                audit::write(&mut tx, now, Actor::Lamplight, "record-shortened", "audit", &detail).await?;
                done += 1;
            }
            tx.commit().await?;
        }
        Ok(usize::try_from(done).unwrap_or(usize::MAX))
    }
}
