//! Reading answers leniently: ids as strings or integers, `null` for absent, flags as strings.

use jiff::Timestamp;
use serde_json::Value;

/// The body as JSON.
pub(super) fn json(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).ok()
}

/// A string, or an integer as its digits.
pub(super) fn text(object: &Value, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

/// The elements of `data`, or of the object itself when it has none.
pub(super) fn data(body: &Value) -> Vec<&Value> {
    match body.get("data") {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(other) if other.is_object() => vec![other],
        _ => Vec::new(),
    }
}

/// A flat object, or the only one in `data`: Meta documents one and answers the other.
pub(super) fn object(body: &Value) -> &Value {
    match body.get("data") {
        Some(Value::Array(items)) => items.first().unwrap_or(body),
        Some(other) if other.is_object() => other,
        _ => body,
    }
}

/// `paging.cursors.after`, as long as there is a next page.
pub(super) fn next_cursor(body: &Value) -> Option<String> {
    let paging = body.get("paging")?;
    paging.get("next")?.as_str()?;
    text(paging.get("cursors")?, "after")
}

/// `{"success":true}`, also with the flag as a string.
pub(super) fn is_success(body: &Value) -> bool {
    matches!(body.get("success"), Some(Value::Bool(true)))
        || body.get("success").and_then(Value::as_str) == Some("true")
}

/// A Graph time such as `2017-08-31T19:16:02+0000`.
pub(super) fn time(object: &Value, name: &str) -> Option<Timestamp> {
    let text = object.get(name)?.as_str()?;
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", text)
        .ok()
        .or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_of_graph_are_read() {
        let object = json!({"a": "2017-08-31T19:16:02+0000", "b": "2017-08-31T19:16:02Z", "c": "soon"});
        assert_eq!(time(&object, "a").unwrap().as_second(), 1_504_206_962);
        assert_eq!(time(&object, "b"), time(&object, "a"));
        assert_eq!(time(&object, "c"), None);
    }

    #[test]
    fn the_end_of_paging_is_the_absence_of_next() {
        assert_eq!(next_cursor(&json!({"paging": {"cursors": {"after": "x"}}})), None);
        let more = json!({"paging": {"cursors": {"after": "x"}, "next": "http://h"}});
        assert_eq!(next_cursor(&more).as_deref(), Some("x"));
    }

    #[test]
    fn success_comes_as_a_flag_and_as_a_string() {
        assert!(is_success(&json!({"success": true})));
        assert!(is_success(&json!({"success": "true"})));
        assert!(!is_success(&json!({"success": false})));
        assert!(!is_success(&json!({})));
    }
}
