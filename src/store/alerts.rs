//! Alerts about people who may be in danger: what is raised, whom each step told, how it ended, and what its author was
//! told automatically.

use sqlx::any::AnyRow;

use super::db::{Db, Result};
use super::rows::Columns;
use crate::clock::Timestamp;
use crate::model::ids::{AlertId, EditionId, GroupId, MemberId, PostId, TalkId, TokenId};

/// An alert.
#[derive(Debug, Clone)]
pub struct Alert {
    /// The row.
    pub id: AlertId,
    /// The group; `None` is the administrators'.
    pub group: Option<GroupId>,
    /// The post that it is about, if it is about one.
    pub post: Option<PostId>,
    /// Who may be in danger or told of it, if that is somebody on the roster.
    pub member: Option<MemberId>,
    /// The private talk in which it was written, if it was in one.
    pub talk: Option<TalkId>,
    /// The messages that it is about where it is about no post, as JSON.
    pub shown: String,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// The last step that was taken, from 0.
    pub step: i64,
    /// When the next one is due.
    pub climb_at: Timestamp,
    /// When somebody answered.
    pub ended_at: Option<Timestamp>,
    /// Who; `None` also for an administrator.
    pub ended_by: Option<MemberId>,
    /// `mine`, `approve`, `ack` …
    pub ended_how: Option<String>,
}

/// Whom a step told.
#[derive(Debug, Clone)]
pub struct Step {
    /// From 0.
    pub step: i64,
    /// `moderators` or `administrators`; a step may have told both.
    pub rung: String,
    /// The notice; `None` where there was nobody to tell.
    pub edition: Option<EditionId>,
    /// When.
    pub at: Timestamp,
}

/// One who was told, and what became of the mail.
#[derive(Debug, Clone)]
pub struct Told {
    /// On the roster, or an administrator.
    pub member: Option<MemberId>,
    /// The address.
    pub recipient: String,
    /// `waiting`, `sending`, `sent`, `failed` or `dropped`.
    pub state: String,
    /// When the smarthost took it or refused it.
    pub settled_at: Option<Timestamp>,
    /// It came back.
    pub bounced_at: Option<Timestamp>,
}

/// The automatic text to an author.
#[derive(Debug, Clone)]
pub struct Text {
    /// The alert that it waits for.
    pub alert: AlertId,
    /// The author.
    pub member: MemberId,
    /// The Message-ID that it answers.
    pub answers: Option<String>,
    /// The author's subject.
    pub subject: String,
    /// When a moderator is to have read the message.
    pub read_by: Timestamp,
    /// It waits no longer.
    pub due_at: Timestamp,
    /// `alerted` or `plain`; `None` while it waits.
    pub said: Option<String>,
    /// When it was said.
    pub said_at: Option<Timestamp>,
}

fn alert(row: &AnyRow) -> Result<Alert> {
    Ok(Alert {
        id: AlertId(row.int("id")?),
        group: row.maybe_int("group_id")?.map(GroupId),
        post: row.maybe_int("post_id")?.map(PostId),
        member: row.maybe_int("member_id")?.map(MemberId),
        talk: row.maybe_int("talk_id")?.map(TalkId),
        shown: row.text("shown")?,
        raised_at: row.time("raised_at")?,
        step: row.int("step")?,
        climb_at: row.time("climb_at")?,
        ended_at: row.maybe_time("ended_at")?,
        ended_by: row.maybe_int("ended_by")?.map(MemberId),
        ended_how: row.maybe_text("ended_how")?,
    })
}

fn text(row: &AnyRow) -> Result<Text> {
    Ok(Text {
        alert: AlertId(row.int("alert_id")?),
        member: MemberId(row.int("member_id")?),
        answers: row.maybe_text("answers")?,
        subject: row.text("subject")?,
        read_by: row.time("read_by")?,
        due_at: row.time("due_at")?,
        said: row.maybe_text("said")?,
        said_at: row.maybe_time("said_at")?,
    })
}

/// An alert about to be raised.
#[derive(Debug, Clone, Copy)]
pub struct NewAlert<'a> {
    /// The group; `None` is the administrators'.
    pub group: Option<GroupId>,
    /// The post.
    pub post: Option<PostId>,
    /// Who wrote.
    pub member: Option<MemberId>,
    /// The messages, as JSON, where it is about no post.
    pub shown: &'a str,
    /// When the next step is due.
    pub climb_at: Timestamp,
}

