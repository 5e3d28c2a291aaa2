//! Who is on call for a group, and who is away.

use super::db::{Db, Result};
use super::members;
use super::rows::Columns;
use crate::clock::Timestamp;
use crate::model::ids::{GroupId, MemberId};
use crate::model::rota::OnCall;

/// A group's moderators as the ladder of an alert sees them at `now`.
///
/// # Errors
/// When the database refuses.
pub async fn on_call(db: &mut Db, group: GroupId, now: Timestamp) -> Result<OnCall> {
    let active = members::active_moderators(db, group).await?.iter().map(|moderator| moderator.id).collect();
    let away = away(db, group, now).await?.into_iter().map(|(id, _)| id).collect();
    Ok(OnCall { rota: of_group(db, group).await?, active, away })
}

/// Who is on call, in the order in which they are asked.
///
/// # Errors
/// When the database refuses.
pub async fn of_group(db: &mut Db, group: GroupId) -> Result<Vec<MemberId>> {
    let rows = sqlx::query("select member_id from rota where group_id = $1 order by place")
        .bind(group.0)
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| Ok(MemberId(row.int("member_id")?))).collect()
}

/// Put these on call, in this order, in the place of whoever was.
///
/// # Errors
/// When the database refuses.
pub async fn set(db: &mut Db, group: GroupId, order: &[MemberId]) -> Result<()> {
    sqlx::query("delete from rota where group_id = $1").bind(group.0).execute(&mut *db).await?;
    for (place, id) in (1_i64..).zip(order) {
        sqlx::query("insert into rota (group_id, place, member_id) values ($1, $2, $3)")
            .bind(group.0)
            .bind(place)
            .bind(id.0)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Which of a group's people are away at `now`, and until when.
///
/// # Errors
/// When the database refuses.
pub async fn away(db: &mut Db, group: GroupId, now: Timestamp) -> Result<Vec<(MemberId, Timestamp)>> {
    let rows = sqlx::query(
        "select a.member_id, a.until_at from away a join members m on m.id = a.member_id
         where m.group_id = $1 and a.until_at > $2 order by a.member_id",
    )
    .bind(group.0)
    .bind(now.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((MemberId(row.int("member_id")?), row.time("until_at")?))).collect()
}

/// She is away until then; a time that has passed says that she is back.
///
/// # Errors
/// When the database refuses.
pub async fn set_away(db: &mut Db, id: MemberId, until: Timestamp) -> Result<()> {
    sqlx::query(
        "insert into away (member_id, until_at) values ($1, $2)
         on conflict (member_id) do update set until_at = excluded.until_at",
    )
    .bind(id.0)
    .bind(until.0)
    .execute(db)
    .await?;
    Ok(())
}
