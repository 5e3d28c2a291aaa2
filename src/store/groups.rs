//! Groups.

use sqlx::any::AnyRow;

use super::db::{Db, Error, Result};
use super::locks::{Locked, for_change};
use super::rows::{Columns, word};
use crate::clock::Timestamp;
use crate::model::group::Group;
use crate::model::hours::ReadingHours;
use crate::model::ids::{GroupId, PostId};
use crate::model::schedule::Schedule;

fn group(row: &AnyRow) -> Result<Group> {
    Ok(Group {
        id: GroupId(row.int("id")?),
        name: row.text("name")?,
        title: row.text("title")?,
        language: row.text("language")?,
        zone: row.text("timezone")?.parse().map_err(|_| Error::Corrupt("timezone".to_owned()))?,
        schedule: Schedule::parse(&row.text("schedule")?).map_err(|_| Error::Corrupt("schedule".to_owned()))?,
        moderation: row.word("moderation")?,
        hold_everything_since: row.maybe_time("hold_everything_at")?,
        reading: ReadingHours::parse(&row.text("reading_hours")?, &row.text("holidays")?)
            .map_err(|_| Error::Corrupt("reading_hours".to_owned()))?,
        subjects: row.word("subjects")?,
        pictures: row.int("pictures")? != 0,
        emergency_number: row.maybe_text("emergency_number")?,
        lifeline: row.maybe_text("lifeline")?,
        state: row.word("state")?,
        release_seq: row.int("release_seq")?,
    })
}

/// The group of this name.
///
/// # Errors
/// When the database refuses.
pub async fn by_name(db: &mut Db, name: &str) -> Result<Option<Group>> {
    let name = name.to_lowercase();
    if let Some(seen) = db.seen.as_ref().and_then(|seen| seen.groups.get(&name)) {
        return Ok(Some(seen.clone()));
    }
    let row = db.row_aside(sqlx::query("select * from groups where name = $1").bind(&name)).await?;
    let found = row.as_ref().map(group).transpose()?;
    if let (Some(seen), Some(found)) = (&mut db.seen, &found) {
        seen.groups.insert(name, found.clone());
    }
    Ok(found)
}

/// The group of this row.
///
/// # Errors
/// When the database refuses or there is none.
pub async fn by_id(db: &mut Db, id: GroupId) -> Result<Group> {
    group(&sqlx::query("select * from groups where id = $1").bind(id.0).fetch_one(db).await?)
}

/// The group of this row, to be changed, or before its posts and people are.
///
/// # Errors
/// When the database refuses or there is none.
pub async fn lock(db: &mut Db, id: GroupId) -> Result<Locked<Group>> {
    let sql = format!("select * from groups where id = $1{}", for_change(db));
    let row = db.row_aside(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.0)).await?;
    locked(db, &row.ok_or(sqlx::Error::RowNotFound)?)
}

/// The group of a post, to be locked before it.
pub(super) async fn lock_of_post(db: &mut Db, post: PostId) -> Result<Option<Locked<Group>>> {
    let sql = format!("select * from groups where id = (select group_id from posts where id = $1){}", for_change(db));
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(post.0).fetch_optional(&mut *db).await?;
    row.map(|row| locked(db, &row)).transpose()
}

fn locked(db: &mut Db, row: &AnyRow) -> Result<Locked<Group>> {
    let group = group(row)?;
    if let Some(seen) = &mut db.seen {
        seen.groups.insert(group.name.clone(), group.clone());
    }
    Ok(Locked::new(group))
}

/// All groups by name.
///
/// # Errors
/// When the database refuses.
pub async fn all(db: &mut Db) -> Result<Vec<Group>> {
    sqlx::query("select * from groups order by name").fetch_all(db).await?.iter().map(group).collect()
}

