//! Token answers, in every shape seen.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::lenient;

/// How the platform writes the answer of the Instagram code exchange. Both shapes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CodeExchangeShape {
    /// `{"data":[{…}]}`, `permissions` as a comma list: the documented one.
    #[default]
    Data,
    /// Flat, `permissions` as an array: the one that long-standing clients read.
    Flat,
}

/// The answer of `POST api.instagram.com/oauth/access_token`. It has no `token_type` and no
/// `expires_in`. `Debug` hides the token.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeExchangeAnswer {
    /// The short-lived token.
    pub access_token: String,
    /// An id of which the documents do not agree what it is: never key on it.
    pub user_id: Option<String>,
    /// What was granted.
    pub permissions: Vec<String>,
}

impl CodeExchangeAnswer {
    /// The body.
    pub fn to_body(&self, shape: CodeExchangeShape) -> Value {
        let mut answer = Map::new();
        answer.insert("access_token".to_owned(), self.access_token.as_str().into());
        if let Some(user_id) = &self.user_id {
            answer.insert("user_id".to_owned(), user_id.as_str().into());
        }
        match shape {
            CodeExchangeShape::Data => {
                answer.insert("permissions".to_owned(), self.permissions.join(",").into());
                json!({ "data": [answer] })
            }
            CodeExchangeShape::Flat => {
                answer.insert("permissions".to_owned(), self.permissions.clone().into());
                Value::Object(answer)
            }
        }
    }

    /// Reads either shape.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let answer = lenient::member(&body, "data")
            .and_then(|data| data.as_array()?.first())
            .unwrap_or(&body);
        Some(Self {
            access_token: lenient::member(answer, "access_token").and_then(lenient::text)?,
            user_id: lenient::member(answer, "user_id").and_then(lenient::text),
            permissions: lenient::member(answer, "permissions")
                .map(read_list)
                .unwrap_or_default(),
        })
    }
}

impl fmt::Debug for CodeExchangeAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CodeExchangeAnswer")
            .field("user_id", &self.user_id)
            .field("permissions", &self.permissions)
            .finish_non_exhaustive()
    }
}

/// `{"access_token","token_type","expires_in"}`: long-lived exchange, refresh, and every token of
/// Facebook login. `Debug` hides the token.
#[derive(Clone, PartialEq, Eq)]
pub struct LongLivedToken {
    /// The token; after a refresh it may be the same string as before.
    pub access_token: String,
    /// `bearer`
    pub token_type: Option<String>,
    /// Seconds left; absent or 0 for tokens that do not expire.
    pub expires_in_s: Option<i64>,
    /// What it may do, when the answer says so.
    pub permissions: Vec<String>,
}

impl LongLivedToken {
    /// The body.
    pub fn to_body(&self) -> Value {
        let mut answer = Map::new();
        answer.insert("access_token".to_owned(), self.access_token.as_str().into());
        if let Some(token_type) = &self.token_type {
            answer.insert("token_type".to_owned(), token_type.as_str().into());
        }
        if let Some(expires_in_s) = self.expires_in_s {
            answer.insert("expires_in".to_owned(), expires_in_s.into());
        }
        if !self.permissions.is_empty() {
            answer.insert("permissions".to_owned(), self.permissions.join(",").into());
        }
        Value::Object(answer)
    }

    /// Reads the body.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        Some(Self {
            access_token: lenient::member(&body, "access_token").and_then(lenient::text)?,
            token_type: lenient::member(&body, "token_type").and_then(lenient::text),
            expires_in_s: lenient::member(&body, "expires_in").and_then(lenient::integer),
            permissions: lenient::member(&body, "permissions").map(read_list).unwrap_or_default(),
        })
    }
}

impl fmt::Debug for LongLivedToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LongLivedToken")
            .field("expires_in_s", &self.expires_in_s)
            .finish_non_exhaustive()
    }
}

fn read_list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(lenient::text).collect(),
        Value::String(list) => list
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_of_the_code_exchange_read_the_same() {
        let answer = CodeExchangeAnswer {
            access_token: "IGAAx".to_owned(),
            user_id: Some("17841400000000002".to_owned()),
            permissions: vec!["a".to_owned(), "b".to_owned()],
        };
        for shape in [CodeExchangeShape::Data, CodeExchangeShape::Flat] {
            let body = answer.to_body(shape).to_string();
            assert_eq!(
                CodeExchangeAnswer::parse(body.as_bytes()).as_ref(),
                Some(&answer),
                "{body}"
            );
        }
    }

    #[test]
    fn a_numeric_user_id_keeps_its_digits() {
        let body = br#"{"access_token":"t","user_id":17841400000000003,"permissions":["a"]}"#;
        let answer = CodeExchangeAnswer::parse(body).unwrap();
        assert_eq!(answer.user_id.as_deref(), Some("17841400000000003"));
    }

    #[test]
    fn debug_output_hides_tokens() {
        let token = LongLivedToken {
            access_token: "IGAAsecret".to_owned(),
            token_type: None,
            expires_in_s: None,
            permissions: Vec::new(),
        };
        assert!(!format!("{token:?}").contains("IGAAsecret"));
    }
}
