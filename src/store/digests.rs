//! Digest issues: which member got which posts on which civil day (promise I4).

use super::db::{Db, Result};
use super::rows::Columns;
use crate::clock::Timestamp;
use crate::model::ids::{EditionId, GroupId, MemberId};

/// An issue about to be written.
#[derive(Debug)]
pub struct NewIssue<'a> {
    /// The group.
    pub group: GroupId,
    /// Whose.
    pub member: MemberId,
    /// The civil day in the member's zone, `2026-11-23`.
    pub day: &'a str,
    /// 0 for the day's own, 1, 2 … for those made again.
    pub ordinal: i64,
    /// What was sent; `None` for a day without news.
    pub edition: Option<EditionId>,
    /// The cursor before.
    pub from_seq: i64,
    /// The cursor after.
    pub to_seq: i64,
}

/// One line of the listing.
#[derive(Debug, serde::Serialize)]
pub struct Listed {
    /// The civil day.
    pub day: String,
    /// The member's pseudonym.
    pub name: String,
    /// 0, or which of those made again.
    pub ordinal: i64,
    /// How many posts it held.
    pub posts: i64,
    /// When it was made.
    pub made_at: String,
    /// What became of its mail.
    pub state: Option<String>,
}

/// How many issues a member has of a day.
///
/// # Errors
/// When the database refuses.
pub async fn count_of_day(db: &mut Db, member: MemberId, day: &str) -> Result<i64> {
    sqlx::query("select count(*) as n from issues where member_id = $1 and civil_day = $2")
        .bind(member.0)
        .bind(day)
        .fetch_one(db)
        .await?
        .int("n")
}

/// Write an issue.
///
/// # Errors
/// A unique violation when the member has this one already.
pub async fn insert(db: &mut Db, issue: &NewIssue<'_>, now: Timestamp) -> Result<()> {
    sqlx::query(
        "insert into issues (group_id, member_id, civil_day, ordinal, edition_id, from_seq, to_seq, made_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(issue.group.0)
    .bind(issue.member.0)
    .bind(issue.day)
    .bind(issue.ordinal)
    .bind(issue.edition.map(|id| id.0))
    .bind(issue.from_seq)
    .bind(issue.to_seq)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(())
}

/// The issues of a group, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &mut Db, group: GroupId) -> Result<Vec<Listed>> {
    let rows = sqlx::query(
        "select i.civil_day, i.ordinal, i.made_at, m.name, o.state,
                (select count(*) from edition_posts e where e.edition_id = i.edition_id) as posts
         from issues i join members m on m.id = i.member_id
         left join outbox o on o.edition_id = i.edition_id and o.member_id = i.member_id
         where i.group_id = $1 order by i.id",
    )
    .bind(group.0)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Listed {
                day: row.text("civil_day")?,
                name: row.text("name")?,
                ordinal: row.int("ordinal")?,
                posts: row.int("posts")?,
                made_at: row.time("made_at")?.rfc3339(),
                state: row.maybe_text("state")?,
            })
        })
        .collect()
}
