//! Digest issues: which member got which posts on which civil day (promise I4).

use sqlx::any::AnyRow;

use super::db::{Db, Result};
use super::locks::for_change;
use super::members::{days, zone_and_hour};
use super::outbox::Lane;
use super::rows::{Columns, json, word};
use crate::clock::Timestamp;
use crate::model::digest::{Reader, Turn};
use crate::model::ids::{EditionId, GroupId, MemberId};
use crate::model::member::Delivery;
use crate::model::schedule::Own;

/// One issue of many readers, about to be written.
#[derive(Debug)]
pub struct NewIssue<'a> {
    /// Whose; all of one group.
    pub readers: &'a [MemberId],
    /// The civil day in the readers' zone, `2026-11-23`.
    pub day: &'a str,
    /// What they get.
    pub edition: EditionId,
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

fn reader(row: &AnyRow) -> Result<Reader> {
    let (zone, hour) = zone_and_hour(row)?;
    let turn = Turn {
        group: GroupId(row.int("group_id")?),
        cursor: row.int("cursor")?,
        due_at: row.maybe_time("next_digest_at")?,
        zone,
        own: Own { hour, days: days(row)?, weekly: row.word::<Delivery>("delivery")? == Delivery::Weekly },
    };
    Ok(Reader { member: MemberId(row.int("id")?), turn })
}

/// Whose digest is due; readers of one turn stand together, soonest first in each group. While a group holds everything
/// its digests stay due.
///
/// # Errors
/// When the database refuses.
pub async fn due(db: &mut Db, now: Timestamp) -> Result<Vec<Reader>> {
    sqlx::query(
        "select id, group_id, cursor, next_digest_at, timezone, hour, days, delivery from members
         where next_digest_at is not null and next_digest_at <= $1 and state = 'active'
             and delivery in ('daily', 'weekly')
             and group_id not in (select id from groups where hold_everything_at is not null)
         order by group_id, next_digest_at, cursor, timezone, hour, days, delivery, id",
    )
    .bind(now.0)
    .fetch_all(db)
    .await?
    .iter()
    .map(reader)
    .collect()
}

/// Everybody in a group who reads digests, in the order of [`due`].
///
/// # Errors
/// When the database refuses.
pub async fn readers(db: &mut Db, group: GroupId) -> Result<Vec<Reader>> {
    sqlx::query(
        "select id, group_id, cursor, next_digest_at, timezone, hour, days, delivery from members
         where group_id = $1 and state = 'active' and delivery in ('daily', 'weekly')
         order by next_digest_at, cursor, timezone, hour, days, delivery, id",
    )
    .bind(group.0)
    .fetch_all(db)
    .await?
    .iter()
    .map(reader)
    .collect()
}

/// Lock those readers who still stand where they did until the transaction ends, and say how many issues of `day` each of
/// them has. Whoever changed, left, or got the issue from another server meanwhile is not among them.
///
/// # Errors
/// When the database refuses.
pub async fn lock(db: &mut Db, readers: &[MemberId], turn: &Turn, day: &str) -> Result<Vec<(MemberId, i64)>> {
    // One after the other by id, so that two servers wait for each other and never both.
    let lock = for_change(db);
    let sql = format!(
        "select id, (select count(*) from issues i where i.member_id = members.id and i.civil_day = $2) as had
         from members where id {among} and group_id = $3 and cursor = $4
             and coalesce(next_digest_at, 0) = $5 and coalesce(timezone, '') = $6 and coalesce(hour, '') = $7
             and delivery = $8 and coalesce(days, '') = $9 and state = 'active'
         order by id{lock}",
        among = super::db::among(db)
    );
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(json(readers))
        .bind(day)
        .bind(turn.group.0)
        .bind(turn.cursor)
        .bind(turn.due_at.map_or(0, |at| at.0))
        .bind(turn.zone.map_or("", chrono_tz::Tz::name))
        .bind(turn.own.hour.map(|hour| hour.to_string()).unwrap_or_default())
        .bind(word(&if turn.own.weekly { Delivery::Weekly } else { Delivery::Daily }))
        .bind(turn.own.days.map(|days| days.to_string()).unwrap_or_default())
        .fetch_all(db)
        .await?
        .iter()
        .map(|row| Ok((MemberId(row.int("id")?), row.int("had")?)))
        .collect()
}

/// When the next digest of people who are locked is due.
///
/// # Errors
/// When the database refuses.
pub async fn set_due(db: &mut Db, readers: &[MemberId], due_at: Option<Timestamp>) -> Result<()> {
    db.forget();
    let sql = format!("update members set next_digest_at = $2 where id {among}", among = super::db::among(db));
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(readers)).bind(due_at.map(|at| at.0)).execute(db).await?;
    Ok(())
}

/// Move readers that are locked on.
///
/// # Errors
/// When the database refuses.
pub async fn advance(db: &mut Db, readers: &[MemberId], cursor: i64, next_digest_at: Timestamp) -> Result<()> {
    if readers.is_empty() {
        return Ok(());
    }
    db.forget();
    let sql =
        format!("update members set cursor = $2, next_digest_at = $3 where id {among}", among = super::db::among(db));
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(readers)).bind(cursor).bind(next_digest_at.0).execute(db).await?;
    Ok(())
}

/// Write an issue of many readers and its copies: `ordinal` counts on from the issues each of them has of the day.
///
/// # Errors
/// A unique violation when somebody has this one already.
pub async fn insert(db: &mut Db, issue: &NewIssue<'_>, now: Timestamp) -> Result<()> {
    let readers = json(issue.readers);
    let among = super::db::among(db);
    let issues = format!(
        "insert into issues (group_id, member_id, civil_day, ordinal, edition_id, from_seq, to_seq, made_at)
         select group_id, id, cast($2 as text),
             (select count(*) from issues i where i.member_id = members.id and i.civil_day = $2),
             cast($3 as bigint), cast($4 as bigint), cast($5 as bigint), cast($6 as bigint)
         from members where id {among}"
    );
    sqlx::query(sqlx::AssertSqlSafe(issues))
        .bind(&readers)
        .bind(issue.day)
        .bind(issue.edition.0)
        .bind(issue.from_seq)
        .bind(issue.to_seq)
        .bind(now.0)
        .execute(&mut *db)
        .await?;
    let copies = format!(
        "insert into outbox (edition_id, member_id, recipient, return_path, lane, state, due_at, created_at)
         select cast($2 as bigint), id, address, 'verp', cast($3 as bigint), 'waiting', cast($4 as bigint), cast($4 as bigint)
         from members where id {among}"
    );
    sqlx::query(sqlx::AssertSqlSafe(copies))
        .bind(&readers)
        .bind(issue.edition.0)
        .bind(Lane::Digest as i64)
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
