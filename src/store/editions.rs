//! Editions: content written once, whoever gets it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::any::AnyRow;

use super::db::{Db, Result};
use super::rows::{Columns, json};
use super::sets::{Field, Set};
use crate::clock::Timestamp;
use crate::model::ids::{EditionId, GroupId, MemberId, PostId, TokenId};

/// Content about to be written.
#[derive(Debug)]
pub struct NewEdition<'a> {
    /// `post`, `digest` or `notice`.
    pub kind: &'a str,
    /// The templates it was made with.
    pub folder: &'a str,
    /// The group.
    pub group: Option<GroupId>,
    /// The release that lets a post's edition exist.
    pub release: Option<i64>,
    /// By which the same content is found again.
    pub key: Option<&'a str>,
    /// Its Message-ID.
    pub message_id: &'a str,
    /// The bytes, apart from the recipient's fields.
    pub message: &'a [u8],
    /// The posts in it.
    pub posts: &'a [PostId],
}

/// Write content that nobody else can write: it has no key, or one that is its own.
///
/// # Errors
/// When the database refuses, or there is an edition of this key.
pub async fn insert(db: &mut Db, new: &NewEdition<'_>, now: Timestamp) -> Result<EditionId> {
    let id = EditionId(db.next_id("editions").await?);
    db.keep_back(Set::Editions, row(id, new, now));
    keep_posts(db, id, new.posts);
    Ok(id)
}

/// Write content once; `None` when there is an edition of this key, also one that another server is just writing.
///
/// # Errors
/// When the database refuses.
pub async fn insert_new(db: &mut Db, new: &NewEdition<'_>, now: Timestamp) -> Result<Option<EditionId>> {
    let id = EditionId(db.next_id("editions").await?);
    let query = sqlx::query(
        "insert into editions (id, kind, folder, group_id, release_id, edition_key, message_id, message, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (edition_key) do nothing",
    );
    let query = row(id, new, now).into_iter().fold(query, |query, field| field.bind(query));
    if query.execute(&mut *db).await?.rows_affected() == 0 {
        return Ok(None);
    }
    keep_posts(db, id, new.posts);
    Ok(Some(id))
}

fn row(id: EditionId, new: &NewEdition<'_>, now: Timestamp) -> Vec<Field> {
    vec![
        id.0.into(),
        new.kind.into(),
        new.folder.into(),
        new.group.map(|id| id.0).into(),
        new.release.into(),
        new.key.into(),
        new.message_id.into(),
        new.message.to_vec().into(),
        now.into(),
    ]
}

fn keep_posts(db: &mut Db, id: EditionId, posts: &[PostId]) {
    for post in posts {
        db.keep_back(Set::EditionPosts, vec![id.0.into(), post.0.into()]);
    }
}

/// The templates that an edition was made with.
///
/// # Errors
/// When the database refuses.
pub async fn folder(db: &mut Db, id: EditionId) -> Result<Option<String>> {
    let row = sqlx::query("select folder from editions where id = $1").bind(id.0).fetch_optional(db).await?;
    row.map(|row| row.text("folder")).transpose()
}

/// The edition of a key, and the octets of its message.
///
/// # Errors
/// When the database refuses.
pub async fn by_key(db: &mut Db, key: &str) -> Result<Option<(EditionId, usize)>> {
    let sql = "select id, cast(length(message) as bigint) as octets from editions where edition_key = $1";
    let row = sqlx::query(sql).bind(key).fetch_optional(db).await?;
    row.map(|row| Ok((EditionId(row.int("id")?), usize::try_from(row.int("octets")?).unwrap_or(0)))).transpose()
}

/// Write the bytes of a digest that nobody has yet: its own address holds the id of its row. `recipe` is what it was written of,
/// `named` are the posts that it names and does not hold.
///
/// # Errors
/// When the database refuses.
pub async fn set_digest(db: &mut Db, id: EditionId, message: &[u8], recipe: &str, named: &[PostId]) -> Result<()> {
    sqlx::query("update editions set message = $2, recipe = $3 where id = $1")
        .bind(id.0)
        .bind(message.to_vec())
        .bind(recipe)
        .execute(&mut *db)
        .await?;
    name(db, id, named).await
}

