//! The outbox as listings and `trace` show it: who was to get what, and what became of it.

use sqlx::any::AnyRow;

use super::db::{Db, Result};
use super::rows::Columns;
use super::selection::Selection;
use crate::clock::Timestamp;
use crate::model::ids::{MemberId, OutboxId, PostId};

/// One line of the listing.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Listed {
    /// The row.
    pub id: i64,
    /// The address.
    pub recipient: String,
    /// `waiting`, `sending`, `sent`, `failed` or `dropped`.
    pub state: String,
    /// How many attempts were booked.
    pub attempts: i64,
    /// When the next is due.
    pub due_at: String,
    /// `post`, `digest` or `notice`.
    pub kind: String,
    /// The templates it was made with.
    pub template: String,
    /// The last trouble.
    pub cause: Option<String>,
    /// When it came to its end.
    pub settled_at: Option<String>,
    /// When a delivery report said that it was not delivered.
    pub bounced_at: Option<String>,
    /// Its Message-ID.
    pub message_id: String,
    /// When the row was written.
    pub written_at: String,
    /// When the first attempt was booked that counts.
    pub first_attempt_at: Option<String>,
    /// When the last attempt was booked, one that an outage gave back included.
    pub last_attempt_at: Option<String>,
    /// The civil day of a digest.
    pub digest_day: Option<String>,
    /// It stays here until its group holds everything no more.
    pub held_back: bool,
    /// While it is sent: until when it is nobody else's.
    #[serde(skip)]
    pub lease_until: Option<Timestamp>,
    /// Whose it is; nobody's on a roster where it went to an administrator.
    #[serde(skip)]
    pub member: Option<MemberId>,
}

const LISTING: &str = "select o.id, o.recipient, o.state, o.attempts, o.due_at, o.cause, o.settled_at, o.bounced_at,
         o.created_at, o.first_attempt_at, o.attempted_at, o.lease_until, o.member_id,
         e.kind, e.folder, e.message_id, i.civil_day,
         cast(case when o.state = 'waiting' and e.kind in ('post', 'digest') and g.hold_everything_at >= e.created_at
              then 1 else 0 end as bigint) as held_back
     from outbox o join editions e on e.id = o.edition_id
         left join groups g on g.id = e.group_id
         left join issues i on i.member_id = o.member_id and i.edition_id = o.edition_id";

fn listed(row: &AnyRow) -> Result<Listed> {
    Ok(Listed {
        id: row.int("id")?,
        recipient: row.text("recipient")?,
        state: row.text("state")?,
        attempts: row.int("attempts")?,
        due_at: row.time("due_at")?.rfc3339(),
        kind: row.text("kind")?,
        template: row.text("folder")?,
        cause: row.maybe_text("cause")?,
        settled_at: row.maybe_time("settled_at")?.map(Timestamp::rfc3339),
        bounced_at: row.maybe_time("bounced_at")?.map(Timestamp::rfc3339),
        message_id: row.text("message_id")?,
        written_at: row.time("created_at")?.rfc3339(),
        first_attempt_at: row.maybe_time("first_attempt_at")?.map(Timestamp::rfc3339),
        last_attempt_at: row.maybe_time("attempted_at")?.map(Timestamp::rfc3339),
        digest_day: row.maybe_text("civil_day")?,
        held_back: row.int("held_back")? == 1,
        lease_until: row.maybe_time("lease_until")?,
        member: row.maybe_int("member_id")?.map(MemberId),
    })
}

/// The rows that were asked for.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &mut Db, selection: &Selection<'_>) -> Result<Vec<Listed>> {
    let sql = format!(
        "{LISTING} where ($1 = '' or o.state = $1) and ($2 = '' or lower(o.recipient) = lower($2))
         order by o.id {} limit $3",
        selection.direction()
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(selection.state.unwrap_or(""))
        .bind(selection.recipient.unwrap_or(""))
        .bind(selection.most())
        .fetch_all(db)
        .await?;
    rows.iter().map(listed).collect()
}

