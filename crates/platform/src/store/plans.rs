//! What every message, tap, comment, delivery and call looks up is found by an index, however large the world is.

use rusqlite::Connection;

use super::database::MIGRATIONS;
use super::{accounts, assets, blocks, connections, deliveries, messages, receipts, stream, thread_owners, threads};

const STATEMENTS: &[(&str, &str)] = &[
    ("accounts::BY_KEY", accounts::BY_KEY),
    ("accounts::BY_USERNAME", accounts::BY_USERNAME),
    ("accounts::SCOPED_ID", accounts::SCOPED_ID),
    ("accounts::PERSON_OF", accounts::PERSON_OF),
    ("assets::OVER", assets::OVER),
    ("assets::ERASE_OF_MESSAGE", assets::ERASE_OF_MESSAGE),
    ("accounts::SCOPED_IDS_OF_PERSON", accounts::SCOPED_IDS_OF_PERSON),
    ("blocks::BETWEEN", blocks::BETWEEN),
    ("connections::OF_ACCOUNT", connections::OF_ACCOUNT),
    ("threads::BY_KEY", threads::BY_KEY),
    ("threads::BETWEEN", threads::BETWEEN),
    ("threads::OF_ACCOUNT", threads::OF_ACCOUNT),
    ("threads::LISTED_OF_ACCOUNT", threads::LISTED_OF_ACCOUNT),
    ("threads::TOUCH", threads::TOUCH),
    ("thread_owners::OF", thread_owners::OF),
    ("messages::BY_KEY", messages::BY_KEY),
    ("messages::BY_MID", messages::BY_MID),
    ("messages::NEWEST", messages::NEWEST),
    ("messages::ONWARDS", messages::ONWARDS),
    ("messages::BACK", messages::BACK),
    ("messages::VIEW", messages::VIEW),
    ("messages::VIEWS_OF_THREAD", messages::VIEWS_OF_THREAD),
    ("messages::VIEWS_AFTER", messages::VIEWS_AFTER),
    ("messages::FIRST_VIEW_IN_THREAD", messages::FIRST_VIEW_IN_THREAD),
    ("messages::NEXT_ROW", messages::NEXT_ROW),
    ("deliveries::VIEW", deliveries::VIEW),
    ("deliveries::VIEWS_OF_MID", deliveries::VIEWS_OF_MID),
    ("deliveries::VIEWS_OF_COMMENT", deliveries::VIEWS_OF_COMMENT),
    ("deliveries::VIEWS_IN_STATUS", deliveries::VIEWS_IN_STATUS),
    ("deliveries::NEWEST_VIEWS_IN_STATUS", deliveries::NEWEST_VIEWS_IN_STATUS),
    ("deliveries::ATTEMPTS", deliveries::ATTEMPTS),
    ("deliveries::DUE", deliveries::DUE),
    ("deliveries::TYPED_TEXT", deliveries::TYPED_TEXT),
    ("deliveries::BATCHED", deliveries::BATCHED),
    ("deliveries::SETTLE", deliveries::SETTLE),
    ("receipts::OF_MID", receipts::OF_MID),
    ("stream::AFTER", stream::AFTER),
];

fn migrated() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for migration in MIGRATIONS {
        connection.execute_batch(migration.sql).unwrap();
    }
    connection
}

/// Steps of the plan of `sql` that walk a table, gather rows in a table of their own, or sort.
fn long_steps(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let nothing = vec![rusqlite::types::Null; statement.parameter_count()];
    let steps = statement.query_map(rusqlite::params_from_iter(nothing), |row| row.get("detail"));
    let mut steps: Vec<String> = steps.unwrap().collect::<rusqlite::Result<_>>().unwrap();
    steps.retain(|step| {
        let signs = ["AUTOMATIC", "TEMP B-TREE", "MULTI-INDEX OR"];
        step.starts_with("SCAN") || signs.iter().any(|sign| step.contains(sign))
    });
    steps
}

#[test]
fn no_statement_of_the_hot_paths_walks_a_table_or_sorts() {
    let connection = migrated();
    for (name, sql) in STATEMENTS {
        let steps = long_steps(&connection, sql);
        assert!(steps.is_empty(), "{name}: {steps:?}");
    }
}

#[test]
fn the_check_for_long_steps_can_fail() {
    let connection = migrated();
    let sql = "SELECT id FROM grants WHERE revoked_at_ms > ?1 ORDER BY created_at_ms";
    assert_eq!(long_steps(&connection, sql).len(), 2);
}
