//! Mails of ours that carry a person's words: which they are, what waits of them, and how their words go.

use std::collections::BTreeSet;

use super::Her;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::ids::{EditionId, GroupId, MemberId, PostId};
use crate::store::db::{self, Db, Result};
use crate::store::locks::for_change;
use crate::store::rows::{Columns, json};

/// The bytes of these editions. Nobody can be sent them any more, and no other edition is taken for them.
///
/// # Errors
/// When the database refuses.
pub async fn clear_edition(db: &mut Db, ids: &BTreeSet<i64>, now: Timestamp) -> Result<u64> {
    if ids.is_empty() {
        return Ok(0);
    }
    let among = db::among(db);
    let dropped = format!(
        "update outbox set state = 'dropped', lease_until = null, cause = 'its words were removed'
         where edition_id {among} and state in ('failed', 'waiting')"
    );
    sqlx::query(sqlx::AssertSqlSafe(dropped)).bind(json(ids)).execute(&mut *db).await?;
    let sql = format!(
        "update editions set message = cast('' as {bytes}), edition_key = null, clearing = null,
             gone_at = coalesce(gone_at, $2)
         where id {among}",
        bytes = if db::is_postgres(db) { "bytea" } else { "blob" }
    );
    Ok(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).bind(now.0).execute(db).await?.rows_affected())
}

/// Mails to one of her addresses that were for nobody on the roster: answers to her as a stranger. What waits of them is stopped.
///
/// # Errors
/// When the database refuses.
pub async fn clear_copies_to(db: &mut Db, her: &Her, address: &Address, now: Timestamp) -> Result<u64> {
    let done = sqlx::query(
        "update outbox set recipient = 'forgotten-' || id || '@forgotten.invalid', cause = null,
             settled_at = case when state = 'waiting' then $3 else settled_at end,
             state = case when state in ('waiting', 'failed') then 'dropped' else state end
         where lower(recipient) = lower($1) and member_id is null
             and edition_id in (select id from editions where group_id = $2)",
    )
    .bind(address.as_str())
    .bind(her.group.0)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// No copy for her leaves any more; what is just being sent comes to its end. Gives how many were stopped.
///
/// # Errors
/// When the database refuses.
pub async fn stop_her_mail(db: &mut Db, member: MemberId, now: Timestamp) -> Result<u64> {
    let done = sqlx::query(
        "update outbox set state = 'dropped', settled_at = $2, lease_until = null, cause = null
         where member_id = $1 and (state in ('waiting', 'failed') or (state = 'sending' and lease_until <= $2))",
    )
    .bind(member.0)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// The editions that hold one of these posts or tell of it.
///
/// # Errors
/// When the database refuses.
pub async fn editions_of(db: &mut Db, posts: &BTreeSet<PostId>) -> Result<BTreeSet<i64>> {
    let among = db::among(db);
    let sql = format!(
        "select edition_id as id from edition_posts where post_id {among}
         union select edition_id as id from edition_named where post_id {among}
         union select o.edition_id as id from tokens t join outbox o on o.reply_token = t.id where t.post_id {among}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(posts)).fetch_all(db).await?;
    rows.iter().map(|row| row.int("id")).collect()
}

/// The digests in which a conversation that she began has her subject over it.
///
/// # Errors
/// When the database refuses.
pub async fn digests_under_her_subjects(db: &mut Db, her: &Her) -> Result<BTreeSet<i64>> {
    let rows = sqlx::query(
        "select distinct ep.edition_id as id from posts t join posts p on p.thread_id = t.thread_id
             join edition_posts ep on ep.post_id = p.id join editions e on e.id = ep.edition_id
         where t.member_id = $1 and e.kind = 'digest'",
    )
    .bind(her.member.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.int("id")).collect()
}

/// The words to her alone, and the mails of her talks.
///
/// # Errors
/// When the database refuses.
pub async fn editions_to(db: &mut Db, member: MemberId) -> Result<BTreeSet<i64>> {
    let rows = sqlx::query(
        "select o.edition_id as id from outbox o join editions e on e.id = o.edition_id
         where o.member_id = $1 and e.kind = 'notice'",
    )
    .bind(member.0)
    .fetch_all(&mut *db)
    .await?;
    let mut ids = rows.iter().map(|row| row.int("id")).collect::<Result<BTreeSet<_>>>()?;
    let talks = sqlx::query("select member_has, moderators_have from talks where member_id = $1")
        .bind(member.0)
        .fetch_all(&mut *db)
        .await?;
    let mut named: Vec<String> = Vec::new();
    for row in &talks {
        named.extend(row.json::<Vec<String>>("member_has")?);
        named.extend(row.json::<Vec<String>>("moderators_have")?);
    }
    let sql = format!("select id from editions where message_id {among}", among = db::among_texts(db));
    for row in sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(&named)).fetch_all(db).await? {
        ids.insert(row.int("id")?);
    }
    Ok(ids)
}

/// The words of these editions go: at once, or when all copies have left. They are not found again by their key.
///
/// # Errors
/// When the database refuses.
pub async fn mark(db: &mut Db, ids: &BTreeSet<i64>, clearing: &str) -> Result<()> {
    let sql = format!(
        "update editions set clearing = $2, edition_key = null where id {among} and length(message) > 0",
        among = db::among(db)
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).bind(clearing).execute(db).await?;
    Ok(())
}

/// An edition whose words are to go.
#[derive(Debug)]
pub struct Marked {
    /// The row.
    pub id: EditionId,
    /// Its group.
    pub group: Option<GroupId>,
    /// `post`, `digest` or `notice`.
    pub kind: String,
    /// Not before its last copy has left.
    pub when_sent: bool,
    /// Copies that are being sent.
    pub sending: i64,
    /// Copies that wait.
    pub waiting: i64,
}

/// The editions whose words are to go and that something can be done about, a few at a time.
///
/// # Errors
/// When the database refuses.
pub async fn marked(db: &mut Db, now: Timestamp, most: i64) -> Result<Vec<Marked>> {
    let sql = format!(
        "select m.* from (select e.id, e.group_id, e.kind, e.clearing,
                 (select count(*) from outbox o where o.edition_id = e.id and o.state = 'sending' and o.lease_until > $1)
                     as sending,
                 (select count(*) from outbox o where o.edition_id = e.id
                     and (o.state = 'waiting' or (o.state = 'sending' and o.lease_until <= $1))) as waiting
             from editions e where e.clearing in ('at-once', 'when-sent')) m
         where m.sending = 0 and (m.waiting = 0 or m.clearing = 'at-once') order by m.id limit {most}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now.0).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            Ok(Marked {
                id: EditionId(row.int("id")?),
                group: row.maybe_int("group_id")?.map(GroupId),
                kind: row.text("kind")?,
                when_sent: row.text("clearing")? == "when-sent",
                sending: row.int("sending")?,
                waiting: row.int("waiting")?,
            })
        })
        .collect()
}

