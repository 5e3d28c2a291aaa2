//! Keep messages as they come in, each once for each recipient, however often a sender tries.

use std::collections::{HashMap, HashSet};

use crate::clock::Timestamp;
use crate::mail::{Address, Envelope};
use crate::model::turn::Lane;
use crate::store::db::{self, Db, Error, Result};
use crate::store::locks::wait_for_contents;
use crate::store::rows::{Columns, json};
use crate::store::sets::places;

/// A message about to be kept.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// Its envelope.
    pub envelope: &'a Envelope,
    /// The bytes as they came.
    pub message: &'a [u8],
    /// Where it came from: an address of a socket, `unix` or `pipe`.
    pub peer: &'a str,
    /// Where it waits to be read.
    pub lane: Lane,
    /// When it was accepted.
    pub received_at: Timestamp,
}

/// Keep messages, in their order. The same bytes from the same return path are one message for each recipient, however
/// often a sender tries, and also when it tries with those only whose 250 it did not hear.
///
/// # Errors
/// When the database refuses; then the senders must be told to try again.
pub async fn insert(db: &mut Db, messages: &[New<'_>]) -> Result<()> {
    let fresh = not_kept_yet(db, messages).await?;
    let mut rest = fresh.as_slice();
    while !rest.is_empty() {
        // Each length is a statement of its own to the database, so there are few.
        let size = [16, 4, 1].into_iter().find(|size| *size <= rest.len()).unwrap_or(1);
        let (now, later) = rest.split_at(size);
        insert_together(db, now).await?;
        rest = later;
    }
    Ok(())
}

/// A message, with those recipients for whom it was not kept before.
struct Fresh<'a> {
    new: New<'a>,
    content: String,
    recipients: String,
    fingerprint: String,
}

async fn not_kept_yet<'a>(db: &mut Db, messages: &[New<'a>]) -> Result<Vec<Fresh<'a>>> {
    let contents: Vec<String> =
        messages.iter().map(|new| hash(&[new.envelope.reverse_path.as_str().as_bytes(), new.message])).collect();
    // Two servers may have been handed the same message at once.
    wait_for_contents(db, &contents).await?;
    let sql = format!("select content, recipients from spool where content {among}", among = db::among_hashes(db));
    let mut kept: HashMap<String, HashSet<String>> = HashMap::new();
    for row in sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(&contents)).fetch_all(db).await? {
        let recipients: Vec<String> = row.json("recipients")?;
        let keys = recipients.iter().filter_map(|recipient| Some(Address::parse(recipient).ok()?.key()));
        kept.entry(row.text("content")?).or_default().extend(keys);
    }
    let fresh = messages.iter().zip(contents).filter_map(|(new, content)| {
        let before = kept.get(&content);
        let is_new = |recipient: &&Address| before.is_none_or(|before| !before.contains(&recipient.key()));
        let recipients: Vec<&str> = new.envelope.recipients.iter().filter(is_new).map(Address::as_str).collect();
        let recipients = if recipients.is_empty() { return None } else { json(&recipients) };
        let fingerprint = hash(&[content.as_bytes(), recipients.as_bytes()]);
        Some(Fresh { new: *new, content, recipients, fingerprint })
    });
    Ok(fresh.collect())
}

async fn insert_together(db: &mut Db, messages: &[Fresh<'_>]) -> Result<()> {
    let postgres = db::is_postgres(db);
    let sql = format!(
        "insert into spool (fingerprint, content, reverse_path, recipients, peer, size, received_at, lane, state)
         select column1, column2, column3, column4, column5, column6, column7, column8, 'new' from (values {}) as arrived
         where true on conflict (fingerprint) do nothing returning id, fingerprint",
        places(messages.len(), 8, postgres)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    let mut of = HashMap::new();
    for Fresh { new, content, recipients, fingerprint } in messages {
        query = query
            .bind(fingerprint.as_str())
            .bind(content.as_str())
            .bind(new.envelope.reverse_path.as_str())
            .bind(recipients.as_str())
            .bind(new.peer)
            .bind(i64::try_from(new.message.len()).unwrap_or(i64::MAX))
            .bind(new.received_at.0)
            .bind(new.lane as i64);
        of.insert(fingerprint.clone(), new.message);
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

fn hash(parts: &[&[u8]]) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}
