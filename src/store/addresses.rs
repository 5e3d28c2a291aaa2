//! Further addresses that members write from, and those that were asked for by mail and are not confirmed yet. An address is
//! one person's in a group, the first one of somebody or a further one: whoever writes here holds the group.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use super::db::{Db, Error, Result};
use super::locks::Locked;
use super::rows::{Columns, word};
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::group::Group;
use crate::model::ids::{GroupId, MemberId, TokenId};

/// Which way a change goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// She writes from it as well.
    Add,
    /// She does so no more.
    Remove,
}

/// A change that was asked for by mail.
#[derive(Debug, Clone)]
pub struct Change {
    /// Whose.
    pub member: MemberId,
    /// In which group.
    pub group: GroupId,
    /// Which way.
    pub way: Way,
    /// The other address.
    pub address: Address,
    /// What was sent to her first address.
    pub token: TokenId,
    /// What was sent to the other one, when her first one had agreed.
    pub other_token: Option<TokenId>,
    /// It is nothing from then on.
    pub expires_at: Timestamp,
}

fn address(row: &AnyRow) -> Result<Address> {
    Address::parse(&row.text("address")?).map_err(|_| Error::Corrupt("address".to_owned()))
}

/// The further addresses of one person, the oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn of_member(db: &mut Db, member: MemberId) -> Result<Vec<Address>> {
    let question =
        sqlx::query("select address from member_addresses where member_id = $1 order by added_at, address_key");
    question.bind(member.0).fetch_all(db).await?.iter().map(address).collect()
}

/// Those of everybody in a group.
///
/// # Errors
/// When the database refuses.
pub async fn of_group(db: &mut Db, group: GroupId) -> Result<HashMap<MemberId, Vec<Address>>> {
    let question = sqlx::query(
        "select member_id, address from member_addresses where group_id = $1 order by added_at, address_key",
    );
    let mut found: HashMap<MemberId, Vec<Address>> = HashMap::new();
    for row in db.rows_aside(question.bind(group.0)).await? {
        found.entry(MemberId(row.int("member_id")?)).or_default().push(address(&row)?);
    }
    Ok(found)
}

/// The first addresses of those who write from this one as well, in any group.
///
/// # Errors
/// When the database refuses.
pub async fn firsts_of(db: &mut Db, other: &Address) -> Result<Vec<Address>> {
    let question = sqlx::query(
        "select m.address from member_addresses a join members m on m.id = a.member_id where a.address_key = $1",
    );
    question.bind(other.key()).fetch_all(db).await?.iter().map(address).collect()
}

/// She writes from it as well.
///
/// # Errors
/// A unique violation when it is somebody's further address in this group.
pub async fn add(
    db: &mut Db,
    group: &Locked<Group>,
    member: MemberId,
    address: &Address,
    now: Timestamp,
) -> Result<()> {
    db.forget_names();
    sqlx::query(
        "insert into member_addresses (member_id, group_id, address, address_key, added_at) values ($1, $2, $3, $4, $5)",
    )
    .bind(member.0)
    .bind(group.id.0)
    .bind(address.as_str())
    .bind(address.key())
    .bind(now.0)
    .execute(db)
    .await?;
    Ok(())
}

/// She writes from it no more; `false` when she did not.
///
/// # Errors
/// When the database refuses.
pub async fn remove(db: &mut Db, member: MemberId, address: &Address) -> Result<bool> {
    db.forget_names();
    let done = sqlx::query("delete from member_addresses where member_id = $1 and address_key = $2")
        .bind(member.0)
        .bind(address.key())
        .execute(db)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// She writes from her first address alone, and nothing that she asked for is open.
///
/// # Errors
/// When the database refuses.
pub async fn remove_all(db: &mut Db, member: MemberId) -> Result<()> {
    db.forget_names();
    for sql in ["delete from member_addresses where member_id = $1", "delete from address_changes where member_id = $1"]
    {
        sqlx::query(sql).bind(member.0).execute(&mut *db).await?;
    }
    Ok(())
}

/// Write down what was asked for.
///
/// # Errors
/// When the database refuses.
pub async fn insert_change(db: &mut Db, change: &Change, now: Timestamp) -> Result<()> {
    sqlx::query(
        "insert into address_changes (member_id, group_id, way, address, address_key, token_id, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(change.member.0)
    .bind(change.group.0)
    .bind(word(&change.way))
    .bind(change.address.as_str())
    .bind(change.address.key())
    .bind(change.token.0)
    .bind(now.0)
    .bind(change.expires_at.0)
    .execute(db)
    .await?;
    Ok(())
}

/// What a token asks about; `None` when that was done, refused, or is too old.
///
/// # Errors
/// When the database refuses.
pub async fn change_of_token(db: &mut Db, token: TokenId, now: Timestamp) -> Result<Option<Change>> {
    let row = sqlx::query(
        "select * from address_changes where token_id = $1 and expires_at > $2
         union all select * from address_changes where other_token_id = $1 and expires_at > $2",
    );
    let row = row.bind(token.0).bind(now.0).fetch_optional(db).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Change {
        member: MemberId(row.int("member_id")?),
        group: GroupId(row.int("group_id")?),
        way: row.word("way")?,
        address: address(&row)?,
        token: TokenId(row.int("token_id")?),
        other_token: row.maybe_int("other_token_id")?.map(TokenId),
        expires_at: row.time("expires_at")?,
    }))
}

/// Her first address has agreed, and the other one is asked with this token.
///
/// # Errors
/// When the database refuses.
pub async fn set_other_token(db: &mut Db, change: &Change, token: TokenId, expires_at: Timestamp) -> Result<()> {
    sqlx::query("update address_changes set other_token_id = $2, expires_at = $3 where token_id = $1")
        .bind(change.token.0)
        .bind(token.0)
        .bind(expires_at.0)
        .execute(db)
        .await?;
    Ok(())
}

/// It is done or refused: whoever answers it now changes nothing.
///
/// # Errors
/// When the database refuses.
pub async fn end_change(db: &mut Db, change: &Change) -> Result<()> {
    sqlx::query("delete from address_changes where token_id = $1").bind(change.token.0).execute(db).await?;
    Ok(())
}

/// Whether a change is too old.
///
/// # Errors
/// When the database refuses.
pub async fn any_expired(db: &mut Db, now: Timestamp) -> Result<bool> {
    let row = sqlx::query("select id from address_changes where expires_at <= $1 limit 1");
    Ok(row.bind(now.0).fetch_optional(db).await?.is_some())
}

/// Forget what is too old.
///
/// # Errors
/// When the database refuses.
pub async fn delete_expired(db: &mut Db, now: Timestamp) -> Result<()> {
    sqlx::query("delete from address_changes where expires_at <= $1").bind(now.0).execute(db).await?;
    Ok(())
}
