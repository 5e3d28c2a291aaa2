//! Messages as they came in: kept before they are understood, and never thrown away.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use super::db::{Db, Error, Result};
use super::rows::{Columns, json};
use super::selection::Selection;
use super::sets::{Set, places};
use crate::clock::Timestamp;
use crate::mail::{Address, Envelope, ReversePath};
use crate::model::ids::SpoolId;

/// How long a claimed message is nobody else's, unless the lease is renewed.
const LEASE_SECONDS: i64 = 30;

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
    /// When it was read, or set aside.
    pub settled_at: Option<String>,
    /// Why it was set aside, or why the last reading failed.
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
        settled_at: row.maybe_time("settled_at")?.map(Timestamp::rfc3339),
        cause: row.maybe_text("cause")?,
        message_id: row.maybe_text("message_id")?,
    })
}

/// A message about to be kept.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// Its envelope.
    pub envelope: &'a Envelope,
    /// The bytes as they came.
    pub message: &'a [u8],
    /// Where it came from: an address of a socket, `unix` or `pipe`.
    pub peer: &'a str,
    /// When it was accepted.
    pub received_at: Timestamp,
}

/// Keep messages, in their order. The same bytes in the same envelope are one message, however often a sender tries.
///
/// # Errors
/// When the database refuses; then the senders must be told to try again.
pub async fn insert(db: &mut Db, messages: &[New<'_>]) -> Result<()> {
    let mut rest = messages;
    while !rest.is_empty() {
        // Each length is a statement of its own to the database, so there are few.
        let size = [16, 4, 1].into_iter().find(|size| *size <= rest.len()).unwrap_or(1);
        let (now, later) = rest.split_at(size);
        insert_together(db, now).await?;
        rest = later;
    }
    Ok(())
}

async fn insert_together(db: &mut Db, messages: &[New<'_>]) -> Result<()> {
    let postgres = super::db::is_postgres(db);
    let sql = format!(
        "insert into spool (fingerprint, reverse_path, recipients, peer, size, received_at, state)
         select column1, column2, column3, column4, column5, column6, 'new' from (values {}) as arrived
         where true on conflict (fingerprint) do nothing returning id, fingerprint",
        places(messages.len(), 6, postgres)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    let mut of = HashMap::new();
    for new in messages {
        let recipients: Vec<&str> = new.envelope.recipients.iter().map(Address::as_str).collect();
        let recipients = json(&recipients);
        let fingerprint = fingerprint(new.envelope.reverse_path.as_str(), &recipients, new.message);
        query = query
            .bind(fingerprint.clone())
            .bind(new.envelope.reverse_path.as_str())
            .bind(recipients)
            .bind(new.peer)
            .bind(i64::try_from(new.message.len()).unwrap_or(i64::MAX))
            .bind(new.received_at.0);
        of.insert(fingerprint, new.message);
    }
    let rows = query.fetch_all(&mut *db).await?;
    let mut kept = Vec::with_capacity(rows.len());
    for row in &rows {
        let message = of.get(&row.text("fingerprint")?).ok_or_else(|| Error::Corrupt("fingerprint".to_owned()))?;
        kept.push((row.int("id")?, message.to_vec()));
    }
    if kept.is_empty() {
        return Ok(());
    }
    // The bytes stand apart: whatever is written about a message later does not write them once more.
    let sql = format!("insert into raw_messages (spool_id, message) values {}", places(kept.len(), 2, postgres));
    let query = sqlx::query(sqlx::AssertSqlSafe(sql));
    kept.into_iter().fold(query, |query, (id, message)| query.bind(id).bind(message)).execute(db).await?;
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
}

/// The oldest messages that wait to be read, oldest first. On PostgreSQL claims take turns until the transaction ends,
/// so that what is leased is known.
///
/// # Errors
/// When the database refuses.
pub async fn waiting(db: &mut Db, most: i64, now: Timestamp) -> Result<Vec<Waiting>> {
    if super::db::is_postgres(db) {
        sqlx::query("select id from instance where id = 1 for update").execute(&mut *db).await?;
    }
    let rows = sqlx::query(
        "select id, recipients, size, attempts, lease_until from spool where state = 'new' order by id limit $1",
    )
    .bind(most)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let recipients: Vec<String> = row.json("recipients")?;
            Ok(Waiting {
                id: SpoolId(row.int("id")?),
                recipients: recipients.iter().filter_map(|recipient| Address::parse(recipient).ok()).collect(),
                size: row.int("size")?,
                attempts: row.int("attempts")?,
                is_leased: row.time("lease_until")? > now,
            })
        })
        .collect()
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
}

/// Claim messages that wait; gives them in their order.
///
/// # Errors
/// When the database refuses.
pub async fn claim(db: &mut Db, ids: &[SpoolId], now: Timestamp) -> Result<Vec<ClaimedMessage>> {
    let set = super::db::each(db);
    let sql = format!(
        "update spool set attempts = attempts + 1, fence = fence + 1, lease_until = $2
         where id in (select cast(value as bigint) from {set}) and state = 'new' returning id, fence, attempts"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(json(ids))
        .bind(now.plus_seconds(LEASE_SECONDS).0)
        .fetch_all(db)
        .await?;
    let claimed = |row: &AnyRow| {
        Ok(ClaimedMessage { id: SpoolId(row.int("id")?), fence: row.int("fence")?, attempts: row.int("attempts")? })
    };
    let mut claimed = rows.iter().map(claimed).collect::<Result<Vec<_>>>()?;
    claimed.sort_by_key(|one| one.id);
    Ok(claimed)
}

/// The claimed messages are still being read.
///
/// # Errors
/// When the database refuses.
pub async fn renew(db: &mut Db, claimed: &[ClaimedMessage], now: Timestamp) -> Result<()> {
    let ids: Vec<SpoolId> = lock_claimed(db, claimed).await?;
    let sql = format!(
        "update spool set lease_until = $2 where id in (select cast(value as bigint) from {})",
        super::db::each(db)
    );
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
    let lock = if super::db::is_postgres(db) { " for update" } else { "" };
    let sql = format!(
        "select id, fence from spool where id in (select cast(value as bigint) from {}) and state = 'new' order by id{lock}",
        super::db::each(db)
    );
    let ids: Vec<SpoolId> = claimed.iter().map(|one| one.id).collect();
    let mut ours = Vec::new();
    for row in sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(&ids)).fetch_all(db).await? {
        let (id, fence) = (SpoolId(row.int("id")?), row.int("fence")?);
        ours.extend(claimed.iter().find(|one| one.id == id && one.fence == fence).map(|one| one.id));
    }
    Ok(ours)
}

/// The message of this row.
///
/// # Errors
/// When the database refuses or there is none.
pub async fn by_id(db: &mut Db, id: SpoolId) -> Result<Option<Spooled>> {
    let row = sqlx::query("select * from spool join raw_messages on spool_id = id where id = $1")
        .bind(id.0)
        .fetch_optional(db)
        .await?;
    row.as_ref().map(spooled).transpose()
}

/// The messages of these rows, in the order of the rows.
///
/// # Errors
/// When the database refuses.
pub async fn by_ids(db: &mut Db, ids: &[SpoolId]) -> Result<Vec<Spooled>> {
    let sql = format!(
        "select * from spool join raw_messages on spool_id = id where id in (select cast(value as bigint) from {}) order by id",
        super::db::each(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).fetch_all(db).await?;
    rows.iter().map(spooled).collect()
}

/// The message has come to its end; [`lock_claimed`] gave it to this transaction.
pub fn done(db: &mut Db, id: SpoolId, message_id: Option<&str>, now: Timestamp) {
    db.keep_back(Set::Done, vec![id.0.into(), message_id.into(), now.into()]);
}

/// Set a claimed message aside for a person.
///
/// # Errors
/// When the database refuses.
pub async fn quarantine(
    db: &mut Db,
    claimed: ClaimedMessage,
    cause: &str,
    message_id: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "update spool set state = 'quarantined', cause = $2, message_id = $3, settled_at = $4, lease_until = 0
         where id = $1 and state = 'new' and fence = $5",
    )
    .bind(claimed.id.0)
    .bind(cause)
    .bind(message_id)
    .bind(now.0)
    .bind(claimed.fence)
    .execute(db)
    .await?;
    Ok(())
}

/// Let a quarantined message be read once more; `false` when there is no such.
///
/// # Errors
/// When the database refuses.
pub async fn retry(db: &mut Db, id: SpoolId) -> Result<bool> {
    let done = sqlx::query("update spool set state = 'new', cause = null, attempts = 0, lease_until = 0, settled_at = null where id = $1 and state = 'quarantined'")
        .bind(id.0)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The messages that were asked for, without their bytes.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &mut Db, selection: &Selection<'_>) -> Result<Vec<Listed>> {
    // As it stands in the JSON of the recipients.
    let recipient = selection.recipient.map(|address| json(&address)).unwrap_or_default();
    let sql = format!(
        "select id, state, reverse_path, recipients, size, received_at, settled_at, cause, message_id from spool
         where ($1 = '' or state = $1)
             and ($2 = '' or replace(lower(recipients), lower($2), '') <> lower(recipients))
         order by id {} limit $3",
        selection.direction()
    );
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(selection.state.unwrap_or(""))
        .bind(recipient)
        .bind(selection.most())
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
        "select id, state, reverse_path, recipients, size, received_at, settled_at, cause, message_id from spool where id = $1",
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
        "select id, state, reverse_path, recipients, size, received_at, settled_at, cause, message_id from spool
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

/// Reading it failed; it waits again.
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
