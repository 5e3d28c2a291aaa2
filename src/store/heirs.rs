//! Alarms whose moderators have gone before they were sent.

use super::db::{Db, Result, is_postgres};
use super::rows::Columns;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::ids::{EditionId, GroupId, MemberId, PostId};

/// Lock an alarm, so that only one server passes it on; gives its group.
///
/// # Errors
/// When the database refuses or there is no such edition.
pub async fn lock(db: &mut Db, alarm: EditionId) -> Result<Option<GroupId>> {
    let lock = if is_postgres(db) { " for update" } else { "" };
    let sql = format!("select group_id from editions where id = $1{lock}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(alarm.0).fetch_one(db).await?;
    Ok(row.maybe_int("group_id")?.map(GroupId))
}

/// Drop the copies that wait for moderators who have gone; gives how many.
///
/// # Errors
/// When the database refuses.
pub async fn drop_copies_of_the_gone(db: &mut Db, alarm: EditionId, now: Timestamp) -> Result<u64> {
    let done = sqlx::query(
        "update outbox set state = 'dropped', settled_at = $2, lease_until = null, cause = 'no longer takes part'
         where edition_id = $1 and state = 'waiting' and exists (
             select 1 from members m where m.id = outbox.member_id and m.role = 'moderator' and m.state <> 'active')",
    )
    .bind(alarm.0)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Whether anybody has it, as far as is known, or will have it.
///
/// # Errors
/// When the database refuses.
pub async fn has_reader(db: &mut Db, alarm: EditionId) -> Result<bool> {
    let row = sqlx::query(
        "select count(*) as n from outbox where edition_id = $1
             and (state in ('waiting', 'sending') or (state = 'sent' and bounced_at is null))",
    )
    .bind(alarm.0)
    .fetch_one(db)
    .await?;
    Ok(row.int("n")? > 0)
}

/// The post that an alarm asks to decide about.
///
/// # Errors
/// When the database refuses.
pub async fn post_of(db: &mut Db, alarm: EditionId) -> Result<Option<PostId>> {
    let row = sqlx::query(
        "select min(t.post_id) as post_id from outbox o join tokens t on t.id = o.reply_token where o.edition_id = $1",
    )
    .bind(alarm.0)
    .fetch_one(db)
    .await?;
    Ok(row.maybe_int("post_id")?.map(PostId))
}

/// Give an alarm to somebody. Whose copy was dropped, because she had gone, and who is back has it again; whose copy was
/// refused has been told of (promise I3: an edition has each recipient once).
///
/// # Errors
/// When the database refuses.
pub async fn give(
    db: &mut Db,
    alarm: EditionId,
    member: Option<MemberId>,
    recipient: &Address,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "insert into outbox (edition_id, member_id, recipient, return_path, lane, state, due_at, created_at)
         values ($1, $2, $3, 'verp', 0, 'waiting', $4, $4)
         on conflict (edition_id, recipient) do update set member_id = excluded.member_id, state = 'waiting',
             due_at = excluded.due_at, settled_at = null, cause = null, attempts = 0, first_attempt_at = null,
             doubted_at = null, told_at = null, bounced_at = null
         where outbox.state = 'dropped'",
    )
    .bind(alarm.0)
    .bind(member.map(|id| id.0))
    .bind(recipient.as_str())
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(())
}
