//! Take a person out of the database, by the list of `personal.rs`. What is decided about it stands in `engine/forget.rs`.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;

use super::db::{Db, Result, is_postgres};
use super::locks::for_change;
use super::personal::{Holds, Others, PLACES, Place};
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::forgotten::FORMER_MEMBER;
use crate::model::ids::{EditionId, GroupId, MemberId, PostId, SpoolId};

/// How many rows are looked at together.
const PAGE: i64 = 200;
/// Of mails fewer: one may have 25 MB.
const MAILS: i64 = 20;

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
    /// The address that stands in the place of hers; nobody can have it (RFC 2606 §2).
    #[must_use]
    pub fn placeholder(&self) -> String {
        format!("forgotten-{}@forgotten.invalid", self.member)
    }

    /// Numbers alone are put in: nothing of them can be taken for SQL.
    fn fill_in(&self, sql: &str) -> String {
        let spools = self.spools.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        sql.replace("{member}", &self.member.0.to_string())
            .replace("{spools}", if spools.is_empty() { "null" } else { &spools })
            .replace("{placeholder}", &self.placeholder())
    }
}

/// All addresses under which a member is known.
///
/// # Errors
/// When the database refuses.
pub async fn addresses(db: &mut Db, member: MemberId) -> Result<Vec<Address>> {
    let rows = sqlx::query("select address from members where id = $1").bind(member.0).fetch_all(db).await?;
    rows.iter().filter_map(|row| row.text("address").map(|text| Address::parse(&text).ok()).transpose()).collect()
}

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
    let rows =
        sqlx::query("select distinct author_name from posts where member_id = $1").bind(member.0).fetch_all(db).await?;
    let mut names = rows.iter().map(|row| row.text("author_name")).collect::<Result<Vec<_>>>()?;
    names.retain(|name| name != FORMER_MEMBER);
    Ok(names)
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
        among = super::db::among(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).bind(group.0).fetch_all(db).await?;
    rows.iter().map(|row| row.int("spool_id")).collect()
}

/// Of these messages: how many wait to be read, and how many people have not been told of yet.
///
/// # Errors
/// When the database refuses.
pub async fn unheard(db: &mut Db, ids: &BTreeSet<i64>) -> Result<(i64, i64)> {
    let among = super::db::among(db);
    let sql = format!(
        "select (select count(*) from spool where id {among} and state = 'new') as unread,
                (select count(*) from alarms where spool_id {among} and shown is not null)
                    + (select count(*) from judgements where spool_id {among} and disposition = 'stranger'
                           and told_at is null and group_id is not null) as untold"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).fetch_one(db).await?;
    Ok((row.int("unread")?, row.int("untold")?))
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
    db.forget_names();
    let placeholder = her.placeholder();
    sqlx::query(
        "update members set address = $2, address_key = $2, name = $3, name_key = lower($3), real_name = null,
             timezone = null, hour = null, delivery = 'none', state = 'left', trusted_at = null, known_at = null,
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

/// The bytes of these editions. Nobody can be sent them any more, and no other edition is taken for them.
///
/// # Errors
/// When the database refuses.
pub async fn clear_edition(db: &mut Db, ids: &BTreeSet<i64>, now: Timestamp) -> Result<u64> {
    let among = super::db::among(db);
    let dropped = format!(
        "update outbox set state = 'dropped', lease_until = null, cause = 'its words were removed'
         where edition_id {among} and state in ('failed', 'waiting')"
    );
    sqlx::query(sqlx::AssertSqlSafe(dropped)).bind(json(ids)).execute(&mut *db).await?;
    let sql = format!(
        "update editions set message = cast('' as {bytes}), edition_key = null, clearing = null,
             gone_at = coalesce(gone_at, $2)
         where id {among}",
        bytes = if is_postgres(db) { "bytea" } else { "blob" }
    );
    Ok(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).bind(now.0).execute(db).await?.rows_affected())
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

/// The editions that hold one of these posts or tell of it.
///
/// # Errors
/// When the database refuses.
pub async fn editions_of(db: &mut Db, posts: &BTreeSet<PostId>) -> Result<BTreeSet<i64>> {
    let among = super::db::among(db);
    let sql = format!(
        "select edition_id as id from edition_posts where post_id {among}
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

/// Another subject over a post.
///
/// # Errors
/// When the database refuses.
pub async fn set_subject(db: &mut Db, post: PostId, subject: &str) -> Result<()> {
    sqlx::query("update posts set subject = $2 where id = $1").bind(post.0).bind(subject).execute(db).await?;
    Ok(())
}

/// The messages of which these posts were made.
///
/// # Errors
/// When the database refuses.
pub async fn messages_of_posts(db: &mut Db, posts: &BTreeSet<PostId>) -> Result<BTreeSet<i64>> {
    let sql = format!(
        "select coalesce(spool_id, split_from) as id from posts
         where id {among} and coalesce(spool_id, split_from) is not null",
        among = super::db::among(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(posts)).fetch_all(db).await?;
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
    let sql = format!("select id from editions where message_id {among}", among = super::db::among_texts(db));
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
        among = super::db::among(db)
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
    let sql = format!("select id from posts where id {among} and gone_at is not null", among = super::db::among(db));
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
        among = super::db::among(db)
    );
    let notices = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(editions)).bind(her.member.0).fetch_one(db).await?;
    Ok(OutThere {
        posts: row.int("posts")?,
        copies: row.int("copies")?,
        readers: row.int("readers")?,
        notices: notices.int("n")?,
    })
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
        among = super::db::among(db)
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

/// The bytes of these messages.
///
/// # Errors
/// When the database refuses.
pub async fn messages(db: &mut Db, ids: &BTreeSet<i64>) -> Result<Vec<(SpoolId, Vec<u8>)>> {
    let sql = format!(
        "select spool_id, message from raw_messages where spool_id {among} order by spool_id",
        among = super::db::among(db)
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
