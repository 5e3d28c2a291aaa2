//! Claims on the outbox: an attempt is booked with the claim, under a lease and a fence. What comes of it stands in
//! `settled.rs`.

use std::collections::{BTreeSet, HashSet};

use super::db::{Db, Error, Result, elements, is_postgres};
use super::outbox::Lane;
use super::rows::{Columns, json};
use super::suppressions;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::mail::envelope::TokenKind;
use crate::model::forgotten::{NOBODY, SUPPRESSED};
use crate::model::ids::{EditionId, GroupId, OutboxId, PostId, TokenId};
use crate::model::member::{MemberState, Role};
use crate::model::wanted::{Content, Due, Fate, fate};

/// How long a claimed row is nobody else's, in seconds.
pub const LEASE_SECONDS: i64 = 30;

const LANES: [Lane; 4] = [Lane::Urgent, Lane::Notice, Lane::Post, Lane::Digest];

/// By which time rows are due, and by which leases are given and end: the same, but for a run at another time.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// For what is due.
    pub due: Timestamp,
    /// For leases.
    pub leases: Timestamp,
}

impl From<Timestamp> for Times {
    fn from(now: Timestamp) -> Self {
        Self { due: now, leases: now }
    }
}

/// What the outbox has to do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outlook {
    /// When the first row of each lane is due.
    due: [Option<Timestamp>; 4],
    /// When the first lease runs out.
    lapses: Option<Timestamp>,
    /// Some post was taken back, ever.
    has_retracted: bool,
    /// Somebody was forgotten, ever.
    has_suppressed: bool,
}

impl Outlook {
    /// Whether anything is to be done at `now`.
    #[must_use]
    pub fn is_busy(&self, now: Times) -> bool {
        LANES.iter().any(|lane| self.has_due(*lane, now.due)) || self.has_lapsed(now.leases)
    }

    fn has_due(&self, lane: Lane, now: Timestamp) -> bool {
        self.due[lane as usize].is_some_and(|due| due <= now)
    }

    fn has_lapsed(&self, now: Timestamp) -> bool {
        self.lapses.is_some_and(|lapses| lapses <= now)
    }
}

/// A token whose address is the Reply-To of one copy.
#[derive(Debug, Clone, Copy)]
pub struct ReplyToken {
    /// The row.
    pub id: TokenId,
    /// Its kind.
    pub kind: TokenKind,
    /// Its generation.
    pub generation: i64,
}

/// A row that was claimed for one attempt.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The row.
    pub id: OutboxId,
    /// This claim's number.
    pub fence: i64,
    /// The content.
    pub edition: EditionId,
    /// The address.
    pub recipient: Address,
    /// Whether a bounce comes back to an address of its own.
    pub verp: bool,
    /// It goes before everything else.
    pub urgent: bool,
    /// The token whose address is the Reply-To of this copy.
    pub reply_token: Option<ReplyToken>,
    /// This attempt's number, from 1.
    pub attempts: u32,
}

/// What is not to be claimed now.
#[derive(Debug, Default)]
pub struct Apart {
    /// These rows.
    pub rows: Vec<OutboxId>,
    /// Everything whose return path is `<>`.
    pub null_path: bool,
    /// Rows whose lease ran out.
    pub lapsed: bool,
}

impl Apart {
    /// In SQL; nothing where nothing is set apart, so that the usual claim is planned once.
    fn condition(&self) -> String {
        let mut sql = String::new();
        if self.null_path {
            sql.push_str(" and o.return_path <> 'null'");
        }
        if !self.rows.is_empty() {
            let ids: Vec<String> = self.rows.iter().map(|id| id.0.to_string()).collect();
            sql.push_str(&format!(" and o.id not in ({})", ids.join(", ")));
        }
        sql
    }
}

/// What a claim came to.
#[derive(Debug, Default)]
pub struct Claim {
    /// Rows that are ours now, urgent ones first.
    pub rows: Vec<Claimed>,
    /// Posts that were taken back and stand in digests that are due: these must be written anew.
    pub rewrite: BTreeSet<PostId>,
    /// Alarms that are due to moderators who have gone: these must be passed on first.
    pub pass_on: BTreeSet<EditionId>,
    /// There may be more urgent ones than could be claimed.
    pub more_urgent: bool,
    /// There may be more of the others.
    pub more: bool,
}

