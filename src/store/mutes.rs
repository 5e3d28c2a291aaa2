//! Conversations that somebody wants to hear no more of.

use std::collections::BTreeSet;

use super::db::{Db, Result};
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::model::ids::{MemberId, ThreadId};
use crate::model::member::Member;

/// Hear no more of a conversation; `false` when it was muted already.
///
/// # Errors
/// When the database refuses.
pub async fn insert(db: &mut Db, member: MemberId, thread: ThreadId, now: Timestamp) -> Result<bool> {
    let done =
        sqlx::query("insert into mutes (member_id, thread_id, muted_at) values ($1, $2, $3) on conflict do nothing")
            .bind(member.0)
            .bind(thread.0)
            .bind(now.0)
            .execute(db)
            .await?;
    Ok(done.rows_affected() > 0)
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

/// A muted conversation.
#[derive(Debug, Clone)]
pub struct Muted {
    /// The row.
    pub thread: ThreadId,
    /// The subject of its first post.
    pub subject: String,
    /// Since when.
    pub since: Timestamp,
}

/// What somebody has muted, the latest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &mut Db, member: MemberId) -> Result<Vec<Muted>> {
    latest(db, member, i64::MAX).await
}

/// The same, so many at most.
///
/// # Errors
/// When the database refuses.
pub async fn latest(db: &mut Db, member: MemberId, most: i64) -> Result<Vec<Muted>> {
    let rows = sqlx::query(
        "select m.thread_id, m.muted_at, t.subject from mutes m join threads t on t.id = m.thread_id
         where m.member_id = $1 order by m.muted_at desc, m.thread_id desc limit $2",
    )
    .bind(member.0)
    .bind(most)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Muted {
                thread: ThreadId(row.int("thread_id")?),
                subject: row.text("subject")?,
                since: row.time("muted_at")?,
            })
        })
        .collect()
}

/// How many conversations somebody has muted.
///
/// # Errors
/// When the database refuses.
pub async fn count(db: &mut Db, member: MemberId) -> Result<i64> {
    let row =
        sqlx::query("select count(*) as count from mutes where member_id = $1").bind(member.0).fetch_one(db).await?;
    row.int("count")
}

/// Whoever has muted a conversation that goes on in another one has muted that one.
///
/// # Errors
/// When the database refuses.
pub async fn carry(db: &mut Db, from: ThreadId, to: ThreadId) -> Result<()> {
    sqlx::query(
        "insert into mutes (member_id, thread_id, muted_at)
         select member_id, $2, muted_at from mutes where thread_id = $1 on conflict do nothing",
    )
    .bind(from.0)
    .bind(to.0)
    .execute(&mut *db)
    .await?;
    sqlx::query("delete from mutes where thread_id = $1").bind(from.0).execute(db).await?;
    Ok(())
}

/// How many posts of others, in how many conversations that she has not muted, her group got since the last that she knows of.
///
/// # Errors
/// When the database refuses.
pub async fn missed(db: &mut Db, member: &Member) -> Result<(i64, i64)> {
    let row = sqlx::query(
        "select count(*) as posts, count(distinct thread_id) as threads from posts
         where group_id = $1 and state = 'published' and release_seq > $2 and member_id <> $3
             and thread_id not in (select thread_id from mutes where member_id = $3)",
    )
    .bind(member.group.0)
    .bind(member.cursor)
    .bind(member.id.0)
    .fetch_one(db)
    .await?;
    Ok((row.int("posts")?, row.int("threads")?))
}
