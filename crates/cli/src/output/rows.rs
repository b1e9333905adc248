//! Lists as `/_sim` and `/api/v1` answer them, read for people.

use serde_json::Value;

/// The rows of a list.
pub(crate) fn rows(list: &Value) -> &[Value] {
    let rows = list.get("data").and_then(Value::as_array);
    rows.map(Vec::as_slice).unwrap_or_default()
}

/// A text of a row; `-` where there is none.
pub(crate) fn word<'r>(row: &'r Value, name: &str) -> &'r str {
    row.get(name).and_then(Value::as_str).unwrap_or("-")
}
