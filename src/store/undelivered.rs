//! Notices that moderators did not get, their words that members did not get, and whose address refuses mail.

use super::db::{Db, Result};
use super::outbox::Lane;
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::model::ids::{GroupId, OutboxId};

/// One notice for one moderator.
#[derive(Debug)]
pub struct Untold {
    /// The row.
    pub id: OutboxId,
    /// Her group's name.
    pub group: String,
    /// Her name.
    pub moderator: String,
    /// Her address.
    pub address: String,
    /// What the smarthost said.
    pub cause: String,
    /// When it was written.
    pub written_at: Timestamp,
    /// How many others were sent the same notice.
    pub others: i64,
}

/// A moderator's words for one member that did not arrive.
#[derive(Debug)]
pub struct Lost {
    /// The row.
    pub id: OutboxId,
    /// Her group.
    pub group: GroupId,
    /// Her pseudonym.
    pub member: String,
    /// The mail.
    pub message: Vec<u8>,
    /// When it was written.
    pub written_at: Timestamp,
}

/// An address that refused the last mail to it.
#[derive(Debug)]
pub struct Refusing {
    /// The group's and the moderator's name; `None` for an administrator.
    pub moderator: Option<(String, String)>,
    /// The address.
    pub address: String,
    /// What was said.
    pub cause: String,
}

/// The notices of a lane that a moderator did not get, and that nobody was told of; at most 200. One that came
/// back counts like one that was refused for good; an urgent one counts from the first refusal that may last.
///
/// # Errors
/// When the database refuses.
pub async fn untold(db: &mut Db, lane: Lane) -> Result<Vec<Untold>> {
    let rows = sqlx::query(
        "select o.id, g.name as group_name, m.name as moderator, o.recipient, o.cause, o.created_at,
                (select count(*) from outbox p where p.edition_id = o.edition_id and p.state = 'sent'
                     and p.bounced_at is null) as others
         from outbox o join members m on m.id = o.member_id join groups g on g.id = m.group_id
         where o.lane = $1 and o.told_at is null and o.return_path = 'verp'
             and (o.state = 'failed' or o.doubted_at is not null or o.bounced_at is not null)
             and (o.state = 'failed' or o.bounced_at is not null or (o.lane = 0 and o.state = 'waiting'))
             and m.role = 'moderator'
         order by o.id limit 200",
    )
    .bind(lane as i64)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Untold {
                id: OutboxId(row.int("id")?),
                group: row.text("group_name")?,
                moderator: row.text("moderator")?,
                address: row.text("recipient")?,
                cause: row.maybe_text("cause")?.unwrap_or_default(),
                written_at: row.time("created_at")?,
                others: row.int("others")?,
            })
        })
        .collect()
}

/// What moderators wrote to members alone and was refused for good or came back, of which nobody was told; at most 200.
///
/// # Errors
/// When the database refuses.
pub async fn lost(db: &mut Db) -> Result<Vec<Lost>> {
    let rows = sqlx::query(
        "select o.id, m.group_id, m.name as member, e.message, o.created_at
         from outbox o join editions e on e.id = o.edition_id join members m on m.id = o.member_id
         where o.lane = 1 and o.told_at is null and o.return_path = 'verp'
             and (o.state = 'failed' or o.doubted_at is not null or o.bounced_at is not null)
             and (o.state = 'failed' or o.bounced_at is not null)
             and m.role = 'member' and e.folder in ('private-answer', 'private-note', 'returned')
         order by o.id limit 200",
    )
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Lost {
                id: OutboxId(row.int("id")?),
                group: GroupId(row.int("group_id")?),
                member: row.text("member")?,
                message: row.bytes("message")?,
                written_at: row.time("created_at")?,
            })
        })
        .collect()
}

/// People are told of these; gives those that nobody else told them of meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn set_told(db: &mut Db, rows: &[OutboxId], now: Timestamp) -> Result<Vec<OutboxId>> {
    let sql = format!(
        "update outbox set told_at = $2 from {} where outbox.id = cast(j.value as bigint) and told_at is null returning id",
        super::db::elements(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(rows)).bind(now.0).fetch_all(db).await?;
    rows.iter().map(|row| Ok(OutboxId(row.int("id")?))).collect()
}

/// The active moderators and the administrators whose address refused the last mail to it for good. What was only handed
/// over before a mail came back says nothing: it may come back as well.
///
/// # Errors
/// When the database refuses.
pub async fn refusing(db: &mut Db) -> Result<Vec<Refusing>> {
    let rows = sqlx::query(
        "select distinct o.recipient, m.name as moderator, g.name as group_name, o.cause,
                coalesce(o.bounced_at, o.settled_at) as at
         from outbox o left join members m on m.id = o.member_id left join groups g on g.id = m.group_id
         where (o.state = 'failed' or (o.state = 'sent' and o.bounced_at is not null))
             and (o.member_id is null or (m.role = 'moderator' and m.state = 'active'))
             and not exists (select 1 from outbox s where s.state in ('sent', 'failed') and s.settled_at > coalesce(o.bounced_at, o.settled_at)
                 and s.recipient = o.recipient and (s.member_id = o.member_id or (s.member_id is null and o.member_id is null)))
         order by g.name, o.recipient, o.cause",
    )
    .fetch_all(db)
    .await?;
    let mut refusing: Vec<Refusing> = Vec::new();
    for row in rows {
        let moderator = row.maybe_text("group_name")?.zip(row.maybe_text("moderator")?);
        let (address, cause) = (row.text("recipient")?, row.maybe_text("cause")?.unwrap_or_default());
        if refusing.last().is_none_or(|last| (&last.moderator, &last.address) != (&moderator, &address)) {
            refusing.push(Refusing { moderator, address, cause });
        }
    }
    Ok(refusing)
}
