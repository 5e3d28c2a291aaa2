//! The outbox: editions written once, and one row per recipient. Attempts are booked before the network is touched.

use sqlx::any::AnyRow;

use super::db::{Db, Error, Result};
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::ids::{EditionId, GroupId, MemberId, OutboxId, PostId, TokenId};

/// How long a claimed row is nobody else's.
const LEASE_SECONDS: i64 = 120;

/// Which rows go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Somebody may be in danger.
    Urgent = 0,
    /// Notices and answers.
    Notice = 1,
    /// Single mails.
    Post = 2,
    /// Digests.
    Digest = 3,
}

/// Where a bounce goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnPath {
    /// `<>`: an automatic answer to a member.
    Null,
    /// An address of its own, `lamplight+b.TOKEN@`.
    Verp,
}

impl ReturnPath {
    fn word(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Verp => "verp",
        }
    }
}

/// Content about to be written.
#[derive(Debug)]
pub struct NewEdition<'a> {
    /// `post`, `digest` or `notice`.
    pub kind: &'a str,
    /// The templates it was made with.
    pub folder: &'a str,
    /// The group.
    pub group: Option<GroupId>,
    /// The release that lets a post's edition exist.
    pub release: Option<i64>,
    /// By which the same content is found again.
    pub key: Option<&'a str>,
    /// Its Message-ID.
    pub message_id: &'a str,
    /// The bytes, apart from the recipient's fields.
    pub message: &'a [u8],
    /// The posts in it.
    pub posts: &'a [PostId],
}

/// One recipient about to be written.
#[derive(Debug)]
pub struct NewRow<'a> {
    /// The content.
    pub edition: EditionId,
    /// The person on a roster; `None` for an administrator.
    pub member: Option<MemberId>,
    /// The address.
    pub recipient: &'a Address,
    /// Where a bounce goes.
    pub return_path: ReturnPath,
    /// The token whose address is the Reply-To of this copy.
    pub reply_token: Option<TokenId>,
    /// Which rows go first.
    pub lane: Lane,
}

/// A row that was claimed for one attempt.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The row.
    pub id: OutboxId,
    /// The content.
    pub edition: EditionId,
    /// The address.
    pub recipient: Address,
    /// Whether a bounce comes back to an address of its own.
    pub verp: bool,
    /// It goes before everything else.
    pub urgent: bool,
    /// The token whose address is the Reply-To of this copy.
    pub reply_token: Option<TokenId>,
    /// This attempt's number, from 1.
    pub attempts: u32,
    /// When the first attempt was booked.
    pub first_attempt_at: Timestamp,
}

/// One line of the listing.
#[derive(Debug, serde::Serialize)]
pub struct Listed {
    /// The row.
    pub id: i64,
    /// The address.
    pub recipient: String,
    /// `waiting`, `sending`, `sent`, `failed` or `dropped`.
    pub state: String,
    /// How many attempts were booked.
    pub attempts: i64,
    /// When the next is due.
    pub due_at: String,
    /// `post`, `digest` or `notice`.
    pub kind: String,
    /// The templates it was made with.
    pub template: String,
    /// The last trouble.
    pub cause: Option<String>,
    /// When it came to its end.
    pub settled_at: Option<String>,
    /// When a delivery report said that it was not delivered.
    pub bounced_at: Option<String>,
    /// Its Message-ID.
    pub message_id: String,
}

/// Write content once.
///
/// # Errors
/// A unique violation when there is an edition of this key.
pub async fn insert_edition(db: &mut Db, new: &NewEdition<'_>, now: Timestamp) -> Result<EditionId> {
    let row = sqlx::query(
        "insert into editions (kind, folder, group_id, release_id, edition_key, message_id, message, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
    )
    .bind(new.kind)
    .bind(new.folder)
    .bind(new.group.map(|id| id.0))
    .bind(new.release)
    .bind(new.key)
    .bind(new.message_id)
    .bind(new.message.to_vec())
    .bind(now.0)
    .fetch_one(&mut *db)
    .await?;
    let id = EditionId(row.int("id")?);
    for post in new.posts {
        sqlx::query("insert into edition_posts (edition_id, post_id) values ($1, $2)")
            .bind(id.0)
            .bind(post.0)
            .execute(&mut *db)
            .await?;
    }
    Ok(id)
}

