//! The roster: members and moderators.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use sqlx::any::AnyRow;

use super::db::{Db, Error, Result};
use super::locks::{Locked, for_change};
use super::rows::{Columns, json, word};
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::group::Group;
use crate::model::ids::{GroupId, MemberId};
use crate::model::member::{Member, Role, name_key};
use crate::model::schedule::{Time, WeekDays, parse_hour};

/// A person's own zone and hour.
pub(super) fn zone_and_hour(row: &AnyRow) -> Result<(Option<Tz>, Option<Time>)> {
    let corrupt = |column: &str| Error::Corrupt(column.to_owned());
    let zone = row.maybe_text("timezone")?.map(|zone| zone.parse().map_err(|_| corrupt("timezone"))).transpose()?;
    let hour = row.maybe_text("hour")?.map(|hour| parse_hour(&hour).map_err(|_| corrupt("hour"))).transpose()?;
    Ok((zone, hour))
}

/// A person's own days of the week.
pub(super) fn days(row: &AnyRow) -> Result<Option<WeekDays>> {
    let days = row.maybe_text("days")?;
    days.map(|days| WeekDays::parse(&days).map_err(|_| Error::Corrupt("days".to_owned()))).transpose()
}

fn member(row: &AnyRow) -> Result<Member> {
    let (zone, hour) = zone_and_hour(row)?;
    Ok(Member {
        id: MemberId(row.int("id")?),
        group: GroupId(row.int("group_id")?),
        role: row.word("role")?,
        address: Address::parse(&row.text("address")?).map_err(|_| Error::Corrupt("address".to_owned()))?,
        name: row.text("name")?,
        real_name: row.maybe_text("real_name")?,
        delivery: row.word("delivery")?,
        zone,
        hour,
        days: days(row)?,
        format: row.word("format")?,
        folds: row.json("folds")?,
        paused_until: row.maybe_time("paused_until")?,
        state: row.word("state")?,
        trusted_since: row.maybe_time("trusted_at")?,
        known_since: row.maybe_time("known_at")?,
        joined_at: row.time("joined_at")?,
        cursor: row.int("cursor")?,
        next_digest_at: row.maybe_time("next_digest_at")?,
        published: row.int("published")?,
    })
}

/// Whoever has this address in a group, whatever the state: as her first one, or as one that she writes from as well.
///
/// # Errors
/// When the database refuses.
pub async fn by_address(db: &mut Db, group: GroupId, address: &Address) -> Result<Option<Member>> {
    let key = (group, address.key());
    if let Some(seen) = db.seen.as_ref().and_then(|seen| seen.people.get(&key)) {
        return Ok(seen.clone());
    }
    let question = sqlx::query(
        "select * from members where group_id = $1 and address_key = $2
         union all select m.* from member_addresses a join members m on m.id = a.member_id
         where a.group_id = $1 and a.address_key = $2 and m.role = 'member'",
    );
    let row = db.row_aside(question.bind(group.0).bind(&key.1)).await?;
    let found = row.as_ref().map(member).transpose()?;
    if let Some(seen) = &mut db.seen {
        seen.people.insert(key, found.clone());
    }
    Ok(found)
}

/// Read whoever has one of these addresses in one of these groups, so that the transaction need not ask for each. Gives who was
/// found.
///
/// # Errors
/// When the database refuses.
pub async fn look_up(db: &mut Db, groups: &[GroupId], addresses: &[&Address]) -> Result<Vec<MemberId>> {
    let keys: Vec<String> = addresses.iter().map(|address| address.key()).collect();
    let sql = format!(
        "select m.*, m.address_key as found_by from members m where m.address_key in (select value from {each})
         union all select m.*, a.address_key as found_by from member_addresses a join members m on m.id = a.member_id
         where a.address_key in (select value from {each}) and m.role = 'member'",
        each = super::db::each(db)
    );
    let rows = db.rows_aside(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(&keys))).await?;
    let found = rows.iter().map(|row| Ok((row.text("found_by")?, member(row)?))).collect::<Result<Vec<_>>>()?;
    let ids = found.iter().map(|(_, person)| person.id).collect::<BTreeSet<_>>().into_iter().collect();
    let Some(seen) = &mut db.seen else { return Ok(ids) };
    for group in groups {
        for key in &keys {
            seen.people.entry((*group, key.clone())).or_insert(None);
        }
    }
    for (key, person) in found {
        seen.people.insert((person.group, key), Some(person));
    }
    Ok(ids)
}

/// The person of this row.
///
/// # Errors
/// When the database refuses or there is none.
pub async fn by_id(db: &mut Db, id: MemberId) -> Result<Member> {
    let mut seen = db.seen.iter().flat_map(|seen| seen.people.values());
    if let Some(member) = seen.find_map(|person| person.as_ref().filter(|person| person.id == id)) {
        return Ok(member.clone());
    }
    let row = db.row_aside(sqlx::query("select * from members where id = $1").bind(id.0)).await?;
    member(&row.ok_or(sqlx::Error::RowNotFound)?)
}

