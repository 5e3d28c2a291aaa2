//! Digest issues: which member got which posts on which civil day (promise I4).

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;
use futures_util::TryStreamExt as _;
use sqlx::any::AnyRow;

use super::db::{Db, Error, Result};
use super::locks::for_change;
use super::members::{days, zone_and_hour};
use super::outbox::Lane;
use super::rows::{Columns, json, word};
use crate::clock::Timestamp;
use crate::model::digest::{Reader, Taste, Turn, is_greeted};
use crate::model::ids::{EditionId, GroupId, MemberId};
use crate::model::member::Delivery;
use crate::model::schedule::{Own, civil_day};

/// One issue of many readers, about to be written.
#[derive(Debug)]
pub struct NewIssue<'a> {
    /// Whose; all of one group.
    pub readers: &'a [MemberId],
    /// The civil day in the readers' zone, `2026-11-23`.
    pub day: &'a str,
    /// The mails that they get.
    pub editions: &'a [EditionId],
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
    /// Volume and number, like 1 and 12; missing for those of an earlier version.
    pub volume: Option<i64>,
    /// The number.
    pub number: Option<i64>,
    /// How many posts it held.
    pub posts: i64,
    /// In how many mails it came.
    pub parts: i64,
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
    let mut rows = sqlx::query(
        "select id, group_id, cursor, next_digest_at, timezone, hour, days, delivery from members
         where next_digest_at is not null and next_digest_at <= $1 and state = 'active'
             and delivery in ('daily', 'weekly')
             and group_id not in (select id from groups where hold_everything_at is not null)
         order by group_id, next_digest_at, cursor, timezone, hour, days, delivery, id",
    )
    .bind(now.0)
    .fetch(db);
    // One row after the other: a hundred thousand readers are some megabytes, and their rows would be many more.
    let mut due = Vec::new();
    while let Some(row) = rows.try_next().await? {
        due.push(reader(&row)?);
    }
    Ok(due)
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

/// A reader who is locked.
#[derive(Debug, Clone)]
pub struct Locked {
    /// The person.
    pub member: MemberId,
    /// How many issues of the day she has.
    pub had: i64,
    /// What she wants of the group; what she has muted and seen is not in it.
    pub taste: Taste,
}

