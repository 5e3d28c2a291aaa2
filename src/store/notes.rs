//! What moderators keep in mind of a member. Append-only by trigger; no member ever gets one.

use super::db::{Db, Result};
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::model::ids::{GroupId, MemberId, PostId};
use crate::model::policy::HoldReason;
use crate::model::post::Post;

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
    .execute(&mut *db)
    .await?;
    if let Some(seen) = &mut db.seen {
        seen.blank.remove(&note.member);
    }
    Ok(())
}

/// Ask once about many authors whether there is anything to tell of them, so that the transaction need not for each.
///
/// # Errors
/// When the database refuses.
pub async fn look_up(db: &mut Db, authors: &[MemberId]) -> Result<()> {
    let among = super::db::among(db);
    let sql = format!(
        "select member_id from notes where member_id {among}
         union select member_id from posts where member_id {among} and reasons like '%flagged%'"
    );
    let ids: Vec<i64> = authors.iter().map(|author| author.0).collect();
    let rows = db.rows_aside(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(&ids))).await?;
    let known = rows.iter().map(|row| row.int("member_id").map(MemberId)).collect::<Result<Vec<_>>>()?;
    if let Some(seen) = &mut db.seen {
        let blank = authors.iter().filter(|author| !known.contains(author) && !seen.newly_flagged.contains(author));
        seen.blank.extend(blank.copied());
    }
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

/// The flags of so many earlier posts of an author, and so many notes about her: the latest first. One question, because
/// every notice of a held post asks it.
///
/// # Errors
/// When the database refuses.
pub async fn known_of(db: &mut Db, post: &Post, most: [i64; 2]) -> Result<(Vec<(HoldReason, Timestamp)>, Vec<Note>)> {
    let (blank, newly_flagged) = db
        .seen
        .as_ref()
        .map(|seen| (seen.blank.contains(&post.author), seen.newly_flagged.contains(&post.author)))
        .unwrap_or_default();
    if blank {
        return Ok((Vec::new(), Vec::new()));
    }
    let [flags, notes] = most;
    let sql = format!(
        "select 'flags' as kind, f.reasons as words, f.created_at as at, cast(null as text) as name
         from (select reasons, created_at from posts
               where member_id = $1 and id < $2 and reasons like '%flagged%' order by id desc limit {flags}) f
         union all
         select 'note' as kind, k.words, k.created_at as at, k.name
         from (select n.words, n.created_at, m.name from notes n left join members m on m.id = n.by_id
               where n.member_id = $1 order by n.id desc limit {notes}) k
         order by at desc"
    );
    let question = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(post.author.0).bind(post.id.0);
    // Of posts of others it asks nothing: what this transaction keeps back goes on being kept back.
    let rows = if newly_flagged { question.fetch_all(db).await? } else { db.rows_aside(question).await? };
    let (mut flags, mut notes) = (Vec::new(), Vec::new());
    for row in &rows {
        let at = row.time("at")?;
        if row.text("kind")? == "note" {
            notes.push(Note { by: row.maybe_text("name")?, words: row.text("words")?, at });
        } else {
            let reasons: Vec<HoldReason> = row.json("words")?;
            flags.extend(reasons.into_iter().filter(HoldReason::is_flag).map(|reason| (reason, at)));
        }
    }
    Ok((flags, notes))
}
