//! Connections, transactions, migrations: the one place that knows which database it is.
//!
//! SQLite: one writer with BEGIN IMMEDIATE, several read-only readers, WAL, synchronous=FULL. PostgreSQL: one pool.
//! A database of a newer version or of another key is refused, never changed.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection, Executor};
use tokio::sync::Mutex;

use super::connection::Line;
pub use super::connection::{Db, Reading, Tx};
use super::erased::{self, Erased};
use super::rows::Columns;
use super::seen::Names;
use crate::clock::Timestamp;
use crate::model::token::Key;

/// What a store function gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong. Never holds an address or a text of a member.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or is not there.
    #[error("the database: {0}")]
    Database(sqlx::Error),
    /// The tables could not be made or brought up to date.
    #[error("the database's tables: {0}")]
    Migration(MigrateError),
    /// A later version made the tables.
    #[error("this database was made by a newer Lamplight; install that version, nothing was changed")]
    Newer,
    /// The key file is not the one that this database was made with.
    #[error("the key file is not the one this database was made with; put the right one back, nothing was changed")]
    OtherKey,
    /// The database has no tables yet.
    #[error("there is no Lamplight database here yet; run `lamplight init`")]
    Missing,
    /// A row holds what no version wrote.
    #[error("column {0} holds a value that no version of Lamplight writes")]
    Corrupt(String),
}

// No source of it: its own words hold all of the cause's, and who prints the chain would say them again.
impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        Self::Database(cause)
    }
}

impl Error {
    /// Whether a unique rule of the schema was hit: somebody else wrote the same fact first.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(cause)) if cause.is_unique_violation())
    }
}

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The database, and the key that belongs to it.
#[derive(Clone)]
pub struct Store {
    reader: AnyPool,
    /// SQLite's one writer, taken in the order of asking; on PostgreSQL every connection writes.
    writer: Option<Arc<Mutex<AnyConnection>>>,
    /// How many wait for it, or keep new mail.
    waiting: Arc<AtomicUsize>,
    /// The connection that new mail is kept on, between two transactions.
    parked: Arc<std::sync::Mutex<Option<Kept>>>,
    /// Folds SQLite's log into its file beside the writer.
    folder: Option<Arc<Mutex<AnyConnection>>>,
    sqlite_file: Option<PathBuf>,
    names: Arc<Names>,
    key: Key,
}

