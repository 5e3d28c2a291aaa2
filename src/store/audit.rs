//! The record of who did what. Append-only; ids instead of names.
//!
//! Each line holds the hash of the line before and its own, and the head holds the last one's: a line that was changed,
//! taken out or put in breaks the chain from there on. Lines are written at the very end of their transaction, all at once,
//! because whoever writes them holds the head until the commit, and every other writer waits for it.

use sqlx::any::AnyRow;

use super::db::{Db, Error, Result};
use super::locks::for_change;
use super::rows::{Columns, json};
use super::sets::Set;
use crate::clock::Timestamp;
use crate::model::token::content_hash;

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

/// A line that the transaction will end with.
#[derive(Debug)]
pub struct NewLine {
    at: Timestamp,
    actor: String,
    action: String,
    subject: String,
    detail: String,
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
    /// Its hash, which the next line repeats.
    pub hash: Option<String>,
}

/// Where the record ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The last line.
    pub last_id: i64,
    /// How many lines there are.
    pub count: i64,
    /// The last line's hash; empty where there is none.
    pub hash: String,
}

/// A line with its links, as it is stored.
#[derive(Debug)]
pub struct Sealed {
    /// Its number.
    pub id: i64,
    line: NewLine,
    /// The hash of the line before.
    pub previous: Option<String>,
    /// Its own.
    pub hash: Option<String>,
}

impl Sealed {
    /// When it was written.
    #[must_use]
    pub fn written_at(&self) -> String {
        self.line.at.rfc3339()
    }

    /// The hash that it should have behind a line with this one.
    #[must_use]
    pub fn hash_behind(&self, previous: &str) -> String {
        hash_of(previous, self.id, &self.line)
    }
}

/// The canonical form: every field behind its length, so that none runs into the next.
fn hash_of(previous: &str, id: i64, line: &NewLine) -> String {
    let (id, at) = (id.to_string(), line.at.0.to_string());
    content_hash(&[previous, &id, &at, &line.actor, &line.action, &line.subject, &line.detail])
}

/// Write one line, when the transaction ends.
///
/// # Errors
/// Outside of a transaction, which would lose it.
pub async fn write(
    db: &mut Db,
    now: Timestamp,
    actor: Actor,
    action: &str,
    subject: &str,
    detail: &serde_json::Value,
) -> Result<()> {
    if db.seen.is_none() {
        return Err(Error::Corrupt("audit: a line outside of a transaction".to_owned()));
    }
    db.record.push(NewLine {
        at: now,
        actor: actor.word(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail: json(detail),
    });
    Ok(())
}

/// Chain what the transaction recorded to what is there. The head is the last lock that a transaction takes.
pub(super) async fn seal(db: &mut Db) -> Result<()> {
    if db.record.is_empty() {
        return Ok(());
    }
    let sql = format!("select * from audit_head where id = 1{}", for_change(db));
    let mut head = read_head(&sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *db).await?)?;
    for line in std::mem::take(&mut db.record) {
        let id = head.last_id + 1;
        let hash = hash_of(&head.hash, id, &line);
        let row = vec![
            id.into(),
            line.at.into(),
            line.actor.into(),
            line.action.into(),
            line.subject.into(),
            line.detail.into(),
            head.hash.into(),
            hash.as_str().into(),
        ];
        db.keep_back(Set::Audit, row);
        head = Head { last_id: id, count: head.count + 1, hash };
    }
    set_head(db, &head).await
}

async fn set_head(db: &mut Db, head: &Head) -> Result<()> {
    sqlx::query("update audit_head set last_id = $1, row_count = $2, hash = $3 where id = 1")
        .bind(head.last_id)
        .bind(head.count)
        .bind(&head.hash)
        .execute(db)
        .await?;
    Ok(())
}