/// Posts that an edition names and does not hold.
///
/// # Errors
/// When the database refuses.
pub async fn name(db: &mut Db, id: EditionId, posts: &[PostId]) -> Result<()> {
    if posts.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "insert into edition_named (edition_id, post_id) select cast($2 as bigint), id from posts where id {among}",
        among = super::db::among(db)
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(posts)).bind(id.0).execute(db).await?;
    Ok(())
}

/// What a digest was written of.
///
/// # Errors
/// When the database refuses.
pub async fn recipe_of(db: &mut Db, id: EditionId) -> Result<Option<String>> {
    let row = sqlx::query("select recipe from editions where id = $1").bind(id.0).fetch_optional(db).await?;
    row.map_or(Ok(None), |row| row.maybe_text("recipe"))
}

/// The digest of this row, if it is one of this group's: its bytes.
///
/// # Errors
/// When the database refuses.
pub async fn digest_of(db: &mut Db, group: GroupId, id: EditionId) -> Result<Option<Vec<u8>>> {
    let row = sqlx::query("select message from editions where id = $1 and group_id = $2 and kind = 'digest'")
        .bind(id.0)
        .bind(group.0)
        .fetch_optional(db)
        .await?;
    row.map(|row| row.bytes("message")).transpose()
}

/// The digest of a group that has this Message-ID.
///
/// # Errors
/// When the database refuses.
pub async fn digest_by_message_id(db: &mut Db, group: GroupId, message_id: &str) -> Result<Option<EditionId>> {
    let row = sqlx::query("select id from editions where message_id = $1 and group_id = $2 and kind = 'digest'")
        .bind(message_id)
        .bind(group.0)
        .fetch_optional(db)
        .await?;
    row.map(|row| Ok(EditionId(row.int("id")?))).transpose()
}

/// The bytes of what somebody was sent: by this token, under these Message-IDs, and the latest.
///
/// # Errors
/// When the database refuses.
pub async fn sent_to(
    db: &mut Db,
    member: MemberId,
    token: Option<TokenId>,
    message_ids: &[&str],
    latest: i64,
) -> Result<Vec<Vec<u8>>> {
    const SENT: &str = "select e.id, e.message from outbox o join editions e on e.id = o.edition_id
                        where o.member_id = $1";
    let mut found = BTreeMap::new();
    let mut keep = |rows: Vec<AnyRow>| -> Result<()> {
        for row in rows {
            found.insert(std::cmp::Reverse(row.int("id")?), row.bytes("message")?);
        }
        Ok(())
    };
    if let Some(token) = token {
        let sql = format!("{SENT} and o.reply_token = $2 order by o.id desc limit {latest}");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(member.0).bind(token.0);
        keep(query.fetch_all(&mut *db).await?)?;
    }
    for id in message_ids {
        let sql = format!("{SENT} and e.message_id = $2");
        keep(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(member.0).bind(*id).fetch_all(&mut *db).await?)?;
    }
    if latest == 0 {
        return Ok(found.into_values().collect());
    }
    let sql = format!("{SENT} order by o.id desc limit {latest}");
    keep(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(member.0).fetch_all(&mut *db).await?)?;
    Ok(found.into_values().collect())
}