/// Lock those readers who still stand where they did until the transaction ends. Whoever changed, left, or got the issue from
/// another server meanwhile is not among them.
///
/// # Errors
/// When the database refuses.
pub async fn lock(db: &mut Db, readers: &[MemberId], turn: &Turn, day: &str, now: Timestamp) -> Result<Vec<Locked>> {
    // One after the other by id, so that two servers wait for each other and never both.
    let lock = for_change(db);
    let sql = format!(
        "select id, role, format, folds, joined_at,
             (select count(*) from issues i where i.member_id = members.id and i.civil_day = $2) as had,
             coalesce((select i.id from issues i where i.member_id = members.id limit 1), 0) as earlier
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
        .map(|row| {
            let welcome = is_greeted(row.word("role")?, row.int("earlier")? != 0, row.time("joined_at")?, now);
            let (format, folds) = (row.word("format")?, row.json("folds")?);
            let taste = Taste { format, folds, muted: BTreeSet::new(), welcome, seen: BTreeSet::new() };
            Ok(Locked { member: MemberId(row.int("id")?), had: row.int("had")?, taste })
        })
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
        .bind(issue.editions.first().map(|first| first.0))
        .bind(issue.from_seq)
        .bind(issue.to_seq)
        .bind(now.0)
        .execute(&mut *db)
        .await?;
    for (part, edition) in (1_i64..).zip(issue.editions) {
        let copies = format!(
            "insert into outbox (edition_id, member_id, recipient, return_path, lane, state, due_at, created_at)
             select cast($2 as bigint), id, address, 'verp', cast($3 as bigint), 'waiting', cast($4 as bigint), cast($4 as bigint)
             from members where id {among}"
        );
        sqlx::query(sqlx::AssertSqlSafe(copies))
            .bind(&readers)
            .bind(edition.0)
            .bind(Lane::Digest as i64)
            .bind(now.0)
            .execute(&mut *db)
            .await?;
        if part == 1 {
            continue;
        }
        let parts = format!(
            "insert into issue_parts (issue_id, part, edition_id)
             select max(id), cast($2 as bigint), cast($3 as bigint) from issues
             where member_id {among} and civil_day = $4 group by member_id"
        );
        sqlx::query(sqlx::AssertSqlSafe(parts))
            .bind(&readers)
            .bind(part)
            .bind(edition.0)
            .bind(issue.day)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Volume and number of a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered {
    /// The year of the group's life, from 1 on.
    pub volume: i64,
    /// Which civil day with a digest of that year.
    pub number: i64,
}

/// Volume and number of a group's digests of a civil day: given once, whoever gets it first.
///
/// # Errors
/// When the database refuses.
pub async fn number_of(db: &mut Db, group: GroupId, day: NaiveDate) -> Result<Numbered> {
    loop {
        if let Some(numbered) = given_number(db, group, day).await? {
            return Ok(numbered);
        }
        // Another server may be giving this number just now, for this day or another one: then it is asked for once more.
        let Numbered { volume, number } = next_number(db, group, day).await?;
        sqlx::query(
            "insert into digest_numbers (group_id, civil_day, volume, number) values ($1, $2, $3, $4)
             on conflict do nothing",
        )
        .bind(group.0)
        .bind(day.to_string())
        .bind(volume)
        .bind(number)
        .execute(&mut *db)
        .await?;
    }
}

async fn given_number(db: &mut Db, group: GroupId, day: NaiveDate) -> Result<Option<Numbered>> {
    let found = sqlx::query("select volume, number from digest_numbers where group_id = $1 and civil_day = $2")
        .bind(group.0)
        .bind(day.to_string())
        .fetch_optional(db)
        .await?;
    found.map(|row| Ok(Numbered { volume: row.int("volume")?, number: row.int("number")? })).transpose()
}

/// The number that a civil day has or would be given.
///
/// # Errors
/// When the database refuses.
pub async fn next_number(db: &mut Db, group: GroupId, day: NaiveDate) -> Result<Numbered> {
    if let Some(given) = given_number(db, group, day).await? {
        return Ok(given);
    }
    let began = sqlx::query("select created_at, timezone from groups where id = $1").bind(group.0);
    let began = began.fetch_one(&mut *db).await?;
    let zone = began.text("timezone")?.parse().map_err(|_| Error::Corrupt("timezone".to_owned()))?;
    let volume = i64::from(day.years_since(civil_day(began.time("created_at")?, zone)).unwrap_or(0)) + 1;
    let last =
        sqlx::query("select coalesce(max(number), 0) as last from digest_numbers where group_id = $1 and volume = $2");
    let last = last.bind(group.0).bind(volume).fetch_one(db).await?;
    Ok(Numbered { volume, number: last.int("last")? + 1 })
}

/// Whether a member was made any digest.
///
/// # Errors
/// When the database refuses.
pub async fn had_any(db: &mut Db, member: MemberId) -> Result<bool> {
    let row =
        sqlx::query("select id from issues where member_id = $1 limit 1").bind(member.0).fetch_optional(db).await?;
    Ok(row.is_some())
}

/// When the next digest of each zone of a group is due.
///
/// # Errors
/// When the database refuses.
pub async fn due_by_zone(db: &mut Db, group: GroupId) -> Result<Vec<(Option<Tz>, Timestamp)>> {
    let rows = sqlx::query(
        "select timezone, min(next_digest_at) as due from members
         where group_id = $1 and state = 'active' and delivery in ('daily', 'weekly') and next_digest_at is not null
         group by timezone",
    )
    .bind(group.0)
    .fetch_all(db)
    .await?;
    let zone = |row: &AnyRow| row.maybe_text("timezone").map(|zone| zone.and_then(|zone| zone.parse().ok()));
    rows.iter().map(|row| Ok((zone(row)?, row.time("due")?))).collect()
}

/// The issues of a group, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &mut Db, group: GroupId) -> Result<Vec<Listed>> {
    let rows = sqlx::query(
        "select i.civil_day, i.ordinal, i.made_at, m.name, n.volume, n.number, o.state,
                (select count(distinct e.post_id) from edition_posts e where e.edition_id = i.edition_id
                     or e.edition_id in (select p.edition_id from issue_parts p where p.issue_id = i.id)) as posts,
                (select count(*) from issue_parts p where p.issue_id = i.id) + 1 as parts
         from issues i join members m on m.id = i.member_id
         left join digest_numbers n on n.group_id = i.group_id and n.civil_day = i.civil_day
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
                volume: row.maybe_int("volume")?,
                number: row.maybe_int("number")?,
                posts: row.int("posts")?,
                parts: row.int("parts")?,
                made_at: row.time("made_at")?.rfc3339(),
                state: row.maybe_text("state")?,
            })
        })
        .collect()
}
