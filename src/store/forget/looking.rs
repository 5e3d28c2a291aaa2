//! What tells of a person: her own rows, and those of others that are to be looked through.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;

use super::Her;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::forgotten::FORMER_MEMBER;
use crate::model::ids::{GroupId, MemberId, PostId, SpoolId};
use crate::store::db::{self, Db, Result};
use crate::store::personal::{Holds, Others, Place};
use crate::store::rows::{Columns, json};

/// How many rows are looked at together.
const PAGE: i64 = 200;
/// Of mails fewer: one may have 25 MB.
const MAILS: i64 = 20;

/// When this person was forgotten, if she was.
///
/// # Errors
/// When the database refuses or there is none.
pub async fn forgotten_at(db: &mut Db, member: MemberId) -> Result<Option<Timestamp>> {
    let row = sqlx::query("select forgotten_at from members where id = $1").bind(member.0).fetch_one(db).await?;
    row.maybe_time("forgotten_at")
}

/// The names that stood over her posts.
///
/// # Errors
/// When the database refuses.
pub async fn names_of(db: &mut Db, member: MemberId) -> Result<Vec<String>> {
    let rows = sqlx::query("select distinct author_name as name from posts where member_id = $1");
    let mut names = names(&rows.bind(member.0).fetch_all(db).await?)?;
    names.retain(|name| name != FORMER_MEMBER);
    Ok(names)
}

fn names(rows: &[AnyRow]) -> Result<Vec<String>> {
    rows.iter().map(|row| row.text("name")).collect()
}

/// Her posts, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn posts_of(db: &mut Db, member: MemberId) -> Result<Vec<PostId>> {
    let rows =
        sqlx::query("select id from posts where member_id = $1 order by id").bind(member.0).fetch_all(db).await?;
    rows.iter().map(|row| Ok(PostId(row.int("id")?))).collect()
}

/// What a post of a group says.
#[derive(Debug)]
pub struct Said {
    /// The post.
    pub id: PostId,
    /// Who wrote it.
    pub author: MemberId,
    /// The message of which it was made; messages are numbered as they come.
    pub came: i64,
    /// The subject as the group gets it.
    pub subject: String,
    /// The words as the group gets them.
    pub text: String,
}

/// The posts of a group past one, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn said_after(db: &mut Db, group: GroupId, after: PostId) -> Result<Vec<Said>> {
    let sql = format!(
        "select id, member_id, coalesce(spool_id, split_from, 0) as came, subject, body from posts
         where group_id = $1 and id > $2 order by id limit {PAGE}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(group.0).bind(after.0).fetch_all(db).await?;
    let said = |row: &AnyRow| {
        Ok(Said {
            id: PostId(row.int("id")?),
            author: MemberId(row.int("member_id")?),
            came: row.int("came")?,
            subject: row.text("subject")?,
            text: row.text("body")?,
        })
    };
    rows.iter().map(said).collect()
}

/// The messages of which her posts were made, and those that came from one of her addresses and went to her group alone.
///
/// # Errors
/// When the database refuses.
pub async fn messages_of(db: &mut Db, her: &Her, addresses: &[Address]) -> Result<BTreeSet<i64>> {
    let rows = sqlx::query(
        "select spool_id as id from posts where member_id = $1 and spool_id is not null
         union select split_from as id from posts where member_id = $1 and split_from is not null",
    )
    .bind(her.member.0)
    .fetch_all(&mut *db)
    .await?;
    let mut ids = rows.iter().map(|row| row.int("id")).collect::<Result<BTreeSet<_>>>()?;
    for address in addresses {
        let rows = sqlx::query("select id from spool where lower(reverse_path) = lower($1)")
            .bind(address.as_str())
            .fetch_all(&mut *db)
            .await?;
        for row in &rows {
            ids.insert(row.int("id")?);
        }
    }
    let elsewhere = elsewhere(db, her.group, &ids).await?;
    ids.retain(|id| !elsewhere.contains(id));
    Ok(ids)
}

