//! Writing a world: `{"format","version","made_by","clock":{"now","frozen"},"tables":{"<table>":[{row},…],…}}`, a row to a line.

use std::io::Write;

use rusqlite::Connection;
use selfsame_runtime::clock::ClockStatus;
use serde_json::{Value, json};

use crate::store::{StoreError, transfer};

/// What kind of document it is.
pub const FORMAT: &str = "selfsame-platform";
/// Version of its form; a reader takes its own and older ones.
pub const VERSION: u64 = 1;

/// Why a world could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It could not be read.
    #[error("cannot read the world")]
    Store(#[from] StoreError),
    /// The document could not be written.
    #[error("cannot write the document")]
    Io(#[from] std::io::Error),
}

/// Writes the world that `connection` sees, one row at a time.
///
/// # Errors
/// The first thing that failed; what was written so far is no document.
pub fn write_document(connection: &Connection, clock: ClockStatus, to: &mut impl Write) -> Result<(), DocumentError> {
    let clock = json!({"now": clock.now.to_string(), "frozen": clock.frozen});
    let (format, made_by) = (Value::from(FORMAT), Value::from(env!("CARGO_PKG_VERSION")));
    write!(
        to,
        "{{\"format\":{format},\"version\":{VERSION},\"made_by\":{made_by},\"clock\":{clock},\"tables\":{{"
    )?;
    for (index, (table, _)) in transfer::tables(connection)?.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(to, "{comma}\n{}:[", Value::from(table.as_str()))?;
        let mut separator = "\n";
        transfer::rows(connection, table, |row| -> Result<(), DocumentError> {
            to.write_all(separator.as_bytes())?;
            separator = ",\n";
            serde_json::to_writer(&mut *to, &row).map_err(std::io::Error::from)?;
            Ok(())
        })?;
        to.write_all(b"]")?;
    }
    to.write_all(b"}}\n")?;
    Ok(to.flush()?)
}
