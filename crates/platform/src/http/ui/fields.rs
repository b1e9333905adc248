//! The fields of a posted form, in the order in which the browser wrote them.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::page::PageError;

/// The largest form a page posts, in bytes.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// Fields of a form, and how its sender wants to be answered.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pairs: Vec<(String, String)>,
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

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let stays_on_page = wants_json(request.headers());
        let body = Bytes::from_request(request, state)
            .await
            .map_err(IntoResponse::into_response)?;
        if body.len() > MAX_FORM_BYTES {
            return Err(PageError::refused("The form is too large.").answer(stays_on_page));
        }
        let pairs = form_urlencoded::parse(&body).into_owned().collect();
        Ok(Self { pairs, stays_on_page })
    }
}

fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.starts_with("application/json"))
}
