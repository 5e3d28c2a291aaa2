//! The outbox: editions written once, and one row per recipient. Attempts are booked before the network is touched.

use sqlx::any::AnyRow;

use super::db::{Db, Error, Result};
use super::rows::{Columns, json};
use super::sets::Set;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::ids::{EditionId, GroupId, MemberId, OutboxId, TokenId};

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

/// Add one recipient. An edition has each of them once (promise I3), or the transaction fails.
pub fn insert(db: &mut Db, new: &NewRow<'_>, now: Timestamp) {
    let row = vec![
        new.edition.0.into(),
        new.member.map(|id| id.0).into(),
        new.recipient.as_str().into(),
        new.return_path.word().into(),
        new.reply_token.map(|id| id.0).into(),
        (new.lane as i64).into(),
        "waiting".into(),
        now.into(),
        now.into(),
    ];
    db.keep_back(Set::Outbox, row);
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
/// back: one that was under way at that moment, or in the hands of a server that died, comes round once more. Who has left
/// hears that it is done, and nothing more.
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
             or (member_id in (select id from members where state = 'left')
                 and edition_id not in (select id from editions where folder = 'leave-done'))
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

/// The smarthost was not reached at all: the attempts are given back (promise: an outage costs no attempts). The days of
/// trying begin with the first attempt that counts.
///
/// # Errors
/// When the database refuses.
pub async fn give_back(db: &mut Db, ids: &[OutboxId], cause: &str) -> Result<()> {
    let list = json(ids);
    let sql = if super::db::is_postgres(db) {
        "update outbox set state = 'waiting', attempts = attempts - 1, lease_until = null, cause = $2,
             first_attempt_at = case when attempts = 1 then null else first_attempt_at end
         where id in (select cast(value as bigint) from jsonb_array_elements_text($1::jsonb)) and state = 'sending'"
    } else {
        "update outbox set state = 'waiting', attempts = attempts - 1, lease_until = null, cause = $2,
             first_attempt_at = case when attempts = 1 then null else first_attempt_at end
         where id in (select value from json_each($1)) and state = 'sending'"
    };
    sqlx::query(sql).bind(list).bind(cause).execute(db).await?;
    Ok(())
}

/// Renew the leases of rows that are still on their way.
///
/// # Errors
/// When the database refuses.
pub async fn renew(db: &mut Db, ids: &[OutboxId], now: Timestamp) -> Result<()> {
    let sql = if super::db::is_postgres(db) {
        "update outbox set lease_until = $2
         where id in (select cast(value as bigint) from jsonb_array_elements_text($1::jsonb)) and state = 'sending'"
    } else {
        "update outbox set lease_until = $2 where id in (select value from json_each($1)) and state = 'sending'"
    };
    sqlx::query(sql).bind(json(ids)).bind(now.plus_seconds(LEASE_SECONDS).0).execute(db).await?;
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
