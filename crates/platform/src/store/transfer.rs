//! Every row of the world as named values, whatever the table: what a copy of a world is written from and read into.
//!
//! Tables and columns are asked of the schema, so that a table that is added later is copied too.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, params_from_iter};
use serde::de::IgnoredAny;
use serde_json::{Map, Number, Value, json};

use super::{StoreError, Tx};

const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
                      AND name <> 'schema_migrations' ORDER BY rowid";
const COLUMNS: &str = "SELECT name FROM pragma_table_info(?1)";
/// Rows that point at rows that are not there.
const BROKEN_REFERENCES: &str = "SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 1";
/// Until the end of the transaction, rows may come in any order.
const DEFER_REFERENCES: &str = "PRAGMA defer_foreign_keys = ON";
const CHECK_REFERENCES_AGAIN: &str = "PRAGMA defer_foreign_keys = OFF";
const STREAM_END: &str = "SELECT coalesce(max(id), 0) FROM stream";
const STREAM_GOES_ON: &str = "INSERT INTO stream (id, event, subject, at_ms) VALUES (?1, 'clock', 0, ?2)";
/// A token of a restored world is as old as its copy; its life begins again.
const RENEW_TOKENS: &str = "UPDATE tokens SET expires_at_ms = expires_at_ms - issued_at_ms + ?1, issued_at_ms = ?1 WHERE invalid_at_ms IS NULL";

/// Columns that hold JSON, by table: a text that is none would be found only when somebody reads it.
const JSON_COLUMNS: &[(&str, &[&str])] = &[
    ("apps", &["redirect_uris", "settings"]),
    ("app_subscriptions", &["fields"]),
    ("grants", &["scopes", "declined"]),
    ("installs", &["fields"]),
    (
        "messages",
        &["attachments", "buttons", "quick_replies", "reply_to", "referral"],
    ),
    ("media", &["children", "ad"]),
    ("messenger_profiles", &["value"]),
    ("switches", &["value"]),
    ("chaos_rules", &["rule"]),
    ("attempts", &["request_headers"]),
    ("calls", &["request_headers"]),
];

/// A row as a JSON object: integers, numbers, texts and nulls as themselves, bytes as `{"base64":"…"}`.
pub type RowObject = Map<String, Value>;

