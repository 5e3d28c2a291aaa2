//! Posts, from held to published or back.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use super::db::{Db, Result};
use super::groups;
use super::locks::Locked;
use super::rows::{Columns, json, word};
use super::sets::Set;
use super::tokens::Token;
use crate::clock::Timestamp;
use crate::model::group::Group;
use crate::model::ids::{EditionId, GroupId, MemberId, PostId, SpoolId, ThreadId};
use crate::model::member::shown_name;
use crate::model::policy::HoldReason;
use crate::model::post::{Post, PostState};
use crate::model::thread::Earlier;
use crate::model::wording::Wording;

fn post(row: &AnyRow) -> Result<Post> {
    Ok(Post {
        id: PostId(row.int("id")?),
        group: GroupId(row.int("group_id")?),
        thread: ThreadId(row.int("thread_id")?),
        parent: row.maybe_int("parent_id")?.map(PostId),
        author: MemberId(row.int("member_id")?),
        author_name: row.text("author_name")?,
        author_role: row.word("author_role")?,
        spool: row.maybe_int("spool_id")?.or(row.maybe_int("split_from")?).map(SpoolId),
        subject: row.text("subject")?,
        text: row.text("body")?,
        attachments: row.json("attachments")?,
        reasons: row.json("reasons")?,
        state: row.word("state")?,
        created_at: row.time("created_at")?,
        read_by: row.time("read_by")?,
        claimed_by: row.maybe_int("claimed_by")?.map(MemberId),
        published_at: row.maybe_time("published_at")?,
        release_seq: row.maybe_int("release_seq")?,
        original: row.maybe_text("original_body")?,
        original_subject: row.maybe_text("original_subject")?,
        signature: row.maybe_text("signature")?,
        edited_since: row.maybe_time("edited_at")?,
        on_top: row.maybe_time("on_top_at")?.is_some(),
    })
}

fn posts(rows: &[AnyRow]) -> Result<Vec<Post>> {
    rows.iter().map(post).collect()
}

/// Add a post as held; its `id` and everything about its release are ignored. A message makes one post in a group and,
/// where it answers several conversations, `further` ones.
///
/// # Errors
/// A unique violation when this message already made a post in this group, unless this is a further one.
pub async fn insert(db: &mut Db, post: &Post, further: bool, remind_at: Timestamp) -> Result<PostId> {
    let id = db.next_id("posts").await?;
    let spool = post.spool.map(|id| id.0);
    let (first_of, split_from) = if further { (None, spool) } else { (spool, None) };
    let row = vec![
        id.into(),
        post.group.0.into(),
        post.thread.0.into(),
        post.parent.map(|id| id.0).into(),
        post.author.0.into(),
        post.author_name.as_str().into(),
        word(&post.author_role).into(),
        first_of.into(),
        split_from.into(),
        post.subject.as_str().into(),
        post.text.as_str().into(),
        json(&post.attachments).into(),
        json(&post.reasons).into(),
        "held".into(),
        post.created_at.into(),
        post.read_by.into(),
        remind_at.into(),
        post.original.as_deref().into(),
        post.original_subject.as_deref().into(),
        post.signature.as_deref().into(),
        post.on_top.then_some(post.created_at.0).into(),
    ];
    db.keep_back(Set::Posts, row);
    if let Some(seen) = db.seen.as_mut().filter(|_| post.reasons.iter().any(HoldReason::is_flag)) {
        seen.is_flagged(post.author);
    }
    // What has no reason to wait is published by this transaction.
    if let Some(waiting) = db.seen.as_mut().and_then(|seen| seen.waiting.get_mut(&post.author))
        && !post.reasons.is_empty()
        && !post.goes_first()
    {
        *waiting += 1;
    }
    Ok(PostId(id))
}

/// The post of this row.
///
/// # Errors
/// When the database refuses.
pub async fn by_id(db: &mut Db, id: PostId) -> Result<Option<Post>> {
    let row = sqlx::query("select * from posts where id = $1").bind(id.0).fetch_optional(db).await?;
    row.as_ref().map(post).transpose()
}

