//! First posts of conversations that nobody has answered yet.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::db::{Db, Result};
use super::rows::{Columns, json};
use crate::clock::Timestamp;
use crate::model::digest::{MOST_WAITING, Unanswered, WAITING_DAYS};
use crate::model::ids::{GroupId, MemberId, PostId, ThreadId};
use crate::model::member::shown_name;
use crate::model::schedule::civil_day;
use crate::model::wording::Wording;

/// However busy the group is, so many posts are looked through.
const LATEST: i64 = 400;

/// Of the last days, and up to a release number, oldest first: what a member began and nobody else has answered. Somewhat more
/// than are shown: some of them are muted, or older than a reader.
///
/// # Errors
/// When the database refuses.
pub async fn in_group(
    db: &mut Db,
    group: GroupId,
    until: i64,
    words: &Wording,
    now: Timestamp,
) -> Result<Vec<Unanswered>> {
    let most = 4 * MOST_WAITING;
    let sql = format!(
        "select p.id, p.member_id, p.thread_id, p.release_seq, p.subject, p.author_name, p.author_role, p.published_at
         from (select * from posts where group_id = $1 and release_seq <= $2 order by release_seq desc limit {LATEST}) p
         where p.state = 'published' and p.author_role = 'member' and p.parent_id is null and p.published_at > $3 and p.gone_at is null
             and not exists (select 1 from posts o where o.thread_id = p.thread_id and o.state = 'published'
                 and (o.member_id <> p.member_id or o.release_seq < p.release_seq))
         order by p.release_seq limit {most}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(group.0)
        .bind(until)
        .bind(now.plus_seconds(-WAITING_DAYS * 86_400).0)
        .fetch_all(db)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Unanswered {
                post: PostId(row.int("id")?),
                by: MemberId(row.int("member_id")?),
                thread: ThreadId(row.int("thread_id")?),
                release_seq: row.int("release_seq")?,
                subject: row.text("subject")?,
                author: shown_name(&row.text("author_name")?, row.word("author_role")?, words),
                at: row.time("published_at")?,
            })
        })
        .collect()
}

/// Which of these came to whom in a digest; nobody is told that she herself waits.
///
/// # Errors
/// When the database refuses.
pub async fn seen(
    db: &mut Db,
    members: &[MemberId],
    waiting: &[Unanswered],
    now: Timestamp,
) -> Result<BTreeSet<(MemberId, PostId)>> {
    let Some(first) = waiting.iter().map(|one| one.release_seq).min() else { return Ok(BTreeSet::new()) };
    // A digest may be late by as long as nothing ran; what waits for longer is not listed.
    let since = civil_day(now.plus_seconds(-2 * WAITING_DAYS * 86_400), Tz::UTC);
    let sql = format!(
        "select member_id, from_seq, to_seq from issues
         where member_id {among} and civil_day >= $2 and to_seq >= $3",
        among = super::db::among(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(members)).bind(since.to_string()).bind(first);
    let mut seen = BTreeSet::new();
    for row in rows.fetch_all(db).await? {
        let (member, from, to) = (MemberId(row.int("member_id")?), row.int("from_seq")?, row.int("to_seq")?);
        let in_it = waiting.iter().filter(|one| from < one.release_seq && one.release_seq <= to && one.by != member);
        seen.extend(in_it.map(|one| (member, one.post)));
    }
    Ok(seen)
}