/// One row.
///
/// # Errors
/// When the database refuses.
pub async fn by_id(db: &mut Db, id: OutboxId) -> Result<Option<Listed>> {
    let sql = format!("{LISTING} where o.id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.0).fetch_optional(db).await?;
    row.as_ref().map(listed).transpose()
}

/// The rows of everything that a post went out in.
///
/// # Errors
/// When the database refuses.
pub async fn of_post(db: &mut Db, post: PostId) -> Result<Vec<Listed>> {
    let sql = format!(
        "{LISTING} where e.kind <> 'notice' and o.edition_id in (select edition_id from edition_posts where post_id = $1)
         order by o.id"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(post.0).fetch_all(db).await?;
    rows.iter().map(listed).collect()
}

/// The rows of every notice about a post: whose answer address or whose content is.
///
/// # Errors
/// When the database refuses.
pub async fn notices_of_post(db: &mut Db, post: PostId) -> Result<Vec<Listed>> {
    let sql = format!(
        "{LISTING} where o.reply_token in (select id from tokens where post_id = $1)
             or (e.kind = 'notice' and o.edition_id in (select edition_id from edition_posts where post_id = $1))
         order by o.id"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(post.0).fetch_all(db).await?;
    rows.iter().map(listed).collect()
}

/// The posts in what went out under a Message-ID of ours.
///
/// # Errors
/// When the database refuses.
pub async fn posts_of_message_id(db: &mut Db, message_id: &str) -> Result<Vec<PostId>> {
    let rows = sqlx::query(
        "select p.post_id from edition_posts p join editions e on e.id = p.edition_id
         where e.message_id = $1 order by p.post_id",
    )
    .bind(message_id)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok(PostId(row.int("post_id")?))).collect()
}

/// The rows of an edition of ours, by its Message-ID.
///
/// # Errors
/// When the database refuses.
pub async fn by_message_id(db: &mut Db, message_id: &str) -> Result<Vec<Listed>> {
    let sql = format!("{LISTING} where e.message_id = $1 order by o.id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(message_id).fetch_all(db).await?;
    rows.iter().map(listed).collect()
}

/// Whether a mail made with these templates still waits.
///
/// # Errors
/// When the database refuses.
pub async fn waits_of(db: &mut Db, folder: &str) -> Result<bool> {
    let row = sqlx::query(
        "select count(*) as n from outbox o join editions e on e.id = o.edition_id
         where (o.state = 'waiting' or o.state = 'sending') and e.folder = $1",
    )
    .bind(folder)
    .fetch_one(db)
    .await?;
    Ok(row.int("n")? > 0)
}

/// What is in the outbox and did not leave.
#[derive(Debug, Clone, Copy)]
pub struct Left {
    /// Rows that wait, or are being sent.
    pub waiting: i64,
    /// Those of them that were tried and are to be tried again.
    pub postponed: i64,
    /// When the first of these is.
    pub next_at: Option<Timestamp>,
    /// Rows that failed for good.
    pub failed: i64,
}

/// How many rows wait, and how many failed.
///
/// # Errors
/// When the database refuses.
pub async fn counts(db: &mut Db) -> Result<Left> {
    let row = sqlx::query(
        "select coalesce(cast(sum(case when state in ('waiting', 'sending') then 1 else 0 end) as bigint), 0) as waiting,
                coalesce(cast(sum(case when state = 'waiting' and attempts > 0 then 1 else 0 end) as bigint), 0) as postponed,
                min(case when state = 'waiting' and attempts > 0 then due_at end) as next_at,
                coalesce(cast(sum(case when state = 'failed' then 1 else 0 end) as bigint), 0) as failed
         from outbox",
    )
    .fetch_one(db)
    .await?;
    Ok(Left {
        waiting: row.int("waiting")?,
        postponed: row.int("postponed")?,
        next_at: row.maybe_time("next_at")?,
        failed: row.int("failed")?,
    })
}
