//! What was sent: our own words, which automatic mail brings back.

use std::collections::BTreeSet;

use super::db::{Db, Result};
use super::editions;
use super::rows::Columns;
use crate::mail::Address;
use crate::model::ids::{EditionId, GroupId, OutboxId};

/// So many of the newest rows are looked through for those of an address.
const NEWEST_ROWS: i64 = 5_000;
/// The most editions of one address.
const MOST_EDITIONS: i64 = 40;

/// The bytes of what went to an address lately.
///
/// # Errors
/// When the database refuses.
pub async fn lately_to(db: &mut Db, address: &Address) -> Result<Vec<Vec<u8>>> {
    let rows = sqlx::query(
        "select edition_id from outbox
         where id > (select coalesce(max(id), 0) from outbox) - $2 and lower(recipient) = lower($1)
         order by id desc limit $3",
    )
    .bind(address.as_str())
    .bind(NEWEST_ROWS)
    .bind(MOST_EDITIONS)
    .fetch_all(&mut *db)
    .await?;
    let ids = rows.iter().map(|row| Ok(EditionId(row.int("edition_id")?))).collect::<Result<BTreeSet<_>>>()?;
    Ok(editions::messages(db, &ids).await?.into_iter().map(|(_, message)| message).collect())
}

/// The bytes of what went out under a Message-ID.
///
/// # Errors
/// When the database refuses.
pub async fn under_message_id(db: &mut Db, message_id: &str) -> Result<Option<Vec<u8>>> {
    let row = sqlx::query("select message from editions where message_id = $1").bind(message_id);
    row.fetch_optional(db).await?.map(|row| row.bytes("message")).transpose()
}

/// What went out with a row, and the group that it is about.
///
/// # Errors
/// When the database refuses.
pub async fn with_row(db: &mut Db, row: OutboxId) -> Result<Option<(Vec<u8>, Option<GroupId>)>> {
    let found = sqlx::query(
        "select e.message, e.group_id from outbox o join editions e on e.id = o.edition_id where o.id = $1",
    )
    .bind(row.0)
    .fetch_optional(db)
    .await?;
    found.map(|row| Ok((row.bytes("message")?, row.maybe_int("group_id")?.map(GroupId)))).transpose()
}
