//! What moderators keep in mind of a member. Append-only by trigger; no member ever gets one.

use super::db::{Db, Result};
use super::rows::Columns;
use crate::clock::Timestamp;
use crate::model::ids::{GroupId, MemberId, PostId};

/// A note about to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewNote<'a> {
    /// The group.
    pub group: GroupId,
    /// About whom.
    pub member: MemberId,
    /// The post that was answered.
    pub post: Option<PostId>,
    /// Who wrote it; `None` for an administrator.
    pub by: Option<MemberId>,
    /// The words.
    pub words: &'a str,
}

/// A note as moderators see it.
#[derive(Debug, Clone)]
pub struct Note {
    /// The moderator's name; `None` for an administrator.
    pub by: Option<String>,
    /// The words.
    pub words: String,
    /// When.
    pub at: Timestamp,
}

/// Keep a note.
///
/// # Errors
/// When the database refuses.
pub async fn insert(db: &mut Db, note: &NewNote<'_>, now: Timestamp) -> Result<()> {
    sqlx::query(
        "insert into notes (group_id, member_id, post_id, by_id, words, created_at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(note.group.0)
    .bind(note.member.0)
    .bind(note.post.map(|id| id.0))
    .bind(note.by.map(|id| id.0))
    .bind(note.words)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(())
}

/// The latest notes about a member, latest first.
///
/// # Errors
/// When the database refuses.
pub async fn latest(db: &mut Db, member: MemberId, most: i64) -> Result<Vec<Note>> {
    let rows = sqlx::query(
        "select n.words, n.created_at, m.name from notes n left join members m on m.id = n.by_id
         where n.member_id = $1 order by n.id desc limit $2",
    )
    .bind(member.0)
    .bind(most)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| Ok(Note { by: row.maybe_text("name")?, words: row.text("words")?, at: row.time("created_at")? }))
        .collect()
}
