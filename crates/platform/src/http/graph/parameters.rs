//! Parameters of a Graph call, wherever they came from: query, form, bracket form, JSON, multipart (`clients.md`, "Bodies and tokens").

use bytes::Bytes;
use http::header;
use http::request::Parts;
use selfsame_runtime::http::multipart;
use selfsame_wire::parameters;
use serde_json::{Map, Value};

/// A file of a multipart body.
#[derive(Debug, Clone)]
pub(in crate::http) struct UploadedFile {
    /// Its type as sent.
    pub(in crate::http) content_type: String,
    /// Its bytes.
    pub(in crate::http) bytes: Bytes,
}

/// Everything a caller gave by name. JSON `null` is absent.
#[derive(Debug, Clone, Default)]
pub(in crate::http) struct Parameters {
    /// Values: texts from queries and forms, any JSON from JSON bodies.
    pub(in crate::http) values: Map<String, Value>,
    /// `filedata` of a multipart body.
    pub(in crate::http) file: Option<UploadedFile>,
}

/// The body does not say what its content type promises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(in crate::http) struct BadBody(pub(in crate::http) String);

impl Parameters {
    /// Reads query and body. Body parameters win over those of the query.
    pub(in crate::http) async fn read(parts: &Parts, body: Bytes) -> Result<Self, BadBody> {
        let mut parameters = Self::from_query(parts.uri.query().unwrap_or_default());
        if body.is_empty() {
            return Ok(parameters);
        }
        let content_type = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let content_type_lower = content_type.to_ascii_lowercase();
        if content_type_lower.starts_with("multipart/form-data") {
            parameters.read_multipart(content_type, body).await?;
        } else if content_type_lower.contains("json")
            || (parameters::looks_like_json(&body) && !content_type_lower.contains("form-urlencoded"))
        {
            parameters.read_json(&body)?;
        } else {
            parameters.read_form(&body);
        }
        Ok(parameters)
    }

    /// Reads a query string alone.
    pub(in crate::http) fn from_query(query: &str) -> Self {
        let mut parameters = Self::default();
        parameters.read_form(query.as_bytes());
        parameters
    }

    /// Reads urlencoded pairs, `a[b]=c` included.
    pub(in crate::http) fn read_form(&mut self, form: &[u8]) {
        parameters::read_form(&mut self.values, form);
    }

    fn read_json(&mut self, body: &[u8]) -> Result<(), BadBody> {
        parameters::read_json(&mut self.values, body).map_err(BadBody)
    }

    async fn read_multipart(&mut self, content_type: &str, body: Bytes) -> Result<(), BadBody> {
        for part in multipart::parts(content_type, body).await.map_err(BadBody)? {
            if part.file_name.is_some() || part.name == "filedata" {
                self.file = Some(UploadedFile {
                    content_type: part
                        .content_type
                        .unwrap_or_else(|| "application/octet-stream".to_owned()),
                    bytes: part.bytes,
                });
            } else {
                self.put_text(&part.name, String::from_utf8_lossy(&part.bytes).into_owned());
            }
        }
        Ok(())
    }

    fn put_text(&mut self, name: &str, text: String) {
        parameters::put_text(&mut self.values, name, text);
    }

    /// The value of this name, if it is there.
    pub(in crate::http) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// The value as text: strings as they are, numbers and booleans as JSON writes them.
    pub(in crate::http) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The value as a flag: JSON booleans, `true`, `1`.
    pub(in crate::http) fn flag(&self, name: &str) -> Option<bool> {
        match self.text(name)?.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    /// The value as JSON: texts that hold JSON are parsed.
    pub(in crate::http) fn json(&self, name: &str) -> Option<Value> {
        match self.values.get(name)? {
            Value::String(text) => Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()))),
            other => Some(other.clone()),
        }
    }

    /// The value as a list of names: a comma list, a JSON array (as text too), `['a']` with single quotes.
    pub(in crate::http) fn names(&self, name: &str) -> Vec<String> {
        let Some(value) = self.values.get(name) else {
            return Vec::new();
        };
        names_in(value)
    }
}

fn names_in(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(names_in).collect(),
        Value::Object(items) => items.values().flat_map(names_in).collect(),
        Value::String(text) => {
            if let Ok(Value::Array(items)) = serde_json::from_str::<Value>(text) {
                return items.iter().flat_map(names_in).collect();
            }
            let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
            bare.split(',')
                .map(|name| name.trim().trim_matches(['\'', '"']).to_owned())
                .filter(|name| !name.is_empty())
                .collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(text: &str) -> Value {
        Value::Object(Parameters::from_query(text).values)
    }

    #[test]
    fn brackets_nest() {
        assert_eq!(
            form(
                "recipient[id]=12&message[text]=hi&message[quick_replies][0][title]=A&message[quick_replies][1][title]=B"
            ),
            json!({"recipient": {"id": "12"}, "message": {"text": "hi", "quick_replies": [{"title": "A"}, {"title": "B"}]}})
        );
    }

    #[test]
    fn irregular_brackets_are_plain_names_and_never_panic() {
        for text in [
            "[",
            "]",
            "a[",
            "[a]=1",
            "a]b[c]=1",
            "a[[]]=2",
            "a[99999999999999999999]=1",
            "%5B%5D=1",
        ] {
            form(text);
        }
    }

    #[test]
    fn names_come_in_every_shape() {
        for text in [
            "fields=a,b",
            "fields=a&fields=b",
            "fields=[\"a\",\"b\"]",
            "fields=['a','b']",
            "fields[]=a&fields[]=b",
        ] {
            assert_eq!(Parameters::from_query(text).names("fields"), ["a", "b"], "{text}");
        }
    }

    #[test]
    fn json_null_is_absent() {
        let mut parameters = Parameters::default();
        parameters.read_json(br#"{"a":null,"b":1}"#).unwrap();
        assert_eq!(
            (parameters.get("a"), parameters.text("b")),
            (None, Some("1".to_owned()))
        );
    }
}
