//! Conversations that somebody wants to hear no more of.

use std::collections::BTreeSet;

use super::db::{Db, Result};
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::model::ids::{MemberId, ThreadId};

/// Hear no more of a conversation; twice is once.
///
/// # Errors
/// When the database refuses.
pub async fn insert(db: &mut Db, member: MemberId, thread: ThreadId, now: Timestamp) -> Result<()> {
    sqlx::query("insert into mutes (member_id, thread_id, muted_at) values ($1, $2, $3) on conflict do nothing")
        .bind(member.0)
        .bind(thread.0)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Hear of it again; `false` when it was not muted.
///
/// # Errors
/// When the database refuses.
pub async fn remove(db: &mut Db, member: MemberId, thread: ThreadId) -> Result<bool> {
    let done = sqlx::query("delete from mutes where member_id = $1 and thread_id = $2")
        .bind(member.0)
        .bind(thread.0)
        .execute(db)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// What these people have muted.
///
/// # Errors
/// When the database refuses.
pub async fn of(db: &mut Db, members: &[MemberId]) -> Result<BTreeSet<(MemberId, ThreadId)>> {
    let sql = format!("select member_id, thread_id from mutes where member_id {among}", among = super::db::among(db));
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(members)).fetch_all(db).await?;
    rows.iter().map(|row| Ok((MemberId(row.int("member_id")?), ThreadId(row.int("thread_id")?)))).collect()
}