/// Raise one.
///
/// # Errors
/// When the database refuses.
pub async fn insert(db: &mut Db, new: &NewAlert<'_>, now: Timestamp) -> Result<AlertId> {
    let row = sqlx::query(
        "insert into alerts (group_id, post_id, member_id, shown, raised_at, step, climb_at)
         values ($1, $2, $3, $4, $5, 0, $6) returning id",
    )
    .bind(new.group.map(|id| id.0))
    .bind(new.post.map(|id| id.0))
    .bind(new.member.map(|id| id.0))
    .bind(new.shown)
    .bind(now.0)
    .bind(new.climb_at.0)
    .fetch_one(db)
    .await?;
    Ok(AlertId(row.int("id")?))
}

/// Write down whom a step told.
///
/// # Errors
/// When the database refuses.
pub async fn insert_step(
    db: &mut Db,
    id: AlertId,
    step: i64,
    rung: &str,
    edition: Option<EditionId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query("insert into alert_steps (alert_id, step, rung, edition_id, told_at) values ($1, $2, $3, $4, $5)")
        .bind(id.0)
        .bind(step)
        .bind(rung)
        .bind(edition.map(|id| id.0))
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// The alerts whose next step is due, and those of whose last step every copy was refused or came back.
///
/// # Errors
/// When the database refuses.
pub async fn due(db: &mut Db, now: Timestamp) -> Result<Vec<Alert>> {
    let rows = sqlx::query(
        "select a.* from alerts a where a.ended_at is null and a.climb_at <= $1
         union all
         select a.* from alerts a where a.ended_at is null and a.climb_at > $1
             and exists (select 1 from alert_steps s join outbox o on o.edition_id = s.edition_id
                         where s.alert_id = a.id and s.step = a.step and (o.state = 'failed' or o.bounced_at is not null))
             and not exists (select 1 from alert_steps s join outbox o on o.edition_id = s.edition_id
                         where s.alert_id = a.id and s.step = a.step and o.bounced_at is null
                             and o.state in ('waiting', 'sending', 'sent'))",
    )
    .bind(now.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(alert).collect()
}

/// The alerts about which no moderator was ever asked, of groups that somebody looks after by now.
///
/// # Errors
/// When the database refuses.
pub async fn unasked(db: &mut Db) -> Result<Vec<Alert>> {
    let rows = sqlx::query(
        "select a.* from alerts a where a.climb_at > 0 and a.ended_at is null
             and not exists (select 1 from alert_steps s where s.alert_id = a.id and s.rung = 'moderators')
             and exists (select 1 from members m where m.group_id = a.group_id and m.role = 'moderator'
                         and m.state = 'active')",
    )
    .fetch_all(db)
    .await?;
    rows.iter().map(alert).collect()
}

/// The alert about strangers' mail that was raised since a time and whose first step is the last one so far.
///
/// # Errors
/// When the database refuses.
pub async fn fresh_about_strangers(db: &mut Db, group: Option<GroupId>, since: Timestamp) -> Result<Option<Alert>> {
    let lock = super::locks::for_change(db);
    let sql = format!(
        "select * from alerts where climb_at > 0 and ended_at is null and post_id is null and member_id is null
             and step = 0 and raised_at > $2 and coalesce(group_id, 0) = $1 order by raised_at desc, id desc limit 1{lock}"
    );
    let row =
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(group.map_or(0, |id| id.0)).bind(since.0).fetch_optional(db).await?;
    row.as_ref().map(alert).transpose()
}

/// What an alert is about.
///
/// # Errors
/// When the database refuses.
pub async fn set_shown(db: &mut Db, id: AlertId, shown: &str) -> Result<()> {
    sqlx::query("update alerts set shown = $2 where id = $1").bind(id.0).bind(shown).execute(db).await?;
    Ok(())
}

/// Since when an alert's last step waits to leave: no copy of it was taken, and one is to be tried again.
///
/// # Errors
/// When the database refuses.
pub async fn waits_to_leave(db: &mut Db, of: &Alert) -> Result<Option<Timestamp>> {
    let row = sqlx::query(
        "select coalesce(sum(case when o.state in ('waiting', 'sending') then 1 else 0 end), 0) as waiting,
                coalesce(sum(case when o.state = 'sent' then 1 else 0 end), 0) as taken, min(s.told_at) as told_at
         from alert_steps s join outbox o on o.edition_id = s.edition_id where s.alert_id = $1 and s.step = $2",
    )
    .bind(of.id.0)
    .bind(of.step)
    .fetch_one(db)
    .await?;
    let waits = row.int("waiting")? > 0 && row.int("taken")? == 0;
    Ok(row.maybe_time("told_at")?.filter(|_| waits))
}

/// The next step waits until then, unless it was taken or put off meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn put_off(db: &mut Db, from: &Alert, until: Timestamp) -> Result<()> {
    sqlx::query("update alerts set climb_at = $4 where id = $1 and step = $2 and climb_at = $3 and ended_at is null")
        .bind(from.id.0)
        .bind(from.step)
        .bind(from.climb_at.0)
        .bind(until.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Take the next step; `false` when somebody answered, or another server took it.
///
/// # Errors
/// When the database refuses.
pub async fn climb(db: &mut Db, from: &Alert, next_at: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "update alerts set step = step + 1, climb_at = $3 where id = $1 and step = $2 and ended_at is null",
    )
    .bind(from.id.0)
    .bind(from.step)
    .bind(next_at.0)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Somebody answered; `false` when somebody had before.
///
/// # Errors
/// When the database refuses.
pub async fn end(db: &mut Db, id: AlertId, by: Option<MemberId>, how: &str, now: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "update alerts set ended_at = $2, ended_by = $3, ended_how = $4 where id = $1 and ended_at is null",
    )
    .bind(id.0)
    .bind(now.0)
    .bind(by.map(|id| id.0))
    .bind(how)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The alerts about a post that nobody has answered yet.
///
/// # Errors
/// When the database refuses.
pub async fn open_about(db: &mut Db, post: PostId) -> Result<Vec<Alert>> {
    let rows = sqlx::query("select * from alerts where post_id = $1 and ended_at is null order by id")
        .bind(post.0)
        .fetch_all(db)
        .await?;
    rows.iter().map(alert).collect()
}

/// The alerts about what a member wrote to the moderators alone, and that nobody has answered yet.
///
/// # Errors
/// When the database refuses.
pub async fn open_privately(db: &mut Db, member: MemberId) -> Result<Vec<Alert>> {
    let rows = sqlx::query(
        "select * from alerts where climb_at > 0 and ended_at is null and post_id is null
             and (member_id = $1 or talk_id in (select id from talks where member_id = $1))",
    )
    .bind(member.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(alert).collect()
}

/// Whether an alert about this member waits for an answer, about a post of hers or anything else that she wrote.
///
/// # Errors
/// When the database refuses.
pub async fn is_open_about_member(db: &mut Db, member: MemberId) -> Result<bool> {
    is_about_member_since(db, member, Timestamp(i64::MAX)).await
}

/// Whether there was an alert about this member since then, or an older one still waits for an answer.
///
/// # Errors
/// When the database refuses.
pub async fn is_about_member_since(db: &mut Db, member: MemberId, since: Timestamp) -> Result<bool> {
    let row = sqlx::query(
        "select id from alerts where group_id = (select group_id from members where id = $1)
             and (raised_at >= $2 or (climb_at > 0 and ended_at is null))
             and (member_id = $1 or talk_id in (select id from talks where member_id = $1)) limit 1",
    )
    .bind(member.0)
    .bind(since.0)
    .fetch_optional(db)
    .await?;
    Ok(row.is_some())
}

/// One alert.
///
/// # Errors
/// When the database refuses.
pub async fn by_id(db: &mut Db, id: AlertId) -> Result<Option<Alert>> {
    let row = sqlx::query("select * from alerts where id = $1").bind(id.0).fetch_optional(db).await?;
    row.as_ref().map(alert).transpose()
}

/// The alerts that nobody has answered yet, or all, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &mut Db, group: Option<GroupId>, all: bool) -> Result<Vec<Alert>> {
    let rows = sqlx::query(
        "select * from alerts where ($1 = 1 or ended_at is null) and ($2 = 0 or group_id = $2) order by id",
    )
    .bind(i64::from(all))
    .bind(group.map_or(0, |id| id.0))
    .fetch_all(db)
    .await?;
    rows.iter().map(alert).collect()
}

/// The steps of an alert, the first first.
///
/// # Errors
/// When the database refuses.
pub async fn steps(db: &mut Db, id: AlertId) -> Result<Vec<Step>> {
    let rows = sqlx::query("select * from alert_steps where alert_id = $1 order by step, rung desc")
        .bind(id.0)
        .fetch_all(db)
        .await?;
    let step = |row: &AnyRow| {
        Ok(Step {
            step: row.int("step")?,
            rung: row.text("rung")?,
            edition: row.maybe_int("edition_id")?.map(EditionId),
            at: row.time("told_at")?,
        })
    };
    rows.iter().map(step).collect()
}

/// Whom a notice went to, and what became of each copy.
///
/// # Errors
/// When the database refuses.
pub async fn told_by(db: &mut Db, edition: EditionId) -> Result<Vec<Told>> {
    let rows = sqlx::query(
        "select member_id, recipient, state, settled_at, bounced_at from outbox where edition_id = $1 order by id",
    )
    .bind(edition.0)
    .fetch_all(db)
    .await?;
    let told = |row: &AnyRow| {
        Ok(Told {
            member: row.maybe_int("member_id")?.map(MemberId),
            recipient: row.text("recipient")?,
            state: row.text("state")?,
            settled_at: row.maybe_time("settled_at")?,
            bounced_at: row.maybe_time("bounced_at")?,
        })
    };
    rows.iter().map(told).collect()
}

/// The automatic text to the author waits for the alert.
///
/// # Errors
/// When the database refuses.
pub async fn insert_text(db: &mut Db, new: &Text) -> Result<()> {
    sqlx::query(
        "insert into alert_texts (alert_id, member_id, answers, subject, read_by, due_at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(new.alert.0)
    .bind(new.member.0)
    .bind(&new.answers)
    .bind(&new.subject)
    .bind(new.read_by.0)
    .bind(new.due_at.0)
    .execute(db)
    .await?;
    Ok(())
}

/// The texts that may be sent: somebody's mail server took the alert, or the text has waited for long enough. Each with
/// whether it was taken.
///
/// # Errors
/// When the database refuses.
pub async fn due_texts(db: &mut Db, now: Timestamp) -> Result<Vec<(Text, bool)>> {
    let rows = sqlx::query(
        "select t.*, (select count(*) from alert_steps s join outbox o on o.edition_id = s.edition_id
                      where s.alert_id = t.alert_id and o.state = 'sent' and o.bounced_at is null) as taken
         from alert_texts t where t.due_at > 0 and t.said is null",
    )
    .fetch_all(db)
    .await?;
    let mut due = Vec::new();
    for row in &rows {
        let (text, is_taken) = (text(row)?, row.int("taken")? > 0);
        if is_taken || text.due_at <= now {
            due.push((text, is_taken));
        }
    }
    Ok(due)
}

/// The text is sent with this transaction, in these words; `false` when another server sends it.
///
/// # Errors
/// When the database refuses.
pub async fn set_said(db: &mut Db, id: AlertId, said: &str, now: Timestamp) -> Result<bool> {
    let done = sqlx::query("update alert_texts set said = $2, said_at = $3 where alert_id = $1 and said is null")
        .bind(id.0)
        .bind(said)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The automatic text of an alert, if it has one.
///
/// # Errors
/// When the database refuses.
pub async fn text_of(db: &mut Db, id: AlertId) -> Result<Option<Text>> {
    let row = sqlx::query("select * from alert_texts where alert_id = $1").bind(id.0).fetch_optional(db).await?;
    row.as_ref().map(text).transpose()
}

/// A token is for this alert; its mail shows these of the messages.
///
/// # Errors
/// When the database refuses.
pub async fn insert_token(db: &mut Db, token: TokenId, id: AlertId, (from, to): (i64, i64)) -> Result<()> {
    sqlx::query("insert into alert_tokens (token_id, alert_id, shown_from, shown_to) values ($1, $2, $3, $4)")
        .bind(token.0)
        .bind(id.0)
        .bind(from)
        .bind(to)
        .execute(db)
        .await?;
    Ok(())
}

/// The alert that a token is for, and which of its messages the mail with the token shows.
///
/// # Errors
/// When the database refuses.
pub async fn of_token(db: &mut Db, token: TokenId) -> Result<Option<(Alert, (i64, i64))>> {
    let row = sqlx::query(
        "select a.*, t.shown_from, t.shown_to from alert_tokens t join alerts a on a.id = t.alert_id
         where t.token_id = $1",
    )
    .bind(token.0)
    .fetch_optional(db)
    .await?;
    row.map(|row| Ok((alert(&row)?, (row.int("shown_from")?, row.int("shown_to")?)))).transpose()
}