/// Those of these messages that another group has as well.
///
/// # Errors
/// When the database refuses.
pub async fn elsewhere(db: &mut Db, group: GroupId, ids: &BTreeSet<i64>) -> Result<BTreeSet<i64>> {
    let sql = format!(
        "select distinct spool_id from judgements where spool_id {among} and group_id <> $2",
        among = db::among(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).bind(group.0).fetch_all(db).await?;
    rows.iter().map(|row| row.int("spool_id")).collect()
}

/// Of these messages: how many wait to be read, and how many people have not been told of yet.
///
/// # Errors
/// When the database refuses.
pub async fn unheard(db: &mut Db, ids: &BTreeSet<i64>) -> Result<(i64, i64)> {
    let among = db::among(db);
    let sql = format!(
        "select (select count(*) from spool where id {among} and state = 'new') as unread,
                (select count(*) from alarms where spool_id {among} and shown is not null)
                    + (select count(*) from judgements where spool_id {among} and disposition = 'stranger'
                           and told_at is null and group_id is not null) as untold"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).fetch_one(db).await?;
    Ok((row.int("unread")?, row.int("untold")?))
}

/// The notes about others, from one on: (number, words).
///
/// # Errors
/// When the database refuses.
pub async fn other_notes(db: &mut Db, her: &Her, after: i64) -> Result<Vec<(i64, String)>> {
    let sql = format!(
        "select id, words from notes where id > $1 and group_id = $2 and member_id <> $3 order by id limit {PAGE}"
    );
    let rows =
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after).bind(her.group.0).bind(her.member.0).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.int("id")?, row.text("words")?))).collect()
}

/// Rows of a place past one: (number, words).
///
/// # Errors
/// When the database refuses.
pub async fn rows(db: &mut Db, place: &Place, group: GroupId, after: i64) -> Result<Vec<(i64, String)>> {
    let Some((scope, _)) = scope(place) else { return Ok(Vec::new()) };
    let sql = format!(
        "select {key} as id, {column} as words from {table}
         where {key} > $1 and {column} is not null and {scope} order by {key} limit {PAGE}",
        key = place.key,
        column = place.column,
        table = place.table
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after).bind(group.0).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.int("id")?, row.text("words")?))).collect()
}

/// How the rows of others are found in a place, and whether they are JSON.
#[must_use]
pub fn scope(place: &Place) -> Option<(&'static str, bool)> {
    match place.holds {
        Holds::Hers(_, _, Others::Text(scope)) => Some((scope, false)),
        Holds::Hers(_, _, Others::Json(scope)) => Some((scope, true)),
        _ => None,
    }
}

/// The words of one row of a place now.
///
/// # Errors
/// When the database refuses.
pub async fn words(db: &mut Db, place: &Place, id: i64) -> Result<Option<String>> {
    let sql = format!("select {} as words from {} where {} = $1", place.column, place.table, place.key);
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(db).await?;
    row.map_or(Ok(None), |row| row.maybe_text("words"))
}

/// A mail that is kept.
#[derive(Debug)]
pub struct Kept {
    /// The row.
    pub id: i64,
    /// Its bytes.
    pub message: Vec<u8>,
    /// Nobody has settled it yet: it waits to be read, or could not be.
    pub is_open: bool,
}

fn kept(row: &AnyRow) -> Result<Kept> {
    Ok(Kept { id: row.int("id")?, message: row.bytes("message")?, is_open: row.int("is_open")? == 1 })
}

/// Messages past one that no other group has, with their bytes.
///
/// # Errors
/// When the database refuses.
pub async fn raw_after(db: &mut Db, group: GroupId, after: i64) -> Result<Vec<Kept>> {
    let sql = format!(
        "select r.spool_id as id, r.message, case when s.state = 'done' then 0 else 1 end as is_open
         from raw_messages r join spool s on s.id = r.spool_id
         where r.spool_id > $1 and length(r.message) > 0
             and not exists (select 1 from judgements j where j.spool_id = r.spool_id and j.group_id <> $2)
         order by r.spool_id limit {MAILS}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after).bind(group.0).fetch_all(db).await?;
    rows.iter().map(kept).collect()
}

