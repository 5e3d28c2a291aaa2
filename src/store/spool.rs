//! Messages as they came in: kept before they are understood, and never thrown away.

mod claims;
mod insert;

use std::collections::HashSet;

use sqlx::any::AnyRow;

use super::db::{self, Db, Error, Result};
use super::rows::{Columns, json};
use super::selection::Selection;
use super::sets::Set;
use crate::clock::Timestamp;
use crate::mail::{Address, Envelope, ReversePath};
use crate::model::ids::SpoolId;
pub use claims::*;
pub use insert::*;

/// A message with its envelope.
#[derive(Debug, Clone)]
pub struct Spooled {
    /// The row.
    pub id: SpoolId,
    /// Its envelope.
    pub envelope: Envelope,
    /// The bytes as they came.
    pub message: Vec<u8>,
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
        received_at: row.time("received_at")?,
    })
}

fn listed(row: &AnyRow) -> Result<Listed> {
    Ok(Listed {
        id: row.int("id")?,
        state: row.text("state")?,
        sender: row.text("reverse_path")?,
        // Also a damaged row is listed.
        recipients: row.json("recipients").unwrap_or_default(),
        size: row.int("size")?,
        received_at: row.time("received_at")?.rfc3339(),
        settled_at: row.maybe_time("settled_at")?.map(Timestamp::rfc3339),
        cause: row.maybe_text("cause")?,
        message_id: row.maybe_text("message_id")?,
    })
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
        "select * from spool join raw_messages on spool_id = id where id {among} order by id",
        among = super::db::among(db)
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
    let done = sqlx::query(
        "update spool set state = 'new', cause = null, attempts = 0, lease_until = 0, retry_at = 0, settled_at = null
         where id = $1 and state = 'quarantined'",
    )
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

/// When the octets of a message went; `None` while they are there.
///
/// # Errors
/// When the database refuses.
pub async fn raw_gone_at(db: &mut Db, id: SpoolId) -> Result<Option<Timestamp>> {
    let row = sqlx::query("select raw_gone_at from spool where id = $1").bind(id.0).fetch_optional(db).await?;
    row.map_or(Ok(None), |row| row.maybe_time("raw_gone_at"))
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

/// Those of these Message-IDs that messages had which were taken to their end.
///
/// # Errors
/// When the database refuses.
pub async fn known_message_ids(db: &mut Db, ids: &[&str]) -> Result<HashSet<String>> {
    let sql = format!("select distinct message_id from spool where message_id {among}", among = db::among_texts(db));
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).fetch_all(db).await?;
    rows.iter().map(|row| row.text("message_id")).collect()
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
