//! The words of an EDIT that was asked back about, by the token of the question.

use super::db::{Db, Result};
use super::rows::Columns;
use crate::model::ids::TokenId;

/// Keep the words with the question's token.
///
/// # Errors
/// When the database refuses.
pub async fn insert(db: &mut Db, token: TokenId, words: &str) -> Result<()> {
    sqlx::query("insert into drafts (token_id, words) values ($1, $2)").bind(token.0).bind(words).execute(db).await?;
    Ok(())
}

/// The words that a token asked about.
///
/// # Errors
/// When the database refuses.
pub async fn of_token(db: &mut Db, token: TokenId) -> Result<Option<String>> {
    let row = sqlx::query("select words from drafts where token_id = $1").bind(token.0).fetch_optional(db).await?;
    row.map(|row| row.text("words")).transpose()
}
