//! Parameters of a call, wherever they stand: query, form, bracket form, JSON, multipart.

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use selfsame_runtime::http::multipart;
use selfsame_wire::parameters::{self, Values};
use serde_json::Value;

/// A file of a multipart body.
#[derive(Debug, Clone)]
pub(super) struct UploadedFile {
    /// The field it stands in.
    pub(super) field: String,
    /// What it is called.
    pub(super) name: String,
    /// Its type, as sent.
    pub(super) content_type: String,
    /// Its bytes.
    pub(super) bytes: Bytes,
}

/// Everything that a caller gave by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Parameters {
    /// Values: texts from queries and forms, any JSON from JSON bodies.
    pub(super) values: Values,
    /// Files of a multipart body.
    pub(super) files: Vec<UploadedFile>,
}

impl Parameters {
    /// Those of a query.
    pub(super) fn of_query(query: &str) -> Self {
        let mut parameters = Self::default();
        parameters::read_form(&mut parameters.values, query.as_bytes());
        parameters
    }

    /// Adds those of a body, which win. The error says for people why it cannot be read.
    pub(super) async fn read_body(&mut self, headers: &HeaderMap, body: Bytes) -> Result<(), String> {
        if body.is_empty() {
            return Ok(());
        }
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let kind = content_type.to_ascii_lowercase();
        if kind.starts_with("multipart/form-data") {
            self.read_multipart(content_type, body).await
        } else if kind.contains("json") || (parameters::looks_like_json(&body) && !kind.contains("form-urlencoded")) {
            parameters::read_json(&mut self.values, &body)
        } else {
            parameters::read_form(&mut self.values, &body);
            Ok(())
        }
    }

    async fn read_multipart(&mut self, content_type: &str, body: Bytes) -> Result<(), String> {
        for part in multipart::parts(content_type, body).await? {
            if part.file_name.is_some() || part.name == "filedata" {
                self.files.push(UploadedFile {
                    field: part.name,
                    name: part.file_name.unwrap_or_else(|| "file".to_owned()),
                    content_type: part
                        .content_type
                        .unwrap_or_else(|| "application/octet-stream".to_owned()),
                    bytes: part.bytes,
                });
            } else {
                let text = String::from_utf8_lossy(&part.bytes).into_owned();
                parameters::put_text(&mut self.values, &part.name, text);
            }
        }
        Ok(())
    }
}

/// The values as pairs for a query or a form, as Graph takes them: texts as they are, all else as JSON.
pub(super) fn as_pairs(values: &Values) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    values.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}