impl Store {
    /// Open the database of `url`; with `create`, make it and bring its tables up to date.
    ///
    /// # Errors
    /// [`Error::Newer`], [`Error::OtherKey`], [`Error::Missing`], or whatever the database says.
    pub async fn open(url: &str, key: Key, create: bool, now: Timestamp) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let sqlite_file = sqlite_file(url);
        let (writer, folder, reader) = match &sqlite_file {
            Some(path) => {
                if !create && !path.exists() {
                    return Err(Error::Missing);
                }
                let base = format!("sqlite://{}", path.display());
                let writer = Arc::new(Mutex::new(sqlite_writer(&format!("{base}?mode=rwc")).await?));
                let folder = Arc::new(Mutex::new(sqlite_writer(&format!("{base}?mode=rw")).await?));
                (Some(writer), Some(folder), sqlite_readers(&format!("{base}?mode=ro")).await?)
            }
            None => (None, None, postgres_pool(url).await?),
        };
        let store = Self {
            reader,
            writer,
            waiting: Arc::default(),
            parked: Arc::default(),
            folder,
            sqlite_file,
            names: Arc::default(),
            key,
        };
        store.bring_up_to_date(create).await?;
        store.check_key(now).await?;
        Ok(store)
    }

    async fn bring_up_to_date(&self, create: bool) -> Result<()> {
        let migrator = if self.is_sqlite() { &SQLITE } else { &POSTGRES };
        if !create && !self.has_tables().await {
            return Err(Error::Missing);
        }
        let mut db = self.line().await?;
        match migrator.run(db.bare()).await {
            Ok(()) => Ok(()),
            Err(MigrateError::VersionMissing(_)) => Err(Error::Newer),
            Err(other) => Err(Error::Migration(other)),
        }
    }

    async fn has_tables(&self) -> bool {
        let Ok(mut db) = self.line().await else { return false };
        sqlx::query("select count(*) as n from instance").fetch_one(&mut db).await.is_ok()
    }

    /// The first server writes the key's fingerprint; every later one must have the same key.
    async fn check_key(&self, now: Timestamp) -> Result<()> {
        let fingerprint = self.key.fingerprint();
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into instance (id, key_fingerprint, created_at) values (1, $1, $2) on conflict (id) do nothing",
        )
        .bind(&fingerprint)
        .bind(now.0)
        .execute(&mut *tx)
        .await?;
        let row = sqlx::query("select key_fingerprint from instance where id = 1").fetch_one(&mut *tx).await?;
        if row.text("key_fingerprint")? != fingerprint {
            return Err(Error::OtherKey);
        }
        super::audit::begin_chain(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A connection that writes.
    async fn line(&self) -> Result<Db> {
        let line = match &self.writer {
            Some(writer) => {
                let _waiting = self.hurry();
                Line::Writer(Arc::clone(writer).lock_owned().await)
            }
            None => Line::Pooled(self.reader.acquire().await?),
        };
        Ok(Db::new(line, Arc::clone(&self.names), self.key.clone()))
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// When no connection is to be had in time.
    pub async fn read(&self) -> Result<Reading> {
        let line = Line::Pooled(self.reader.acquire().await?);
        Ok(Reading(Db::new(line, Arc::clone(&self.names), self.key.clone())))
    }

    /// A transaction for reading and writing. On SQLite there is one at a time, and it can't lose a race that it began.
    ///
    /// # Errors
    /// When no connection is to be had in time.
    pub async fn begin(&self) -> Result<Tx> {
        let begin = if self.is_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN" };
        Tx::begin(self.line().await?, begin).await
    }

    /// As [`Self::begin`], on the connection that the last one of these used, where that still answers.
    ///
    /// # Errors
    /// When no connection is to be had in time.
    pub async fn begin_again(&self) -> Result<Tx> {
        let parked = self.parked().take();
        if let Some(Kept(db)) = parked
            && let Ok(tx) = Tx::begin(db.into_inner().unwrap_or_else(PoisonError::into_inner), "BEGIN").await
        {
            return Ok(tx);
        }
        self.begin().await
    }

    /// Commit, and keep the connection for the next [`Self::begin_again`].
    ///
    /// # Errors
    /// As [`Tx::commit`].
    pub async fn commit_again(&self, tx: Tx) -> Result<()> {
        let db = tx.ended().await?;
        *self.parked() = db.and_then(Kept::new);
        Ok(())
    }

    fn parked(&self) -> std::sync::MutexGuard<'_, Option<Kept>> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection for one statement, which is a transaction of its own: durable when it has ended. The one that was kept
    /// from last time, if any.
    ///
    /// # Errors
    /// When no connection is to be had in time.
    pub async fn statement(&self, kept: Option<Kept>) -> Result<Db> {
        match kept {
            Some(Kept(db)) => Ok(db.into_inner().unwrap_or_else(PoisonError::into_inner)),
            None => self.line().await,
        }
    }

    /// New mail is being kept: until this is dropped, whoever can be brief is.
    pub fn hurry(&self) -> Hurry {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Hurry(Arc::clone(&self.waiting))
    }

    /// Whether somebody waits for SQLite's one writer, or new mail is being kept: whoever writes and can be brief is.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Fold SQLite's log into its file, as far as nobody reads it. Nobody waits for that: left to the writer it would be
    /// done inside a commit, and whoever waits for a 250 with it.
    ///
    /// # Errors
    /// When the database refuses; the next one does it.
    pub async fn fold_log(&self) -> Result<()> {
        if let Some(folder) = &self.folder {
            folder.lock().await.execute("pragma wal_checkpoint(passive)").await?;
        }
        Ok(())
    }

    /// The key that belongs to this database.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Whether the database is the embedded one.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.sqlite_file.is_some()
    }

    /// Free octets where the embedded database lies; `None` for a database elsewhere.
    #[must_use]
    pub fn free_disk(&self) -> Option<u64> {
        let folder = self.sqlite_file.as_deref()?.parent().filter(|path| !path.as_os_str().is_empty());
        let stat = rustix::fs::statvfs(folder.unwrap_or(Path::new("."))).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// After something was removed: nothing of it is left in the files of the database, as far as that is in our power.
    /// Others may use the database meanwhile; on SQLite new mail waits for it, on PostgreSQL whoever needs the table that is
    /// just written anew.
    ///
    /// # Errors
    /// When the database refuses something else than what others hold up.
    pub async fn erase_traces(&self, tables: &[&str]) -> Result<Erased> {
        match &self.writer {
            Some(writer) => erased::on_sqlite(writer).await,
            None => {
                // It waits for locks in its own way, so nobody else gets this connection.
                let mut connection = self.reader.acquire().await?.detach();
                let erased = erased::on_postgres(&mut connection, tables).await;
                // Its work is done, or its error is told already.
                let _ = connection.close().await;
                erased
            }
        }
    }

    /// Close every connection.
    pub async fn close(&self) {
        drop(self.parked().take());
        // A connection on which nobody answers any more would be waited for.
        let _ = tokio::time::timeout(TO_CLOSE, self.reader.close()).await;
        if let Some(writer) = &self.writer {
            // What is under way ends first. Folding waits for nobody: a `serve` beside this process goes on.
            let _idle = writer.lock().await;
            if let Err(cause) = self.fold_log().await {
                tracing::warn!(%cause, "the log could not be folded into the database; the next start does it");
            }
        }
    }

    /// The version of the database program.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn version(&self) -> Result<String> {
        let sql = if self.is_sqlite() { "select sqlite_version() as v" } else { "select version() as v" };
        let row = sqlx::query(sql).fetch_one(&self.reader).await?;
        let version = row.text("v")?;
        Ok(if self.is_sqlite() { format!("SQLite {version}") } else { version })
    }
}