/// Why a row is not taken.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// The row does not fit the table.
    #[error("{words}")]
    Misfit {
        /// The column at fault, when one is.
        column: Option<String>,
        /// What is wrong.
        words: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tables of the world with their columns, those that are pointed at first.
pub fn tables(connection: &Connection) -> Result<Vec<(String, Vec<String>)>, StoreError> {
    let mut statement = connection.prepare_cached(TABLES)?;
    let names: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut columns = connection.prepare_cached(COLUMNS)?;
    names
        .into_iter()
        .map(|name| {
            let found = columns
                .query_map([&name], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            Ok((name, found))
        })
        .collect()
}

/// Gives every row of one table of [`tables`] to `each`, in the order of its key.
pub fn rows<E: From<StoreError>>(
    connection: &Connection,
    table: &str,
    mut each: impl FnMut(RowObject) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = connection
        .prepare(&format!("SELECT * FROM {}", quoted(table)))
        .map_err(StoreError::from)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([]).map_err(StoreError::from)?;
    while let Some(row) = rows.next().map_err(StoreError::from)? {
        let mut object = RowObject::new();
        for (index, name) in names.iter().enumerate() {
            let value = row.get_ref(index).map_err(StoreError::from)?;
            object.insert(name.clone(), json_of(value));
        }
        each(object)?;
    }
    Ok(())
}

/// Empties the world. References are looked at again by [`close`], which must follow in the same transaction.
pub fn empty(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.execute_batch(DEFER_REFERENCES)?;
    for (table, _) in tables(tx)?.iter().rev() {
        tx.execute(&format!("DELETE FROM {}", quoted(table)), [])?;
    }
    tx.identities_changed();
    Ok(())
}

/// Inserts one row into one table of [`tables`].
pub fn insert(tx: &Tx<'_>, table: &str, columns: &[String], row: RowObject) -> Result<(), RowError> {
    insert_as("INSERT", tx, table, columns, row)
}

fn insert_as(verb: &str, tx: &Tx<'_>, table: &str, columns: &[String], row: RowObject) -> Result<(), RowError> {
    let json_columns = JSON_COLUMNS
        .iter()
        .find(|(name, _)| *name == table)
        .map_or(&[][..], |(_, names)| *names);
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for (name, value) in row {
        let misfit = |words: &str| RowError::Misfit {
            column: Some(name.clone()),
            words: words.to_owned(),
        };
        if !columns.contains(&name) {
            return Err(misfit("there is no such column; was this made by a newer selfsame?"));
        }
        let value = sql_of(value).ok_or_else(|| misfit("a value is null, a number, a text or {\"base64\":\"…\"}"))?;
        if let (true, Sql::Text(text)) = (json_columns.contains(&name.as_str()), &value)
            && serde_json::from_str::<IgnoredAny>(text).is_err()
        {
            return Err(misfit("this text must be JSON"));
        }
        names.push(name);
        values.push(value);
    }
    if names.is_empty() {
        return Err(RowError::Misfit {
            column: None,
            words: "a row has at least one column".to_owned(),
        });
    }
    let listed: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    let places = vec!["?"; names.len()].join(", ");
    let sql = format!(
        "{verb} INTO {} ({}) VALUES ({places})",
        quoted(table),
        listed.join(", ")
    );
    let inserted = tx
        .prepare_cached(&sql)
        .and_then(|mut statement| statement.execute(params_from_iter(values)));
    match inserted {
        Ok(_) => Ok(()),
        Err(rusqlite::Error::SqliteFailure(error, words))
            if matches!(
                error.code,
                rusqlite::ErrorCode::ConstraintViolation | rusqlite::ErrorCode::TypeMismatch
            ) =>
        {
            let words = words.unwrap_or_else(|| error.to_string());
            let column = names
                .iter()
                .find(|name| words.contains(&format!("{table}.{name}")))
                .cloned();
            Err(RowError::Misfit { column, words })
        }
        Err(error) => Err(StoreError::from(error).into()),
    }
}

/// Ends what [`empty`] began: refuses rows that point nowhere, and lets the stream go on after `stream_end`, so that whoever
/// follows it misses nothing of the new world.
pub fn close(tx: &Tx<'_>, stream_end: i64, now_ms: i64) -> Result<(), RowError> {
    let broken = tx
        .prepare_cached(BROKEN_REFERENCES)
        .and_then(|mut statement| {
            let mut rows = statement.query([])?;
            rows.next()?
                .map(|row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
                .transpose()
        })
        .map_err(StoreError::from)?;
    if let Some((table, parent)) = broken {
        return Err(RowError::Misfit {
            column: None,
            words: format!("a row of {table} points at a row of {parent} that is not there"),
        });
    }
    tx.execute_batch(CHECK_REFERENCES_AGAIN).map_err(StoreError::from)?;
    let next = stream_end.max(self::stream_end(tx)?).saturating_add(1);
    tx.prepare_cached(STREAM_GOES_ON)
        .and_then(|mut statement| statement.execute([next, now_ms]))
        .map_err(StoreError::from)?;
    Ok(())
}

/// The last number of the stream; 0 in a new world.
pub fn stream_end(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.prepare_cached(STREAM_END)?.query_row([], |row| row.get(0))?)
}

/// Begins the life of every valid token again.
pub fn renew_tokens(tx: &Tx<'_>, now_ms: i64) -> Result<(), StoreError> {
    tx.prepare_cached(RENEW_TOKENS)?.execute([now_ms])?;
    Ok(())
}

/// Puts back one row of what binds a bot to the platform, unless what it is about is gone or, for tokens, it is no longer valid.
pub fn put_binding(tx: &Tx<'_>, table: &str, columns: &[String], row: RowObject) -> Result<(), RowError> {
    let verb = if table == "tokens" {
        if row.get("invalid_at_ms").is_some_and(|at| !at.is_null()) {
            return Ok(());
        }
        "INSERT OR IGNORE"
    } else {
        "INSERT OR REPLACE"
    };
    match insert_as(verb, tx, table, columns, row) {
        Err(RowError::Misfit { words, .. }) if words.contains("FOREIGN KEY") => Ok(()),
        other => other,
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn json_of(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Blob(bytes) => json!({"base64": STANDARD.encode(bytes)}),
    }
}

fn sql_of(value: Value) -> Option<Sql> {
    Some(match value {
        Value::Null => Sql::Null,
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Sql::Integer(integer),
            None => Sql::Real(number.as_f64().filter(|_| !number.is_u64())?),
        },
        Value::String(text) => Sql::Text(text),
        Value::Object(object) => {
            let (Some(Value::String(text)), 1) = (object.get("base64"), object.len()) else {
                return None;
            };
            Sql::Blob(STANDARD.decode(text).ok()?)
        }
        Value::Bool(_) | Value::Array(_) => return None,
    })
}