/// The posts that a person's messages of this Message-ID made in a group, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn by_message_id(db: &mut Db, group: GroupId, author: MemberId, message_id: &str) -> Result<Vec<Post>> {
    // `cross` keeps SQLite to this order: by the group it would read all of its posts.
    let rows = sqlx::query(
        "select p.* from spool s cross join posts p
         where p.spool_id = s.id and s.message_id = $1 and p.group_id = $2 and p.member_id = $3
         union all
         select p.* from spool s cross join posts p
         where p.split_from = s.id and s.message_id = $1 and p.group_id = $2 and p.member_id = $3 order by id",
    )
    .bind(message_id)
    .bind(group.0)
    .bind(author.0)
    .fetch_all(db)
    .await?;
    posts(&rows)
}

/// Lock a post against other decisions until the transaction ends, its group before it, and read both.
///
/// # Errors
/// When the database refuses.
pub async fn lock(db: &mut Db, id: PostId) -> Result<Option<(Locked<Group>, Post)>> {
    let Some(group) = groups::lock_of_post(db, id).await? else { return Ok(None) };
    // On PostgreSQL the update takes the row's lock; SQLite has one writer anyway.
    sqlx::query("update posts set claimed_by = claimed_by where id = $1").bind(id.0).execute(&mut *db).await?;
    Ok(by_id(db, id).await?.map(|post| (group, post)))
}

/// The same for the post that a token is about, if it is about one.
///
/// # Errors
/// When the database refuses.
pub async fn lock_of_token(db: &mut Db, token: &Token) -> Result<Option<(Locked<Group>, Post)>> {
    match token.post {
        Some(id) => lock(db, id).await,
        None => Ok(None),
    }
}

/// All posts, oldest first; of one group or state if given.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &mut Db, group: Option<GroupId>, state: Option<PostState>) -> Result<Vec<Post>> {
    let rows =
        sqlx::query("select * from posts where ($1 = 0 or group_id = $1) and ($2 = '' or state = $2) order by id")
            .bind(group.map_or(0, |id| id.0))
            .bind(state.map(|state| word(&state)).unwrap_or_default())
            .fetch_all(db)
            .await?;
    posts(&rows)
}

/// The words of the latest published posts of others in a group, each with its author's number.
///
/// # Errors
/// When the database refuses.
pub async fn latest_of_others(db: &mut Db, group: GroupId, member: MemberId, count: i64) -> Result<Vec<(i64, String)>> {
    let rows = sqlx::query(
        "select member_id, body from posts where group_id = $1 and member_id <> $2 and release_seq is not null
         order by release_seq desc limit $3",
    );
    let rows = rows.bind(group.0).bind(member.0).bind(count).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.int("member_id")?, row.text("body")?))).collect()
}

/// The published posts of a group past a release number, up to another.
///
/// # Errors
/// When the database refuses.
pub async fn released_between(db: &mut Db, group: GroupId, after: i64, until: i64) -> Result<Vec<Post>> {
    let rows = sqlx::query(
        "select * from posts where group_id = $1 and release_seq > $2 and release_seq <= $3 and state = 'published'
             and gone_at is null order by release_seq",
    )
    .bind(group.0)
    .bind(after)
    .bind(until)
    .fetch_all(db)
    .await?;
    posts(&rows)
}

/// The latest published posts of a group, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn latest_published(db: &mut Db, group: GroupId, most: i64) -> Result<Vec<Post>> {
    let rows = sqlx::query(
        "select * from posts where group_id = $1 and state = 'published' order by release_seq desc limit $2",
    )
    .bind(group.0)
    .bind(most)
    .fetch_all(db)
    .await?;
    let mut latest = posts(&rows)?;
    latest.reverse();
    Ok(latest)
}

/// The posts of a conversation that the group has, in the order it got them.
///
/// # Errors
/// When the database refuses.
pub async fn published_in(db: &mut Db, thread: ThreadId) -> Result<Vec<Post>> {
    let rows = sqlx::query("select * from posts where thread_id = $1 and state = 'published' order by release_seq")
        .bind(thread.0)
        .fetch_all(db)
        .await?;
    posts(&rows)
}

