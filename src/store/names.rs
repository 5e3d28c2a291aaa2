//! The real names and addresses that posts are looked through for, and the names that members' own mail programs tell.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::addresses;
use super::db::{Db, Result};
use super::rows::Columns;
use crate::clock::Timestamp;
use crate::model::group::Group;
use crate::model::ids::MemberId;
use crate::model::member::name_key;
use crate::model::privacy::{Known, Roster};

/// So many names of one person are learnt.
const MOST_LEARNT: i64 = 8;

/// What the privacy rule looks for in a group's posts: everybody's address and real name, also of those who left, but
/// not what equals a pseudonym, a moderator's name or the title. What another process changed counts within a second.
///
/// # Errors
/// When the database refuses.
pub async fn of_group(db: &mut Db, group: &Group) -> Result<Arc<Roster>> {
    let is_changed = db.seen.as_ref().is_some_and(|seen| seen.names_changed);
    if let Some(names) = db.names.of(group.id).filter(|names| !is_changed && names.language() == group.language) {
        return Ok(names);
    }
    let names = Arc::new(roster(db, group, None).await?);
    if !is_changed {
        db.names.keep(group.id, &names);
    }
    Ok(names)
}

/// The same without one person, to whom her own address and name give nothing away.
///
/// # Errors
/// When the database refuses.
pub async fn of_others(db: &mut Db, group: &Group, person: MemberId) -> Result<Roster> {
    roster(db, group, Some(person)).await
}

/// Whether this name of a member was learnt before.
///
/// # Errors
/// When the database refuses.
pub async fn knows(db: &mut Db, group: &Group, member: MemberId, name: &str) -> Result<bool> {
    Ok(of_group(db, group).await?.learnt.contains(&(member, name_key(name))))
}

/// A name that a member's mail program gave; where it is none of hers, what is kept is that it was looked at. The first few
/// are kept: whoever writes in her name can add no others without end.
///
/// # Errors
/// When the database refuses.
pub async fn learn(
    db: &mut Db,
    group: &Group,
    member: MemberId,
    name: &str,
    is_hers: bool,
    now: Timestamp,
) -> Result<()> {
    let key = name_key(name);
    let row = sqlx::query("select count(*) as n from learnt_names where member_id = $1").bind(member.0);
    if row.fetch_one(&mut *db).await?.int("n")? >= MOST_LEARNT {
        return Ok(());
    }
    let learnt = sqlx::query(
        "insert into learnt_names (member_id, name_key, group_id, name, learnt_at) values ($1, $2, $3, $4, $5)
         on conflict (member_id, name_key) do nothing",
    );
    learnt
        .bind(member.0)
        .bind(key)
        .bind(group.id.0)
        .bind(if is_hers { name } else { "" })
        .bind(now.0)
        .execute(&mut *db)
        .await?;
    db.forget_names();
    Ok(())
}

/// The names that a member's mail program told, or somebody's who wrote in hers, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn learnt_of(db: &mut Db, member: MemberId) -> Result<Vec<String>> {
    let rows =
        sqlx::query("select name from learnt_names where member_id = $1 and name <> '' order by learnt_at, name");
    rows.bind(member.0).fetch_all(db).await?.iter().map(|row| row.text("name")).collect()
}

/// A name that was learnt is none of hers, and is not learnt again; `false` where it was not learnt.
///
/// # Errors
/// When the database refuses.
pub async fn unlearn(db: &mut Db, member: MemberId, name: &str) -> Result<bool> {
    db.forget_names();
    let done = sqlx::query("update learnt_names set name = '' where member_id = $1 and name_key = $2 and name <> ''");
    Ok(done.bind(member.0).bind(name_key(name)).execute(db).await?.rows_affected() > 0)
}

async fn roster(db: &mut Db, group: &Group, without: Option<MemberId>) -> Result<Roster> {
    let question = sqlx::query("select id, name, role, state, address, real_name from members where group_id = $1");
    let rows = db.rows_aside(question.bind(group.id.0)).await?;
    let question = sqlx::query("select member_id, name_key, name from learnt_names where group_id = $1");
    let (mut learnt, mut learnt_of) = (HashSet::new(), HashMap::<i64, Vec<String>>::new());
    for row in &db.rows_aside(question.bind(group.id.0)).await? {
        let member = row.int("member_id")?;
        learnt.insert((MemberId(member), row.text("name_key")?));
        learnt_of.entry(member).or_default().extend(Some(row.text("name")?).filter(|name| !name.is_empty()));
    }
    let (mut known, mut spared, mut moderators) = (Vec::new(), vec![group.title.clone()], Vec::new());
    for row in &rows {
        if without.map(|person| person.0) != Some(row.int("id")?) {
            let (address, real_name) = (row.text("address")?, row.maybe_text("real_name")?);
            known.push(Known { address, real_name, learnt: learnt_of.remove(&row.int("id")?).unwrap_or_default() });
        }
        if !matches!(row.text("state")?.as_str(), "left" | "removed") {
            spared.push(row.text("name")?);
        }
        if row.text("role")? == "moderator" && row.text("state")? == "active" {
            moderators.push(row.text("name")?);
        }
    }
    // Where she writes from as well is covered as her first address is.
    for (person, further) in addresses::of_group(db, group.id).await? {
        if without != Some(person) {
            known.extend(further.iter().map(|one| Known {
                address: one.as_str().to_owned(),
                real_name: None,
                learnt: Vec::new(),
            }));
        }
    }
    let spared: Vec<&str> = spared.iter().map(String::as_str).collect();
    let mut roster = Roster::new(&known, &spared, &group.language);
    roster.moderators = moderators;
    roster.learnt = learnt;
    Ok(roster)
}
