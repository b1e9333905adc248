//! The blanks in the page's printed examples.

use serde_json::Value;

/// A placeholder in the examples of the self-messaging page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// `<YOUR_APP_USERS_IG_USER_ID>`
    IgUserId,
    /// `<INSTAGRAM_SCOPED_ID>`
    SelfIgsid,
    /// `<MESSAGE_ID>`
    MessageId,
    /// `<MESSAGE_TEXT>`
    MessageText,
    /// `<YOUR_ACCOUNT_ID>`
    AccountId,
    /// `<USERNAME>`
    Username,
    /// `<YOUR_SCOPED_ID>`
    ScopedId,
    /// `<COMMENT_ID>`
    CommentId,
    /// `<COMMENT_TEXT>`
    CommentText,
}

impl Blank {
    fn printed(self) -> &'static str {
        match self {
            Self::IgUserId => "<YOUR_APP_USERS_IG_USER_ID>",
            Self::SelfIgsid => "<INSTAGRAM_SCOPED_ID>",
            Self::MessageId => "<MESSAGE_ID>",
            Self::MessageText => "<MESSAGE_TEXT>",
            Self::AccountId => "<YOUR_ACCOUNT_ID>",
            Self::Username => "<USERNAME>",
            Self::ScopedId => "<YOUR_SCOPED_ID>",
            Self::CommentId => "<COMMENT_ID>",
            Self::CommentText => "<COMMENT_TEXT>",
        }
    }
}

/// The printed example with its placeholders filled and nothing added.
///
/// # Panics
///
/// If a blank stays open, or one is filled that the example does not have.
pub fn fill(example: &str, values: &[(Blank, &Value)]) -> Value {
    let mut filled = example.to_owned();
    for (blank, value) in values {
        let printed = blank.printed();
        assert!(filled.contains(printed), "the example has no {printed}");
        let value = value
            .as_str()
            .unwrap_or_else(|| panic!("{printed} wants a string, not {value}"));
        filled = filled.replace(printed, value);
    }
    assert!(!filled.contains('<'), "a blank stays open in {filled}");
    serde_json::from_str(&filled).expect("the examples are JSON")
}

/// Checks that `emitted` contains everything of `example`, with the example's keys in the example's order, and that
/// values agree except under the keys `differing`.
///
/// # Panics
///
/// If it does not.
pub fn same_keys_in_order(emitted: &Value, example: &Value, differing: &[&str]) {
    if let Err(difference) = compare(emitted, example, differing, "$") {
        panic!("{difference}\n  emitted: {emitted}\n  example: {example}");
    }
}

fn compare(emitted: &Value, example: &Value, differing: &[&str], path: &str) -> Result<(), String> {
    match (emitted, example) {
        (Value::Object(emitted), Value::Object(example)) => {
            let order: Vec<&String> = emitted.keys().filter(|key| example.contains_key(*key)).collect();
            let wanted: Vec<&String> = example.keys().collect();
            if order != wanted {
                return Err(format!("keys at {path}: {order:?}, not {wanted:?}"));
            }
            example
                .iter()
                .filter(|(key, _)| !differing.contains(&key.as_str()))
                .try_for_each(|(key, value)| compare(&emitted[key], value, differing, &format!("{path}.{key}")))
        }
        (Value::Array(emitted), Value::Array(example)) => {
            if emitted.len() != example.len() {
                return Err(format!("length at {path}: {}, not {}", emitted.len(), example.len()));
            }
            emitted
                .iter()
                .zip(example)
                .enumerate()
                .try_for_each(|(index, (emitted, example))| {
                    compare(emitted, example, differing, &format!("{path}[{index}]"))
                })
        }
        _ if emitted == example => Ok(()),
        _ => Err(format!("value at {path}: {emitted}, not {example}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn extra_keys_between_those_of_the_example_are_allowed() {
        let emitted = json!({"a": 1, "x": 0, "b": [2]});
        assert_eq!(compare(&emitted, &json!({"a": 1, "b": [2]}), &[], "$"), Ok(()));
    }

    #[test]
    fn another_order_a_missing_key_and_another_value_are_differences() {
        let example = json!({"a": 1, "b": 1});
        for emitted in [json!({"b": 1, "a": 1}), json!({"a": 1}), json!({"a": 1, "b": 2})] {
            assert!(compare(&emitted, &example, &[], "$").is_err(), "{emitted}");
        }
    }
}
