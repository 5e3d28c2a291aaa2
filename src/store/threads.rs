//! Conversations: which posts stand together, and which Message-ID names which post. Inside one group only.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use super::db::{Db, Result};
use super::mutes;
use super::rows::{Columns, json};
use super::sets::Set;
use crate::clock::Timestamp;
use crate::model::ids::{GroupId, PostId, ThreadId};

/// A conversation.
#[derive(Debug, Clone)]
pub struct Thread {
    /// The row.
    pub id: ThreadId,
    /// The group.
    pub group: GroupId,
    /// The subject of its first post.
    pub subject: String,
}

fn thread(row: &AnyRow) -> Result<Thread> {
    Ok(Thread { id: ThreadId(row.int("id")?), group: GroupId(row.int("group_id")?), subject: row.text("subject")? })
}

/// Begin a conversation.
///
/// # Errors
/// When the database refuses.
pub async fn insert(
    db: &mut Db,
    group: GroupId,
    subject: &str,
    base_subject: &str,
    now: Timestamp,
) -> Result<ThreadId> {
    let id = db.next_id("threads").await?;
    let row = vec![id.into(), group.0.into(), subject.into(), base_subject.into(), now.into(), now.into()];
    db.keep_back(Set::Threads, row);
    Ok(ThreadId(id))
}

/// The conversation of this row, or the one in which it is continued.
///
/// # Errors
/// When the database refuses.
pub async fn by_id(db: &mut Db, id: ThreadId) -> Result<Option<Thread>> {
    let sql = "select * from threads where id = (select coalesce(continued_in, id) from threads where id = $1)";
    let row = sqlx::query(sql).bind(id.0).fetch_optional(db).await?;
    row.as_ref().map(thread).transpose()
}

/// So many posts are looked through for a conversation's name.
const LATEST: i64 = 1_000;

/// Whether the group had a post of a conversation that is called so, among its latest.
///
/// # Errors
/// When the database refuses.
pub async fn has_subject(db: &mut Db, group: GroupId, base_subject: &str) -> Result<bool> {
    let sql = format!(
        "select cast(1 as bigint) as found
         from (select thread_id from posts where group_id = $1 and release_seq > 0 order by release_seq desc
             limit {LATEST}) latest
         join threads t on t.id = latest.thread_id where t.base_subject = $2 limit 1"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(group.0).bind(base_subject).fetch_optional(db).await?;
    Ok(row.is_some())
}

/// The post that began a conversation.
///
/// # Errors
/// When the database refuses.
pub async fn first_post(db: &mut Db, id: ThreadId) -> Result<Option<PostId>> {
    let row = sqlx::query("select min(id) as id from posts where thread_id = $1").bind(id.0).fetch_one(db).await?;
    Ok(row.maybe_int("id")?.map(PostId))
}

/// Continue a conversation in another one: its posts stand there, and answers to its address find them.
///
/// # Errors
/// When the database refuses.
pub async fn continue_in(db: &mut Db, id: ThreadId, other: ThreadId) -> Result<()> {
    sqlx::query("update posts set thread_id = $2 where thread_id = $1")
        .bind(id.0)
        .bind(other.0)
        .execute(&mut *db)
        .await?;
    sqlx::query("update threads set continued_in = $2 where id = $1 or continued_in = $1")
        .bind(id.0)
        .bind(other.0)
        .execute(&mut *db)
        .await?;
    mutes::carry(db, id, other).await
}

/// The conversations of a group in which the group has a post, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn of_group(db: &mut Db, group: GroupId) -> Result<Vec<Thread>> {
    let rows = sqlx::query(
        "select * from threads
         where id in (select thread_id from posts where group_id = $1 and state = 'published') order by id",
    )
    .bind(group.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(thread).collect()
}

/// The latest post of a conversation that the group has.
///
/// # Errors
/// When the database refuses.
pub async fn latest_post(db: &mut Db, thread: ThreadId) -> Result<Option<PostId>> {
    let row = sqlx::query(
        "select id from posts where thread_id = $1 and state = 'published' order by release_seq desc limit 1",
    )
    .bind(thread.0)
    .fetch_optional(db)
    .await?;
    row.map(|row| Ok(PostId(row.int("id")?))).transpose()
}

/// A Message-ID names a post; the first claim stays.
pub fn remember_message_id(db: &mut Db, group: GroupId, message_id: &str, post: PostId) {
    db.keep_back(Set::MessageIds, vec![group.0.into(), message_id.into(), post.0.into()]);
}

/// The posts that Message-IDs name inside a group, each with its conversation, in the order of the ids; of those that the
/// group has a post of.
///
/// # Errors
/// When the database refuses.
pub async fn by_message_ids(db: &mut Db, group: GroupId, message_ids: &[&str]) -> Result<Vec<(PostId, ThreadId)>> {
    if message_ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select m.message_id, p.id, p.thread_id from message_ids m join posts p on p.id = m.post_id
         where m.message_id {among} and m.group_id = $2
             and exists (select 1 from posts o where o.thread_id = p.thread_id and o.state = 'published')",
        among = super::db::among_texts(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(message_ids)).bind(group.0).fetch_all(db).await?;
    let mut named: HashMap<String, (PostId, ThreadId)> = HashMap::with_capacity(rows.len());
    for row in &rows {
        named.insert(row.text("message_id")?, (PostId(row.int("id")?), ThreadId(row.int("thread_id")?)));
    }
    Ok(message_ids.iter().filter_map(|id| named.get(*id).copied()).collect())
}
