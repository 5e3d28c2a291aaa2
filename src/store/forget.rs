//! Take a person out of the database, by the list of `personal.rs`. What is decided about it stands in `engine/forget.rs`.

mod looking;
mod mails;

use std::collections::BTreeSet;

use super::addresses;
use super::db::{Db, Result, is_postgres};
use super::locks::for_change;
use super::personal::{Holds, PLACES, Place};
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::model::forgotten::{FORMER_MEMBER, NOBODY};
use crate::model::ids::{GroupId, MemberId, PostId};
pub use looking::*;
pub use mails::*;

/// A person who is to be forgotten, as her rows name her.
#[derive(Debug, Clone)]
pub struct Her {
    /// The row.
    pub member: MemberId,
    /// Her group.
    pub group: GroupId,
    /// Messages of hers.
    pub spools: BTreeSet<i64>,
}

impl Her {
    /// The address that stands in the place of hers.
    #[must_use]
    pub fn placeholder(&self) -> String {
        format!("forgotten-{}{NOBODY}", self.member)
    }

    /// Numbers alone are put in: nothing of them can be taken for SQL.
    fn fill_in(&self, sql: &str) -> String {
        let spools = self.spools.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        sql.replace("{member}", &self.member.0.to_string())
            .replace("{spools}", if spools.is_empty() { "null" } else { &spools })
            .replace("{placeholder}", &self.placeholder())
    }
}

/// Hold everything of hers until the transaction ends, in the order of `locks.rs`; her group is locked.
///
/// # Errors
/// When the database refuses.
pub async fn lock(db: &mut Db, member: MemberId) -> Result<()> {
    let lock = for_change(db);
    for table in ["posts", "talks"] {
        let sql = format!("select id from {table} where member_id = $1 order by id{lock}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(member.0).fetch_all(&mut *db).await?;
    }
    let sql = format!("select id from members where id = $1{lock}");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(member.0).fetch_all(&mut *db).await?;
    let sql = format!("select id from outbox where member_id = $1 order by id{lock}");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(member.0).fetch_all(db).await?;
    Ok(())
}

/// Set whatever is hers to blanks.
///
/// # Errors
/// When the database refuses.
pub async fn clear_hers(db: &mut Db, her: &Her) -> Result<()> {
    for place in PLACES {
        if let Holds::Hers(condition, blank, _) = place.holds {
            let sql = format!("update {} set {} = {blank} where {condition}", place.table, place.column);
            sqlx::query(sqlx::AssertSqlSafe(her.fill_in(&sql))).execute(&mut *db).await?;
        }
    }
    Ok(())
}

/// Her row: a number on the roster, and since when nothing else is known.
///
/// # Errors
/// When the database refuses.
pub async fn clear_row(db: &mut Db, her: &Her, now: Timestamp) -> Result<()> {
    addresses::remove_all(db, her.member).await?;
    for sql in [
        "delete from learnt_names where member_id = $1",
        "delete from mutes where member_id = $1",
        "delete from pictures where post_id in (select id from posts where member_id = $1)",
    ] {
        sqlx::query(sql).bind(her.member.0).execute(&mut *db).await?;
    }
    let placeholder = her.placeholder();
    sqlx::query(
        "update members set address = $2, address_key = $2, name = $3, name_key = lower($3), real_name = null,
             timezone = null, hour = null, days = null, format = 'html', folds = '[]', paused_until = null, delivery = 'none', state = 'left', trusted_at = null, known_at = null,
             next_digest_at = null, ended_at = coalesce(ended_at, $4), forgotten_at = coalesce(forgotten_at, $4)
         where id = $1",
    )
    .bind(her.member.0)
    .bind(placeholder)
    .bind(FORMER_MEMBER)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(())
}

/// The bytes of these messages; they keep their rows.
///
/// # Errors
/// When the database refuses.
pub async fn clear_raw(db: &mut Db, ids: &BTreeSet<i64>, now: Timestamp) -> Result<u64> {
    if ids.is_empty() {
        return Ok(0);
    }
    let gone = format!(
        "update spool set raw_gone_at = coalesce(raw_gone_at, $2) where id {among}",
        among = super::db::among(db)
    );
    sqlx::query(sqlx::AssertSqlSafe(gone)).bind(json(ids)).bind(now.0).execute(&mut *db).await?;
    let sql = format!(
        "update raw_messages set message = cast('' as {bytes}) where spool_id {among} and length(message) > 0",
        bytes = if is_postgres(db) { "bytea" } else { "blob" },
        among = super::db::among(db)
    );
    Ok(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).execute(db).await?.rows_affected())
}

