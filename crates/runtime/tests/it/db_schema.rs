//! Which schemas a program touches.

use selfsame_runtime::db::{Database, Migration, OpenError, Options, StoreError};

const FIRST: Migration = Migration {
    version: 1,
    name: "first",
    sql: "CREATE TABLE a (x INTEGER) STRICT;",
};
const SECOND: Migration = Migration {
    version: 2,
    name: "second",
    sql: "CREATE TABLE b (x INTEGER) STRICT;",
};
const OTHER_SECOND: Migration = Migration {
    version: 2,
    name: "other",
    sql: "CREATE TABLE c (x INTEGER) STRICT;",
};
const BROKEN_SECOND: Migration = Migration {
    version: 2,
    name: "broken",
    sql: "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1);",
};

fn open(folder: &tempfile::TempDir, migrations: &'static [Migration]) -> Result<Database, OpenError> {
    Database::open(folder.path().join("test.db"), Options::new(migrations))
}

fn tables(database: &Database) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime
        .block_on(database.read(|connection| {
            connection
                .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<String>>>()
                .map_err(StoreError::from)
        }))
        .unwrap()
}

#[test]
fn migrations_are_applied_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    open(&folder, &[FIRST]).unwrap().close_blocking();
    let database = open(&folder, &[FIRST, SECOND]).unwrap();
    assert_eq!(tables(&database), ["a", "b", "schema_migrations"]);
    database.close_blocking();
    open(&folder, &[FIRST, SECOND]).unwrap();
}

#[test]
fn a_newer_file_is_refused_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    open(&folder, &[FIRST, SECOND]).unwrap().close_blocking();
    let error = open(&folder, &[FIRST]).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 2, known: 1, .. }), "{error}");
    assert!(error.to_string().contains("newer version"), "{error}");
}

#[test]
fn a_migration_whose_text_changed_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    open(&folder, &[FIRST, SECOND]).unwrap().close_blocking();
    let error = open(&folder, &[FIRST, OTHER_SECOND]).unwrap_err();
    assert!(matches!(error, OpenError::Changed { version: 2, .. }), "{error}");
    assert!(
        error.to_string().contains("second") && error.to_string().contains("other"),
        "{error}"
    );
}

#[test]
fn a_migration_that_fails_leaves_nothing_of_itself() {
    let folder = tempfile::tempdir().unwrap();
    let error = open(&folder, &[FIRST, BROKEN_SECOND]).unwrap_err();
    assert!(
        matches!(
            error,
            OpenError::Migration {
                version: 2,
                name: "broken",
                ..
            }
        ),
        "{error}"
    );
    let database = open(&folder, &[FIRST]).unwrap();
    assert_eq!(tables(&database), ["a", "schema_migrations"]);
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(open(&folder, &[SECOND]), Err(OpenError::Numbering(2))));
}

#[test]
fn a_file_that_is_no_database_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("test.db"),
        "this is no database, and long enough to be looked at".repeat(20),
    )
    .unwrap();
    let error = open(&folder, &[FIRST]).unwrap_err();
    assert!(matches!(error, OpenError::Sqlite { .. }), "{error}");
    assert!(error.to_string().contains("test.db"), "{error}");
}
