//! Private talks: a row for each, and what its two sides have of it by mail. Their words stand in no table of their own.

use sqlx::any::AnyRow;

use super::db::{Db, Result};
use super::locks::for_change;
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::model::ids::{GroupId, MemberId, TalkId};
use crate::model::talk::{Side, Talk};

fn talk(row: &AnyRow) -> Result<Talk> {
    Ok(Talk {
        id: TalkId(row.int("id")?),
        group: GroupId(row.int("group_id")?),
        member: MemberId(row.int("member_id")?),
        subject: row.text("subject")?,
        member_has: row.json("member_has")?,
        moderators_have: row.json("moderators_have")?,
    })
}

/// The talk of this row.
///
/// # Errors
/// When the database refuses.
pub async fn by_id(db: &mut Db, id: TalkId) -> Result<Option<Talk>> {
    let row = sqlx::query("select * from talks where id = $1").bind(id.0).fetch_optional(db).await?;
    row.as_ref().map(talk).transpose()
}

/// The latest talk of a member under a subject that was not quiet since a time.
///
/// # Errors
/// When the database refuses.
pub async fn latest(db: &mut Db, member: MemberId, base_subject: &str, since: Timestamp) -> Result<Option<Talk>> {
    let row = sqlx::query(
        "select * from talks where member_id = $1 and last_at >= $2 and base_subject = $3
         order by last_at desc, id desc limit 1",
    )
    .bind(member.0)
    .bind(since.0)
    .bind(base_subject)
    .fetch_optional(db)
    .await?;
    row.as_ref().map(talk).transpose()
}

/// Begin a talk.
///
/// # Errors
/// When the database refuses.
pub async fn insert(
    db: &mut Db,
    (group, member): (GroupId, MemberId),
    subject: &str,
    base_subject: &str,
    now: Timestamp,
) -> Result<Talk> {
    let row = sqlx::query(
        "insert into talks (group_id, member_id, subject, base_subject, member_has, moderators_have, created_at, last_at)
         values ($1, $2, $3, $4, '[]', '[]', $5, $5) returning *",
    )
    .bind(group.0)
    .bind(member.0)
    .bind(subject)
    .bind(base_subject)
    .bind(now.0)
    .fetch_one(db)
    .await?;
    talk(&row)
}

/// A side has one mail more of a talk.
///
/// # Errors
/// When the database refuses, or there is no such talk.
pub async fn has_got(db: &mut Db, id: TalkId, side: Side, message_id: &str, now: Timestamp) -> Result<()> {
    let sql = format!("select * from talks where id = $1{}", for_change(db));
    let mut talk = talk(&sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.0).fetch_one(&mut *db).await?)?;
    talk.has_got(side, message_id);
    sqlx::query("update talks set member_has = $2, moderators_have = $3, last_at = $4 where id = $1")
        .bind(id.0)
        .bind(json(&talk.member_has))
        .bind(json(&talk.moderators_have))
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}
