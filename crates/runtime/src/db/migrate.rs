//! Migrations: forward only, each in its own transaction, recorded with name and hash.

use std::fmt::Write as _;
use std::path::Path;

use ring::digest;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::error::OpenError;

/// One step of a schema. The list of a database starts at version 1 and has no gaps; published ones never change.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// 1, 2, 3, …
    pub version: u32,
    /// For people, as `thread_sides`.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,
    hash    TEXT NOT NULL
) STRICT";
const SELECT_NEWEST: &str = "SELECT coalesce(max(version), 0) FROM schema_migrations";
const SELECT_APPLIED: &str = "SELECT name, hash FROM schema_migrations WHERE version = ?1";
const INSERT_APPLIED: &str = "INSERT INTO schema_migrations (version, name, hash) VALUES (?1, ?2, ?3)";

/// Brings the schema up to date, or says why this program must not touch it.
pub(super) fn migrate(connection: &mut Connection, path: &Path, migrations: &[Migration]) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite {
        path: path.to_owned(),
        source,
    };
    for (expected, migration) in (1..).zip(migrations) {
        if migration.version != expected {
            return Err(OpenError::Numbering(migration.version));
        }
    }
    connection.execute_batch(CREATE_TABLE).map_err(sqlite)?;
    let found: u32 = connection
        .query_row(SELECT_NEWEST, [], |row| row.get(0))
        .map_err(sqlite)?;
    let known = migrations.last().map_or(0, |migration| migration.version);
    if found > known {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    for migration in migrations {
        let hash = hash(migration.sql);
        let applied: Option<(String, String)> = connection
            .query_row(SELECT_APPLIED, [migration.version], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
            .map_err(sqlite)?;
        match applied {
            Some((_name, applied_hash)) if applied_hash == hash => {}
            Some((applied, _hash)) => {
                return Err(OpenError::Changed {
                    path: path.to_owned(),
                    version: migration.version,
                    applied,
                    known: migration.name.to_owned(),
                });
            }
            None => apply(connection, migration, &hash).map_err(|source| OpenError::Migration {
                path: path.to_owned(),
                version: migration.version,
                name: migration.name,
                source,
            })?,
        }
    }
    Ok(())
}

fn apply(connection: &mut Connection, migration: &Migration, hash: &str) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(migration.sql)?;
    transaction.execute(INSERT_APPLIED, params![migration.version, migration.name, hash])?;
    transaction.commit()
}

fn hash(sql: &str) -> String {
    let mut text = String::new();
    for byte in digest::digest(&digest::SHA256, sql.as_bytes()).as_ref() {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}
