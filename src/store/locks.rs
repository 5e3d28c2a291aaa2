//! Rows and facts that are ours until the transaction ends. SQLite has one writer anyway; PostgreSQL is asked.
//!
//! The order is: group, post, talk, people by id, outbox by id, the head of the audit record. Whoever keeps to it never waits for somebody who waits for them.

use std::ops::{Deref, DerefMut};

use super::db::{Db, Result, is_postgres};
use super::rows::json;

/// A row that was locked as it was read, and so may be changed and written back whole: nobody else wrote it meanwhile.
/// It is good in the transaction that read it, and in no other.
#[derive(Debug)]
pub struct Locked<T>(T);

impl<T> Locked<T> {
    pub(super) fn new(row: T) -> Self {
        Self(row)
    }
}

impl<T> Deref for Locked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Locked<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// Behind a `select`: its rows are locked. Rows that only refer to them can be written all the same.
pub(super) fn for_change(db: &Db) -> &'static str {
    if is_postgres(db) { " for no key update" } else { "" }
}

/// Wait until no other transaction has one of these contents in hand. A statement of its own: the next one sees what was
/// committed meanwhile.
pub(super) async fn wait_for_contents(db: &mut Db, hashes: &[String]) -> Result<()> {
    if !is_postgres(db) {
        return Ok(());
    }
    let mut keys: Vec<i64> =
        hashes.iter().filter_map(|hash| u64::from_str_radix(hash.get(..16)?, 16).ok()).map(u64::cast_signed).collect();
    // All take them in one order.
    keys.sort_unstable();
    keys.dedup();
    sqlx::query(
        "select count(*) from unnest(cast(translate($1, '[]', '{}') as bigint[])) as content
         where pg_advisory_xact_lock(content) is not null",
    )
    .bind(json(&keys))
    .execute(db)
    .await?;
    Ok(())
}
