//! Which mails tell of which alert: those of its steps, and the copies beside them.

use super::alerts::Alert;
use super::db::{Db, Result};
use crate::model::ids::{AlertId, EditionId, TalkId};

/// It is about words in this talk.
///
/// # Errors
/// When the database refuses.
pub async fn set_talk(db: &mut Db, id: AlertId, talk: TalkId) -> Result<()> {
    sqlx::query("update alerts set talk_id = $2 where id = $1").bind(id.0).bind(talk.0).execute(db).await?;
    Ok(())
}

/// This notice tells of it, too, and is no step.
///
/// # Errors
/// When the database refuses.
pub async fn insert_copy(db: &mut Db, id: AlertId, edition: EditionId) -> Result<()> {
    sqlx::query("insert into alert_copies (alert_id, edition_id) values ($1, $2)")
        .bind(id.0)
        .bind(edition.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Whether one of these Message-IDs is that of a mail that told of it.
///
/// # Errors
/// When the database refuses.
pub async fn is_named(db: &mut Db, alert: &Alert, message_ids: &[&str]) -> Result<bool> {
    for message_id in message_ids {
        let row = sqlx::query(
            "select e.id from alert_steps s join editions e on e.id = s.edition_id
             where s.alert_id = $1 and e.message_id = $2
             union all
             select e.id from alert_copies c join editions e on e.id = c.edition_id
             where c.alert_id = $1 and e.message_id = $2",
        )
        .bind(alert.id.0)
        .bind(*message_id)
        .fetch_optional(&mut *db)
        .await?;
        if row.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
