//! Whose fault an error is: the database's, which passes and is no word about what was to be written, or that of what
//! was written. In doubt it is the latter, so that nothing is tried for ever; what one message alone meets again and again
//! comes to count as well (`model/outages.rs`).

use super::db::Error;

impl Error {
    /// Whether the database is away, busy, full or broken.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Database(cause) => is_outage(cause),
            Self::Migration(_) | Self::Newer | Self::OtherKey | Self::Missing | Self::Corrupt(_) => false,
        }
    }
}

fn is_outage(cause: &sqlx::Error) -> bool {
    match cause {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(cause) => cause.code().is_some_and(|code| is_code_of_outage(&code)),
        _ => false,
    }
}

/// Classes of PostgreSQL's SQLSTATE: the connection, its state (read-only, cut off while idle) and its login; rolled back
/// for another transaction's sake; tables that a newer version has changed; no disk, memory or connections; not ready or
/// locked; an operator, the system, itself.
const CLASSES: [&str; 12] = ["08", "25", "28", "3D", "40", "42", "53", "55", "57", "58", "F0", "XX"];
/// Primary result codes of SQLite: busy, locked, no memory, read-only, interrupted, I/O, corrupt, full, can't open, locking
/// protocol, schema changed, no database.
const PRIMARY: [u32; 12] = [5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 17, 26];

/// PostgreSQL's codes have five characters, SQLite's are numbers of at most four digits.
fn is_code_of_outage(code: &str) -> bool {
    if code.len() == 5 {
        return CLASSES.iter().any(|class| code.starts_with(class));
    }
    // An extended code has the primary one in its lowest octet.
    code.parse::<u32>().is_ok_and(|code| PRIMARY.contains(&(code & 0xff)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_fault() {
        let rows: &[(bool, &[&str])] = &[
            // SQLite: busy, a snapshot that is too old, locked, I/O of a sync, full, read-only, corrupt.
            (true, &["5", "517", "6", "1034", "13", "8", "11"]),
            // A constraint, a trigger's abort, too large, an error in the statement, a wrong type.
            (false, &["19", "787", "1811", "2067", "18", "1", "20"]),
            // PostgreSQL: gone, going down, starting up, full, too many connections, deadlock, serialization, cut off while
            // idle, a standby that is read-only, a lock not to be had, I/O; a table, column or right that is not there, a statement
            // that is none (any more).
            (
                true,
                &[
                    "08006", "57P01", "57P03", "53100", "53300", "40P01", "40001", "25P03", "25006", "55P03", "58030",
                    "42P01", "42703", "42501", "42601",
                ],
            ),
            // Constraints, a trigger's exception, a NUL in a text, too large.
            (false, &["23505", "23514", "P0001", "22021", "54000"]),
            (false, &["", "99999x"]),
        ];
        for (outage, codes) in rows {
            for code in *codes {
                assert_eq!(is_code_of_outage(code), *outage, "{code}");
            }
        }
        let gone = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert!(Error::Database(sqlx::Error::Io(gone())).is_outage());
        assert!(Error::Database(sqlx::Error::PoolTimedOut).is_outage());
        assert!(!Error::Database(sqlx::Error::RowNotFound).is_outage());
        assert!(!Error::Corrupt("recipients".to_owned()).is_outage());
    }
}
