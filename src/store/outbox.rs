//! The outbox: one row per recipient of an edition. What becomes of a row that is due stands in `claims.rs`.

use super::db::{Db, Result};
use super::sets::Set;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::ids::{EditionId, GroupId, MemberId, OutboxId, TokenId};
use crate::model::post::Post;

/// Which rows go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Somebody may be in danger, or not wish to live.
    Urgent = 0,
    /// Notices and answers.
    Notice = 1,
    /// Single mails.
    Post = 2,
    /// Digests.
    Digest = 3,
}

/// Where a bounce goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnPath {
    /// `<>`: an automatic answer to a member.
    Null,
    /// An address of its own, `lamplight+b.TOKEN@`.
    Verp,
}

impl ReturnPath {
    fn word(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Verp => "verp",
        }
    }
}

/// One recipient about to be written.
#[derive(Debug)]
pub struct NewRow<'a> {
    /// The content.
    pub edition: EditionId,
    /// The person on a roster; `None` for an administrator.
    pub member: Option<MemberId>,
    /// The address.
    pub recipient: &'a Address,
    /// Where a bounce goes.
    pub return_path: ReturnPath,
    /// The token whose address is the Reply-To of this copy.
    pub reply_token: Option<TokenId>,
    /// Which rows go first.
    pub lane: Lane,
}

/// Add one recipient. An edition has each of them once (promise I3), or the transaction fails.
pub fn insert(db: &mut Db, new: &NewRow<'_>, now: Timestamp) {
    let row = vec![
        new.edition.0.into(),
        new.member.map(|id| id.0).into(),
        new.recipient.as_str().into(),
        new.return_path.word().into(),
        new.reply_token.map(|id| id.0).into(),
        (new.lane as i64).into(),
        "waiting".into(),
        now.into(),
        now.into(),
    ];
    db.keep_back(Set::Outbox, row);
}

/// Add everybody in a group who reads single mails in this form and has not muted this conversation; gives how many.
///
/// # Errors
/// When the database refuses.
pub async fn insert_each(
    db: &mut Db,
    edition: EditionId,
    (group, post): (GroupId, &Post),
    is_text: bool,
    now: Timestamp,
) -> Result<u64> {
    let done = sqlx::query(
        "insert into outbox (edition_id, member_id, recipient, return_path, lane, state, due_at, created_at)
         select cast($1 as bigint), id, address, 'verp', 2, 'waiting', cast($3 as bigint), cast($3 as bigint)
         from members where group_id = $2 and state = 'active' and delivery = 'each'
             and case when format = 'text' then 1 else 0 end = cast($4 as bigint)
             and id not in (select member_id from mutes where thread_id = $5)",
    )
    .bind(edition.0)
    .bind(group.0)
    .bind(now.0)
    .bind(i64::from(is_text))
    // No conversation has the number 0: what stands on top is for everybody.
    .bind(if post.on_top { 0 } else { post.thread.0 })
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Whether anybody in a group reads single mails as plain text.
///
/// # Errors
/// When the database refuses.
pub async fn any_each_as_text(db: &mut Db, group: GroupId) -> Result<bool> {
    let row = sqlx::query(
        "select 1 as one from members where group_id = $1 and state = 'active' and delivery = 'each' and format = 'text'
         limit 1",
    )
    .bind(group.0)
    .fetch_optional(db)
    .await?;
    Ok(row.is_some())
}

/// Rows that a process of this machine left in the middle of an attempt may be tried again at once.
///
/// # Errors
/// When the database refuses.
pub async fn end_leases(db: &mut Db) -> Result<u64> {
    let done = sqlx::query("update outbox set lease_until = 0 where state = 'sending'").execute(db).await?;
    Ok(done.rows_affected())
}

/// A delivery report came back for this row: it may overtake the word that the row was sent. `false` when there is no such.
///
/// # Errors
/// When the database refuses.
pub async fn set_bounced(db: &mut Db, id: OutboxId, cause: &str, now: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "update outbox set bounced_at = coalesce(bounced_at, $2), cause = $3
         where id = $1 and state in ('sending', 'sent')",
    )
    .bind(id.0)
    .bind(now.0)
    .bind(cause)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Let failed or waiting rows be tried at once, as if never before: this one, or all with `None`; gives how many.
///
/// # Errors
/// When the database refuses.
pub async fn retry(db: &mut Db, id: Option<OutboxId>, now: Timestamp) -> Result<u64> {
    let one = "update outbox set state = 'waiting', due_at = $2, settled_at = null, lease_until = null,
                   first_attempt_at = null, attempts = 0, cause = null,
                   doubted_at = null, told_at = null
               where id = $1 and state in ('waiting', 'failed')";
    let all = "update outbox set state = 'waiting', due_at = $2, settled_at = null, lease_until = null,
                   first_attempt_at = null, attempts = 0, cause = null,
                   doubted_at = null, told_at = null
               where $1 = 0 and (state = 'waiting' or state = 'failed')";
    let sql = if id.is_some() { one } else { all };
    let done = sqlx::query(sql).bind(id.map_or(0, |id| id.0)).bind(now.0).execute(db).await?;
    Ok(done.rows_affected())
}

/// Give a waiting or failed row up; `false` when there is no such.
///
/// # Errors
/// When the database refuses.
pub async fn drop_row(db: &mut Db, id: OutboxId, now: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "update outbox set state = 'dropped', settled_at = $2, cause = 'dropped by an administrator'
         where id = $1 and state in ('waiting', 'failed')",
    )
    .bind(id.0)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