/// Add a group; its `id` and `release_seq` are ignored.
///
/// # Errors
/// A unique violation when the name is taken.
pub async fn insert(db: &mut Db, group: &Group, now: Timestamp) -> Result<GroupId> {
    db.forget();
    let row = sqlx::query(
        "insert into groups (name, title, language, timezone, schedule, moderation, hold_everything_at, subjects,
             emergency_number, lifeline, state, strangers_told_at, created_at, reading_hours, holidays, pictures)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15) returning id",
    )
    .bind(&group.name)
    .bind(&group.title)
    .bind(&group.language)
    .bind(group.zone.name())
    .bind(group.schedule.as_str())
    .bind(word(&group.moderation))
    .bind(group.hold_everything_since.map(|at| at.0))
    .bind(word(&group.subjects))
    .bind(group.emergency_number.as_deref())
    .bind(group.lifeline.as_deref())
    .bind(word(&group.state))
    .bind(now.0)
    .bind(group.reading.hours())
    .bind(group.reading.holidays())
    .bind(i64::from(group.pictures))
    .fetch_one(db)
    .await?;
    Ok(GroupId(row.int("id")?))
}

/// Write every setting of a group back.
///
/// # Errors
/// When the database refuses.
pub async fn update(db: &mut Db, group: &Locked<Group>) -> Result<()> {
    db.forget_names();
    sqlx::query(
        "update groups set title = $2, language = $3, timezone = $4, schedule = $5, moderation = $6,
             hold_everything_at = $7, subjects = $8, emergency_number = $9, lifeline = $10, state = $11,
             reading_hours = $12, holidays = $13, pictures = $14
         where id = $1",
    )
    .bind(group.id.0)
    .bind(&group.title)
    .bind(&group.language)
    .bind(group.zone.name())
    .bind(group.schedule.as_str())
    .bind(word(&group.moderation))
    .bind(group.hold_everything_since.map(|at| at.0))
    .bind(word(&group.subjects))
    .bind(group.emergency_number.as_deref())
    .bind(group.lifeline.as_deref())
    .bind(word(&group.state))
    .bind(group.reading.hours())
    .bind(group.reading.holidays())
    .bind(i64::from(group.pictures))
    .execute(db)
    .await?;
    Ok(())
}

/// The next release number of a group. The row stays locked until the transaction ends, so number order is commit order.
/// `None` when the group holds everything since another instant than was known, or no more: what was judged by that is
/// judged again.
///
/// # Errors
/// When the database refuses.
pub async fn next_release_seq(db: &mut Db, group: &Group) -> Result<Option<i64>> {
    db.forget();
    let row = sqlx::query(
        "update groups set release_seq = release_seq + 1 where id = $1 and coalesce(hold_everything_at, 0) = $2
         returning release_seq",
    )
    .bind(group.id.0)
    .bind(group.hold_everything_since.map_or(0, |since| since.0))
    .fetch_optional(db)
    .await?;
    row.map(|row| row.int("release_seq")).transpose()
}

/// The groups whose moderators were last told of strangers' mail at `before` or earlier, by name, each with that time.
///
/// # Errors
/// When the database refuses.
pub async fn told_of_strangers_before(db: &mut Db, before: Timestamp) -> Result<Vec<(Group, Timestamp)>> {
    sqlx::query("select * from groups where strangers_told_at <= $1 order by name")
        .bind(before.0)
        .fetch_all(db)
        .await?
        .iter()
        .map(|row| Ok((group(row)?, row.time("strangers_told_at")?)))
        .collect()
}

/// When the moderators of a group were last sent a reading list.
///
/// # Errors
/// When the database refuses.
pub async fn listed_at(db: &mut Db, id: GroupId) -> Result<Timestamp> {
    sqlx::query("select listed_at from groups where id = $1").bind(id.0).fetch_one(db).await?.time("listed_at")
}

/// The moderators of a group are sent a reading list now.
///
/// # Errors
/// When the database refuses.
pub async fn set_listed_at(db: &mut Db, id: GroupId, now: Timestamp) -> Result<()> {
    sqlx::query("update groups set listed_at = $2 where id = $1").bind(id.0).bind(now.0).execute(db).await?;
    Ok(())
}

/// Remember that the moderators of a group were told; `false` when somebody else did so since `before`.
///
/// # Errors
/// When the database refuses.
pub async fn set_strangers_told_at(db: &mut Db, id: GroupId, before: Timestamp, now: Timestamp) -> Result<bool> {
    let done = sqlx::query("update groups set strangers_told_at = $3 where id = $1 and strangers_told_at = $2")
        .bind(id.0)
        .bind(before.0)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}
