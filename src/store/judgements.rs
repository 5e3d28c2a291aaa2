//! What was judged of each recipient of a message, and how often automatic answers were given.

use std::borrow::Cow;

use sqlx::any::AnyRow;

use super::db::{Db, Result};
use super::rows::{Columns, json};
use super::sets::Set;
use crate::clock::Timestamp;
use crate::model::ids::{GroupId, PostId, SpoolId};

/// A judgement about to be written.
#[derive(Debug)]
pub struct NewJudgement<'a> {
    /// The message.
    pub spool: SpoolId,
    /// The recipient it was judged for.
    pub recipient: &'a str,
    /// The group, if it was for one.
    pub group: Option<GroupId>,
    /// `held`, `published`, `stranger`, `ignored`, `decided`, `passed-on` …
    pub disposition: &'a str,
    /// What each rule found.
    pub trail: &'a [(&'static str, Cow<'static, str>)],
    /// The post that came of it.
    pub post: Option<PostId>,
}

/// A judgement as listings show it.
#[derive(Debug, serde::Serialize)]
pub struct Line {
    /// The recipient.
    pub recipient: String,
    /// What became of it.
    pub disposition: String,
    /// What each rule found.
    pub trail: Vec<(String, String)>,
    /// The post that came of it.
    pub post: Option<i64>,
    /// When.
    pub at: String,
}

/// A stranger's message that the moderators have not been told of.
#[derive(Debug)]
pub struct Untold {
    /// The message.
    pub spool: SpoolId,
    /// The address it was written to.
    pub recipient: String,
}

/// Write a judgement.
pub fn insert(db: &mut Db, new: &NewJudgement<'_>, now: Timestamp) {
    let row = vec![
        new.spool.0.into(),
        new.recipient.into(),
        new.group.map(|id| id.0).into(),
        new.disposition.into(),
        json(new.trail).into(),
        new.post.map(|id| id.0).into(),
        now.into(),
    ];
    db.keep_back(Set::Judgements, row);
}

fn line(row: &AnyRow) -> Result<Line> {
    Ok(Line {
        recipient: row.text("recipient")?,
        disposition: row.text("disposition")?,
        trail: row.json("trail")?,
        post: row.maybe_int("post_id")?,
        at: row.time("judged_at")?.rfc3339(),
    })
}

/// What became of a message.
///
/// # Errors
/// When the database refuses.
pub async fn of_message(db: &mut Db, spool: SpoolId) -> Result<Vec<Line>> {
    let rows =
        sqlx::query("select * from judgements where spool_id = $1 order by id").bind(spool.0).fetch_all(db).await?;
    rows.iter().map(line).collect()
}

/// The strangers' messages to a group that its moderators have not been told of, at most so many: first those to an address
/// that people write to when they need something, then oldest first. Without their bytes: the largest would fill the memory.
///
/// # Errors
/// When the database refuses.
pub async fn untold_strangers(db: &mut Db, group: GroupId, most: i64) -> Result<Vec<Untold>> {
    let rows = sqlx::query(
        "select spool_id, recipient from judgements
         where group_id = $1 and disposition = 'stranger' and told_at is null
         order by case when replace(lower(recipient), '+', '-') like '%-join@%'
                 or replace(lower(recipient), '+', '-') like '%-help@%'
                 or replace(lower(recipient), '+', '-') like '%-request@%'
                 or replace(lower(recipient), '+', '-') like '%-owner@%'
                 or replace(lower(recipient), '+', '-') like '%-moderators@%' then 0 else 1 end, id
         limit $2",
    )
    .bind(group.0)
    .bind(most)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| Ok(Untold { spool: SpoolId(row.int("spool_id")?), recipient: row.text("recipient")? }))
        .collect()
}

/// The moderators were told of these strangers' messages to a group.
///
/// # Errors
/// When the database refuses.
pub async fn set_told(db: &mut Db, group: GroupId, messages: &[SpoolId], now: Timestamp) -> Result<()> {
    let sql = format!(
        "update judgements set told_at = $3
         where spool_id {among} and group_id = $2 and disposition = 'stranger' and told_at is null",
        among = super::db::among(db)
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(messages)).bind(group.0).bind(now.0).execute(db).await?;
    Ok(())
}

/// Count the automatic answers of a kind given about something since a time. What was given at a time that is still to come was
/// given while a clock was ahead.
///
/// # Errors
/// When the database refuses.
pub async fn answers_since(db: &mut Db, kind: &str, about: &str, since: Timestamp, until: Timestamp) -> Result<i64> {
    sqlx::query(
        "select count(*) as n from answers where about = $1 and kind = $2 and answered_at > $3 and answered_at <= $4",
    )
    .bind(about)
    .bind(kind)
    .bind(since.0)
    .bind(until.0)
    .fetch_one(db)
    .await?
    .int("n")
}

/// Count one more automatic answer.
///
/// # Errors
/// When the database refuses.
pub async fn count_answer(db: &mut Db, kind: &str, about: &str, now: Timestamp) -> Result<()> {
    sqlx::query("insert into answers (kind, about, answered_at) values ($1, $2, $3)")
        .bind(kind)
        .bind(about)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}