/// The bytes of the copies and digests that a group got under these Message-IDs, whoever was sent them.
///
/// # Errors
/// When the database refuses.
pub async fn got_by(db: &mut Db, group: GroupId, message_ids: &[&str]) -> Result<Vec<Vec<u8>>> {
    let sql = format!(
        "select message from editions where message_id {among} and group_id = $2 and kind in ('post', 'digest')",
        among = super::db::among_texts(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(message_ids)).bind(group.0).fetch_all(db).await?;
    rows.iter().map(|row| row.bytes("message")).collect()
}

/// The post that a notice of a group with one of these Message-IDs is about.
///
/// # Errors
/// When the database refuses.
pub async fn post_told_of(db: &mut Db, group: GroupId, folder: &str, message_ids: &[&str]) -> Result<Option<PostId>> {
    if message_ids.is_empty() {
        return Ok(None);
    }
    let sql = format!(
        "select p.post_id from editions e join edition_posts p on p.edition_id = e.id
         where e.message_id {among} and e.group_id = $2 and e.kind = 'notice' and e.folder = $3 order by e.id desc limit 1",
        among = super::db::among_texts(db)
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(json(message_ids))
        .bind(group.0)
        .bind(folder)
        .fetch_optional(db)
        .await?;
    row.map(|row| Ok(PostId(row.int("post_id")?))).transpose()
}

/// The bytes of what somebody was sent by this token.
///
/// # Errors
/// When the database refuses.
pub async fn sent_by(db: &mut Db, member: MemberId, token: TokenId) -> Result<Vec<Vec<u8>>> {
    let rows = sqlx::query(
        "select e.message from outbox o join editions e on e.id = o.edition_id
         where o.member_id = $1 and o.reply_token = $2 order by o.id desc limit 4",
    )
    .bind(member.0)
    .bind(token.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.bytes("message")).collect()
}

/// The bytes of these editions; one that is not there is left out.
///
/// # Errors
/// When the database refuses.
pub async fn messages(db: &mut Db, ids: &BTreeSet<EditionId>) -> Result<Vec<(EditionId, Vec<u8>)>> {
    let sql = format!("select id, message from editions where id {among}", among = super::db::among(db));
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).fetch_all(db).await?;
    rows.iter().map(|row| Ok((EditionId(row.int("id")?), row.bytes("message")?))).collect()
}

/// What the single mail of a post is.
#[derive(Debug, Clone, Copy)]
pub struct CopyOf {
    /// The content.
    pub edition: EditionId,
    /// The release that lets it exist.
    pub release: i64,
    /// The octets may not be used any more.
    pub gone: bool,
}

/// The single mail of a post that was published.
///
/// # Errors
/// When the database refuses.
pub async fn copy_of(db: &mut Db, post: PostId, folder: &str) -> Result<Option<CopyOf>> {
    let row = sqlx::query(
        "select e.id, e.release_id, e.gone_at, e.clearing from editions e join edition_posts p on p.edition_id = e.id
         where p.post_id = $1 and e.kind = 'post'
         order by case when e.folder = $2 then 0 else 1 end, e.id desc limit 1",
    )
    .bind(post.0)
    .bind(folder)
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        let gone = row.maybe_time("gone_at")?.is_some() || row.maybe_text("clearing")?.is_some();
        Ok(CopyOf { edition: EditionId(row.int("id")?), release: row.int("release_id")?, gone })
    })
    .transpose()
}

/// The Message-ID under which a post went out.
///
/// # Errors
/// When the database refuses.
pub async fn message_id_of_post(db: &mut Db, post: PostId) -> Result<Option<String>> {
    let row = sqlx::query(
        "select e.message_id from editions e join edition_posts p on p.edition_id = e.id
         where p.post_id = $1 and e.kind = 'post' order by e.id limit 1",
    )
    .bind(post.0)
    .fetch_optional(db)
    .await?;
    row.map(|row| row.text("message_id")).transpose()
}

/// The Message-IDs under which these posts went out as single copies.
///
/// # Errors
/// When the database refuses.
pub async fn message_ids_of(db: &mut Db, posts: &[PostId]) -> Result<HashMap<PostId, String>> {
    let sql = format!(
        "select p.post_id, e.message_id from edition_posts p join editions e on e.id = p.edition_id
         where p.post_id {among} and e.kind = 'post' order by e.id desc",
        among = super::db::among(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(posts)).fetch_all(db).await?;
    rows.iter().map(|row| Ok((PostId(row.int("post_id")?), row.text("message_id")?))).collect()
}
