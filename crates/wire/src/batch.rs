//! Several calls in one: `POST /` with `batch` (contract: clients, "Bodies and tokens").

use serde_json::Value;

use crate::parameters::{Values, read_form};

/// Calls in one batch, as at Meta.
pub const CALLS_MAX: usize = 50;
/// What proves a token; who borrows the token of the batch borrows these.
const PROOFS: [&str; 2] = ["appsecret_proof", "appsecret_time"];

/// The items of the parameter `batch`, a JSON array or a text that holds one. The error says in words what is wrong.
pub fn items(batch: Option<&Value>) -> Result<Vec<Value>, String> {
    let parsed = match batch {
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        other => other.cloned(),
    };
    match parsed {
        Some(Value::Array(items)) if items.len() <= CALLS_MAX => Ok(items),
        Some(Value::Array(items)) => Err(format!(
            "batch has {} items; at most {CALLS_MAX} are allowed",
            items.len()
        )),
        _ => Err("batch is a JSON array of {method, relative_url, body}".to_owned()),
    }
}

/// One call of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchItem<'a> {
    /// In capitals; `GET` when the item names none.
    pub method: String,
    /// The path of its `relative_url`.
    pub path: &'a str,
    /// Its query and its urlencoded body, which wins. A batch in a batch is left out.
    pub values: Values,
}

impl<'a> BatchItem<'a> {
    /// Reads an item; what is absent is empty.
    pub fn read(item: &'a Value) -> Self {
        let text = |name: &str| item.get(name).and_then(Value::as_str);
        let relative_url = text("relative_url").unwrap_or_default();
        let (path, query) = relative_url.split_once('?').unwrap_or((relative_url, ""));
        let mut values = Values::new();
        read_form(&mut values, query.as_bytes());
        read_form(&mut values, text("body").unwrap_or_default().as_bytes());
        values.remove("batch");
        Self {
            method: text("method").unwrap_or("GET").to_ascii_uppercase(),
            path,
            values,
        }
    }

    /// Takes over the proofs of the token that the whole batch came with, unless the item has its own.
    pub fn borrow_proofs(&mut self, batch: &Values) {
        for name in PROOFS {
            if let (None, Some(value)) = (self.values.get(name), batch.get(name)) {
                let value = value.clone();
                self.values.insert(name.to_owned(), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_batch_is_an_array_or_a_text_that_holds_one() {
        let call = json!({"method": "get", "relative_url": "me"});
        assert_eq!(items(Some(&json!([call]))), Ok(vec![call.clone()]));
        assert_eq!(items(Some(&json!(json!([call]).to_string()))), Ok(vec![call]));
        for wrong in [None, Some(json!("x")), Some(json!({})), Some(Value::Null)] {
            assert!(items(wrong.as_ref()).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_batch_has_at_most_fifty_calls() {
        assert!(items(Some(&json!(vec![json!({}); CALLS_MAX]))).is_ok());
        let too_many = items(Some(&json!(vec![json!({}); CALLS_MAX + 1])));
        assert!(too_many.is_err_and(|why| why.contains("51")));
    }

    #[test]
    fn the_body_of_an_item_wins_over_its_query_and_a_batch_in_it_is_left_out() {
        let item = json!({"method": "post", "relative_url": "me/messages?a=1&b=2&batch=x", "body": "b=3&batch=y"});
        let item = BatchItem::read(&item);
        assert_eq!((item.method.as_str(), item.path), ("POST", "me/messages"));
        assert_eq!(Value::Object(item.values), json!({"a": "1", "b": "3"}));
        let empty = json!({});
        assert_eq!(
            (BatchItem::read(&empty).method, BatchItem::read(&empty).path),
            ("GET".to_owned(), "")
        );
    }

    #[test]
    fn proofs_are_borrowed_unless_the_item_has_its_own() {
        let mut own = json!({"relative_url": "me?appsecret_proof=own"});
        let batch = json!({"appsecret_proof": "batch", "appsecret_time": "1", "fields": "id"});
        let batch = batch.as_object().cloned().unwrap_or_default();
        let mut item = BatchItem::read(&own);
        item.borrow_proofs(&batch);
        assert_eq!(
            Value::Object(item.values),
            json!({"appsecret_proof": "own", "appsecret_time": "1"})
        );
        own = json!({});
        let mut item = BatchItem::read(&own);
        item.borrow_proofs(&batch);
        assert_eq!(
            Value::Object(item.values),
            json!({"appsecret_proof": "batch", "appsecret_time": "1"})
        );
    }
}