/// The posts that an edition holds, taken back or not.
///
/// # Errors
/// When the database refuses.
pub async fn in_edition(db: &mut Db, edition: EditionId) -> Result<Vec<Post>> {
    let rows = sqlx::query(
        "select p.* from edition_posts ep join posts p on p.id = ep.post_id where ep.edition_id = $1 order by p.id",
    )
    .bind(edition.0)
    .fetch_all(db)
    .await?;
    posts(&rows)
}

/// Subjects and beginnings of the latest posts of a conversation that the group has.
///
/// # Errors
/// When the database refuses.
pub async fn texts_in(db: &mut Db, thread: ThreadId, latest: i64) -> Result<Vec<String>> {
    let sql = format!(
        "select subject, substr(body, 1, 65536) as beginning from posts
         where thread_id = $1 and state = 'published' order by release_seq desc limit {latest}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(thread.0).fetch_all(db).await?;
    rows.iter().map(|row| Ok(format!("{}\n{}", row.text("subject")?, row.text("beginning")?))).collect()
}

/// The mails, or the beginnings of large ones, of which the latest posts of somebody were made that the group has.
///
/// # Errors
/// When the database refuses.
pub async fn mails_of(db: &mut Db, author: MemberId, latest: i64) -> Result<Vec<Vec<u8>>> {
    let sql = format!(
        "select substr(r.message, 1, 131072) as message from posts p join raw_messages r on r.spool_id = p.spool_id
         where p.member_id = $1 and p.state = 'published' order by p.id desc limit {latest}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(author.0).fetch_all(db).await?;
    rows.iter().map(|row| row.bytes("message")).collect()
}

/// What was said in a group since a time, as far as an answer may quote it, oldest first; the latest so many posts.
///
/// # Errors
/// When the database refuses.
pub async fn said_since(db: &mut Db, group: GroupId, since: Timestamp, latest: i64) -> Result<Vec<Earlier>> {
    // What is published has a number; without saying so the index is walked through all posts that have none. And the latest
    // are taken before their time is looked at, or a quiet group's whole history is walked for each answer.
    let sql = format!(
        "select l.*, t.base_subject
         from (select id, thread_id, author_name, subject, published_at, release_seq, substr(body, 1, 16384) as beginning
               from posts where group_id = $1 and release_seq is not null and state = 'published'
               order by release_seq desc limit {latest}) l
             join threads t on t.id = l.thread_id
         where l.published_at >= $2 order by l.release_seq"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(group.0).bind(since.0).fetch_all(db).await?;
    let earlier = |row: &AnyRow| {
        Ok(Earlier {
            id: PostId(row.int("id")?),
            thread: ThreadId(row.int("thread_id")?),
            base_subject: row.text("base_subject")?,
            author_name: row.text("author_name")?,
            subject: row.text("subject")?,
            at: row.time("published_at")?,
            text: row.text("beginning")?,
        })
    };
    rows.iter().map(earlier).collect()
}

/// The first post of a conversation that the group has: it gives the conversation its heading.
#[derive(Debug)]
pub struct First {
    /// The conversation.
    pub thread: ThreadId,
    /// The post.
    pub id: PostId,
    /// Its subject.
    pub subject: String,
}

/// The first post of each of these conversations that the group has, in no order.
///
/// # Errors
/// When the database refuses.
pub async fn firsts_in(db: &mut Db, threads: &[ThreadId]) -> Result<Vec<First>> {
    let sql = format!(
        "select p.thread_id, p.id, p.subject from {} join posts p on p.id = (
             select o.id from posts o where o.thread_id = cast(value as bigint) and o.state = 'published'
             order by o.release_seq limit 1)",
        super::db::each(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(threads)).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            Ok(First {
                thread: ThreadId(row.int("thread_id")?),
                id: PostId(row.int("id")?),
                subject: row.text("subject")?,
            })
        })
        .collect()
}

/// Under which names the authors of these posts are shown, and when they were published; of those posts that the group has.
///
/// # Errors
/// When the database refuses.
pub async fn named(db: &mut Db, ids: &[PostId], words: &Wording) -> Result<HashMap<PostId, (String, Timestamp)>> {
    let sql = format!(
        "select id, author_name, author_role, published_at from posts
         where id {among} and state = 'published' and published_at is not null",
        among = super::db::among(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(ids)).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            let name = shown_name(&row.text("author_name")?, row.word("author_role")?, words);
            Ok((PostId(row.int("id")?), (name, row.time("published_at")?)))
        })
        .collect()
}

