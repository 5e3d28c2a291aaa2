//! Addresses of people who were forgotten, as keyed hashes. Nobody adds them again by mistake, and nothing is handed over to
//! them.

use std::collections::HashSet;

use super::db::{Db, Result};
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::model::ids::{GroupId, MemberId};

/// Whoever was forgotten under this hash in a group.
///
/// # Errors
/// When the database refuses.
pub async fn of(db: &mut Db, group: GroupId, hash: &str) -> Result<Option<MemberId>> {
    let row = sqlx::query("select member_id from suppressions where group_id = $1 and address_hash = $2")
        .bind(group.0)
        .bind(hash)
        .fetch_optional(db)
        .await?;
    row.map(|row| Ok(MemberId(row.int("member_id")?))).transpose()
}

/// Those of these hashes that are suppressed in a group.
///
/// # Errors
/// When the database refuses.
pub async fn among(db: &mut Db, group: GroupId, hashes: &[String]) -> Result<HashSet<String>> {
    let sql = format!(
        "select address_hash from suppressions where address_hash {among} and group_id = $2",
        among = super::db::among_hashes(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(hashes)).bind(group.0).fetch_all(db).await?;
    rows.iter().map(|row| row.text("address_hash")).collect()
}

/// Suppress an address.
///
/// # Errors
/// When the database refuses.
pub async fn insert(db: &mut Db, group: GroupId, hash: &str, member: MemberId, now: Timestamp) -> Result<()> {
    sqlx::query(
        "insert into suppressions (group_id, address_hash, member_id, since_at) values ($1, $2, $3, $4)
         on conflict (group_id, address_hash) do nothing",
    )
    .bind(group.0)
    .bind(hash)
    .bind(member.0)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(())
}

/// Somebody is on the roster again who wants to be.
///
/// # Errors
/// When the database refuses.
pub async fn remove(db: &mut Db, group: GroupId, hash: &str) -> Result<()> {
    sqlx::query("delete from suppressions where group_id = $1 and address_hash = $2")
        .bind(group.0)
        .bind(hash)
        .execute(db)
        .await?;
    Ok(())
}
