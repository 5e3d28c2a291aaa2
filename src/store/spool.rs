//! Messages as they came in: kept before they are understood, and never thrown away.

use sqlx::any::AnyRow;

use super::db::{Db, Error, Result};
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::mail::{Address, Envelope, ReversePath};
use crate::model::ids::SpoolId;

/// How long a claimed message is nobody else's.
const LEASE_SECONDS: i64 = 60;

/// A message with its envelope.
#[derive(Debug, Clone)]
pub struct Spooled {
    /// The row.
    pub id: SpoolId,
    /// Its envelope.
    pub envelope: Envelope,
    /// The bytes as they came.
    pub message: Vec<u8>,
    /// How often reading it was begun.
    pub attempts: i64,
    /// When it was accepted.
    pub received_at: Timestamp,
}

/// One line of the listing.
#[derive(Debug, serde::Serialize)]
pub struct Listed {
    /// The row.
    pub id: i64,
    /// `new`, `done` or `quarantined`.
    pub state: String,
    /// The return path.
    pub sender: String,
    /// The recipients.
    pub recipients: Vec<String>,
    /// Octets.
    pub size: i64,
    /// When it was accepted.
    pub received_at: String,
    /// Why it was set aside.
    pub cause: Option<String>,
    /// Its Message-ID.
    pub message_id: Option<String>,
}

fn spooled(row: &AnyRow) -> Result<Spooled> {
    let corrupt = |column: &str| Error::Corrupt(column.to_owned());
    let reverse_path = match row.text("reverse_path")?.as_str() {
        "" => ReversePath::Null,
        path => ReversePath::Address(Address::parse(path).map_err(|_| corrupt("reverse_path"))?),
    };
    let recipients: Vec<String> = row.json("recipients")?;
    let recipients = recipients
        .iter()
        .map(|recipient| Address::parse(recipient).map_err(|_| corrupt("recipients")))
        .collect::<Result<_>>()?;
    Ok(Spooled {
        id: SpoolId(row.int("id")?),
        envelope: Envelope { reverse_path, recipients },
        message: row.bytes("message")?,
        attempts: row.int("attempts")?,
        received_at: row.time("received_at")?,
    })
}

fn listed(row: &AnyRow) -> Result<Listed> {
    Ok(Listed {
        id: row.int("id")?,
        state: row.text("state")?,
        sender: row.text("reverse_path")?,
        recipients: row.json("recipients")?,
        size: row.int("size")?,
        received_at: row.time("received_at")?.rfc3339(),
        cause: row.maybe_text("cause")?,
        message_id: row.maybe_text("message_id")?,
    })
}

/// Keep a message. The same bytes in the same envelope are one message, however often a sender tries.
///
/// # Errors
/// When the database refuses; then the sender must be told to try again.
pub async fn insert(db: &mut Db, envelope: &Envelope, message: &[u8], peer: &str, now: Timestamp) -> Result<()> {
    let recipients: Vec<&str> = envelope.recipients.iter().map(Address::as_str).collect();
    let recipients = json(&recipients);
    let fingerprint = fingerprint(envelope.reverse_path.as_str(), &recipients, message);
    sqlx::query(
        "insert into spool (fingerprint, reverse_path, recipients, peer, message, size, state, received_at)
         values ($1, $2, $3, $4, $5, $6, 'new', $7) on conflict (fingerprint) do nothing",
    )
    .bind(fingerprint)
    .bind(envelope.reverse_path.as_str())
    .bind(recipients)
    .bind(peer)
    .bind(message.to_vec())
    .bind(i64::try_from(message.len()).unwrap_or(i64::MAX))
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(())
}

