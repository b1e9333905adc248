//! Parts of a multipart body that is in memory, and so within its limit, already.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use bytes::Bytes;
use http::header;

/// Parts of one body.
const PARTS_MAX: usize = 64;

/// One part of a multipart body.
#[derive(Debug, Clone)]
pub struct Part {
    /// Name of its field; empty when it has none.
    pub name: String,
    /// The file's name; `None` for a plain field.
    pub file_name: Option<String>,
    /// Its type as sent.
    pub content_type: Option<String>,
    /// What it holds.
    pub bytes: Bytes,
}

/// Reads every part, in order; the error says in words what is wrong.
pub async fn parts(content_type: &str, body: Bytes) -> Result<Vec<Part>, String> {
    let broken = |error: &dyn std::fmt::Display| format!("the multipart body is broken: {error}");
    let mut request = Request::builder()
        .header(header::CONTENT_TYPE, content_type)
        .body(Body::from(body))
        .map_err(|error| broken(&error))?;
    // axum's own limit is smaller than a film.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut multipart = Multipart::from_request(request, &())
        .await
        .map_err(|error| broken(&error))?;
    let mut parts = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(|error| broken(&error))? {
        if parts.len() == PARTS_MAX {
            return Err(format!("the multipart body has more than {PARTS_MAX} parts"));
        }
        parts.push(Part {
            name: field.name().unwrap_or_default().to_owned(),
            file_name: field.file_name().map(str::to_owned),
            content_type: field.content_type().map(str::to_owned),
            bytes: field.bytes().await.map_err(|error| broken(&error))?,
        });
    }
    Ok(parts)
}