/// Look, without changing anything.
///
/// # Errors
/// When the database refuses.
pub async fn look(db: &mut Db) -> Result<Outlook> {
    // One descent of the index for each, however long the outbox is.
    let row = sqlx::query(
        "select (select min(due_at) from outbox where state = 'waiting' and lane = 0) as urgent,
                (select min(due_at) from outbox where state = 'waiting' and lane = 1) as notice,
                (select min(due_at) from outbox where state = 'waiting' and lane = 2) as post,
                (select min(due_at) from outbox where state = 'waiting' and lane = 3) as digest,
                (select min(lease_until) from outbox where state = 'sending') as lapses,
                (select min(id) from posts where state = 'retracted') as retracted,
                (select min(member_id) from suppressions) as suppressed",
    )
    .fetch_one(db)
    .await?;
    let due =
        [row.maybe_time("urgent")?, row.maybe_time("notice")?, row.maybe_time("post")?, row.maybe_time("digest")?];
    let has_retracted = row.maybe_int("retracted")?.is_some();
    let has_suppressed = row.maybe_int("suppressed")?.is_some();
    Ok(Outlook { due, lapses: row.maybe_time("lapses")?, has_retracted, has_suppressed })
}

/// Claim up to `urgent` rows of the first lane and up to `others` of the rest for one attempt each. What nobody wants any
/// more is dropped (promise I6), rows whose lease ran out wait again. While a group holds everything, copies that were
/// written before stay where they are.
///
/// # Errors
/// When the database refuses.
pub async fn claim(db: &mut Db, urgent: usize, others: usize, now: impl Into<Times>) -> Result<Claim> {
    claim_apart_from(db, &Apart::default(), urgent, others, now.into()).await
}

/// The same, and none of these.
///
/// # Errors
/// When the database refuses.
pub async fn claim_apart_from(db: &mut Db, apart: &Apart, urgent: usize, others: usize, now: Times) -> Result<Claim> {
    let outlook = look(db).await?;
    let has_lapsed = outlook.has_lapsed(now.leases) && !apart.lapsed;
    if has_lapsed {
        release_lapsed(db, now.leases).await?;
    }
    let mut claim = Claim::default();
    let mut found = Vec::new();
    let mut room = others;
    for lane in LANES {
        let limit = if lane == Lane::Urgent { urgent } else { room };
        if limit > 0 && (outlook.has_due(lane, now.due) || has_lapsed) {
            let rows = candidates(db, apart, lane, limit, now.due).await?;
            if lane == Lane::Urgent {
                claim.more_urgent = rows.len() == limit;
            } else {
                room -= rows.len();
            }
            found.extend(rows);
        }
    }
    claim.more = room == 0;
    let public: BTreeSet<EditionId> = found
        .iter()
        .filter(|candidate| outlook.has_retracted && candidate.due.content != Content::Notice)
        .map(|candidate| candidate.edition)
        .collect();
    let retracted = retracted_in(db, &public).await?;
    if outlook.has_suppressed {
        mark_suppressed(db, &mut found).await?;
    }
    decide(db, found, &retracted, &mut claim, now).await?;
    Ok(claim)
}

/// Nothing goes to an address of somebody who was forgotten, whoever wrote the row (promise I6); but for what she is told
/// because she may be in danger, which answers what she wrote afterwards.
async fn mark_suppressed(db: &mut Db, found: &mut [Candidate]) -> Result<()> {
    for one in &mut *found {
        // It came back from an attempt that was under way when its reader was forgotten.
        one.is_suppressed = one.claimed.as_ref().is_some_and(|claimed| claimed.recipient.as_str().ends_with(NOBODY));
    }
    let groups: BTreeSet<i64> = found.iter().filter_map(|one| one.group).collect();
    for group in groups {
        let mut hashes: Vec<(String, usize)> = Vec::new();
        for (at, one) in found.iter().enumerate() {
            if let Some(claimed) = one.claimed.as_ref().filter(|_| one.group == Some(group) && !one.is_for_danger) {
                hashes.push((db.key.keyed_hash(SUPPRESSED, &claimed.recipient.key()), at));
            }
        }
        let all: Vec<String> = hashes.iter().map(|(hash, _)| hash.clone()).collect();
        let suppressed = suppressions::among(db, GroupId(group), &all).await?;
        for (hash, at) in hashes {
            found[at].is_suppressed |= suppressed.contains(&hash);
        }
    }
    Ok(())
}