/// How many posts of a group wait for a person.
///
/// # Errors
/// When the database refuses.
pub async fn held_in(db: &mut Db, group: GroupId) -> Result<i64> {
    sqlx::query("select count(*) as n from posts where group_id = $1 and state = 'held'")
        .bind(group.0)
        .fetch_one(db)
        .await?
        .int("n")
}

/// How many posts of an author wait for a person.
///
/// # Errors
/// When the database refuses.
pub async fn waiting_of(db: &mut Db, author: MemberId) -> Result<i64> {
    sqlx::query("select count(*) as n from posts where member_id = $1 and state = 'held'")
        .bind(author.0)
        .fetch_one(db)
        .await?
        .int("n")
}

/// Count once for many authors what [`waiting_since`] counts, so that the transaction need not for each of their posts.
///
/// # Errors
/// When the database refuses.
pub async fn look_up_waiting(db: &mut Db, authors: &[MemberId], since: Timestamp) -> Result<()> {
    let sql = count_waiting(db);
    let ids: Vec<i64> = authors.iter().map(|author| author.0).collect();
    let rows = db.rows_aside(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(&ids)).bind(since.0)).await?;
    let found = rows
        .iter()
        .map(|row| Ok((MemberId(row.int("member_id")?), row.int("n")?)))
        .collect::<Result<HashMap<_, _>>>()?;
    if let Some(seen) = &mut db.seen {
        seen.waiting.extend(authors.iter().map(|author| (*author, found.get(author).copied().unwrap_or(0))));
    }
    Ok(())
}

/// How many posts of an author came since a time, wait, and may be told of with others: nobody may be in danger, or not wish to
/// live.
///
/// # Errors
/// When the database refuses.
pub async fn waiting_since(db: &mut Db, author: MemberId, since: Timestamp) -> Result<i64> {
    if let Some(waiting) = db.seen.as_ref().and_then(|seen| seen.waiting.get(&author)) {
        return Ok(*waiting);
    }
    let sql = count_waiting(db);
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(&[author.0])).bind(since.0).fetch_optional(db).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

fn count_waiting(db: &Db) -> String {
    format!(
        "select member_id, count(*) as n from posts
         where member_id {among} and state = 'held' and created_at > $2
             and reasons not like '%\"category\":\"crisis\"%' and reasons not like '%\"category\":\"safeguard\"%'
             and reasons not like '%\"category\":\"concern\"%'
         group by member_id",
        among = super::db::among(db)
    )
}

