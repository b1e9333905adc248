//! Parameters of a Graph call by name, whichever way they were written: urlencoded, with brackets, or JSON.

use serde_json::{Map, Value};

/// Levels of `a[b][c]` in names.
const BRACKET_DEPTH_MAX: usize = 8;
/// Names whose repetition makes a list rather than the last one winning.
const LIST_NAMES: [&str; 2] = ["fields", "subscribed_fields"];

/// Values by name: texts from queries and forms, any JSON from JSON bodies.
pub type Values = Map<String, Value>;

/// Reads urlencoded pairs, `a[b]=c` included.
pub fn read_form(values: &mut Values, form: &[u8]) {
    for (name, value) in form_urlencoded::parse(form) {
        put_text(values, &name, value.into_owned());
    }
}

/// Reads a JSON body. `null` is absent; a bare array is a batch, as some clients send it.
///
/// # Errors
/// Says for people why the body is no set of parameters.
pub fn read_json(values: &mut Values, body: &[u8]) -> Result<(), String> {
    let value: Value = serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))?;
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if !value.is_null() {
                    values.insert(name, value);
                }
            }
            Ok(())
        }
        Value::Array(_) => {
            values.insert("batch".to_owned(), value);
            Ok(())
        }
        Value::Null => Ok(()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Err("the body is JSON but no object".to_owned()),
    }
}

/// Adds one text, `a[b]` into an object.
pub fn put_text(values: &mut Values, name: &str, text: String) {
    let (base, keys) = split_brackets(name);
    if keys.is_empty() {
        if LIST_NAMES.contains(&base)
            && let Some(Value::String(before)) = values.get_mut(base)
        {
            before.push(',');
            before.push_str(&text);
            return;
        }
        values.insert(base.to_owned(), Value::String(text));
        return;
    }
    let slot = values
        .entry(base.to_owned())
        .or_insert_with(|| Value::Object(Map::new()));
    put_nested(slot, &keys, text);
}

/// Whether a body of unknown type can only be JSON.
pub fn looks_like_json(body: &[u8]) -> bool {
    body.iter()
        .find(|byte| !byte.is_ascii_whitespace())
        .is_some_and(|first| matches!(first, b'{' | b'['))
}

/// `a[b][c]` as `a` and `[b, c]`; anything irregular is a plain name.
fn split_brackets(name: &str) -> (&str, Vec<&str>) {
    let Some((base, rest)) = name.split_once('[') else {
        return (name, Vec::new());
    };
    let Some(inner) = rest.strip_suffix(']') else {
        return (name, Vec::new());
    };
    let keys: Vec<&str> = inner.split("][").collect();
    if base.is_empty() || keys.len() > BRACKET_DEPTH_MAX {
        return (name, Vec::new());
    }
    (base, keys)
}

fn put_nested(slot: &mut Value, keys: &[&str], text: String) {
    let Some((key, rest)) = keys.split_first() else {
        *slot = Value::String(text);
        return;
    };
    // `a[]=x` and `a[0]=x` make lists.
    if key.is_empty() || key.bytes().all(|byte| byte.is_ascii_digit()) {
        if slot.as_object().is_some_and(Map::is_empty) {
            *slot = Value::Array(Vec::new());
        }
        if let Value::Array(items) = slot {
            let index = key.parse::<usize>().unwrap_or(items.len());
            if index < items.len() {
                if let Some(item) = items.get_mut(index) {
                    put_nested(item, rest, text);
                }
            } else {
                let mut item = Value::Object(Map::new());
                put_nested(&mut item, rest, text);
                items.push(item);
            }
            return;
        }
    }
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    if let Value::Object(object) = slot {
        let inner = object
            .entry((*key).to_owned())
            .or_insert_with(|| Value::Object(Map::new()));
        put_nested(inner, rest, text);
    }
}