/// A due row with what is needed to decide on it.
struct Candidate {
    group: Option<i64>,
    is_for_danger: bool,
    is_suppressed: bool,
    claimed: Option<Claimed>,
    id: i64,
    edition: EditionId,
    due: Due,
}

/// Id, fence, edition, recipient, return path, lane, attempts, reply token, its kind and generation, the edition's kind and
/// folder, the reader's role and state.
type Row = (
    i64,
    i64,
    i64,
    String,
    String,
    i64,
    i64,
    Option<i64>,
    Option<String>,
    Option<i64>,
    Content,
    String,
    Option<Role>,
    Option<MemberState>,
    Option<i64>,
);

async fn candidates(db: &mut Db, apart: &Apart, lane: Lane, limit: usize, now: Timestamp) -> Result<Vec<Candidate>> {
    let skip = apart.condition();
    let (list, row, lock) = match is_postgres(db) {
        true => ("jsonb_agg", "jsonb_build_array", " for update of o skip locked"),
        false => ("json_group_array", "json_array", ""),
    };
    // Ordered by the index alone: ten thousand copies of one instant are not sorted for each claim. All in one row: the
    // driver hands rows over one by one, between threads, which costs more than the rest of a claim.
    let sql = format!(
        "select cast({list}({row}(c.id, c.fence, c.edition_id, c.recipient, c.return_path, c.lane, c.attempts,
                c.reply_token, c.token_kind, c.generation, c.kind, c.folder, c.role, c.member_state, c.group_id)) as text) as found
         from (select o.id, o.fence, o.edition_id, o.recipient, o.return_path, o.lane, o.attempts, o.reply_token,
                      t.kind as token_kind, t.generation, e.kind, e.folder, m.role, m.state as member_state,
                      e.group_id
               from outbox o join editions e on e.id = o.edition_id
                   left join members m on m.id = o.member_id
                   left join tokens t on t.id = o.reply_token
                   left join groups g on g.id = e.group_id
               where o.state = 'waiting' and o.lane = $1 and o.due_at <= $2{skip}
                   and not (e.kind in ('post', 'digest') and g.hold_everything_at is not null
                            and g.hold_everything_at >= e.created_at)
                   and coalesce(e.clearing, '') <> 'at-once'
               order by o.due_at limit $3{lock}) c"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(lane as i64).bind(now.0).bind(limit).fetch_one(db).await?;
    let Some(found) = row.maybe_text("found")? else { return Ok(Vec::new()) };
    let rows: Vec<Row> = serde_json::from_str(&found).map_err(|_| Error::Corrupt("outbox".to_owned()))?;
    Ok(rows.into_iter().map(candidate).collect())
}

fn candidate(row: Row) -> Candidate {
    let (id, fence, edition, recipient, path, lane, attempts, token, token_kind, generation, content, folder, ..) =
        &row;
    let edition = EditionId(*edition);
    let reply_token = token.map(|id| ReplyToken {
        id: TokenId(id),
        kind: if token_kind.as_deref() == Some("m") { TokenKind::Decision } else { TokenKind::Confirmation },
        generation: generation.unwrap_or(0),
    });
    let urgent = *lane == Lane::Urgent as i64;
    // One row that no version wrote must not keep all the others here.
    let claimed = Address::parse(recipient).ok().map(|recipient| Claimed {
        id: OutboxId(*id),
        fence: fence + 1,
        edition,
        recipient,
        verp: path == "verp",
        urgent,
        reply_token,
        attempts: u32::try_from(*attempts).unwrap_or(0).saturating_add(1),
    });
    let farewell = folder == "leave-done";
    let due = Due { content: *content, retracted: false, farewell, urgent, reader: row.12.zip(row.13) };
    let is_for_danger = folder.starts_with("crisis");
    Candidate { group: row.14, is_for_danger, is_suppressed: false, claimed, id: *id, edition, due }
}