/// The edition of a key.
///
/// # Errors
/// When the database refuses.
pub async fn edition_by_key(db: &mut Db, key: &str) -> Result<Option<EditionId>> {
    let row = sqlx::query("select id from editions where edition_key = $1").bind(key).fetch_optional(db).await?;
    row.map(|row| Ok(EditionId(row.int("id")?))).transpose()
}

/// Replace the bytes of an edition that nobody has yet: a digest's own address holds the id of its row.
///
/// # Errors
/// When the database refuses.
pub async fn set_message(db: &mut Db, id: EditionId, message: &[u8]) -> Result<()> {
    sqlx::query("update editions set message = $2 where id = $1").bind(id.0).bind(message.to_vec()).execute(db).await?;
    Ok(())
}

/// The posts of an edition.
///
/// # Errors
/// When the database refuses.
pub async fn posts_of(db: &mut Db, id: EditionId) -> Result<Vec<PostId>> {
    let rows = sqlx::query("select post_id from edition_posts where edition_id = $1 order by post_id")
        .bind(id.0)
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| Ok(PostId(row.int("post_id")?))).collect()
}

/// The bytes of an edition.
///
/// # Errors
/// When the database refuses or there is no such edition.
pub async fn message(db: &mut Db, id: EditionId) -> Result<Vec<u8>> {
    sqlx::query("select message from editions where id = $1").bind(id.0).fetch_one(db).await?.bytes("message")
}

/// Add one recipient.
///
/// # Errors
/// A unique violation when the edition already has this recipient (promise I3).
pub async fn insert(db: &mut Db, new: &NewRow<'_>, now: Timestamp) -> Result<()> {
    sqlx::query(
        "insert into outbox (edition_id, member_id, recipient, return_path, reply_token, lane, state, due_at, created_at)
         values ($1, $2, $3, $4, $5, $6, 'waiting', $7, $7)",
    )
    .bind(new.edition.0)
    .bind(new.member.map(|id| id.0))
    .bind(new.recipient.as_str())
    .bind(new.return_path.word())
    .bind(new.reply_token.map(|id| id.0))
    .bind(new.lane as i64)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(())
}

