//! What is kept for how long: what is due to go, and how much there is of each kind. What waits for a person never is.

use std::collections::BTreeSet;

use super::db::{Db, Result};
use super::forget::{clear_edition, clear_raw};
use super::locks::for_change;
use super::rows::{Columns, json};
use crate::clock::Timestamp;

/// What stands in the place of a post's words when their time was over.
pub const EXPIRED: &str = "(no longer kept)";

/// Remove the octets of so many messages that came to their end before an instant, and of whose posts no one waits for a
/// person and none was decided since. Where an alert is open in the group, or people have not heard of it, all stays.
///
/// # Errors
/// When the database refuses.
pub async fn expire_raw(db: &mut Db, before: Timestamp, most: i64, now: Timestamp) -> Result<u64> {
    let sql = format!(
        "select s.id from spool s where s.state = 'done' and s.raw_gone_at is null and s.settled_at <= $1
             and not exists (select 1 from posts p where (p.spool_id = s.id or p.split_from = s.id)
                 and (p.state = 'held' or coalesce(p.published_at, 0) > $1
                     or exists (select 1 from unread u where u.post_id = p.id)
                     or exists (select 1 from decisions d where d.post_id = p.id and d.decided_at > $1)))
             and not exists (select 1 from judgements j where j.spool_id = s.id
                 and (j.disposition = 'stranger' and j.told_at is null and j.group_id is not null
                     or exists (select 1 from alerts a where a.ended_at is null
                                and a.climb_at > 0 and coalesce(a.group_id, 0) = coalesce(j.group_id, 0))))
         order by s.settled_at limit {most}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before.0).fetch_all(&mut *db).await?;
    let ids = rows.iter().map(|row| row.int("id")).collect::<Result<BTreeSet<_>>>()?;
    clear_raw(db, &ids, now).await?;
    Ok(u64::try_from(ids.len()).unwrap_or_default())
}

/// Remove the octets of so many mails of ours of which no copy was settled since an instant and none waits, and about which
/// nobody may still answer: those of open alerts and of held posts stay.
///
/// # Errors
/// When the database refuses.
pub async fn expire_mails(db: &mut Db, before: Timestamp, most: i64, now: Timestamp) -> Result<u64> {
    let sql = format!(
        "select e.id from editions e where e.gone_at is null and e.created_at <= $1
             and not exists (select 1 from outbox o where o.edition_id = e.id
                 and (o.state in ('waiting', 'sending') or coalesce(o.settled_at, o.created_at) > $1
                     or exists (select 1 from tokens t join posts p on p.id = t.post_id
                                where t.id = o.reply_token and p.state = 'held')))
             and e.id not in (select s.edition_id from alerts a join alert_steps s on s.alert_id = a.id
                 where a.ended_at is null and a.climb_at > 0 and s.edition_id is not null)
             and not exists (select 1 from alerts a where a.ended_at is null and a.climb_at > 0
                             and coalesce(a.group_id, 0) = coalesce(e.group_id, 0))
         order by e.created_at limit {most}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before.0).fetch_all(&mut *db).await?;
    let ids = rows.iter().map(|row| row.int("id")).collect::<Result<BTreeSet<_>>>()?;
    clear_edition(db, &ids, now).await?;
    Ok(u64::try_from(ids.len()).unwrap_or_default())
}

/// Remove the words of so many posts that came before an instant, are decided and were read. Name and subject stay, so that
/// their conversation can be followed.
///
/// # Errors
/// When the database refuses.
pub async fn expire_bodies(db: &mut Db, before: Timestamp, most: i64, now: Timestamp) -> Result<u64> {
    let sql = format!(
        "select p.id from posts p where p.gone_at is null and p.state <> 'held' and p.created_at <= $1
             and coalesce(p.published_at, 0) <= $1
             and not exists (select 1 from unread u where u.post_id = p.id)
             and not exists (select 1 from decisions d where d.post_id = p.id and d.decided_at > $1)
             and not exists (select 1 from alerts a where a.ended_at is null
                             and (a.post_id = p.id or a.climb_at > 0 and a.group_id = p.group_id))
         order by p.created_at limit {most}{lock}",
        lock = for_change(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before.0).fetch_all(&mut *db).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let ids = json(&rows.iter().map(|row| row.int("id")).collect::<Result<Vec<_>>>()?);
    let among = super::db::among(db);
    for sql in [
        format!("update decisions set note = null where post_id {among}"),
        format!("delete from drafts where token_id in (select id from tokens where post_id {among})"),
        format!("delete from pictures where post_id {among}"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&ids).execute(&mut *db).await?;
    }
    let sql = format!(
        "update posts set body = $2, original_body = null, original_subject = null, signature = null, attachments = '[]', reasons = '[]', gone_at = $3
         where id {among}"
    );
    let done = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&ids).bind(EXPIRED).bind(now.0).execute(db).await?;
    Ok(done.rows_affected())
}

