//! What is known of the way out: since when it is closed and why, and whom the smarthost refuses for a reason that may be
//! ours.

use std::collections::HashSet;

use super::db::{Db, Result, elements};
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::model::ids::{AlertId, OutboxId};

/// Nothing leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Since then.
    pub since: Timestamp,
    /// When a copy asked last.
    pub asked_at: Timestamp,
    /// What came of it.
    pub cause: String,
}

/// What the smarthost refuses while other mail flows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// How many rows.
    pub rows: i64,
    /// What it said of one of them.
    pub cause: String,
    /// Since when.
    pub since: Timestamp,
}

/// A copy asked, and the way is closed.
///
/// # Errors
/// When the database refuses.
pub async fn set_closed(db: &mut Db, cause: &str, now: Timestamp) -> Result<()> {
    sqlx::query(
        "insert into way_out (id, closed_at, asked_at, cause) values (1, $1, $1, $2)
         on conflict (id) do update set asked_at = excluded.asked_at, cause = excluded.cause",
    )
    .bind(now.0)
    .bind(cause)
    .execute(db)
    .await?;
    Ok(())
}

/// Mail flows.
///
/// # Errors
/// When the database refuses.
pub async fn set_open(db: &mut Db) -> Result<()> {
    sqlx::query("delete from way_out").execute(db).await?;
    Ok(())
}

/// Whether the way is closed. A server that finds it so is not believed when something left more than a minute after it was
/// closed: that server is gone, or another one has a way.
///
/// # Errors
/// When the database refuses.
pub async fn closed(db: &mut Db) -> Result<Option<Closed>> {
    let row = sqlx::query(
        "select closed_at, asked_at, cause from way_out w
         where not exists (select 1 from outbox o where o.state = 'sent' and o.settled_at > w.closed_at + 60000000)",
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        Ok(Closed { since: row.time("closed_at")?, asked_at: row.time("asked_at")?, cause: row.text("cause")? })
    })
    .transpose()
}

/// These recipients were refused for a reason that may be ours.
///
/// # Errors
/// When the database refuses.
pub async fn doubt(db: &mut Db, rows: &[(OutboxId, String)], now: Timestamp) -> Result<()> {
    let sql = format!(
        "update outbox set doubted_at = coalesce(doubted_at, $2)
         from {} where outbox.id = cast(j.value->>0 as bigint)",
        elements(db)
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(rows)).bind(now.0).execute(db).await?;
    Ok(())
}

/// Which of these, each with its recipient's domain, the smarthost refuses for their own sake: it took mail for somebody
/// else at the same domain since, so it relays for us to there, and nobody else is in doubt.
///
/// # Errors
/// When the database refuses.
pub async fn refused_alone(db: &mut Db, rows: &[(OutboxId, String)]) -> Result<HashSet<OutboxId>> {
    let sql = format!(
        "select o.id from outbox o join {} on o.id = cast(j.value->>0 as bigint)
         where exists (select 1 from outbox p where p.state = 'sent' and p.settled_at > o.doubted_at
                 and p.recipient <> o.recipient and lower(p.recipient) like '%@' || (j.value->>1))
             and not exists (select 1 from outbox q where q.state in ('waiting', 'sending')
                 and q.doubted_at is not null and q.recipient <> o.recipient)",
        elements(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(rows)).fetch_all(db).await?;
    rows.iter().map(|row| Ok(OutboxId(row.int("id")?))).collect()
}

/// The recipients that the smarthost refuses for a reason that may be ours, and whether it took anything at all since.
///
/// # Errors
/// When the database refuses.
pub async fn in_doubt(db: &mut Db) -> Result<Option<(Refused, bool)>> {
    let row = sqlx::query(
        "select count(*) as n, min(doubted_at) as since, min(cause) as cause,
                (select max(settled_at) from outbox where state = 'sent') as taken_at
         from outbox where state in ('waiting', 'sending') and doubted_at is not null",
    )
    .fetch_one(db)
    .await?;
    let Some(since) = row.maybe_time("since")? else { return Ok(None) };
    let cause = row.maybe_text("cause")?.unwrap_or_default();
    let has_taken = row.maybe_time("taken_at")?.is_some_and(|at| at > since);
    Ok(Some((Refused { rows: row.int("n")?, cause, since }, has_taken)))
}

/// Whether the smarthost refuses copies apart from those of this alert for a reason that may be ours, and took none since.
///
/// # Errors
/// When the database refuses.
pub async fn refuses_others(db: &mut Db, alert: AlertId) -> Result<bool> {
    let row = sqlx::query(
        "select min(o.doubted_at) as since, (select max(settled_at) from outbox where state = 'sent') as taken_at
         from outbox o where o.state in ('waiting', 'sending') and o.doubted_at is not null
             and not exists (select 1 from alert_steps s where s.alert_id = $1 and s.edition_id = o.edition_id)",
    )
    .bind(alert.0)
    .fetch_one(db)
    .await?;
    let Some(since) = row.maybe_time("since")? else { return Ok(false) };
    Ok(row.maybe_time("taken_at")?.is_none_or(|at| at <= since))
}

/// The rows whose return path the smarthost refuses while it takes others: a refusal that was all mail's costs no attempt.
///
/// # Errors
/// When the database refuses.
pub async fn refused_at_mail(db: &mut Db) -> Result<Option<Refused>> {
    let row = sqlx::query(
        "select count(*) as n, min(first_attempt_at) as since, min(cause) as cause
         from outbox where state = 'waiting' and attempts > 0 and cause like 'MAIL: %'",
    )
    .fetch_one(db)
    .await?;
    let Some(since) = row.maybe_time("since")? else { return Ok(None) };
    let cause = row.maybe_text("cause")?.unwrap_or_default();
    Ok(Some(Refused { rows: row.int("n")?, cause, since }))
}
