//! Parameters of a call, wherever they stand: query, form, bracket form, JSON, multipart.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use selfsame_wire::parameters::{self, Values};
use serde_json::Value;

/// Fields of one multipart body.
const MULTIPART_PARTS_MAX: usize = 64;

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
        let broken = |error: &dyn std::fmt::Display| format!("the multipart body is broken: {error}");
        let mut request = Request::builder()
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body))
            .map_err(|error| broken(&error))?;
        // Its size was limited when it was taken in.
        DefaultBodyLimit::disable().apply(&mut request);
        let mut multipart = Multipart::from_request(request, &())
            .await
            .map_err(|error| broken(&error))?;
        let mut n_parts = 0_usize;
        while let Some(field) = multipart.next_field().await.map_err(|error| broken(&error))? {
            n_parts = n_parts.saturating_add(1);
            if n_parts > MULTIPART_PARTS_MAX {
                return Err(format!("the multipart body has more than {MULTIPART_PARTS_MAX} parts"));
            }
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(str::to_owned);
            let part_type = field.content_type().unwrap_or("application/octet-stream").to_owned();
            let is_file = file_name.is_some() || name == "filedata";
            let bytes = field.bytes().await.map_err(|error| broken(&error))?;
            if is_file {
                self.files.push(UploadedFile {
                    field: name,
                    name: file_name.unwrap_or_else(|| "file".to_owned()),
                    content_type: part_type,
                    bytes,
                });
            } else {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                parameters::put_text(&mut self.values, &name, text);
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
