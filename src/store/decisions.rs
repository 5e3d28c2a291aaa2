//! What people decided about posts, and when it takes effect.

use sqlx::any::AnyRow;

use super::db::{Db, Result};
use super::rows::{Columns, word};
use crate::clock::Timestamp;
use crate::model::command::Verb;
use crate::model::ids::{DecisionId, MemberId, PostId, TokenId};
use crate::model::moderation::Standing;

/// A decision about to be written.
#[derive(Debug, Clone)]
pub struct NewDecision<'a> {
    /// The post.
    pub post: PostId,
    /// Who; `None` for an administrator.
    pub by: Option<MemberId>,
    /// What: a verb, or `withdraw` for an author's own.
    pub verb: &'a str,
    /// The note of RETURN or PRIVATE, the words of EDIT.
    pub note: Option<&'a str>,
    /// The token it came with.
    pub token: Option<TokenId>,
    /// When an approval or return takes effect; `None` for what does so at once.
    pub release_at: Option<Timestamp>,
}

fn standing(row: &AnyRow) -> Result<Standing> {
    Ok(Standing {
        id: DecisionId(row.int("id")?),
        by: row.maybe_int("member_id")?.map(MemberId),
        verb: row.word::<Verb>("verb")?,
        note: row.maybe_text("note")?,
        release_at: row.maybe_time("release_at")?.unwrap_or(row.time("decided_at")?),
        carried_out: row.maybe_time("carried_out_at")?.is_some(),
    })
}

/// Write a decision.
///
/// # Errors
/// A unique violation when an approval or return of this post already stands (promise I5).
pub async fn insert(db: &mut Db, decision: &NewDecision<'_>, now: Timestamp) -> Result<DecisionId> {
    let at_once = decision.release_at.is_none();
    let row = sqlx::query(
        "insert into decisions (post_id, member_id, verb, note, token_id, decided_at, release_at, carried_out_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
    )
    .bind(decision.post.0)
    .bind(decision.by.map(|id| id.0))
    .bind(decision.verb)
    .bind(decision.note)
    .bind(decision.token.map(|id| id.0))
    .bind(now.0)
    .bind(decision.release_at.map(|at| at.0))
    .bind(at_once.then_some(now.0))
    .fetch_one(db)
    .await?;
    Ok(DecisionId(row.int("id")?))
}

/// The word under which a verb is stored.
#[must_use]
pub fn verb_word(verb: Verb) -> String {
    word(&verb)
}

/// The approval or return of a post that has not been undone; EDIT and TRUST approve.
///
/// # Errors
/// When the database refuses.
pub async fn standing_for(db: &mut Db, post: PostId) -> Result<Option<Standing>> {
    let row = sqlx::query(
        "select * from decisions
         where post_id = $1 and verb in ('approve', 'return', 'edit', 'trust') and undone_at is null",
    )
    .bind(post.0)
    .fetch_optional(db)
    .await?;
    row.as_ref().map(standing).transpose()
}

/// Undo a decision that has not taken effect; `false` when it has.
///
/// # Errors
/// When the database refuses.
pub async fn undo(db: &mut Db, id: DecisionId, now: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "update decisions set undone_at = $2 where id = $1 and carried_out_at is null and undone_at is null",
    )
    .bind(id.0)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Undo an approval that was decided before an instant and has not taken effect; `false` when it is none of those.
///
/// # Errors
/// When the database refuses.
pub async fn undo_if_before(db: &mut Db, id: DecisionId, before: Timestamp, now: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "update decisions set undone_at = $3
         where id = $1 and decided_at < $2 and verb <> 'return' and carried_out_at is null and undone_at is null",
    )
    .bind(id.0)
    .bind(before.0)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A decision whose undo window has ended.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    /// The row.
    pub id: DecisionId,
    /// The post.
    pub post: PostId,
    /// When the window ended.
    pub release_at: Timestamp,
}

/// The decisions whose undo window has ended, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn due(db: &mut Db, now: Timestamp) -> Result<Vec<Due>> {
    let rows = sqlx::query(
        "select id, post_id, release_at from decisions where release_at <= $1 and carried_out_at is null and undone_at is null
         order by release_at, id",
    )
    .bind(now.0)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Due {
                id: DecisionId(row.int("id")?),
                post: PostId(row.int("post_id")?),
                release_at: row.time("release_at")?,
            })
        })
        .collect()
}

/// Take a due decision for carrying out; `None` when it was undone or carried out meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn take(db: &mut Db, id: DecisionId, now: Timestamp) -> Result<Option<Standing>> {
    let row = sqlx::query(
        "update decisions set carried_out_at = $2
         where id = $1 and carried_out_at is null and undone_at is null returning *",
    )
    .bind(id.0)
    .bind(now.0)
    .fetch_optional(db)
    .await?;
    row.as_ref().map(standing).transpose()
}

/// One line of a post's history.
#[derive(Debug, serde::Serialize)]
pub struct Line {
    /// The verb.
    pub verb: String,
    /// The moderator's name; `None` for an administrator.
    pub by: Option<String>,
    /// When.
    pub at: String,
    /// Whether it was undone.
    pub undone: bool,
    /// The note.
    pub note: Option<String>,
}

/// Every decision on a post, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn history(db: &mut Db, post: PostId) -> Result<Vec<Line>> {
    let rows = sqlx::query(
        "select d.verb, d.decided_at, d.undone_at, d.note, m.name from decisions d
         left join members m on m.id = d.member_id where d.post_id = $1 order by d.id",
    )
    .bind(post.0)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Line {
                verb: row.text("verb")?,
                by: row.maybe_text("name")?,
                at: row.time("decided_at")?.rfc3339(),
                undone: row.maybe_int("undone_at")?.is_some(),
                note: row.maybe_text("note")?,
            })
        })
        .collect()
}