/// Add everybody in a group who reads single mails; gives how many.
///
/// # Errors
/// When the database refuses.
pub async fn insert_each(db: &mut Db, edition: EditionId, group: GroupId, now: Timestamp) -> Result<u64> {
    let done = sqlx::query(
        "insert into outbox (edition_id, member_id, recipient, return_path, lane, state, due_at, created_at)
         select cast($1 as bigint), id, address, 'verp', 2, 'waiting', cast($3 as bigint), cast($3 as bigint)
         from members where group_id = $2 and state = 'active' and delivery = 'each'",
    )
    .bind(edition.0)
    .bind(group.0)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Drop what is due for people who are no longer there to read it (promise I6), and copies of posts that were taken
/// back: one that was under way at that moment, or in the hands of a server that died, comes round once more.
///
/// # Errors
/// When the database refuses.
pub async fn drop_unwanted(db: &mut Db, now: Timestamp) -> Result<u64> {
    let retracted = sqlx::query(
        "update outbox set state = 'dropped', settled_at = $1, lease_until = null, cause = 'the post was taken back'
         where ((state = 'waiting' and due_at <= $1) or (state = 'sending' and lease_until <= $1)) and edition_id in (
             select e.id from posts p join edition_posts ep on ep.post_id = p.id join editions e on e.id = ep.edition_id
             where p.state = 'retracted' and e.kind = 'post')",
    )
    .bind(now.0)
    .execute(&mut *db)
    .await?;
    let done = sqlx::query(
        "update outbox set state = 'dropped', settled_at = $1, lease_until = null, cause = 'no longer takes part'
         where ((state = 'waiting' and due_at <= $1) or (state = 'sending' and lease_until <= $1)) and (
             (member_id in (select id from members where state not in ('active'))
              and edition_id in (select id from editions where kind in ('post', 'digest')))
             or member_id in (select id from members where role = 'moderator' and state <> 'active'))",
    )
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(retracted.rows_affected() + done.rows_affected())
}

/// Claim rows for one attempt each: the attempt is booked with the claim. While a group holds everything, copies that
/// were written before stay where they are.
///
/// # Errors
/// When the database refuses.
pub async fn claim(db: &mut Db, limit: i64, now: Timestamp) -> Result<Vec<Claimed>> {
    let skip = if super::db::is_postgres(db) { " for update skip locked" } else { "" };
    let sql = format!(
        "update outbox set state = 'sending', attempts = attempts + 1, lease_until = $2,
             first_attempt_at = coalesce(first_attempt_at, $1)
         where id in (select id from outbox
                      where ((state = 'waiting' and due_at <= $1) or (state = 'sending' and lease_until <= $1))
                          and not exists (select 1 from editions e join groups g on g.id = e.group_id
                                          where e.id = outbox.edition_id and e.kind in ('post', 'digest')
                                              and g.hold_everything_at >= e.created_at)
                      order by lane, due_at, id limit $3{skip})
         returning *"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(now.0)
        .bind(now.plus_seconds(LEASE_SECONDS).0)
        .bind(limit)
        .fetch_all(db)
        .await?;
    // RETURNING has no order of its own.
    let mut claimed = rows.iter().map(|row| Ok((row.int("lane")?, claimed(row)?))).collect::<Result<Vec<_>>>()?;
    claimed.sort_by_key(|(lane, row)| (*lane, row.id));
    Ok(claimed.into_iter().map(|(_, row)| row).collect())
}

fn claimed(row: &AnyRow) -> Result<Claimed> {
    Ok(Claimed {
        id: OutboxId(row.int("id")?),
        edition: EditionId(row.int("edition_id")?),
        recipient: Address::parse(&row.text("recipient")?).map_err(|_| Error::Corrupt("recipient".to_owned()))?,
        verp: row.text("return_path")? == "verp",
        urgent: row.int("lane")? == Lane::Urgent as i64,
        reply_token: row.maybe_int("reply_token")?.map(TokenId),
        attempts: u32::try_from(row.int("attempts")?).unwrap_or(u32::MAX),
        first_attempt_at: row.time("first_attempt_at")?,
    })
}

/// The smarthost has taken the copy.
///
/// # Errors
/// When the database refuses; the copy may then go out once more.
pub async fn settle_sent(db: &mut Db, id: OutboxId, now: Timestamp) -> Result<()> {
    sqlx::query("update outbox set state = 'sent', settled_at = $2, lease_until = null, cause = null where id = $1")
        .bind(id.0)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// It was refused for good.
///
/// # Errors
/// When the database refuses.
pub async fn settle_failed(db: &mut Db, id: OutboxId, cause: &str, now: Timestamp) -> Result<()> {
    sqlx::query("update outbox set state = 'failed', settled_at = $3, lease_until = null, cause = $2 where id = $1")
        .bind(id.0)
        .bind(cause)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// It is tried again later.
///
/// # Errors
/// When the database refuses.
pub async fn settle_later(db: &mut Db, id: OutboxId, cause: &str, retry_at: Timestamp) -> Result<()> {
    sqlx::query("update outbox set state = 'waiting', lease_until = null, cause = $2, due_at = $3 where id = $1")
        .bind(id.0)
        .bind(cause)
        .bind(retry_at.0)
        .execute(db)
        .await?;
    Ok(())
}

/// The smarthost was not reached at all: the attempts are given back (promise: an outage costs no attempts).
///
/// # Errors
/// When the database refuses.
pub async fn give_back(db: &mut Db, ids: &[OutboxId], cause: &str) -> Result<()> {
    let list = json(ids);
    let sql = if super::db::is_postgres(db) {
        "update outbox set state = 'waiting', attempts = attempts - 1, lease_until = null, cause = $2
         where id in (select cast(value as bigint) from jsonb_array_elements_text($1::jsonb)) and state = 'sending'"
    } else {
        "update outbox set state = 'waiting', attempts = attempts - 1, lease_until = null, cause = $2
         where id in (select value from json_each($1)) and state = 'sending'"
    };
    sqlx::query(sql).bind(list).bind(cause).execute(db).await?;
    Ok(())
}

/// Rows that a process of this machine left in the middle of an attempt may be tried again at once.
///
/// # Errors
/// When the database refuses.
pub async fn end_leases(db: &mut Db) -> Result<u64> {
    let done = sqlx::query("update outbox set lease_until = 0 where state = 'sending'").execute(db).await?;
    Ok(done.rows_affected())
}

/// Stop the copies of a post that have not been sent; gives (stopped, sent).
///
/// # Errors
/// When the database refuses.
pub async fn stop_copies(db: &mut Db, post: PostId, now: Timestamp) -> Result<(i64, i64)> {
    let stopped = sqlx::query(
        "update outbox set state = 'dropped', settled_at = $2, cause = 'the post was taken back'
         where state = 'waiting' and edition_id in (
             select e.id from editions e join edition_posts p on p.edition_id = e.id
             where p.post_id = $1 and e.kind = 'post')",
    )
    .bind(post.0)
    .bind(now.0)
    .execute(&mut *db)
    .await?;
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

/// A delivery report came back for this row; `false` when there is no such row that was sent.
///
/// # Errors
/// When the database refuses.
pub async fn set_bounced(db: &mut Db, id: OutboxId, cause: &str, now: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "update outbox set bounced_at = coalesce(bounced_at, $2), cause = $3 where id = $1 and state = 'sent'",
    )
    .bind(id.0)
    .bind(now.0)
    .bind(cause)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

const LISTING: &str = "select o.id, o.recipient, o.state, o.attempts, o.due_at, o.cause, o.settled_at, o.bounced_at,
         e.kind, e.folder, e.message_id from outbox o join editions e on e.id = o.edition_id";

fn listed(row: &AnyRow) -> Result<Listed> {
    Ok(Listed {
        id: row.int("id")?,
        recipient: row.text("recipient")?,
        state: row.text("state")?,
        attempts: row.int("attempts")?,
        due_at: row.time("due_at")?.rfc3339(),
        kind: row.text("kind")?,
        template: row.text("folder")?,
        cause: row.maybe_text("cause")?,
        settled_at: row.maybe_time("settled_at")?.map(Timestamp::rfc3339),
        bounced_at: row.maybe_time("bounced_at")?.map(Timestamp::rfc3339),
        message_id: row.text("message_id")?,
    })
}

/// Every row, oldest first; of one state if given.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &mut Db, state: Option<&str>) -> Result<Vec<Listed>> {
    let sql = format!("{LISTING} where $1 = '' or o.state = $1 order by o.id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(state.unwrap_or("")).fetch_all(db).await?;
    rows.iter().map(listed).collect()
}

/// The rows of everything that a post went out in.
///
/// # Errors
/// When the database refuses.
pub async fn of_post(db: &mut Db, post: PostId) -> Result<Vec<Listed>> {
    let sql = format!(
        "{LISTING} where o.edition_id in (select edition_id from edition_posts where post_id = $1) order by o.id"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(post.0).fetch_all(db).await?;
    rows.iter().map(listed).collect()
}

/// The rows of every notice that asks for or tells of a decision on a post.
///
/// # Errors
/// When the database refuses.
pub async fn notices_of_post(db: &mut Db, post: PostId) -> Result<Vec<Listed>> {
    let sql = format!("{LISTING} where o.reply_token in (select id from tokens where post_id = $1) order by o.id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(post.0).fetch_all(db).await?;
    rows.iter().map(listed).collect()
}

/// The posts in what went out under a Message-ID of ours.
///
/// # Errors
/// When the database refuses.
pub async fn posts_of_message_id(db: &mut Db, message_id: &str) -> Result<Vec<PostId>> {
    let rows = sqlx::query(
        "select p.post_id from edition_posts p join editions e on e.id = p.edition_id
         where e.message_id = $1 order by p.post_id",
    )
    .bind(message_id)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok(PostId(row.int("post_id")?))).collect()
}

/// The rows of an edition of ours, by its Message-ID.
///
/// # Errors
/// When the database refuses.
pub async fn by_message_id(db: &mut Db, message_id: &str) -> Result<Vec<Listed>> {
    let sql = format!("{LISTING} where e.message_id = $1 order by o.id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(message_id).fetch_all(db).await?;
    rows.iter().map(listed).collect()
}

/// Let failed or waiting rows be tried at once: this one, or all with `None`; gives how many.
///
/// # Errors
/// When the database refuses.
pub async fn retry(db: &mut Db, id: Option<OutboxId>, now: Timestamp) -> Result<u64> {
    let done = sqlx::query(
        "update outbox set state = 'waiting', due_at = $2, settled_at = null, lease_until = null,
             first_attempt_at = null, attempts = 0
         where ($1 = 0 or id = $1) and state in ('waiting', 'failed')",
    )
    .bind(id.map_or(0, |id| id.0))
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Give a waiting or failed row up; `false` when there is no such.
///
/// # Errors
/// When the database refuses.
pub async fn drop_row(db: &mut Db, id: OutboxId, now: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "update outbox set state = 'dropped', settled_at = $2, cause = 'dropped by an administrator'
         where id = $1 and state in ('waiting', 'failed')",
    )
    .bind(id.0)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many rows wait, and how many failed.
///
/// # Errors
/// When the database refuses.
pub async fn counts(db: &mut Db) -> Result<(i64, i64)> {
    let row = sqlx::query(
        "select coalesce(cast(sum(case when state in ('waiting', 'sending') then 1 else 0 end) as bigint), 0) as waiting,
                coalesce(cast(sum(case when state = 'failed' then 1 else 0 end) as bigint), 0) as failed
         from outbox",
    )
    .fetch_one(db)
    .await?;
    Ok((row.int("waiting")?, row.int("failed")?))
}

/// The Message-ID under which a post went out.
///
/// # Errors
/// When the database refuses.
pub async fn message_id_of_post(db: &mut Db, post: PostId) -> Result<Option<String>> {
    let row = sqlx::query(
        "select e.message_id from editions e join edition_posts p on p.edition_id = e.id
         where p.post_id = $1 and e.kind = 'post' order by e.id limit 1",
    )
    .bind(post.0)
    .fetch_optional(db)
    .await?;
    row.map(|row| row.text("message_id")).transpose()
}

/// The posts that were taken back and still stand in a digest about to leave.
///
/// # Errors
/// When the database refuses.
pub async fn retracted_in_due_digests(db: &mut Db, now: Timestamp) -> Result<Vec<PostId>> {
    let rows = sqlx::query(
        "select distinct p.id from outbox o join editions e on e.id = o.edition_id
         join edition_posts ep on ep.edition_id = e.id join posts p on p.id = ep.post_id
         where ((o.state = 'waiting' and o.due_at <= $1) or (o.state = 'sending' and o.lease_until <= $1))
             and e.kind = 'digest' and p.state = 'retracted' order by p.id",
    )
    .bind(now.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok(PostId(row.int("id")?))).collect()
}

/// The digest editions that hold a post and still wait for somebody.
///
/// # Errors
/// When the database refuses.
pub async fn waiting_digests_with(db: &mut Db, post: PostId, now: Timestamp) -> Result<Vec<EditionId>> {
    let rows = sqlx::query(
        "select distinct e.id from editions e join edition_posts p on p.edition_id = e.id
         join outbox o on o.edition_id = e.id
         where p.post_id = $1 and e.kind = 'digest'
             and (o.state = 'waiting' or (o.state = 'sending' and o.lease_until <= $2)) order by e.id",
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
            sqlx::query("update issues set edition_id = $2 where edition_id = $1
                             and member_id in (select member_id from outbox where edition_id = $1
                                 and (state = 'waiting' or (state = 'sending' and lease_until <= $3)))")
                .bind(old.0)
                .bind(new.0)
                .bind(now.0)
                .execute(&mut *db)
                .await?;
            sqlx::query("update outbox set edition_id = $2 where edition_id = $1
                             and (state = 'waiting' or (state = 'sending' and lease_until <= $3))")
                .bind(old.0)
                .bind(new.0)
                .bind(now.0)
                .execute(db)
                .await?
        }
        None => {
            sqlx::query(
                "update outbox set state = 'dropped', settled_at = $2, lease_until = null, cause = 'the post was taken back'
                 where edition_id = $1 and (state = 'waiting' or (state = 'sending' and lease_until <= $2))",
            )
            .bind(old.0)
            .bind(now.0)
            .execute(db)
            .await?
        }
    };
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}
