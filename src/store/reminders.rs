//! Reminders of held posts, and of what the administrators were told because nobody read it.

use sqlx::any::AnyRow;

use super::db::{Db, Result};
use super::rows::Columns;
use crate::clock::Timestamp;
use crate::model::ids::{GroupId, PostId};

/// A held post whose reminder is due.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    /// The post.
    pub id: PostId,
    /// How often people were reminded of it.
    pub reminded: i64,
    /// Since when it is due.
    pub at: Timestamp,
}

/// The held posts that nobody has decided and whose reminder is due.
///
/// # Errors
/// When the database refuses.
pub async fn to_remind_of(db: &mut Db, now: Timestamp) -> Result<Vec<Due>> {
    let rows = sqlx::query(
        "select p.id, p.reminded, p.remind_at from posts p where p.state = 'held' and p.remind_at <= $1
             and not exists (select 1 from decisions d where d.post_id = p.id and d.verb in ('approve', 'return')
                             and d.undone_at is null)
         order by p.id",
    )
    .bind(now.0)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| Ok(Due { id: PostId(row.int("id")?), reminded: row.int("reminded")?, at: row.time("remind_at")? }))
        .collect()
}

/// Move the reminder of a post on, if it is still due as it was; `false` when somebody else did.
///
/// # Errors
/// When the database refuses.
pub async fn set_reminded(db: &mut Db, due: Due, reminded: i64, remind_at: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "update posts set reminded = $3, remind_at = $4 where id = $1 and remind_at = $2 and state = 'held'",
    )
    .bind(due.id.0)
    .bind(due.at.0)
    .bind(reminded)
    .bind(remind_at.0)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Once people were reminded of a post, leave whoever claimed it now until then.
///
/// # Errors
/// When the database refuses.
pub async fn put_off_reminder(db: &mut Db, id: PostId, until: Timestamp) -> Result<()> {
    sqlx::query("update posts set remind_at = $2 where id = $1 and reminded > 0 and remind_at < $2")
        .bind(id.0)
        .bind(until.0)
        .execute(db)
        .await?;
    Ok(())
}

/// What of a group is later than was promised.
#[derive(Debug, Clone, Copy)]
pub struct Late {
    /// The group.
    pub group: GroupId,
    /// How many posts.
    pub count: i64,
    /// By when the oldest should have been read.
    pub since: Timestamp,
}

pub(super) fn late(row: &AnyRow) -> Result<Late> {
    Ok(Late { group: GroupId(row.int("group_id")?), count: row.int("n")?, since: row.time("since")? })
}

/// What waits for a decision and nobody has read in time.
///
/// # Errors
/// When the database refuses.
pub async fn late_held(db: &mut Db, now: Timestamp) -> Result<Vec<Late>> {
    let rows = sqlx::query(
        "select p.group_id, count(*) as n, min(p.read_by) as since from posts p
         where p.state = 'held' and p.read_by <= $1
             and not exists (select 1 from decisions d where d.post_id = p.id and d.undone_at is null
                             and d.verb in ('approve', 'return', 'edit', 'trust'))
         group by p.group_id order by p.group_id",
    )
    .bind(now.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(late).collect()
}

/// Whether something has waited for so long that the administrators hear of it, and they were not told since `before`.
///
/// # Errors
/// When the database refuses.
pub async fn goes_further(db: &mut Db, before: Timestamp) -> Result<bool> {
    let row = sqlx::query(
        "select id from instance where late_told_at <= $1
             and (exists (select 1 from posts where state = 'held' and reminded >= 2)
                  or exists (select 1 from unread where reminded >= 2))",
    )
    .bind(before.0)
    .fetch_optional(db)
    .await?;
    Ok(row.is_some())
}

/// Remember that the administrators are told of what is late; `false` when they were since `before`.
///
/// # Errors
/// When the database refuses.
pub async fn set_late_told(db: &mut Db, before: Timestamp, now: Timestamp) -> Result<bool> {
    let done = sqlx::query("update instance set late_told_at = $2 where id = 1 and late_told_at <= $1")
        .bind(before.0)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}
