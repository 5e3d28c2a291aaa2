//! How attempts ended: written down under the fence of the claim. Whoever settles with an older one lost the row to another
//! server, and changes nothing.

use super::db::{Db, Result, elements, is_postgres};
use super::rows::{Columns, json};
use super::sets::places;
use crate::clock::Timestamp;
use crate::model::ids::OutboxId;

/// How an attempt ended.
#[derive(Debug, Clone)]
pub enum End {
    /// The next hop has taken the copy.
    Sent,
    /// It was refused for good.
    Failed(String),
    /// It is tried again then.
    Later(String, Timestamp),
    /// The way out was closed: the attempt is given back, so that there are no more than so many. With the cause where this
    /// copy was offered itself.
    GivenBack(Option<String>, u32),
}

/// One ended attempt.
#[derive(Debug, Clone)]
pub struct Settled {
    /// The row.
    pub id: OutboxId,
    /// The claim's number.
    pub fence: i64,
    /// How it ended.
    pub end: End,
}

impl Settled {
    /// The next hop has it.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        matches!(self.end, End::Sent)
    }
}

/// Write down how attempts ended; gives the rows whose fence had moved on, for which nothing was written.
///
/// A row that waits again because its lease ran out is still ours as long as nobody claimed it since. Where its attempts
/// were set to nothing meanwhile (`outbox retry`), there is none to give back.
///
/// # Errors
/// When the database refuses; what was sent may then go out once more.
pub async fn settle(db: &mut Db, settled: &[Settled], now: Timestamp) -> Result<Vec<OutboxId>> {
    let (sent, others): (Vec<&Settled>, Vec<&Settled>) = settled.iter().partition(|one| one.is_sent());
    let written = settle_sent(db, &sent, now).await? + settle_others(db, &others, now).await?;
    if usize::try_from(written).is_ok_and(|written| written == settled.len()) {
        return Ok(Vec::new());
    }
    let fences: Vec<(OutboxId, i64)> = settled.iter().map(|one| (one.id, one.fence)).collect();
    let sql = format!(
        "select o.id from outbox o join {} on o.id = cast(j.value->>0 as bigint)
         where o.fence <> cast(j.value->>1 as bigint)",
        elements(db)
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(&fences)).fetch_all(db).await?;
    rows.iter().map(|row| Ok(OutboxId(row.int("id")?))).collect()
}

/// Most results are these: bound one by one, which both databases take fastest.
async fn settle_sent(db: &mut Db, sent: &[&Settled], now: Timestamp) -> Result<u64> {
    if sent.is_empty() {
        return Ok(0);
    }
    let sql = format!(
        "update outbox set state = 'sent', cause = case when bounced_at is not null then cause end,
             settled_at = s.column3, lease_until = null
         from (values {}) as s where outbox.id = s.column1 and outbox.fence = s.column2 and outbox.settled_at is null",
        places(sent.len(), 3, is_postgres(db))
    );
    let query = sqlx::query(sqlx::AssertSqlSafe(sql));
    let query = sent.iter().fold(query, |query, one| query.bind(one.id.0).bind(one.fence).bind(now.0));
    Ok(query.execute(db).await?.rows_affected())
}

async fn settle_others(db: &mut Db, settled: &[&Settled], now: Timestamp) -> Result<u64> {
    if settled.is_empty() {
        return Ok(0);
    }
    let list: Vec<_> = settled.iter().map(|one| as_columns(one, now)).collect();
    // Not by state: SQLite would go through the index of all that waits, for each row of the list.
    let sql = format!(
        "update outbox set state = j.value->>2, cause = coalesce(j.value->>3, case when j.value->>2 = 'waiting' then cause end),
             due_at = coalesce(cast(j.value->>4 as bigint), due_at), settled_at = cast(j.value->>5 as bigint),
             lease_until = null,
             attempts = case when attempts > cast(j.value->>6 as bigint) then cast(j.value->>6 as bigint) else attempts end,
             first_attempt_at = case when cast(j.value->>6 as bigint) = 0 then null else first_attempt_at end
         from {} where outbox.id = cast(j.value->>0 as bigint) and outbox.fence = cast(j.value->>1 as bigint)
             and outbox.settled_at is null",
        elements(db)
    );
    Ok(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json(&list)).execute(db).await?.rows_affected())
}

/// Id, fence, state, cause, due, settled, and how many attempts there are at most where one is given back.
type SettledColumns<'a> = (i64, i64, &'static str, Option<&'a str>, Option<i64>, Option<i64>, Option<u32>);

fn as_columns(one: &Settled, now: Timestamp) -> SettledColumns<'_> {
    let (state, cause, due, settled, back) = match &one.end {
        End::Sent => ("sent", None, None, Some(now.0), None),
        End::Failed(cause) => ("failed", Some(cause.as_str()), None, Some(now.0), None),
        End::Later(cause, at) => ("waiting", Some(cause.as_str()), Some(at.0), None, None),
        End::GivenBack(cause, attempts) => ("waiting", cause.as_deref(), None, None, Some(*attempts)),
    };
    (one.id.0, one.fence, state, cause, due, settled, back)
}