/// The person of this row, to be changed; her group is locked before.
///
/// # Errors
/// When the database refuses or there is none.
pub async fn lock(db: &mut Db, id: MemberId) -> Result<Locked<Member>> {
    // Somebody else may have changed her since she was read.
    db.forget();
    let sql = format!("select * from members where id = $1{}", for_change(db));
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.0).fetch_one(db).await?;
    Ok(Locked::new(member(&row)?))
}

/// Who named a day until which nothing comes, and it is here.
///
/// # Errors
/// When the database refuses.
pub async fn back_by(db: &mut Db, now: Timestamp) -> Result<Vec<(GroupId, MemberId)>> {
    let rows = sqlx::query(
        "select group_id, id from members where paused_until is not null and paused_until <= $1 and state = 'paused'
         order by group_id, id",
    )
    .bind(now.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((GroupId(row.int("group_id")?), MemberId(row.int("id")?)))).collect()
}

/// Everybody in a group that is locked, to be changed, in the order in which people are locked: by id.
///
/// # Errors
/// When the database refuses.
pub async fn lock_all(db: &mut Db, group: &Locked<Group>) -> Result<Vec<Locked<Member>>> {
    db.forget();
    let sql = format!("select * from members where group_id = $1 order by id{}", for_change(db));
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(group.id.0).fetch_all(db).await?;
    rows.iter().map(|row| Ok(Locked::new(member(row)?))).collect()
}

/// Everybody of one role in a group, by name.
///
/// # Errors
/// When the database refuses.
pub async fn of_group(db: &mut Db, group: GroupId, role: Role) -> Result<Vec<Member>> {
    sqlx::query("select * from members where group_id = $1 and role = $2 order by name_key, id")
        .bind(group.0)
        .bind(word(&role))
        .fetch_all(db)
        .await?
        .iter()
        .map(member)
        .collect()
}

/// The moderators of a group who may decide.
///
/// # Errors
/// When the database refuses.
pub async fn active_moderators(db: &mut Db, group: GroupId) -> Result<Vec<Member>> {
    if let Some(moderators) = db.seen.as_ref().and_then(|seen| seen.moderators.get(&group)) {
        return Ok(moderators.clone());
    }
    let all = of_group(db, group, Role::Moderator).await?;
    let moderators: Vec<Member> = all.into_iter().filter(Member::is_active_moderator).collect();
    if let Some(seen) = &mut db.seen {
        seen.moderators.insert(group, moderators.clone());
    }
    Ok(moderators)
}

/// Whether this address is an active moderator's, in any group.
///
/// # Errors
/// When the database refuses.
pub async fn is_moderator_anywhere(db: &mut Db, address: &Address) -> Result<bool> {
    let row = sqlx::query(
        "select count(*) as n from members where address_key = $1 and role = 'moderator' and state = 'active'",
    )
    .bind(address.key())
    .fetch_one(db)
    .await?;
    Ok(row.int("n")? > 0)
}

/// The rows of an address that may decide, one for each group, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn moderating(db: &mut Db, address: &Address) -> Result<Vec<Member>> {
    let rows = sqlx::query(
        "select * from members where address_key = $1 and role = 'moderator' and state = 'active' order by id",
    )
    .bind(address.key())
    .fetch_all(db)
    .await?;
    rows.iter().map(member).collect()
}

/// Add a person; `id` is ignored.
///
/// # Errors
/// A unique violation when the address or the name is taken in the group.
pub async fn insert(db: &mut Db, member: &Member) -> Result<MemberId> {
    db.forget_names();
    let row = sqlx::query(
        "insert into members (group_id, role, address, address_key, name, name_key, real_name, delivery, timezone,
             hour, state, trusted_at, known_at, joined_at, cursor, next_digest_at, days, format, folds, paused_until)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) returning id",
    )
    .bind(member.group.0)
    .bind(word(&member.role))
    .bind(member.address.as_str())
    .bind(member.address.key())
    .bind(&member.name)
    .bind(name_key(&member.name))
    .bind(member.real_name.as_deref())
    .bind(word(&member.delivery))
    .bind(member.zone.map(Tz::name))
    .bind(member.hour.map(|hour| hour.to_string()))
    .bind(word(&member.state))
    .bind(member.trusted_since.map(|at| at.0))
    .bind(member.known_since.map(|at| at.0))
    .bind(member.joined_at.0)
    .bind(member.cursor)
    .bind(member.next_digest_at.map(|at| at.0))
    .bind(member.days.map(|days| days.to_string()))
    .bind(word(&member.format))
    .bind(json(&member.folds))
    .bind(member.paused_until.map(|at| at.0))
    .fetch_one(db)
    .await?;
    Ok(MemberId(row.int("id")?))
}

