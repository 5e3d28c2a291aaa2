//! The files of the database after something was removed: nothing of it is left in them, as far as that is in our power.

use std::time::Duration;

use sqlx::{AnyConnection, Executor, Row};
use tokio::sync::Mutex;

use super::db::{Error, Result};

/// How far the files of the database were cleaned.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Erased {
    /// Nothing is left in the files that this can reach.
    pub whole: bool,
    /// What was in the way, a few words each; it helps to try again.
    pub held_up: Vec<String>,
    /// What this role of the database may not clean, a few words each; the server does it in its own time.
    pub refused: Vec<String>,
}

/// How often it is tried, and how long is waited in between.
const TRIES: usize = 12;
const REST: Duration = Duration::from_millis(500);

/// The file is written anew, and the log is folded into it and cut to nothing. Whoever reads the log keeps it from being cut;
/// others write between the tries.
pub(super) async fn on_sqlite(writer: &Mutex<AnyConnection>) -> Result<Erased> {
    let mut is_anew = false;
    let mut held_up = "";
    for again in 0..TRIES {
        if again > 0 {
            tokio::time::sleep(REST).await;
        }
        let mut writer = writer.lock().await;
        if !is_anew {
            is_anew = write_file_anew(&mut writer).await?;
        }
        if !is_anew {
            held_up = "somebody else writes to it";
        } else if cut_log(&mut writer).await? {
            return Ok(Erased { whole: true, ..Erased::default() });
        } else {
            held_up = "somebody reads its log (the -wal file)";
        }
    }
    Ok(Erased { held_up: vec![held_up.to_owned()], ..Erased::default() })
}

/// Whether nobody was in the way. What is written aside holds nothing any more that was removed, and a large file needs more
/// than memory.
async fn write_file_anew(writer: &mut AnyConnection) -> Result<bool> {
    writer.execute("pragma temp_store = file").await?;
    let done = writer.execute("vacuum").await.map_err(Error::from);
    writer.execute("pragma temp_store = memory").await?;
    match done {
        Ok(_) => Ok(true),
        Err(cause) if cause.is_outage() => Ok(false),
        Err(cause) => Err(cause),
    }
}

/// Whether nobody was in the way. Everybody who writes waits for it, so it waits for nobody.
async fn cut_log(writer: &mut AnyConnection) -> Result<bool> {
    let patience: i64 = writer.fetch_one("pragma busy_timeout").await?.try_get(0)?;
    writer.execute("pragma busy_timeout = 0").await?;
    let cut = writer.fetch_one("pragma wal_checkpoint(truncate)").await.and_then(|row| row.try_get::<i64, _>(0));
    writer.execute(sqlx::AssertSqlSafe(format!("pragma busy_timeout = {patience}"))).await?;
    match cut.map_err(Error::from) {
        Ok(busy) => Ok(busy == 0),
        Err(cause) if cause.is_outage() => Ok(false),
        Err(cause) => Err(cause),
    }
}

/// How long a table is waited for: meanwhile everybody else who needs it waits behind.
const TABLE: &str = "set lock_timeout = '2s'";

/// Each table's file is written anew without dead rows, and what the planner remembers of its values as well. Changes
/// settings of the connection.
pub(super) async fn on_postgres(connection: &mut AnyConnection, tables: &[&str]) -> Result<Erased> {
    let mut erased = Erased::default();
    if others_read_old_rows(connection).await? {
        // For them the tables would keep the rows, and everybody would have waited for nothing.
        erased.held_up.push("somebody else still reads it as it was before (a backup?)".to_owned());
        return Ok(erased);
    }
    connection.execute(TABLE).await?;
    for table in tables {
        if !write_anew(connection, table).await {
            erased.held_up.push(format!("the table {table} is in use"));
            return Ok(erased);
        }
    }
    erased.whole = true;
    // These need the rights of an owner of the server; without them the server does it in its own time.
    for sql in ["vacuum full pg_catalog.pg_statistic", "checkpoint"] {
        if connection.execute(sql).await.is_err() {
            erased.refused.push(format!("`{sql}` needs the rights of PostgreSQL's superuser"));
        }
    }
    Ok(erased)
}

async fn write_anew(connection: &mut AnyConnection, table: &str) -> bool {
    for again in 0..TRIES {
        if again > 0 {
            tokio::time::sleep(REST).await;
        }
        let sql = format!("vacuum (full, analyze) {table}");
        if connection.execute(sqlx::AssertSqlSafe(sql)).await.is_ok() {
            return true;
        }
    }
    false
}

/// Wait for the transactions that began before now, and say whether one is still open: a row that one of them might read
/// is kept by VACUUM. Each has a lock of its own while it lasts, which every role sees. A vacuum keeps no rows.
async fn others_read_old_rows(connection: &mut AnyConnection) -> Result<bool> {
    const OPEN: &str = "select l.virtualtransaction from pg_locks l join pg_stat_activity a on a.pid = l.pid
         where l.locktype = 'virtualxid' and l.mode = 'ExclusiveLock' and l.granted
           and a.datname = current_database() and l.pid <> pg_backend_pid()
           and l.pid not in (select pid from pg_stat_progress_vacuum)";
    let names = |rows: Vec<sqlx::any::AnyRow>| -> Result<Vec<String>> {
        rows.iter().map(|row| row.try_get(0).map_err(Error::from)).collect()
    };
    let mut before = names(connection.fetch_all(OPEN).await?)?;
    for _ in 0..TRIES {
        if before.is_empty() {
            return Ok(false);
        }
        tokio::time::sleep(REST).await;
        let still = names(connection.fetch_all(OPEN).await?)?;
        before.retain(|name| still.contains(name));
    }
    Ok(!before.is_empty())
}
