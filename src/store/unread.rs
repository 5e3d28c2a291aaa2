//! Posts that a group has and no moderator has read, and which number on a reading list means which of them.

use std::collections::{BTreeSet, HashMap};

use sqlx::any::AnyRow;

use super::db::{Db, Result};
use super::reminders::{Late, late};
use super::rows::Columns;
use crate::clock::Timestamp;
use crate::model::ids::{GroupId, PostId, TokenId};

/// One of them.
#[derive(Debug, Clone, Copy)]
pub struct Unread {
    /// The post.
    pub post: PostId,
    /// It is read by then.
    pub read_by: Timestamp,
    /// When it last stood on a list.
    pub listed_at: Option<Timestamp>,
    /// How often people were reminded of it when its time was over.
    pub reminded: i64,
    /// When a list has to be made because of it.
    pub due_at: Timestamp,
}

fn unread(row: &AnyRow) -> Result<Unread> {
    Ok(Unread {
        post: PostId(row.int("post_id")?),
        read_by: row.time("read_by")?,
        listed_at: row.maybe_time("listed_at")?,
        reminded: row.int("reminded")?,
        due_at: row.time("due_at")?,
    })
}

/// The group has a post that is to be read.
///
/// # Errors
/// When the database refuses.
pub async fn insert(db: &mut Db, group: GroupId, post: PostId, read_by: Timestamp, due_at: Timestamp) -> Result<()> {
    sqlx::query("insert into unread (post_id, group_id, read_by, due_at) values ($1, $2, $3, $4)")
        .bind(post.0)
        .bind(group.0)
        .bind(read_by.0)
        .bind(due_at.0)
        .execute(db)
        .await?;
    Ok(())
}

/// The groups for which a list is due.
///
/// # Errors
/// When the database refuses.
pub async fn due(db: &mut Db, now: Timestamp) -> Result<BTreeSet<GroupId>> {
    // Asked for each group once, SQLite would walk through all that is unread, group by group.
    let rows = sqlx::query("select group_id from unread where due_at <= $1").bind(now.0).fetch_all(db).await?;
    rows.iter().map(|row| Ok(GroupId(row.int("group_id")?))).collect()
}

/// All of a group, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn of_group(db: &mut Db, group: GroupId) -> Result<Vec<Unread>> {
    let rows =
        sqlx::query("select * from unread where group_id = $1 order by post_id").bind(group.0).fetch_all(db).await?;
    rows.iter().map(unread).collect()
}

/// What was due is due later.
///
/// # Errors
/// When the database refuses.
pub async fn put_off(db: &mut Db, group: GroupId, now: Timestamp, due_at: Timestamp) -> Result<()> {
    sqlx::query("update unread set due_at = $3 where group_id = $1 and due_at <= $2")
        .bind(group.0)
        .bind(now.0)
        .bind(due_at.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Write back when it was listed, how often people were reminded of it, and when the next list is due.
///
/// # Errors
/// When the database refuses.
pub async fn update(db: &mut Db, unread: &Unread) -> Result<()> {
    sqlx::query("update unread set listed_at = $2, reminded = $3, due_at = $4 where post_id = $1")
        .bind(unread.post.0)
        .bind(unread.listed_at.map(|at| at.0))
        .bind(unread.reminded)
        .bind(unread.due_at.0)
        .execute(db)
        .await?;
    Ok(())
}

/// It was read, or taken back; `false` when it was before.
///
/// # Errors
/// When the database refuses.
pub async fn remove(db: &mut Db, post: PostId) -> Result<bool> {
    let done = sqlx::query("delete from unread where post_id = $1").bind(post.0).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

/// Every post that is unread, and by when it is read; for listings.
///
/// # Errors
/// When the database refuses.
pub async fn all(db: &mut Db) -> Result<HashMap<PostId, Timestamp>> {
    let rows = sqlx::query("select post_id, read_by from unread").fetch_all(db).await?;
    rows.iter().map(|row| Ok((PostId(row.int("post_id")?), row.time("read_by")?))).collect()
}

/// The posts of a list by their numbers, 1, 2, 3 …, for the token of one of its readers.
///
/// # Errors
/// When the database refuses.
pub async fn number(db: &mut Db, token: TokenId, posts: &[PostId]) -> Result<()> {
    for (post, number) in posts.iter().zip(1_i64..) {
        sqlx::query("insert into listed (token_id, number, post_id) values ($1, $2, $3)")
            .bind(token.0)
            .bind(number)
            .bind(post.0)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// The posts of the list that a token was sent with, in the order of their numbers.
///
/// # Errors
/// When the database refuses.
pub async fn numbered(db: &mut Db, token: TokenId) -> Result<Vec<PostId>> {
    let rows = sqlx::query("select post_id from listed where token_id = $1 order by number")
        .bind(token.0)
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| Ok(PostId(row.int("post_id")?))).collect()
}

/// What the groups have and nobody has read in time.
///
/// # Errors
/// When the database refuses.
pub async fn late_posts(db: &mut Db, now: Timestamp) -> Result<Vec<Late>> {
    let rows = sqlx::query(
        "select group_id, count(*) as n, min(read_by) as since from unread where read_by <= $1
         group by group_id order by group_id",
    )
    .bind(now.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(late).collect()
}
