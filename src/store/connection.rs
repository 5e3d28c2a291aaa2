//! A connection, and what is collected on it. Most rows of a transaction are read by nobody before it ends: they are
//! kept back and written in sets, because the way to the database costs more than the rows. Whatever else is asked
//! goes behind them, so every statement sees all that was written before it.

use std::collections::HashMap;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use sqlx::any::{AnyArguments, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Either, Execute, Executor, Row, SqlStr};
use tokio::sync::OwnedMutexGuard;

use super::audit as record;
use super::db::Result;
use super::seen::{Names, Seen};
use super::sets::{Field, Set, Sets};
use crate::model::token::Key;

/// A connection, in a transaction or not.
pub struct Db {
    line: Line,
    /// The server did not answer: the connection is of no use any more.
    is_silent: Arc<AtomicBool>,
    sets: Sets,
    /// Lines of the record, written last of all.
    pub(super) record: Vec<record::NewLine>,
    ids: HashMap<&'static str, Ids>,
    /// What was read in this transaction and can't have changed in it; `None` outside of one.
    pub(super) seen: Option<Seen>,
    pub(super) names: Arc<Names>,
    /// By which suppressed addresses are known.
    pub(super) key: Key,
}

/// The way to the database.
pub(super) enum Line {
    /// The one writer of an embedded database.
    Writer(OwnedMutexGuard<AnyConnection>),
    /// One of several.
    Pooled(PoolConnection<Any>),
}

/// Row ids that this transaction may give out: the next, and the one behind the last.
struct Ids {
    next: i64,
    end: i64,
}

/// How long PostgreSQL is waited for: less than a lease, and more than it waits for locks itself. A server that went without a
/// word would be waited for as long as its connection lasts, which may be for ever.
const PATIENCE: Duration = Duration::from_secs(25);

/// How many ids a transaction takes at a time from a database that others write to as well.
const IDS_AT_ONCE: i64 = 32;

/// The tables whose rows are numbered before they are written.
const NUMBERED: [&str; 4] = ["threads", "posts", "tokens", "editions"];

impl Db {
    pub(super) fn new(line: Line, names: Arc<Names>, key: Key) -> Self {
        Self {
            line,
            is_silent: Arc::default(),
            sets: Sets::default(),
            record: Vec::new(),
            ids: HashMap::new(),
            seen: None,
            names,
            key,
        }
    }

    /// The connection itself, on which an answer is waited for without an end.
    pub(super) fn bare(&mut self) -> &mut AnyConnection {
        match &mut self.line {
            Line::Writer(connection) => connection,
            Line::Pooled(connection) => connection,
        }
    }

    /// Something of a group or a roster is written: what this transaction has read of them may be false now.
    pub(super) fn forget(&mut self) {
        if let Some(seen) = &mut self.seen {
            seen.forget();
        }
    }

    /// As [`Self::forget`], where the names that the privacy rule looks for may be others now.
    pub(super) fn forget_names(&mut self) {
        if let Some(seen) = &mut self.seen {
            seen.forget();
            seen.names_changed = true;
        }
    }

    /// Whether this is PostgreSQL.
    pub(super) fn is_postgres(&self) -> bool {
        match &self.line {
            Line::Writer(connection) => connection.backend_name() == "PostgreSQL",
            Line::Pooled(connection) => connection.backend_name() == "PostgreSQL",
        }
    }

    /// Keep a row back until it is needed or the transaction ends.
    pub(super) fn keep_back(&mut self, set: Set, row: Vec<Field>) {
        self.sets.add(set, row);
    }

    /// Write what is kept back.
    pub(super) async fn flush(&mut self) -> Result<(), sqlx::Error> {
        if self.sets.is_empty() {
            return Ok(());
        }
        let is_postgres = self.is_postgres();
        for statement in std::mem::take(&mut self.sets).statements(is_postgres) {
            let patience = self.patience();
            patience.wait(statement.execute(self.bare())).await?;
        }
        Ok(())
    }

    /// BEGIN, COMMIT or ROLLBACK.
    async fn run(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        let patience = self.patience();
        patience.wait(self.bare().execute(sql)).await.map(drop)
    }

    fn patience(&self) -> Patience {
        Patience { is_silent: Arc::clone(&self.is_silent), limit: self.is_postgres().then_some(PATIENCE) }
    }

    /// Rows for a question that asks nothing of what is kept back, which so goes on being kept back. An answer is waited for no
    /// longer than any other.
    pub(super) async fn rows_aside<'q>(
        &mut self,
        question: Query<'q, Any, AnyArguments>,
    ) -> Result<Vec<AnyRow>, sqlx::Error> {
        let patience = self.patience();
        patience.wait(question.fetch_all(self.bare())).await
    }

    /// As [`Self::rows_aside`], where there is one row or none.
    pub(super) async fn row_aside<'q>(
        &mut self,
        question: Query<'q, Any, AnyArguments>,
    ) -> Result<Option<AnyRow>, sqlx::Error> {
        let patience = self.patience();
        patience.wait(question.fetch_optional(self.bare())).await
    }

    /// The id of the next row of one of the [`NUMBERED`] tables. Rows of these are written through sets only.
    pub(super) async fn next_id(&mut self, table: &'static str) -> Result<i64> {
        if self.ids.get(table).is_none_or(|ids| ids.next == ids.end) {
            self.take_ids().await?;
        }
        let ids = self.ids.get_mut(table).ok_or(sqlx::Error::RowNotFound)?;
        ids.next += 1;
        Ok(ids.next - 1)
    }

    async fn take_ids(&mut self) -> Result<()> {
        let postgres = self.is_postgres();
        let column = |table: &str| match postgres {
            // A sequence gives each number once, whoever asks; what is not used is a gap.
            true => format!("nextval('{table}_id_seq') as {table}"),
            // One writer at a time: behind the last row is free until this transaction ends.
            false => format!("(select coalesce(max(id), 0) from {table}) as {table}"),
        };
        let columns = NUMBERED.map(column).join(", ");
        let from = if postgres { format!(" from generate_series(1, {IDS_AT_ONCE})") } else { String::new() };
        let rows = self.rows_aside(sqlx::query(sqlx::AssertSqlSafe(format!("select {columns}{from}")))).await?;
        for table in NUMBERED {
            let values = rows.iter().map(|row| row.try_get::<i64, _>(table)).collect::<Result<Vec<_>, _>>()?;
            let ids = match postgres {
                true => Ids::run_of(&values),
                false => Ids { next: values.first().map_or(1, |last| last + 1), end: i64::MAX },
            };
            self.ids.insert(table, ids);
        }
        Ok(())
    }
}

