//! Tokens: kind, generation, expiry and use. The text of a token is derived from the key and never stored.

use sqlx::any::AnyRow;

use super::db::{Db, Error, Result};
use super::rows::{Columns, word};
use super::sets::Set;
use crate::clock::Timestamp;
use crate::mail::envelope::{TokenKind, TokenText};
use crate::model::ids::{MemberId, PostId, TokenId};
use crate::model::token::{Key, claimed_id};

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// A moderator's decision on one post.
    Decide,
    /// The echo of a decision: UNDO and RETRACT.
    Echo,
    /// An author may take a held post back.
    Withdraw,
    /// A member may leave.
    Leave,
    /// A moderator's answer to an alert that is about no post.
    Alert,
    /// A moderator read posts of a list.
    List,
    /// A member, or whoever reads the mail of another address of hers, agrees to a change of her addresses.
    Address,
}

impl Purpose {
    fn kind(self) -> TokenKind {
        match self {
            Self::Decide | Self::Echo | Self::Alert | Self::List => TokenKind::Decision,
            Self::Withdraw | Self::Leave | Self::Address => TokenKind::Confirmation,
        }
    }
}

/// A token row.
#[derive(Debug, Clone)]
pub struct Token {
    /// The row.
    pub id: TokenId,
    /// What it may do.
    pub purpose: Purpose,
    /// Whom it was sent to.
    pub member: MemberId,
    /// Which post it is about.
    pub post: Option<PostId>,
    /// The content that the decision is bound to.
    pub content_hash: Option<String>,
    generation: i64,
    /// The verb that was answered once and asked back.
    pub asked: Option<String>,
    /// It is not taken from then on.
    pub expires_at: Timestamp,
    /// When it was used up.
    pub used_at: Option<Timestamp>,
}

/// A token about to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// What it may do.
    pub purpose: Purpose,
    /// Whom it is sent to.
    pub member: MemberId,
    /// Which post it is about.
    pub post: Option<PostId>,
    /// The content that the decision is bound to.
    pub content_hash: Option<&'a str>,
    /// The verb that was answered once and asked back.
    pub asked: Option<&'a str>,
    /// It is not taken from then on.
    pub expires_at: Timestamp,
}

fn token(row: &AnyRow) -> Result<Token> {
    Ok(Token {
        id: TokenId(row.int("id")?),
        purpose: row.word("purpose")?,
        member: MemberId(row.int("member_id")?),
        post: row.maybe_int("post_id")?.map(PostId),
        content_hash: row.maybe_text("content_hash")?,
        generation: row.int("generation")?,
        asked: row.maybe_text("asked")?,
        expires_at: row.time("expires_at")?,
        used_at: row.maybe_time("used_at")?,
    })
}

/// Write a token.
///
/// # Errors
/// When the database refuses.
pub async fn insert(db: &mut Db, new: &NewToken<'_>, now: Timestamp) -> Result<TokenId> {
    let id = db.next_id("tokens").await?;
    let row = vec![
        id.into(),
        new.purpose.kind().letter().to_string().into(),
        word(&new.purpose).into(),
        new.member.0.into(),
        new.post.map(|id| id.0).into(),
        new.content_hash.into(),
        1.into(),
        new.asked.into(),
        now.into(),
        new.expires_at.into(),
    ];
    db.keep_back(Set::Tokens, row);
    Ok(TokenId(id))
}

/// The row that a token's text opens; `None` for a token that was never given out.
///
/// # Errors
/// When the database refuses.
pub async fn find(db: &mut Db, key: &Key, kind: TokenKind, text: &TokenText) -> Result<Option<Token>> {
    let Some(id) = claimed_id(text) else { return Ok(None) };
    let row = sqlx::query("select * from tokens where id = $1 and kind = $2")
        .bind(id)
        .bind(kind.letter().to_string())
        .fetch_optional(db)
        .await?;
    let Some(found) = row.as_ref().map(token).transpose()? else { return Ok(None) };
    Ok(key.opens(text, kind, id, found.generation).then_some(found))
}

/// The names of the groups to which the tokens of these rows belong.
///
/// # Errors
/// When the database refuses.
pub async fn groups_of(db: &mut Db, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    let sql = format!(
        "select t.id, g.name from tokens t join members m on m.id = t.member_id join groups g on g.id = m.group_id
         where t.id {among}",
        among = super::db::among(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(super::rows::json(ids)).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.int("id")?, row.text("name")?))).collect()
}

/// The posts that the tokens of these rows are about.
///
/// # Errors
/// When the database refuses.
pub async fn posts_of(db: &mut Db, ids: &[i64]) -> Result<Vec<(i64, PostId)>> {
    let sql = format!(
        "select id, post_id from tokens where id {among} and post_id is not null",
        among = super::db::among(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(super::rows::json(ids)).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.int("id")?, PostId(row.int("post_id")?)))).collect()
}

/// The text of a token, for the copy that carries it.
///
/// # Errors
/// When the database refuses or there is no such row.
pub async fn text_of(db: &mut Db, key: &Key, id: TokenId) -> Result<(TokenKind, TokenText)> {
    let found = token(&sqlx::query("select * from tokens where id = $1").bind(id.0).fetch_one(db).await?)?;
    let kind = found.purpose.kind();
    let text = key.token(kind, id.0, found.generation).ok_or_else(|| Error::Corrupt("generation".to_owned()))?;
    Ok((kind, text))
}

/// Use a token up; `false` when it was used before (promise I5).
///
/// # Errors
/// When the database refuses.
pub async fn use_up(db: &mut Db, id: TokenId, now: Timestamp) -> Result<bool> {
    let done = sqlx::query("update tokens set used_at = $2 where id = $1 and used_at is null")
        .bind(id.0)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}
