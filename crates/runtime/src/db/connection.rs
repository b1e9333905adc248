//! How every connection is set up.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::OpenError;

/// How long a statement waits for a lock that another process holds (a backup, the sqlite3 shell).
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection; more than any half has.
const STATEMENT_CACHE: usize = 512;

/// Pages each connection may keep, in KiB: enough for the hot ends of tables and indexes. Memory is taken only as it is used.
const CACHE_KIB: i64 = 16 * 1_024;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Writer,
    Reader,
    Checkpointer,
}

/// Opens a connection for `role`.
pub(super) fn open(path: &Path, role: Role) -> Result<Connection, OpenError> {
    let sqlite = |source| OpenError::Sqlite {
        path: path.to_owned(),
        source,
    };
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if role == Role::Writer {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sqlite)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    // A plan does not depend on what is bound: otherwise SQLite plans some statements anew at every binding.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(sqlite)?;
    if role == Role::Writer {
        let mode: String = connection
            .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
            .map_err(sqlite)?;
        if mode != "wal" {
            return Err(OpenError::NoWal {
                path: path.to_owned(),
                mode,
            });
        }
    }
    set_pragmas(&connection, role).map_err(sqlite)?;
    Ok(connection)
}

fn set_pragmas(connection: &Connection, role: Role) -> rusqlite::Result<()> {
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // Checkpoints are made by their own thread, never inside somebody's commit.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // FULL syncs the log at each commit; the writer lowers it for relaxed batches. On macOS a plain fsync does not reach the disk.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    // The rollback information of savepoints stays in memory.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // A negative size is in KiB, a positive one in pages.
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    if role == Role::Reader {
        connection.pragma_update(None, "query_only", true)?;
    }
    Ok(())
}
