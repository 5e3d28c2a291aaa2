//! What is known of the clocks of the machines that serve, and whether they are believed.

use super::db::{Db, Result};
use super::locks::for_change;
use super::rows::Columns;
use crate::clock::Timestamp;
use crate::model::doubt::Doubt;

/// Clocks are not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubted {
    /// Since then, by the clock as it was then.
    pub at: Timestamp,
    /// Why.
    pub why: Doubt,
    /// The administrators know.
    pub is_told: bool,
}

const DOUBTED: &str = "select doubted_at, doubted_far, doubt_told_at from instance where id = 1";

async fn read(db: &mut Db, lock: &str) -> Result<Option<Doubted>> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!("{DOUBTED}{lock}"))).fetch_one(db).await?;
    let Some(at) = row.maybe_time("doubted_at")? else { return Ok(None) };
    let why = row.maybe_int("doubted_far")?.map_or(Doubt::Behind, Doubt::Jumped);
    Ok(Some(Doubted { at, why, is_told: row.maybe_int("doubt_told_at")?.is_some() }))
}

/// Whether clocks are doubted.
///
/// # Errors
/// When the database refuses.
pub async fn doubted(db: &mut Db) -> Result<Option<Doubted>> {
    read(db, "").await
}

/// The same, until the transaction ends nobody else's to change.
///
/// # Errors
/// When the database refuses.
pub async fn lock(db: &mut Db) -> Result<Option<Doubted>> {
    let lock = for_change(db);
    read(db, lock).await
}

/// Doubt or believe from now on. The administrators are told once of each doubt.
///
/// # Errors
/// When the database refuses.
pub async fn set_doubt(db: &mut Db, doubt: Option<Doubt>, now: Timestamp) -> Result<()> {
    let far = doubt.and_then(|doubt| if let Doubt::Jumped(seconds) = doubt { Some(seconds) } else { None });
    sqlx::query(
        "update instance set doubted_at = case when $1 = 0 then null else coalesce(doubted_at, $2) end, doubted_far = $3,
             doubt_told_at = case when $1 = 0 then null else doubt_told_at end where id = 1",
    )
    .bind(i64::from(doubt.is_some()))
    .bind(now.0)
    .bind(far)
    .execute(db)
    .await?;
    Ok(())
}

/// Remember that the administrators are told; `false` when they were, or there is nothing to tell any more.
///
/// # Errors
/// When the database refuses.
pub async fn set_told(db: &mut Db, now: Timestamp) -> Result<bool> {
    let sql =
        "update instance set doubt_told_at = $1 where id = 1 and doubted_at is not null and doubt_told_at is null";
    Ok(sqlx::query(sql).bind(now.0).execute(db).await?.rows_affected() == 1)
}

/// The latest time at which a clock was believed.
///
/// # Errors
/// When the database refuses.
pub async fn seen(db: &mut Db) -> Result<Timestamp> {
    let row = sqlx::query("select coalesce(max(seen_at), 0) as seen_at from clocks").fetch_one(db).await?;
    row.time("seen_at")
}

/// By how much a machine's clock differed from the time since its start when it was looked at last, in microseconds.
///
/// # Errors
/// When the database refuses.
pub async fn ahead(db: &mut Db, machine: &str) -> Result<Option<i64>> {
    let row = sqlx::query("select ahead from clocks where machine = $1").bind(machine).fetch_optional(db).await?;
    row.map(|row| row.int("ahead")).transpose()
}

/// Remember how a machine's clock stands, and what it shows where that is believed. Machines that were not seen for two
/// months are forgotten: each start of one counts as another.
///
/// # Errors
/// When the database refuses.
pub async fn set(db: &mut Db, machine: &str, ahead: i64, believed: Option<Timestamp>) -> Result<()> {
    sqlx::query(
        "insert into clocks (machine, ahead, seen_at) values ($1, $2, $3)
         on conflict (machine) do update set ahead = excluded.ahead,
             seen_at = case when excluded.seen_at > clocks.seen_at then excluded.seen_at else clocks.seen_at end",
    )
    .bind(machine)
    .bind(ahead)
    .bind(believed.map_or(0, |shown| shown.0))
    .execute(&mut *db)
    .await?;
    if let Some(shown) = believed {
        let old = shown.plus_seconds(-60 * 86_400);
        sqlx::query("delete from clocks where seen_at < $1 and machine <> $2")
            .bind(old.0)
            .bind(machine)
            .execute(db)
            .await?;
    }
    Ok(())
}

/// A person says that it is `now`: nothing later was seen.
///
/// # Errors
/// When the database refuses.
pub async fn set_seen(db: &mut Db, now: Timestamp) -> Result<()> {
    sqlx::query("update clocks set seen_at = $1 where seen_at > $1").bind(now.0).execute(db).await?;
    Ok(())
}

/// After a clock went back: whatever is waited for minutes at most is not waited for until it comes forward again. What is
/// due within its usual time stays as it is.
///
/// # Errors
/// When the database refuses.
pub async fn pull_near(db: &mut Db, alert_seconds: i64, undo_seconds: i64, now: Timestamp) -> Result<()> {
    // The usual time at most, and the new one; seconds.
    let near = [
        ("update alerts set climb_at = $1 where ended_at is null and climb_at > $2", alert_seconds, alert_seconds),
        ("update alert_texts set due_at = $1 where said is null and due_at > $2", alert_seconds, 0),
        (
            "update decisions set release_at = $1
             where carried_out_at is null and undone_at is null and release_at > $2",
            undo_seconds,
            undo_seconds,
        ),
        ("update spool set retry_at = $1 where state = 'new' and retry_at > $2", 60, 0),
        // What is told together.
        (
            "update alarms set came_at = $1
             where kind in ('member', 'stranger', 'set-aside', 'postmaster') and came_at > $2",
            0,
            0,
        ),
        // Copies are tried again hourly, give or take a tenth.
        ("update outbox set due_at = $1 where state = 'waiting' and due_at > $2", 4_000, 0),
    ];
    for (sql, usual, then) in near {
        let (then, usual) = (now.plus_seconds(then), now.plus_seconds(usual));
        sqlx::query(sql).bind(then.0).bind(usual.0).execute(&mut *db).await?;
    }
    Ok(())
}