/// A connection that somebody who writes all the time keeps for the next statement: the pool would ask the server whether it
/// is still there each time it comes back. Dropped after an error.
#[derive(Debug)]
pub struct Kept(std::sync::Mutex<Db>);

impl Kept {
    /// Nothing where it is the embedded database's one writer, for which others wait.
    #[must_use]
    pub fn new(db: Db) -> Option<Self> {
        db.is_postgres().then(|| Self(std::sync::Mutex::new(db)))
    }
}

/// One who waits, until it is dropped.
#[derive(Debug)]
pub struct Hurry(Arc<AtomicUsize>);

impl Drop for Hurry {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The file of a `sqlite:` URL; of another one `None`.
#[must_use]
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
}

/// FULL: a commit is on the disk before anybody is told so (promise I1). The writer folds the log only when nobody else
/// did for 64 MB.
const WRITER: &str = "pragma busy_timeout = 15000; pragma journal_mode = wal; pragma synchronous = full; \
                      pragma foreign_keys = on; pragma secure_delete = on; pragma temp_store = memory; \
                      pragma wal_autocheckpoint = 16000;";

async fn sqlite_writer(url: &str) -> Result<AnyConnection> {
    let options: AnyConnectOptions = url.parse()?;
    let mut connection = options.disable_statement_logging().connect().await?;
    connection.execute(WRITER).await?;
    Ok(connection)
}

async fn sqlite_readers(url: &str) -> Result<AnyPool> {
    let options: AnyConnectOptions = url.parse()?;
    let pool = AnyPoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(30))
        // A file does not go away as a server does.
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute("pragma busy_timeout = 15000; pragma cache_size = -512;").await?;
                Ok(())
            })
        })
        .connect_with(options.disable_statement_logging())
        .await?;
    Ok(pool)
}

/// Whatever the role's own defaults are: a commit is on the disk before anybody is told so (promise I1), and fences are read
/// as they are when a lock is given. A server that is frozen in the middle of a transaction holds its locks, and the others
/// would wait for it for ever; nobody waits for ever for a lock that a person's session holds. Each statement is planned once
/// for a connection, and so goes by an index, if there is one: its plan may be made while a table is small, and stays.
const POSTGRES_SESSION: &str = "set synchronous_commit = on; set default_transaction_isolation = 'read committed';
    set idle_in_transaction_session_timeout = '10s'; set lock_timeout = '20s'; set enable_seqscan = off;
    set plan_cache_mode = force_generic_plan; set jit = off";

/// How long a connection may have been idle without being asked whether its server is still there, and how long that may take.
const UNTESTED: Duration = Duration::from_secs(1);

/// How long connections may take to end.
const TO_CLOSE: Duration = Duration::from_secs(5);

async fn postgres_pool(url: &str) -> Result<AnyPool> {
    let options: AnyConnectOptions = url.parse()?;
    let pool = AnyPoolOptions::new()
        .max_connections(10)
        .acquire_timeout(Duration::from_secs(10))
        // Each connection was asked when it came back.
        .test_before_acquire(false)
        .before_acquire(|connection, known| {
            Box::pin(async move {
                if known.idle_for < UNTESTED {
                    return Ok(true);
                }
                let answer = tokio::time::timeout(UNTESTED, connection.ping()).await;
                answer.unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into())).map(|()| true)
            })
        })
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute(POSTGRES_SESSION).await?;
                Ok(())
            })
        })
        .connect_with(options.disable_statement_logging())
        .await?;
    Ok(pool)
}

/// Whether a connection is to PostgreSQL.
pub(super) fn is_postgres(db: &Db) -> bool {
    db.is_postgres()
}

/// The members of a set that travels as one JSON text in `$1`: a table with the column `value`.
pub(super) fn each(db: &Db) -> &'static str {
    if is_postgres(db) { "jsonb_array_elements_text($1::jsonb) as each(value)" } else { "json_each($1)" }
}

/// The elements of the JSON list in `$1`, as `j.value`: each may be a list of its own.
pub(super) fn elements(db: &Db) -> &'static str {
    if is_postgres(db) { "jsonb_array_elements($1::jsonb) as j" } else { "json_each($1) as j" }
}

/// Behind a column: its value is one of the numbers in the JSON list in `$1`. PostgreSQL guesses a hundred rows for a list
/// that it takes apart, and rather joins it with the whole table; the members of an array it looks up in the index.
pub(super) fn among(db: &Db) -> &'static str {
    if is_postgres(db) {
        "= any(cast(translate($1, '[]', '{}') as bigint[]))"
    } else {
        "in (select value from json_each($1))"
    }
}

/// The same for hashes in hexadecimal digits.
pub(super) fn among_hashes(db: &Db) -> &'static str {
    if is_postgres(db) {
        "= any(cast(translate($1, '[]\"', '{}') as text[]))"
    } else {
        "in (select value from json_each($1))"
    }
}

/// The same for any texts.
pub(super) fn among_texts(db: &Db) -> &'static str {
    if is_postgres(db) {
        "= any(array(select jsonb_array_elements_text($1::jsonb)))"
    } else {
        "in (select value from json_each($1))"
    }
}