/// Remove the words of messages about which alerts were raised that ended before an instant: where it was no post, they stand
/// with the alert.
///
/// # Errors
/// When the database refuses.
pub async fn expire_alerts(db: &mut Db, before: Timestamp) -> Result<u64> {
    let sql = "update alerts set shown = '[]' where ended_at <= $1 and shown <> '[]'";
    Ok(sqlx::query(sql).bind(before.0).execute(db).await?.rows_affected())
}

/// Remove so many of the first lines of the record, none of which is younger than an instant. The head remembers where the
/// record begins now, so that it can still be walked from there. Gives the last line that went, if any did.
///
/// # Errors
/// When the database refuses.
pub async fn expire_record(db: &mut Db, before: Timestamp, most: i64) -> Result<Option<i64>> {
    // The head is the last lock of a transaction, and here the only one.
    let sql = format!("select floor_id, floor_count from audit_head where id = 1{}", for_change(db));
    let Some(head) = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_optional(&mut *db).await? else { return Ok(None) };
    let (floor, count) = (head.int("floor_id")?, head.int("floor_count")?);
    // Most of the time nothing is due, and the first line says so.
    let first = sqlx::query("select at from audit where id > $1 order by id limit 1").bind(floor);
    match first.fetch_optional(&mut *db).await? {
        Some(row) if row.time("at")? <= before => {}
        _ => return Ok(None),
    }
    let sql = format!("select id, at, hash from audit where id > $1 order by id limit {most}");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(floor).fetch_all(&mut *db).await?;
    let mut last = None;
    for row in &rows {
        if row.time("at")? > before {
            break;
        }
        last = Some((row.int("id")?, row.maybe_text("hash")?, last.map_or(1, |(_, _, n): (i64, _, i64)| n + 1)));
    }
    let Some((id, Some(hash), n)) = last else { return Ok(None) };
    sqlx::query("update audit_head set floor_id = $1, floor_count = $2, floor_hash = $3 where id = 1")
        .bind(id)
        .bind(count + n)
        .bind(hash)
        .execute(&mut *db)
        .await?;
    sqlx::query("delete from audit where id <= $1").bind(id).execute(db).await?;
    Ok(Some(id))
}

/// How much there is of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// How many.
    pub count: i64,
    /// When the oldest came to its end, or came.
    pub oldest: Option<Timestamp>,
    /// How many wait for a person or for the mail system, and so never go by time.
    pub waiting: i64,
}

/// Messages as they came, mails of ours, posts with their words, lines of the record: how much there is of each.
///
/// # Errors
/// When the database refuses.
pub async fn kept(db: &mut Db) -> Result<[Kept; 4]> {
    let sqls = [
        "select count(*) as n, min(settled_at) as oldest,
             (select count(*) from spool where state <> 'done') as waiting
         from spool where state = 'done' and raw_gone_at is null",
        "select count(*) as n, min(created_at) as oldest,
             (select count(distinct edition_id) from outbox where state in ('waiting', 'sending')) as waiting
         from editions where gone_at is null",
        "select count(*) as n, min(created_at) as oldest,
             (select count(*) from posts where state = 'held') as waiting
         from posts where gone_at is null and state <> 'held'",
        "select count(*) as n, min(at) as oldest, cast(0 as bigint) as waiting from audit",
    ];
    let mut all = [Kept { count: 0, oldest: None, waiting: 0 }; 4];
    for (kept, sql) in all.iter_mut().zip(sqls) {
        let row = sqlx::query(sql).fetch_one(&mut *db).await?;
        *kept = Kept { count: row.int("n")?, oldest: row.maybe_time("oldest")?, waiting: row.int("waiting")? };
    }
    Ok(all)
}