/// The Message-IDs of her own mails; those of ours stay.
///
/// # Errors
/// When the database refuses.
pub async fn clear_ids(db: &mut Db, her: &Her) -> Result<()> {
    sqlx::query(
        "delete from message_ids where post_id in (select id from posts where member_id = $1)
             and not exists (select 1 from editions e where e.message_id = message_ids.message_id)",
    )
    .bind(her.member.0)
    .execute(db)
    .await?;
    Ok(())
}

/// What counts answers to these hashes of addresses.
///
/// # Errors
/// When the database refuses.
pub async fn clear_answers(db: &mut Db, hashes: &[String]) -> Result<()> {
    let sql = format!("delete from answers where about {among}", among = super::db::among_hashes(db));
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(hashes)).execute(db).await?;
    Ok(())
}

/// Words that moderators wanted to put in the place of hers.
///
/// # Errors
/// When the database refuses.
pub async fn clear_drafts(db: &mut Db, her: &Her) -> Result<()> {
    sqlx::query(
        "delete from drafts where token_id in (
             select id from tokens where post_id in (select id from posts where member_id = $1))",
    )
    .bind(her.member.0)
    .execute(db)
    .await?;
    Ok(())
}

/// Notes about her; her row must say that she was forgotten.
///
/// # Errors
/// When the database refuses.
pub async fn clear_notes(db: &mut Db, her: &Her) -> Result<u64> {
    let done = sqlx::query("delete from notes where member_id = $1").bind(her.member.0).execute(db).await?;
    Ok(done.rows_affected())
}

/// How many notes there are about her.
///
/// # Errors
/// When the database refuses.
pub async fn count_notes(db: &mut Db, member: MemberId) -> Result<i64> {
    sqlx::query("select count(*) as n from notes where member_id = $1").bind(member.0).fetch_one(db).await?.int("n")
}

/// Her posts have no words any more, need nobody to read them and are in nobody's next digest; her tokens do nothing.
///
/// # Errors
/// When the database refuses.
pub async fn close(db: &mut Db, her: &Her, now: Timestamp) -> Result<()> {
    for sql in [
        "update posts set gone_at = coalesce(gone_at, $2) where member_id = $1",
        "delete from unread where post_id in (select id from posts where member_id = $1) and $2 = $2",
        "update tokens set used_at = coalesce(used_at, $2) where member_id = $1",
        "update alert_texts set said = coalesce(said, 'plain'), said_at = coalesce(said_at, $2) where member_id = $1",
    ] {
        sqlx::query(sql).bind(her.member.0).bind(now.0).execute(&mut *db).await?;
    }
    Ok(())
}

/// Other words in one row of a place.
///
/// # Errors
/// When the database refuses.
pub async fn set_words(db: &mut Db, place: &Place, id: i64, words: &str) -> Result<()> {
    let sql = format!("update {} set {} = $2 where {} = $1", place.table, place.column, place.key);
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).bind(words).execute(db).await?;
    Ok(())
}

/// A decision about a post is bound to the words that it has now.
///
/// # Errors
/// When the database refuses.
pub async fn bind_tokens(db: &mut Db, post: PostId, before: &str, after: &str) -> Result<()> {
    sqlx::query("update tokens set content_hash = $3 where post_id = $1 and content_hash = $2")
        .bind(post.0)
        .bind(before)
        .bind(after)
        .execute(db)
        .await?;
    Ok(())
}

/// Another subject over a post.
///
/// # Errors
/// When the database refuses.
pub async fn set_subject(db: &mut Db, post: PostId, subject: &str) -> Result<()> {
    sqlx::query("update posts set subject = $2 where id = $1").bind(post.0).bind(subject).execute(db).await?;
    Ok(())
}