async fn decide(
    db: &mut Db,
    found: Vec<Candidate>,
    retracted: &[(EditionId, PostId)],
    claim: &mut Claim,
    now: Times,
) -> Result<()> {
    let mut dropped: Vec<(i64, &str)> = Vec::new();
    for Candidate { claimed, id, edition, mut due, is_suppressed, .. } in found {
        if is_suppressed {
            dropped.push((id, "no longer takes part"));
            continue;
        }
        due.retracted = retracted.iter().any(|(held, _)| *held == edition);
        match (fate(&due), claimed) {
            (Fate::Drop(cause), _) => dropped.push((id, cause)),
            (Fate::PassOn, _) => {
                claim.pass_on.insert(edition);
            }
            (_, None) => dropped.push((id, "the address cannot be read")),
            (Fate::Rewrite, _) => {
                claim.rewrite.extend(retracted.iter().filter(|(held, _)| *held == edition).map(|(_, post)| *post));
            }
            (Fate::Send, Some(row)) => claim.rows.push(row),
        }
    }
    if !dropped.is_empty() {
        drop_unwanted(db, &dropped, now.due).await?;
    }
    if !claim.rows.is_empty() {
        book(db, &claim.rows, now).await?;
    }
    Ok(())
}

/// The posts in these editions that were taken back.
async fn retracted_in(db: &mut Db, editions: &BTreeSet<EditionId>) -> Result<Vec<(EditionId, PostId)>> {
    if editions.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select ep.edition_id, p.id from edition_posts ep join posts p on p.id = ep.post_id
         where ep.edition_id {among} and p.state = 'retracted'",
        among = super::db::among(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(editions)).fetch_all(db).await?;
    rows.iter().map(|row| Ok((EditionId(row.int("edition_id")?), PostId(row.int("id")?)))).collect()
}

async fn drop_unwanted(db: &mut Db, dropped: &[(i64, &str)], now: Timestamp) -> Result<()> {
    let sql = format!(
        "update outbox set state = 'dropped', settled_at = $2, lease_until = null, cause = j.value->>1
         from {} where outbox.id = cast(j.value->>0 as bigint)",
        elements(db)
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(dropped)).bind(now.0).execute(db).await?;
    Ok(())
}

/// The attempt is booked before the network is touched.
async fn book(db: &mut Db, rows: &[Claimed], now: Times) -> Result<()> {
    let ids: Vec<OutboxId> = rows.iter().map(|row| row.id).collect();
    let sql = format!(
        "update outbox set state = 'sending', attempts = attempts + 1, fence = fence + 1, attempted_at = $2,
             lease_until = $3, first_attempt_at = coalesce(first_attempt_at, $2)
         where id {among}",
        among = super::db::among(db)
    );
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(json(&ids))
        .bind(now.due.0)
        .bind(now.leases.plus_seconds(LEASE_SECONDS).0)
        .execute(db)
        .await?;
    Ok(())
}

/// Rows whose server is gone wait again; those that another server is about to settle or to release are left to it.
async fn release_lapsed(db: &mut Db, now: Timestamp) -> Result<()> {
    let lock = if is_postgres(db) { " for update skip locked" } else { "" };
    let sql = format!(
        "update outbox set state = 'waiting', lease_until = null
         where id in (select id from outbox where state = 'sending' and lease_until <= $1{lock})"
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now.0).execute(db).await?;
    Ok(())
}

/// Renew the leases of rows that are in hand; gives those that are still ours.
///
/// # Errors
/// When the database refuses.
pub async fn renew(db: &mut Db, rows: &[(OutboxId, i64)], leases: Timestamp) -> Result<HashSet<OutboxId>> {
    let sql = format!(
        "update outbox set lease_until = $2
         from {} where outbox.id = cast(j.value->>0 as bigint) and outbox.fence = cast(j.value->>1 as bigint)
             and outbox.settled_at is null and outbox.lease_until is not null returning id",
        elements(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(json(rows))
        .bind(leases.plus_seconds(LEASE_SECONDS).0)
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| Ok(OutboxId(row.int("id")?))).collect()
}
