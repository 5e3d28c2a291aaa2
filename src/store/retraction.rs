//! Taking a post out of what has not left yet: waiting copies, and digests that wait for their readers.

use super::db::{Db, Result};
use super::locks::for_change;
use super::rows::Columns;
use crate::clock::Timestamp;
use crate::model::ids::{EditionId, PostId};

/// Stop the copies of a post that have not been sent; gives (stopped, sent).
///
/// # Errors
/// When the database refuses.
pub async fn stop_copies(db: &mut Db, post: PostId, now: Timestamp) -> Result<(i64, i64)> {
    let sql = format!(
        "update outbox set state = 'dropped', settled_at = $2, cause = 'the post was taken back'
         where state = 'waiting' and id in (
             select id from outbox where state = 'waiting' and edition_id in (
                 select e.id from editions e join edition_posts p on p.edition_id = e.id
                 where p.post_id = $1 and e.kind = 'post')
             order by id{})",
        for_change(db)
    );
    let stopped = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(post.0).bind(now.0).execute(&mut *db).await?;
    let row = sqlx::query(
        "select count(*) as n from outbox o join edition_posts p on p.edition_id = o.edition_id
         join editions e on e.id = o.edition_id
         where p.post_id = $1 and e.kind in ('post', 'digest') and o.state in ('sent', 'sending')",
    )
    .bind(post.0)
    .fetch_one(db)
    .await?;
    Ok((i64::try_from(stopped.rows_affected()).unwrap_or(i64::MAX), row.int("n")?))
}

/// The digest editions that hold or name a post, or hold another one of its conversation, and still wait for somebody.
///
/// # Errors
/// When the database refuses.
pub async fn waiting_digests_about(db: &mut Db, post: PostId, now: Timestamp) -> Result<Vec<EditionId>> {
    let rows = sqlx::query(
        "select e.id as id from editions e join edition_posts p on p.edition_id = e.id
         join outbox o on o.edition_id = e.id
         where p.post_id in (select o.id from posts o where o.thread_id = (select thread_id from posts where id = $1))
             and e.kind = 'digest'
             and (o.state = 'waiting' or (o.state = 'sending' and o.lease_until <= $2))
         union select o.edition_id as id from edition_named n join outbox o on o.edition_id = n.edition_id
             join editions e on e.id = n.edition_id
         where n.post_id = $1 and e.kind = 'digest'
             and (o.state = 'waiting' or (o.state = 'sending' and o.lease_until <= $2)) order by id",
    )
    .bind(post.0)
    .bind(now.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok(EditionId(row.int("id")?))).collect()
}

/// Give everybody who waits for one edition (a lapsed claim is waiting, too) another one instead; with `None`, nothing. Gives how many.
///
/// # Errors
/// When the database refuses.
pub async fn replace_waiting(db: &mut Db, old: EditionId, new: Option<EditionId>, now: Timestamp) -> Result<i64> {
    let done = match new {
        Some(new) => {
            sqlx::query(
                "update issues set edition_id = $2 where edition_id = $1
                             and member_id in (select member_id from outbox where edition_id = $1
                                 and (state = 'waiting' or (state = 'sending' and lease_until <= $3)))",
            )
            .bind(old.0)
            .bind(new.0)
            .bind(now.0)
            .execute(&mut *db)
            .await?;
            sqlx::query(
                "update issue_parts set edition_id = $2 where edition_id = $1
                     and issue_id in (select id from issues where member_id in (
                         select member_id from outbox where edition_id = $1
                             and (state = 'waiting' or (state = 'sending' and lease_until <= $3))))",
            )
            .bind(old.0)
            .bind(new.0)
            .bind(now.0)
            .execute(&mut *db)
            .await?;
            let sql = format!(
                "update outbox set edition_id = $2 where id in (
                     select id from outbox where edition_id = $1
                         and (state = 'waiting' or (state = 'sending' and lease_until <= $3))
                     order by id{})",
                for_change(db)
            );
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(old.0).bind(new.0).bind(now.0).execute(db).await?
        }
        None => {
            let sql = format!(
                "update outbox set state = 'dropped', settled_at = $2, lease_until = null, cause = 'the post was taken back'
                 where id in (
                     select id from outbox where edition_id = $1
                         and (state = 'waiting' or (state = 'sending' and lease_until <= $2))
                     order by id{})",
                for_change(db)
            );
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(old.0).bind(now.0).execute(db).await?
        }
    };
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}
