//! Pictures of posts as the group may get them.

use super::db::{Db, Result};
use super::rows::Columns;
use crate::mail::picture::Picture;
use crate::model::ids::PostId;

/// Keep the pictures of a new post.
///
/// # Errors
/// When the database refuses.
pub async fn insert(db: &mut Db, post: PostId, pictures: &[Picture]) -> Result<()> {
    for (number, picture) in (1_i64..).zip(pictures) {
        sqlx::query("insert into pictures (post_id, number, file, octets) values ($1, $2, $3, $4)")
            .bind(post.0)
            .bind(number)
            .bind(i64::try_from(picture.file).unwrap_or(i64::MAX))
            .bind(picture.octets.clone())
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// The pictures of a post, in their order.
///
/// # Errors
/// When the database refuses.
pub async fn of_post(db: &mut Db, post: PostId) -> Result<Vec<Picture>> {
    let query = sqlx::query("select file, octets from pictures where post_id = $1 order by number");
    let rows = query.bind(post.0).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            Ok(Picture { file: usize::try_from(row.int("file")?).unwrap_or(usize::MAX), octets: row.bytes("octets")? })
        })
        .collect()
}

/// How many pictures a post has.
///
/// # Errors
/// When the database refuses.
pub async fn count(db: &mut Db, post: PostId) -> Result<u32> {
    let row = sqlx::query("select count(*) as n from pictures where post_id = $1").bind(post.0).fetch_one(db).await?;
    Ok(u32::try_from(row.int("n")?).unwrap_or_default())
}