/// How many editions of a group wait for their words to go.
///
/// # Errors
/// When the database refuses.
pub async fn count_marked(db: &mut Db, group: GroupId) -> Result<i64> {
    sqlx::query(
        "select count(*) as n from editions where clearing in ('at-once', 'when-sent') and coalesce(group_id, $1) = $1",
    )
    .bind(group.0)
    .fetch_one(db)
    .await?
    .int("n")
}

/// Drop what waits of an edition.
///
/// # Errors
/// When the database refuses.
pub async fn drop_waiting(db: &mut Db, edition: EditionId, now: Timestamp) -> Result<u64> {
    let sql = format!(
        "update outbox set state = 'dropped', settled_at = $2, lease_until = null, cause = 'its words were removed'
         where id in (select id from outbox where edition_id = $1
             and (state = 'waiting' or (state = 'sending' and lease_until <= $2)) order by id{})",
        for_change(db)
    );
    let done = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(edition.0).bind(now.0).execute(db).await?;
    Ok(done.rows_affected())
}

/// Of the posts of an edition, those whose words are still there.
///
/// # Errors
/// When the database refuses.
pub async fn gone_among(db: &mut Db, posts: &[PostId]) -> Result<BTreeSet<PostId>> {
    let sql = format!("select id from posts where id {among} and gone_at is not null", among = db::among(db));
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(posts)).fetch_all(db).await?;
    rows.iter().map(|row| Ok(PostId(row.int("id")?))).collect()
}

/// The post that an edition's readers are asked to decide about, or that it tells of.
///
/// # Errors
/// When the database refuses.
pub async fn post_of(db: &mut Db, edition: EditionId) -> Result<Option<PostId>> {
    let row = sqlx::query(
        "select coalesce((select min(t.post_id) from outbox o join tokens t on t.id = o.reply_token where o.edition_id = $1),
             (select min(post_id) from edition_posts where edition_id = $1)) as id",
    )
    .bind(edition.0)
    .fetch_one(db)
    .await?;
    Ok(row.maybe_int("id")?.map(PostId))
}

/// The release of the post whose copies an edition is of.
///
/// # Errors
/// When the database refuses.
pub async fn release_of(db: &mut Db, edition: EditionId) -> Result<Option<i64>> {
    let row = sqlx::query("select release_id from editions where id = $1").bind(edition.0).fetch_one(db).await?;
    row.maybe_int("release_id")
}

/// The editions among these that wait for somebody, and what is known of that.
#[derive(Debug)]
pub struct Waiting {
    /// The row.
    pub id: i64,
    /// `post`, `digest` or `notice`.
    pub kind: String,
    /// The templates.
    pub folder: String,
    /// It goes before everything else.
    pub urgent: bool,
    /// Somebody waits for it who looks after the group.
    pub for_moderators: bool,
}

/// Which of these still wait for somebody.
///
/// # Errors
/// When the database refuses.
pub async fn waiting_among(db: &mut Db, ids: &BTreeSet<i64>) -> Result<Vec<Waiting>> {
    let sql = format!(
        "select e.id, e.kind, e.folder, min(o.lane) as lane,
             coalesce(max(case when m.role = 'member' then 0 else 1 end), 0) as moderators
         from editions e join outbox o on o.edition_id = e.id left join members m on m.id = o.member_id
         where e.id {among} and o.state in ('waiting', 'sending') group by e.id, e.kind, e.folder order by e.id",
        among = db::among(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            Ok(Waiting {
                id: row.int("id")?,
                kind: row.text("kind")?,
                folder: row.text("folder")?,
                urgent: row.int("lane")? == 0,
                for_moderators: row.int("moderators")? == 1,
            })
        })
        .collect()
}