/// The group gets the post as number `seq`.
///
/// # Errors
/// When the database refuses.
pub async fn set_published(db: &mut Db, id: PostId, seq: i64, now: Timestamp) -> Result<()> {
    db.forget();
    sqlx::query("update posts set state = 'published', published_at = $2, release_seq = $3 where id = $1")
        .bind(id.0)
        .bind(now.0)
        .bind(seq)
        .execute(&mut *db)
        .await?;
    sqlx::query("update members set published = published + 1 where id = (select member_id from posts where id = $1)")
        .bind(id.0)
        .execute(&mut *db)
        .await?;
    sqlx::query("update threads set last_at = $2 where id = (select thread_id from posts where id = $1)")
        .bind(id.0)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Set the state of a post that is not being published.
///
/// # Errors
/// When the database refuses.
pub async fn set_state(db: &mut Db, id: PostId, state: PostState) -> Result<()> {
    sqlx::query("update posts set state = $2 where id = $1").bind(id.0).bind(word(&state)).execute(db).await?;
    Ok(())
}

/// Where a post belongs is known now, and what of its reasons is left.
///
/// # Errors
/// When the database refuses.
pub async fn set_place(db: &mut Db, post: &Post) -> Result<()> {
    sqlx::query("update posts set thread_id = $2, parent_id = $3, subject = $4, reasons = $5 where id = $1")
        .bind(post.id.0)
        .bind(post.thread.0)
        .bind(post.parent.map(|id| id.0))
        .bind(post.subject.as_str())
        .bind(json(&post.reasons))
        .execute(db)
        .await?;
    Ok(())
}

/// The group gets other words than its author's, which are kept: a moderator's, or hers without what would give somebody away.
///
/// # Errors
/// When the database refuses.
pub async fn set_words(db: &mut Db, post: &Post) -> Result<()> {
    sqlx::query(
        "update posts set subject = $2, body = $3, original_subject = $4, original_body = $5, edited_at = $6 where id = $1",
    )
    .bind(post.id.0)
    .bind(post.subject.as_str())
    .bind(post.text.as_str())
    .bind(post.original_subject.as_deref())
    .bind(post.original.as_deref())
    .bind(post.edited_since.map(|at| at.0))
    .execute(db)
    .await?;
    Ok(())
}

/// A moderator takes the post upon herself; `None`: nobody has it in hand any more.
///
/// # Errors
/// When the database refuses.
pub async fn set_claimed(db: &mut Db, id: PostId, by: Option<MemberId>) -> Result<()> {
    sqlx::query("update posts set claimed_by = $2 where id = $1")
        .bind(id.0)
        .bind(by.map(|by| by.0))
        .execute(db)
        .await?;
    Ok(())
}

/// The held posts that a moderator has taken upon herself.
///
/// # Errors
/// When the database refuses.
pub async fn claimed_by(db: &mut Db, moderator: MemberId) -> Result<Vec<PostId>> {
    let rows = sqlx::query("select id from posts where claimed_by = $1 and state = 'held' order by id")
        .bind(moderator.0)
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| Ok(PostId(row.int("id")?))).collect()
}

/// Record the release of a post (promise I2): by a decision or by a named policy.
///
/// # Errors
/// A unique violation when the post was released before.
pub async fn insert_release(
    db: &mut Db,
    post: &Post,
    seq: i64,
    decision: Option<i64>,
    policy: Option<&str>,
    now: Timestamp,
) -> Result<i64> {
    let row = sqlx::query(
        "insert into releases (post_id, group_id, seq, decision_id, policy, released_at)
         values ($1, $2, $3, $4, $5, $6) returning id",
    )
    .bind(post.id.0)
    .bind(post.group.0)
    .bind(seq)
    .bind(decision)
    .bind(policy)
    .bind(now.0)
    .fetch_one(db)
    .await?;
    row.int("id")
}

/// The posts of a group that wait for a decision, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn undecided(db: &mut Db, group: GroupId, most: i64) -> Result<Vec<Post>> {
    let rows = sqlx::query(
        "select p.* from posts p where p.state = 'held' and p.group_id = $1
             and not exists (select 1 from decisions d where d.post_id = p.id and d.undone_at is null
                             and d.verb in ('approve', 'return', 'edit', 'trust'))
         order by p.id limit $2",
    )
    .bind(group.0)
    .bind(most)
    .fetch_all(db)
    .await?;
    posts(&rows)
}

/// A post stands on top of the next digest, or no longer.
///
/// # Errors
/// When the database refuses.
pub async fn set_on_top(db: &mut Db, id: PostId, since: Option<Timestamp>) -> Result<()> {
    sqlx::query("update posts set on_top_at = $2 where id = $1")
        .bind(id.0)
        .bind(since.map(|at| at.0))
        .execute(db)
        .await?;
    Ok(())
}
