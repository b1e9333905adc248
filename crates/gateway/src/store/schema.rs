//! The schema of the gateway's database: one numbered sequence, forward only.

use selfsame_runtime::db::Migration;

/// Every migration, oldest first. Published ones never change; new ones are appended.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "jobs",
        sql: selfsame_queue::MIGRATION_SQL,
    },
    Migration {
        version: 2,
        name: "intake",
        sql: include_str!("../../migrations/0002_intake.sql"),
    },
    Migration {
        version: 3,
        name: "ledger",
        sql: include_str!("../../migrations/0003_ledger.sql"),
    },
    Migration {
        version: 4,
        name: "accounts",
        sql: include_str!("../../migrations/0004_accounts.sql"),
    },
    Migration {
        version: 5,
        name: "automations",
        sql: include_str!("../../migrations/0005_automations.sql"),
    },
    Migration {
        version: 6,
        name: "runs",
        sql: include_str!("../../migrations/0006_runs.sql"),
    },
    Migration {
        version: 7,
        name: "recipients",
        sql: include_str!("../../migrations/0007_recipients.sql"),
    },
    Migration {
        version: 8,
        name: "listing",
        sql: include_str!("../../migrations/0008_listing.sql"),
    },
    Migration {
        version: 9,
        name: "reconciliations",
        sql: include_str!("../../migrations/0009_reconciliations.sql"),
    },
];
