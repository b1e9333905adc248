//! Every statement can be prepared, and none of them walks a table.

use rusqlite::Connection;
use selfsame_queue::{MIGRATION_SQL, STATEMENTS};

fn migrated() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(MIGRATION_SQL).unwrap();
    connection
}

fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let nothing = vec![rusqlite::types::Null; statement.parameter_count()];
    let rows = statement
        .query_map(rusqlite::params_from_iter(nothing), |row| {
            row.get::<_, String>("detail")
        })
        .unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn every_statement_can_be_prepared() {
    let connection = migrated();
    for (name, sql) in STATEMENTS {
        if let Err(error) = connection.prepare(sql) {
            unreachable!("{name}: {error}");
        }
    }
}

#[test]
fn no_statement_scans_or_sorts() {
    let connection = migrated();
    for (name, sql) in STATEMENTS {
        for step in plan(&connection, sql) {
            assert!(!step.starts_with("SCAN"), "{name}: {step}");
            assert!(!step.contains("TEMP B-TREE"), "{name}: {step}");
            assert!(!step.contains("AUTOMATIC"), "{name}: {step}");
        }
    }
}

#[test]
fn the_check_for_scans_can_fail() {
    let connection = migrated();
    let steps = plan(
        &connection,
        "SELECT payload FROM jobs WHERE attempts = ?1 ORDER BY due_at_ms",
    );
    assert!(steps.iter().any(|step| step.starts_with("SCAN")), "{steps:?}");
    assert!(steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:?}");
}

#[test]
fn every_lookup_uses_the_index_of_its_state() {
    let connection = migrated();
    for (name, index) in [
        ("has_head", "jobs_head"),
        ("lease", "jobs_ready"),
        ("list_due", "jobs_ready"),
        ("promote", "jobs_waiting"),
        ("next_in_line", "jobs_waiting"),
        ("expired_ids", "jobs_leased"),
        ("next_due", "jobs_ready"),
        ("list_buried", "jobs_buried"),
    ] {
        let (_, sql) = STATEMENTS.iter().find(|(known, _)| *known == name).unwrap();
        let steps = plan(&connection, sql);
        assert!(steps.iter().any(|step| step.contains(index)), "{name}: {steps:?}");
    }
}

#[test]
fn a_line_cannot_have_two_heads() {
    let connection = migrated();
    let insert =
        "INSERT INTO jobs (queue, key, state, is_head, due_at_ms, payload) VALUES ('q', 'a', 'ready', 1, 0, x'')";
    connection.execute(insert, []).unwrap();
    assert!(connection.execute(insert, []).is_err());
}
