//! The fields of a posted form, in the order in which the browser wrote them.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use selfsame_runtime::http::multipart;

use super::page::PageError;
use crate::actions::PhoneFile;

/// The largest form without files that a page posts, in bytes.
const MAX_FORM_BYTES: usize = 64 * 1024;
/// The largest form with files, in bytes; the server takes no larger body.
const MAX_FILES_BYTES: usize = 32 * 1024 * 1024;
/// The type of a form with files.
const MULTIPART: &str = "multipart/form-data";

/// Fields of a form, and how its sender wants to be answered.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pairs: Vec<(String, String)>,
    /// Files, in the order in which they were chosen.
    pub(super) files: Vec<PhoneFile>,
    /// Whether the script posted it and stays on its page.
    pub(super) stays_on_page: bool,
}

impl Fields {
    /// The first value of `name`; browsers write line ends as CR LF, phones as LF.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.replace("\r\n", "\n"))
    }

    /// The first value of `name`, unless it is empty.
    pub(super) fn filled(&self, name: &str) -> Option<String> {
        self.get(name).filter(|value| !value.trim().is_empty())
    }

    /// Every value of `name`.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.pairs
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
            .collect()
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        let stays_on_page = wants_json(request.headers());
        read(request, stays_on_page)
            .await
            .map_err(|why| PageError::refused(why).answer(stays_on_page))
    }
}

async fn read(request: Request, stays_on_page: bool) -> Result<Fields, String> {
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .filter(|content_type| content_type.to_ascii_lowercase().starts_with(MULTIPART))
        .map(str::to_owned);
    let limit = if content_type.is_some() {
        MAX_FILES_BYTES
    } else {
        MAX_FORM_BYTES
    };
    let body = axum::body::to_bytes(request.into_body(), limit).await.map_err(|_| {
        format!(
            "The form is too large, or was cut off. At most {} KB are taken.",
            limit / 1024
        )
    })?;
    let mut fields = Fields {
        pairs: Vec::new(),
        files: Vec::new(),
        stays_on_page,
    };
    let Some(content_type) = content_type else {
        fields.pairs = form_urlencoded::parse(&body).into_owned().collect();
        return Ok(fields);
    };
    for part in multipart::parts(&content_type, body).await? {
        match part.file_name {
            // A browser sends this for a picker in which nothing was chosen.
            Some(name) if name.is_empty() && part.bytes.is_empty() => {}
            Some(name) => fields.files.push(PhoneFile {
                name,
                content_type: part.content_type.unwrap_or_default(),
                body: part.bytes,
            }),
            None => {
                let value = String::from_utf8_lossy(&part.bytes).into_owned();
                fields.pairs.push((part.name, value));
            }
        }
    }
    Ok(fields)
}

fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.starts_with("application/json"))
}