impl Ids {
    /// The last unbroken run of these numbers: another transaction may have taken some in between.
    fn run_of(values: &[i64]) -> Self {
        let mut run = Self { next: 0, end: 0 };
        for &value in values {
            if value != run.end {
                run.next = value;
            }
            run.end = value + 1;
        }
        run
    }
}

/// How long an answer is waited for.
struct Patience {
    is_silent: Arc<AtomicBool>,
    /// The embedded database always answers.
    limit: Option<Duration>,
}

impl Patience {
    async fn wait<T>(&self, answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
        let Some(limit) = self.limit else { return answer.await };
        if self.is_silent.load(Ordering::Relaxed) {
            return Err(silent());
        }
        tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| {
            self.is_silent.store(true, Ordering::Relaxed);
            Err(silent())
        })
    }
}

fn silent() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database does not answer"))
}

impl Drop for Db {
    fn drop(&mut self) {
        // The pool would ask the server whether it is still there, and wait for its answer.
        if self.is_silent.load(Ordering::Relaxed)
            && let Line::Pooled(connection) = &mut self.line
        {
            connection.close_on_drop();
        }
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Db")
    }
}

impl<'c> Executor<'c> for &'c mut Db {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let patience = self.patience();
        if self.sets.is_empty() && patience.limit.is_none() {
            return self.bare().fetch_many(query);
        }
        let behind = async move {
            self.flush().await?;
            let rows = self.bare().fetch_many(query);
            Ok::<_, sqlx::Error>(stream::try_unfold((rows, patience), |(mut rows, patience)| async move {
                let next = patience.wait(rows.try_next()).await?;
                Ok(next.map(|next| (next, (rows, patience))))
            }))
        };
        stream::once(behind).try_flatten().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        async move {
            self.flush().await?;
            let patience = self.patience();
            patience.wait(self.bare().fetch_optional(query)).await
        }
        .boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, Result<AnyStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        self.bare().prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<sqlx::Describe<Any>, sqlx::Error>>
    where
        'c: 'e,
    {
        self.bare().describe(sql)
    }
}

/// A connection for reading.
#[derive(Debug)]
pub struct Reading(pub(super) Db);

impl Deref for Reading {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.0
    }
}

impl DerefMut for Reading {
    fn deref_mut(&mut self) -> &mut Db {
        &mut self.0
    }
}

/// A transaction: rolled back when it is dropped without a commit.
#[derive(Debug)]
pub struct Tx(Option<Db>);

impl Tx {
    pub(super) async fn begin(mut db: Db, begin: &'static str) -> Result<Self> {
        db.seen = Some(Seen::default());
        // It is one before it has begun: whoever stops waiting in between leaves no open transaction behind.
        let mut tx = Self(Some(db));
        tx.run(begin).await?;
        Ok(tx)
    }

    /// Write what is kept back, and commit: durable when this returns.
    ///
    /// # Errors
    /// When the database refuses; then nothing of the transaction was written, unless the database can't be reached
    /// any more: then it is not known.
    pub async fn commit(self) -> Result<()> {
        self.ended().await.map(drop)
    }

    /// The same; gives the connection back.
    pub(super) async fn ended(mut self) -> Result<Option<Db>> {
        self.flush().await?;
        record::seal(&mut self).await?;
        self.run("COMMIT").await?;
        let mut db = self.0.take();
        if let Some(db) = &mut db
            && let Some(seen) = db.seen.take()
            && seen.names_changed
        {
            db.names.forget();
        }
        Ok(db)
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        // The connection is nobody else's until the rollback has ended.
        if let Some(mut db) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                if let Err(cause) = db.run("ROLLBACK").await {
                    tracing::debug!(%cause, "a transaction was over already");
                }
            });
        }
    }
}

impl Deref for Tx {
    type Target = Db;

    #[allow(clippy::expect_used, reason = "only commit and drop take it, and both end the transaction")]
    fn deref(&self) -> &Db {
        self.0.as_ref().expect("a transaction that has not ended")
    }
}

impl DerefMut for Tx {
    #[allow(clippy::expect_used, reason = "only commit and drop take it, and both end the transaction")]
    fn deref_mut(&mut self) -> &mut Db {
        self.0.as_mut().expect("a transaction that has not ended")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_another_took_are_left_out() {
        let run = Ids::run_of(&[4, 5, 8, 9, 10]);
        assert_eq!((run.next, run.end), (8, 11));
        let none = Ids::run_of(&[]);
        assert_eq!(none.next, none.end);
    }
}
