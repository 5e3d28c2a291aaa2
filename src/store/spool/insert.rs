//! Keep messages as they come in, each once for each recipient, however often a sender tries.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::clock::Timestamp;
use crate::mail::{Address, Envelope};
use crate::model::ids::SpoolId;
use crate::model::turn::Lane;
use crate::store::db::{self, Db, Error, Result};
use crate::store::locks::wait_for_contents;
use crate::store::rows::{Columns, json};
use crate::store::sets::{BySize, Field, SIZES, Set, fill_up, places};

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

/// What was kept of a message.
#[derive(Debug)]
pub struct Kept {
    /// Which of the messages that were handed over.
    pub at: usize,
    /// Its row.
    pub id: SpoolId,
    /// Those recipients for whom it was not kept before.
    pub recipients: Vec<Address>,
}

/// Keep messages, in their order; gives those that were not kept before. The same bytes from the same return path are one message for each recipient, however
/// often a sender tries, and also when it tries with those only whose 250 it did not hear.
///
/// # Errors
/// When the database refuses; then the senders must be told to try again.
pub async fn insert(db: &mut Db, messages: &[New<'_>]) -> Result<Vec<Kept>> {
    let fresh = not_kept_yet(db, messages).await?;
    let mut kept = Vec::with_capacity(fresh.len());
    for together in fresh.chunks(SIZES[SIZES.len() - 1]) {
        kept.extend(insert_together(db, together).await?);
    }
    Ok(kept)
}

/// A message, with those recipients for whom it was not kept before.
struct Fresh<'a> {
    at: usize,
    new: New<'a>,
    content: String,
    recipients: Vec<&'a Address>,
    as_json: String,
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
    let fresh = messages.iter().zip(contents).enumerate().filter_map(|(at, (new, content))| {
        let before = kept.get(&content);
        let is_new = |recipient: &&Address| before.is_none_or(|before| !before.contains(&recipient.key()));
        let recipients: Vec<&Address> = new.envelope.recipients.iter().filter(is_new).collect();
        if recipients.is_empty() {
            return None;
        }
        let as_json = json(&recipients.iter().map(|recipient| recipient.as_str()).collect::<Vec<_>>());
        let fingerprint = hash(&[content.as_bytes(), as_json.as_bytes()]);
        Some(Fresh { at, new: *new, content, recipients, as_json, fingerprint })
    });
    Ok(fresh.collect())
}

async fn insert_together(db: &mut Db, messages: &[Fresh<'_>]) -> Result<Vec<Kept>> {
    let mut rows: Vec<Vec<Field>> = messages.iter().map(Fresh::row).collect();
    fill_up(&mut rows);
    let insert = INSERT.bound(rows, db::is_postgres(db));
    let of: HashMap<&str, &Fresh<'_>> = messages.iter().map(|one| (one.fingerprint.as_str(), one)).collect();
    let mut kept = Vec::with_capacity(messages.len());
    for row in insert.fetch_all(&mut *db).await? {
        let unknown = || Error::Corrupt("fingerprint".to_owned());
        let one = of.get(row.text("fingerprint")?.as_str()).ok_or_else(unknown)?;
        let id = SpoolId(row.int("id")?);
        // The bytes stand apart: whatever is written about a message later does not write them once more.
        db.keep_back(Set::RawMessages, vec![id.0.into(), one.new.message.to_vec().into()]);
        let recipients = one.recipients.iter().map(|&recipient| recipient.clone()).collect();
        kept.push(Kept { at: one.at, id, recipients });
    }
    Ok(kept)
}

static INSERT: LazyLock<BySize> = LazyLock::new(|| BySize::new(written));

fn written(size: usize, postgres: bool) -> String {
    format!(
        "insert into spool (fingerprint, content, reverse_path, recipients, peer, size, received_at, lane, state)
         select column1, column2, column3, column4, column5, column6, column7, column8, 'new' from (values {}) as arrived
         where column1 is not null on conflict (fingerprint) do nothing returning id, fingerprint",
        places(size, 8, postgres)
    )
}

impl Fresh<'_> {
    fn row(&self) -> Vec<Field> {
        let New { envelope, message, peer, lane, received_at } = self.new;
        vec![
            self.fingerprint.as_str().into(),
            self.content.as_str().into(),
            envelope.reverse_path.as_str().into(),
            self.as_json.as_str().into(),
            peer.into(),
            i64::try_from(message.len()).unwrap_or(i64::MAX).into(),
            received_at.into(),
            (lane as i64).into(),
        ]
    }
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
