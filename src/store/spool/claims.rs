//! Messages that wait to be read: which there are, who reads them, and what a failure does to them.

use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::ids::SpoolId;
use crate::model::turn::{BEHIND, Lane, RESTS};
use crate::store::db::{self, Db, Result};
use crate::store::rows::{Columns, json};

/// How long a claimed message is nobody else's, unless the lease is renewed.
const LEASE_SECONDS: i64 = 30;

/// A message that waits to be read, without its bytes.
#[derive(Debug)]
pub struct Waiting {
    /// The row.
    pub id: SpoolId,
    /// The recipients.
    pub recipients: Vec<Address>,
    /// Octets.
    pub size: i64,
    /// How often reading it was begun.
    pub attempts: i64,
    /// Somebody reads it now.
    pub is_leased: bool,
    /// When it may be begun again.
    pub retry_at: Timestamp,
}

/// The oldest messages that wait to be read in a lane, oldest first. On PostgreSQL claims take turns until the transaction ends,
/// so that what is leased is known.
///
/// # Errors
/// When the database refuses.
pub async fn waiting(db: &mut Db, lane: Lane, most: i64, now: Timestamp) -> Result<Vec<Waiting>> {
    if db::is_postgres(db) {
        sqlx::query("select id from instance where id = 1 for update").execute(&mut *db).await?;
    }
    let sql = format!(
        "select id, recipients, size, attempts, lease_until, retry_at from spool
         where state = 'new' and lane = $1 order by id limit {most}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(lane as i64).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            Ok(Waiting {
                id: SpoolId(row.int("id")?),
                recipients: recipients(row),
                size: row.int("size")?,
                attempts: row.int("attempts")?,
                is_leased: row.time("lease_until")? > now,
                retry_at: row.time("retry_at")?,
            })
        })
        .collect()
}

/// The recipients of the messages that were accepted before an instant and wait to be read, and when each was accepted.
///
/// # Errors
/// When the database refuses.
pub async fn unread_before(db: &mut Db, before: Timestamp) -> Result<Vec<(Vec<Address>, Timestamp)>> {
    let rows =
        sqlx::query("select recipients, received_at from spool where state = 'new' and received_at < $1 order by id")
            .bind(before.0)
            .fetch_all(db)
            .await?;
    rows.iter().map(|row| Ok((recipients(row), row.time("received_at")?))).collect()
}

/// None where the row is damaged: the others must not wait for it, and whoever reads it meets the damage.
fn recipients(row: &AnyRow) -> Vec<Address> {
    let recipients: Vec<String> = row.json("recipients").unwrap_or_default();
    recipients.iter().filter_map(|recipient| Address::parse(recipient).ok()).collect()
}

/// A message that was claimed for reading; the attempt is booked, so that one which ends the program is known again.
#[derive(Debug, Clone, Copy)]
pub struct ClaimedMessage {
    /// The row.
    pub id: SpoolId,
    /// The number of this claim: with an older one nothing of the row may be written.
    pub fence: i64,
    /// This attempt's number, from 1.
    pub attempts: i64,
    /// Where it waited.
    pub lane: Lane,
}

/// Claim messages that wait; gives them in their order. That they rest before they are begun again is booked with the
/// attempt: one that ends the program rests as well.
///
/// # Errors
/// When the database refuses.
pub async fn claim(db: &mut Db, ids: &[SpoolId], now: Timestamp) -> Result<Vec<ClaimedMessage>> {
    // Found by their ids, not among all that wait.
    let among = db::among(db);
    let sql = format!(
        "update spool set attempts = attempts + 1, fence = fence + 1, lease_until = $2,
             retry_at = case when attempts = 0 then cast($3 as bigint) else cast($4 as bigint) end
         where id {among} and coalesce(state, '') = 'new' returning id, fence, attempts, lane"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(json(ids))
        .bind(now.plus_seconds(LEASE_SECONDS).0)
        .bind(now.plus_seconds(RESTS[0]).0)
        .bind(now.plus_seconds(RESTS[1]).0)
        .fetch_all(db)
        .await?;
    let claimed = |row: &AnyRow| {
        Ok(ClaimedMessage {
            id: SpoolId(row.int("id")?),
            fence: row.int("fence")?,
            attempts: row.int("attempts")?,
            lane: if row.int("lane")? == Lane::Urgent as i64 { Lane::Urgent } else { Lane::Ordinary },
        })
    };
    let mut claimed = rows.iter().map(claimed).collect::<Result<Vec<_>>>()?;
    claimed.sort_by_key(|one| one.id);
    Ok(claimed)
}

/// This message is judged ahead of the others, where that is still to be done.
///
/// # Errors
/// When the database refuses.
pub async fn bring_forward(db: &mut Db, id: SpoolId) -> Result<()> {
    sqlx::query("update spool set lane = $2 where id = $1 and coalesce(state, '') = 'new' and lane <> $2")
        .bind(id.0)
        .bind(Lane::Urgent as i64)
        .execute(db)
        .await?;
    Ok(())
}

/// Those messages behind this one that wait for their turn, in their order.
///
/// # Errors
/// When the database refuses.
pub async fn in_their_turn(db: &mut Db, behind: SpoolId, most: i64) -> Result<Vec<SpoolId>> {
    let rows = sqlx::query("select id from spool where state = 'new' and lane = $1 and id > $2 order by id limit $3")
        .bind(Lane::Ordinary as i64)
        .bind(behind.0)
        .bind(most)
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| Ok(SpoolId(row.int("id")?))).collect()
}