/// Add many people with one statement; their `id`s are ignored.
///
/// # Errors
/// A unique violation when an address or a name is taken in the group.
pub async fn insert_all(db: &mut Db, people: &[Member]) -> Result<()> {
    db.forget_names();
    // Each database takes a set as one JSON text; `->>` reads it on both.
    let from =
        if super::db::is_postgres(db) { "jsonb_array_elements($1::jsonb) as each(value)" } else { "json_each($1)" };
    let sql = format!(
        "insert into members (group_id, role, address, address_key, name, name_key, real_name, delivery, timezone,
             hour, state, trusted_at, known_at, joined_at, cursor, next_digest_at, days, format)
         select cast(value ->> 'group_id' as bigint), value ->> 'role', value ->> 'address', value ->> 'address_key',
             value ->> 'name', value ->> 'name_key', value ->> 'real_name', value ->> 'delivery', value ->> 'timezone',
             value ->> 'hour', value ->> 'state', cast(value ->> 'trusted_at' as bigint),
             cast(value ->> 'known_at' as bigint), cast(value ->> 'joined_at' as bigint),
             cast(value ->> 'cursor' as bigint), cast(value ->> 'next_digest_at' as bigint),
             value ->> 'days', value ->> 'format'
         from {from}"
    );
    let rows: Vec<serde_json::Value> = people
        .iter()
        .map(|member| {
            serde_json::json!({
                "group_id": member.group,
                "role": member.role,
                "address": member.address.as_str(),
                "address_key": member.address.key(),
                "name": member.name,
                "name_key": name_key(&member.name),
                "real_name": member.real_name,
                "delivery": member.delivery,
                "timezone": member.zone.map(Tz::name),
                "hour": member.hour.map(|hour| hour.to_string()),
                "state": member.state,
                "trusted_at": member.trusted_since,
                "known_at": member.known_since,
                "joined_at": member.joined_at,
                "cursor": member.cursor,
                "next_digest_at": member.next_digest_at,
                "days": member.days.map(|days| days.to_string()),
                "format": member.format,
            })
        })
        .collect();
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(&rows)).execute(db).await?;
    Ok(())
}

/// How many take part in a group: members who have not left, and moderators who may decide.
///
/// # Errors
/// When the database refuses.
pub async fn counts(db: &mut Db, group: GroupId) -> Result<(i64, i64)> {
    let row = sqlx::query(
        "select coalesce(cast(sum(case when role = 'member' and state in ('active', 'paused') then 1 else 0 end) as bigint), 0) as readers,
                coalesce(cast(sum(case when role = 'moderator' and state = 'active' then 1 else 0 end) as bigint), 0) as moderators
         from members where group_id = $1",
    )
    .bind(group.0)
    .fetch_one(db)
    .await?;
    Ok((row.int("readers")?, row.int("moderators")?))
}

/// Write a person back whole.
///
/// # Errors
/// A unique violation when the name is taken in the group.
pub async fn update(db: &mut Db, member: &Locked<Member>, now: Timestamp) -> Result<()> {
    db.forget_names();
    sqlx::query(
        "update members set role = $2, name = $3, name_key = $4, real_name = $5, delivery = $6, timezone = $7,
             hour = $8, state = $9, trusted_at = $10, known_at = $11, joined_at = $12, cursor = $13,
             next_digest_at = $14, days = $16, format = $17, folds = $18, paused_until = $19,
             ended_at = case when $9 in ('left', 'removed') then coalesce(ended_at, $15) else null end
         where id = $1",
    )
    .bind(member.id.0)
    .bind(word(&member.role))
    .bind(&member.name)
    .bind(name_key(&member.name))
    .bind(member.real_name.as_deref())
    .bind(word(&member.delivery))
    .bind(member.zone.map(Tz::name))
    .bind(member.hour.map(|hour| hour.to_string()))
    .bind(word(&member.state))
    .bind(member.trusted_since.map(|at| at.0))
    .bind(member.known_since.map(|at| at.0))
    .bind(member.joined_at.0)
    .bind(member.cursor)
    .bind(member.next_digest_at.map(|at| at.0))
    .bind(now.0)
    .bind(member.days.map(|days| days.to_string()))
    .bind(word(&member.format))
    .bind(json(&member.folds))
    .bind(member.paused_until.map(|at| at.0))
    .execute(db)
    .await?;
    Ok(())
}

/// Somebody left; `false` when she had left before. Her group is locked.
///
/// # Errors
/// When the database refuses.
pub async fn set_left(db: &mut Db, id: MemberId, now: Timestamp) -> Result<bool> {
    db.forget_names();
    let done = sqlx::query(
        "update members set state = 'left', next_digest_at = null, ended_at = coalesce(ended_at, $2)
         where id = $1 and state <> 'left'",
    )
    .bind(id.0)
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A first post was approved.
///
/// # Errors
/// When the database refuses.
pub async fn set_known(db: &mut Db, id: MemberId, now: Timestamp) -> Result<()> {
    db.forget();
    sqlx::query("update members set known_at = coalesce(known_at, $2) where id = $1")
        .bind(id.0)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// A moderator trusts this member: no post is held for being the first.
///
/// # Errors
/// When the database refuses.
pub async fn set_trusted(db: &mut Db, id: MemberId, now: Timestamp) -> Result<()> {
    db.forget();
    sqlx::query("update members set trusted_at = coalesce(trusted_at, $2) where id = $1")
        .bind(id.0)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}