/// Mails of ours past one that no other group has, with their bytes.
///
/// # Errors
/// When the database refuses.
pub async fn editions_after(db: &mut Db, group: GroupId, after: i64) -> Result<Vec<Kept>> {
    let sql = format!(
        "select id, message, 0 as is_open from editions
         where id > $1 and length(message) > 0 and clearing is null and coalesce(group_id, $2) = $2
         order by id limit {MAILS}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after).bind(group.0).fetch_all(db).await?;
    rows.iter().map(kept).collect()
}

/// Posts of others in her conversations: (post, its subject).
///
/// # Errors
/// When the database refuses.
pub async fn beside_her(db: &mut Db, her: &Her) -> Result<Vec<(PostId, String)>> {
    let rows = sqlx::query(
        "select distinct p.id, p.subject from posts t join posts p on p.thread_id = t.thread_id
         where t.member_id = $1 and p.member_id <> $1 order by p.id",
    )
    .bind(her.member.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((PostId(row.int("id")?), row.text("subject")?))).collect()
}

/// The messages of which these posts were made.
///
/// # Errors
/// When the database refuses.
pub async fn messages_of_posts(db: &mut Db, posts: &BTreeSet<PostId>) -> Result<BTreeSet<i64>> {
    let sql = format!(
        "select coalesce(spool_id, split_from) as id from posts
         where id {among} and coalesce(spool_id, split_from) is not null",
        among = db::among(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(posts)).fetch_all(db).await?;
    rows.iter().map(|row| row.int("id")).collect()
}

/// What was sent and can't be called back.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct OutThere {
    /// Posts of hers that somebody was sent.
    pub posts: i64,
    /// Copies of them, alone or in digests, that members and moderators were sent as readers.
    pub copies: i64,
    /// To how many people.
    pub readers: i64,
    /// Notices about her that moderators and administrators were sent.
    pub notices: i64,
}

/// How many copies of her words lie in others' mailboxes; `editions` are the mails that carry any of it.
///
/// # Errors
/// When the database refuses.
pub async fn out_there(db: &mut Db, her: &Her, editions: &BTreeSet<i64>) -> Result<OutThere> {
    let row = sqlx::query(
        "select count(distinct p.id) as posts, count(distinct o.id) as copies, count(distinct o.recipient) as readers
         from posts p join edition_posts ep on ep.post_id = p.id join editions e on e.id = ep.edition_id
             join outbox o on o.edition_id = e.id
         where p.member_id = $1 and e.kind in ('post', 'digest') and o.state in ('sent', 'sending')
             and coalesce(o.member_id, 0) <> $1",
    )
    .bind(her.member.0)
    .fetch_one(&mut *db)
    .await?;
    let sql = format!(
        "select count(*) as n from outbox o join editions e on e.id = o.edition_id
         where o.edition_id {among} and e.kind = 'notice' and o.state in ('sent', 'sending')
             and coalesce(o.member_id, 0) <> $2",
        among = db::among(db)
    );
    let notices = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(editions)).bind(her.member.0).fetch_one(db).await?;
    Ok(OutThere {
        posts: row.int("posts")?,
        copies: row.int("copies")?,
        readers: row.int("readers")?,
        notices: notices.int("n")?,
    })
}

/// The bytes of these messages.
///
/// # Errors
/// When the database refuses.
pub async fn messages(db: &mut Db, ids: &BTreeSet<i64>) -> Result<Vec<(SpoolId, Vec<u8>)>> {
    let sql = format!(
        "select spool_id, message from raw_messages where spool_id {among} order by spool_id",
        among = db::among(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).fetch_all(db).await?;
    rows.iter().map(|row| Ok((SpoolId(row.int("spool_id")?), row.bytes("message")?))).collect()
}

/// In how many other groups this address takes part.
///
/// # Errors
/// When the database refuses.
pub async fn other_groups(db: &mut Db, her: &Her, address: &Address) -> Result<i64> {
    sqlx::query("select count(*) as n from members where address_key = $1 and group_id <> $2")
        .bind(address.key())
        .bind(her.group.0)
        .fetch_one(db)
        .await?
        .int("n")
}