/// The claimed messages are still being read.
///
/// # Errors
/// When the database refuses.
pub async fn renew(db: &mut Db, claimed: &[ClaimedMessage], now: Timestamp) -> Result<()> {
    let ids: Vec<SpoolId> = lock_claimed(db, claimed).await?;
    let sql = format!("update spool set lease_until = $2 where id {among}", among = db::among(db));
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(&ids)).bind(now.plus_seconds(LEASE_SECONDS).0).execute(db).await?;
    Ok(())
}

/// Messages that a process of this machine was reading when it ended may be read again at once.
///
/// # Errors
/// When the database refuses.
pub async fn end_leases(db: &mut Db) -> Result<()> {
    sqlx::query("update spool set lease_until = 0 where state = 'new'").execute(db).await?;
    Ok(())
}

/// Lock claimed messages until the transaction ends; gives those that are still ours to take to their end: not those
/// that came to it, and not those whose lease ended and that another server took.
///
/// # Errors
/// When the database refuses.
pub async fn lock_claimed(db: &mut Db, claimed: &[ClaimedMessage]) -> Result<Vec<SpoolId>> {
    let lock = if db::is_postgres(db) { " for update" } else { "" };
    let sql = format!(
        "select id, fence from spool where id {among} and coalesce(state, '') = 'new' order by id{lock}",
        among = db::among(db)
    );
    let ids: Vec<SpoolId> = claimed.iter().map(|one| one.id).collect();
    let mut ours = Vec::new();
    for row in sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(&ids)).fetch_all(db).await? {
        let (id, fence) = (SpoolId(row.int("id")?), row.int("fence")?);
        ours.extend(claimed.iter().find(|one| one.id == id && one.fence == fence).map(|one| one.id));
    }
    Ok(ours)
}

/// The database cut an attempt short: it is none, and the message waits again until then. Whether the claim itself was
/// written may not be known.
///
/// # Errors
/// When the database refuses.
pub async fn take_attempt_back(db: &mut Db, claimed: ClaimedMessage, cause: &str, retry_at: Timestamp) -> Result<()> {
    sqlx::query(
        "update spool set attempts = case when attempts > 0 then attempts - 1 else 0 end, cause = $2, retry_at = $3,
             lease_until = case when fence = $4 then 0 else lease_until end
         where id = $1 and state = 'new' and fence >= $4",
    )
    .bind(claimed.id.0)
    .bind(cause)
    .bind(retry_at.0)
    .bind(claimed.fence)
    .execute(db)
    .await?;
    Ok(())
}

/// The same, where that goes on: from now on the message stands behind all others.
///
/// # Errors
/// When the database refuses.
pub async fn put_behind(db: &mut Db, claimed: ClaimedMessage, cause: &str, retry_at: Timestamp) -> Result<()> {
    sqlx::query(
        "update spool set attempts = $2, cause = $3, retry_at = $4, lease_until = 0
         where id = $1 and state = 'new' and fence = $5",
    )
    .bind(claimed.id.0)
    .bind(BEHIND)
    .bind(cause)
    .bind(retry_at.0)
    .bind(claimed.fence)
    .execute(db)
    .await?;
    Ok(())
}

/// Reading it failed; it waits again, and rests before.
///
/// # Errors
/// When the database refuses.
pub async fn give_back(db: &mut Db, claimed: ClaimedMessage, cause: &str) -> Result<()> {
    sqlx::query("update spool set lease_until = 0, cause = $2 where id = $1 and state = 'new' and fence = $3")
        .bind(claimed.id.0)
        .bind(cause)
        .bind(claimed.fence)
        .execute(db)
        .await?;
    Ok(())
}
