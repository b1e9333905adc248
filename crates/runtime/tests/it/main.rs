//! The runtime as its users see it: real files, real threads.

mod db_commits;
mod db_faults;
mod db_schema;
mod folder;
mod house;