fn fingerprint(reverse_path: &str, recipients: &str, message: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for part in [reverse_path.as_bytes(), recipients.as_bytes(), message] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

/// A message that was claimed for reading; the attempt is booked, so that one which ends the program is known again.
#[derive(Debug, Clone, Copy)]
pub struct ClaimedMessage {
    /// The row.
    pub id: SpoolId,
    /// This attempt's number, from 1.
    pub attempts: i64,
}

/// Claim the oldest new message for a minute, if any; those that failed before stand behind the others.
///
/// # Errors
/// When the database refuses.
pub async fn claim(db: &mut Db, now: Timestamp) -> Result<Option<ClaimedMessage>> {
    let skip = if super::db::is_postgres(db) { " for update skip locked" } else { "" };
    let sql = format!(
        "update spool set attempts = attempts + 1, lease_until = $2
         where id = (select id from spool where state = 'new' and lease_until <= $1
                     order by attempts, id limit 1{skip})
         returning id, attempts"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(now.0)
        .bind(now.plus_seconds(LEASE_SECONDS).0)
        .fetch_optional(&mut *db)
        .await?;
    row.map(|row| Ok(ClaimedMessage { id: SpoolId(row.int("id")?), attempts: row.int("attempts")? })).transpose()
}

/// Messages that a process of this machine was reading when it ended may be read again at once.
///
/// # Errors
/// When the database refuses.
pub async fn end_leases(db: &mut Db) -> Result<()> {
    sqlx::query("update spool set lease_until = 0 where state = 'new'").execute(db).await?;
    Ok(())
}

/// Lock a message until the transaction ends; `false` when it is no longer new, so that two servers never judge one.
///
/// # Errors
/// When the database refuses.
pub async fn lock_new(db: &mut Db, id: SpoolId) -> Result<bool> {
    let sql = if super::db::is_postgres(db) {
        "select id from spool where id = $1 and state = 'new' for update"
    } else {
        "select id from spool where id = $1 and state = 'new'"
    };
    Ok(sqlx::query(sql).bind(id.0).fetch_optional(&mut *db).await?.is_some())
}

/// The message of this row.
///
/// # Errors
/// When the database refuses or there is none.
pub async fn by_id(db: &mut Db, id: SpoolId) -> Result<Option<Spooled>> {
    let row = sqlx::query("select * from spool where id = $1").bind(id.0).fetch_optional(db).await?;
    row.as_ref().map(spooled).transpose()
}

/// The message has come to its end.
///
/// # Errors
/// When the database refuses.
pub async fn done(db: &mut Db, id: SpoolId, message_id: Option<&str>, now: Timestamp) -> Result<()> {
    sqlx::query("update spool set state = 'done', message_id = $2, settled_at = $3, cause = null where id = $1")
        .bind(id.0)
        .bind(message_id)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Set the message aside for a person.
///
/// # Errors
/// When the database refuses.
pub async fn quarantine(db: &mut Db, id: SpoolId, cause: &str, message_id: Option<&str>, now: Timestamp) -> Result<()> {
    sqlx::query(
        "update spool set state = 'quarantined', cause = $2, message_id = $3, settled_at = $4
         where id = $1 and state = 'new'",
    )
    .bind(id.0)
    .bind(cause)
    .bind(message_id)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(())
}

/// Let a quarantined message be read once more; `false` when there is no such.
///
/// # Errors
/// When the database refuses.
pub async fn retry(db: &mut Db, id: SpoolId) -> Result<bool> {
    let done = sqlx::query("update spool set state = 'new', cause = null, attempts = 0, lease_until = 0 where id = $1 and state = 'quarantined'")
        .bind(id.0)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// All messages, oldest first, without their bytes; of one state if given.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &mut Db, state: Option<&str>) -> Result<Vec<Listed>> {
    sqlx::query(
        "select id, state, reverse_path, recipients, size, received_at, cause, message_id from spool
         where $1 = '' or state = $1 order by id",
    )
    .bind(state.unwrap_or(""))
    .fetch_all(db)
    .await?
    .iter()
    .map(listed)
    .collect()
}

/// The message of this row, without its bytes.
///
/// # Errors
/// When the database refuses.
pub async fn listed_by_id(db: &mut Db, id: SpoolId) -> Result<Option<Listed>> {
    let row = sqlx::query(
        "select id, state, reverse_path, recipients, size, received_at, cause, message_id from spool where id = $1",
    )
    .bind(id.0)
    .fetch_optional(db)
    .await?;
    row.as_ref().map(listed).transpose()
}

/// Those of this Message-ID, without their bytes.
///
/// # Errors
/// When the database refuses.
pub async fn by_message_id(db: &mut Db, message_id: &str) -> Result<Vec<Listed>> {
    sqlx::query(
        "select id, state, reverse_path, recipients, size, received_at, cause, message_id from spool
         where message_id = $1 order by id",
    )
    .bind(message_id)
    .fetch_all(db)
    .await?
    .iter()
    .map(listed)
    .collect()
}

/// How many are in each state: (new, quarantined).
///
/// # Errors
/// When the database refuses.
pub async fn counts(db: &mut Db) -> Result<(i64, i64)> {
    let row = sqlx::query(
        "select coalesce(cast(sum(case when state = 'new' then 1 else 0 end) as bigint), 0) as fresh,
                coalesce(cast(sum(case when state = 'quarantined' then 1 else 0 end) as bigint), 0) as aside
         from spool",
    )
    .fetch_one(db)
    .await?;
    Ok((row.int("fresh")?, row.int("aside")?))
}

/// Reading it failed; it goes behind the others.
///
/// # Errors
/// When the database refuses.
pub async fn give_back(db: &mut Db, id: SpoolId, cause: &str) -> Result<()> {
    sqlx::query("update spool set lease_until = 0, cause = $2 where id = $1 and state = 'new'")
        .bind(id.0)
        .bind(cause)
        .execute(db)
        .await?;
    Ok(())
}
