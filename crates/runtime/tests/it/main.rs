//! The runtime as its users see it: real files, real threads.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod db_commits;
mod db_faults;
mod db_schema;
mod folder;
mod house;
