//! The record of who did what. Append-only; ids instead of names.

use super::db::{Db, Result};
use super::rows::{Columns, json};
use crate::clock::Timestamp;

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person on a roster, by row.
    Member(i64),
    /// Somebody at the command line.
    Administrator,
    /// Lamplight itself.
    Lamplight,
}

impl Actor {
    fn word(self) -> String {
        match self {
            Self::Member(id) => format!("member:{id}"),
            Self::Administrator => "administrator".to_owned(),
            Self::Lamplight => "lamplight".to_owned(),
        }
    }
}

/// One line of the record.
#[derive(Debug, serde::Serialize)]
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what: `post:3`.
    pub subject: String,
    /// More, as JSON; ids only.
    pub detail: serde_json::Value,
}

/// Write one line.
///
/// # Errors
/// When the database refuses.
pub async fn write(
    db: &mut Db,
    now: Timestamp,
    actor: Actor,
    action: &str,
    subject: &str,
    detail: &serde_json::Value,
) -> Result<()> {
    sqlx::query("insert into audit (at, actor, action, subject, detail) values ($1, $2, $3, $4, $5)")
        .bind(now.0)
        .bind(actor.word())
        .bind(action)
        .bind(subject)
        .bind(json(detail))
        .execute(db)
        .await?;
    Ok(())
}

/// The lines about one subject, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn about(db: &mut Db, subject: &str) -> Result<Vec<Entry>> {
    let rows = sqlx::query("select * from audit where subject = $1 order by id").bind(subject).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            Ok(Entry {
                id: row.int("id")?,
                at: row.time("at")?.rfc3339(),
                actor: row.text("actor")?,
                action: row.text("action")?,
                subject: row.text("subject")?,
                detail: row.json("detail")?,
            })
        })
        .collect()
}
