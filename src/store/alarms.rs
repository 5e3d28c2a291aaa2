//! What people are told of mail that no rule passes on: what was told within the last hour, and what waits to be told
//! together.

use super::db::{Db, Result};
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::model::ids::{GroupId, SpoolId};

/// Whom it is about and whom it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ear {
    /// `member`, `stranger`, `set-aside` or `postmaster`.
    pub kind: String,
    /// Whose moderators hear it; the administrators without a group.
    pub group: Option<GroupId>,
}

/// Whether a message was told to these people, or waits to be.
///
/// # Errors
/// When the database refuses.
pub async fn has(db: &mut Db, ear: &Ear, spool: SpoolId) -> Result<bool> {
    let row = sqlx::query(
        "select count(*) as n from alarms where spool_id = $1 and kind = $2 and coalesce(group_id, 0) = $3",
    )
    .bind(spool.0)
    .bind(&ear.kind)
    .bind(ear.group.map_or(0, |group| group.0))
    .fetch_one(db)
    .await?;
    Ok(row.int("n")? > 0)
}

/// How many came for these people since a time.
///
/// # Errors
/// When the database refuses.
pub async fn count_since(db: &mut Db, ear: &Ear, since: Timestamp) -> Result<i64> {
    sqlx::query("select count(*) as n from alarms where kind = $1 and coalesce(group_id, 0) = $2 and came_at > $3")
        .bind(&ear.kind)
        .bind(ear.group.map_or(0, |group| group.0))
        .bind(since.0)
        .fetch_one(db)
        .await?
        .int("n")
}

/// Write one down: with `shown` when it waits to be told, without when it is told now.
///
/// # Errors
/// When the database refuses.
pub async fn insert(db: &mut Db, ear: &Ear, spool: SpoolId, shown: Option<&str>, now: Timestamp) -> Result<()> {
    sqlx::query("insert into alarms (kind, group_id, spool_id, shown, came_at) values ($1, $2, $3, $4, $5)")
        .bind(&ear.kind)
        .bind(ear.group.map(|group| group.0))
        .bind(spool.0)
        .bind(shown)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// For whom something waits that came at `before` or earlier.
///
/// # Errors
/// When the database refuses.
pub async fn untold_since(db: &mut Db, before: Timestamp) -> Result<Vec<Ear>> {
    sqlx::query(
        "select distinct kind, group_id from alarms where shown is not null and came_at <= $1 order by kind, group_id",
    )
    .bind(before.0)
    .fetch_all(db)
    .await?
    .iter()
    .map(|row| Ok(Ear { kind: row.text("kind")?, group: row.maybe_int("group_id")?.map(GroupId) }))
    .collect()
}

/// What waits for these people and came at `now` or earlier, oldest first, at most so many. It is told with this
/// transaction.
///
/// # Errors
/// When the database refuses.
pub async fn take_untold(db: &mut Db, ear: &Ear, most: i64, now: Timestamp) -> Result<Vec<String>> {
    let lock = if super::db::is_postgres(db) { " for update" } else { "" };
    let sql = format!(
        "select id, shown from alarms
         where shown is not null and came_at <= $3 and kind = $1 and coalesce(group_id, 0) = $2
         order by id limit $4{lock}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(&ear.kind)
        .bind(ear.group.map_or(0, |group| group.0))
        .bind(now.0)
        .bind(most)
        .fetch_all(&mut *db)
        .await?;
    let ids = rows.iter().map(|row| row.int("id")).collect::<Result<Vec<_>>>()?;
    let sql = format!("update alarms set shown = null where id {among}", among = super::db::among(db));
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(&ids)).execute(db).await?;
    rows.iter().map(|row| row.text("shown")).collect()
}
