//! What a member is given when she asks what is kept about her.

use std::collections::BTreeSet;

use super::db::{Db, Result};
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::model::ids::MemberId;

/// A mail of Lamplight's to her.
#[derive(Debug)]
pub struct SentMail {
    /// The edition.
    pub edition: i64,
    /// `post`, `digest` or `notice`.
    pub kind: String,
    /// What sort of mail it is.
    pub folder: String,
    /// `waiting`, `sent` …
    pub state: String,
    /// When it was written.
    pub at: Timestamp,
    /// When it was taken or refused.
    pub settled_at: Option<Timestamp>,
    /// Its bytes.
    pub message: Vec<u8>,
}

/// The mails to her past one, a few at a time, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn sent_to(db: &mut Db, member: MemberId, after: i64, most: i64) -> Result<Vec<(i64, SentMail)>> {
    let rows = sqlx::query(
        "select o.id, o.edition_id, e.kind, e.folder, o.state, o.created_at, o.settled_at, e.message
         from outbox o join editions e on e.id = o.edition_id
         where o.member_id = $1 and o.id > $2 order by o.id limit $3",
    )
    .bind(member.0)
    .bind(after)
    .bind(most)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let mail = SentMail {
                edition: row.int("edition_id")?,
                kind: row.text("kind")?,
                folder: row.text("folder")?,
                state: row.text("state")?,
                at: row.time("created_at")?,
                settled_at: row.maybe_time("settled_at")?,
                message: row.bytes("message")?,
            };
            Ok((row.int("id")?, mail))
        })
        .collect()
}

/// A talk of hers: its number, its subject, when it began and when it was last used.
///
/// # Errors
/// When the database refuses.
pub async fn talks_of(db: &mut Db, member: MemberId) -> Result<Vec<(i64, String, Timestamp, Timestamp)>> {
    let rows = sqlx::query("select id, subject, created_at, last_at from talks where member_id = $1 order by id")
        .bind(member.0)
        .fetch_all(db)
        .await?;
    rows.iter()
        .map(|row| Ok((row.int("id")?, row.text("subject")?, row.time("created_at")?, row.time("last_at")?)))
        .collect()
}

/// When these messages came, and where they went to: (number, time, recipients as JSON).
///
/// # Errors
/// When the database refuses.
pub async fn envelopes(db: &mut Db, ids: &BTreeSet<i64>) -> Result<Vec<(i64, Timestamp, Vec<String>)>> {
    let sql = format!(
        "select id, received_at, recipients from spool where id {among} order by id",
        among = super::db::among(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).fetch_all(db).await?;
    rows.iter()
        .map(|row| Ok((row.int("id")?, row.time("received_at")?, row.json("recipients").unwrap_or_default())))
        .collect()
}