/// Where there is no head: write it, and chain what an earlier version wrote. A line that has its hash keeps it, whoever took
/// the head away, so that one which was changed is found.
pub(super) async fn begin_chain(db: &mut Db) -> Result<()> {
    let begun = sqlx::query(
        "insert into audit_head (id, last_id, row_count, hash) values (1, 0, 0, '') on conflict (id) do nothing",
    )
    .execute(&mut *db)
    .await?;
    if begun.rows_affected() == 0 {
        return Ok(());
    }
    let mut head = Head { last_id: 0, count: 0, hash: String::new() };
    loop {
        let lines = between(db, head.last_id, i64::MAX, PAGE).await?;
        if lines.is_empty() {
            return set_head(db, &head).await;
        }
        for sealed in lines {
            if let Some(hash) = sealed.hash {
                head = Head { last_id: sealed.id, count: head.count + 1, hash };
                continue;
            }
            let hash = sealed.hash_behind(&head.hash);
            sqlx::query("update audit set previous = $2, hash = $3 where id = $1")
                .bind(sealed.id)
                .bind(&head.hash)
                .bind(&hash)
                .execute(&mut *db)
                .await?;
            head = Head { last_id: sealed.id, count: head.count + 1, hash };
        }
    }
}

/// How many lines are read at a time.
pub const PAGE: i64 = 1_000;

fn read_head(row: &AnyRow) -> Result<Head> {
    Ok(Head { last_id: row.int("last_id")?, count: row.int("row_count")?, hash: row.text("hash")? })
}

/// Where the record ends.
///
/// # Errors
/// When the database refuses.
pub async fn head(db: &mut Db) -> Result<Option<Head>> {
    let row = sqlx::query("select * from audit_head where id = 1").fetch_optional(db).await?;
    row.as_ref().map(read_head).transpose()
}

/// Where the record begins: what the head of the lines was that went because their time was over. Zero and nothing where
/// all are there.
///
/// # Errors
/// When the database refuses.
pub async fn floor(db: &mut Db) -> Result<Head> {
    let row =
        sqlx::query("select floor_id, floor_count, floor_hash from audit_head where id = 1").fetch_one(db).await?;
    Ok(Head { last_id: row.int("floor_id")?, count: row.int("floor_count")?, hash: row.text("floor_hash")? })
}

/// The number of the last line that is there, whatever the head says.
///
/// # Errors
/// When the database refuses.
pub async fn last_id(db: &mut Db) -> Result<i64> {
    sqlx::query("select coalesce(max(id), 0) as id from audit").fetch_one(db).await?.int("id")
}

/// The lines past one, up to another, in their order.
///
/// # Errors
/// When the database refuses.
pub async fn between(db: &mut Db, after: i64, until: i64, most: i64) -> Result<Vec<Sealed>> {
    let rows = sqlx::query("select * from audit where id > $1 and id <= $2 order by id limit $3")
        .bind(after)
        .bind(until)
        .bind(most)
        .fetch_all(db)
        .await?;
    rows.iter().map(sealed).collect()
}

fn sealed(row: &AnyRow) -> Result<Sealed> {
    Ok(Sealed {
        id: row.int("id")?,
        line: NewLine {
            at: row.time("at")?,
            actor: row.text("actor")?,
            action: row.text("action")?,
            subject: row.text("subject")?,
            detail: row.text("detail")?,
        },
        previous: row.maybe_text("previous")?,
        hash: row.maybe_text("hash")?,
    })
}

/// Which lines a listing shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// About this alone: `post:3`.
    pub subject: Option<&'a str>,
    /// From then on.
    pub since: Option<Timestamp>,
    /// The newest first.
    pub newest: bool,
    /// No more than so many.
    pub limit: Option<usize>,
}

/// The lines, oldest first unless said otherwise.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &mut Db, wanted: &Wanted<'_>) -> Result<Vec<Entry>> {
    let direction = if wanted.newest { "desc" } else { "asc" };
    let sql =
        format!("select * from audit where ($1 = '' or subject = $1) and at >= $2 order by id {direction} limit $3");
    let most = wanted.limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(i64::MAX);
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(wanted.subject.unwrap_or_default())
        .bind(wanted.since.map_or(i64::MIN, |since| since.0))
        .bind(most)
        .fetch_all(db)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Entry {
                id: row.int("id")?,
                at: row.time("at")?.rfc3339(),
                actor: row.text("actor")?,
                action: row.text("action")?,
                subject: row.text("subject")?,
                detail: row.json("detail")?,
                hash: row.maybe_text("hash")?,
            })
        })
        .collect()
}
