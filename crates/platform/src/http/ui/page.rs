//! Answers of pages: markup with its security headers, redirects after forms, and errors in plain words.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::policy::Policy;
use serde_json::json;

use super::frame;
use crate::actions::GestureRefusal;
use crate::store::{Failure, StoreError};

/// A whole page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) markup: Markup,
}

impl Page {
    /// A page that went well.
    pub(super) fn new(markup: Markup) -> Self {
        Self {
            status: StatusCode::OK,
            markup,
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.markup.into_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in Policy::page().headers() {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// Why a page cannot be shown or a form was not accepted.
#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    /// The address names nothing.
    #[error("{0}")]
    NotFound(String),
    /// The form makes no sense.
    #[error("{0}")]
    Refused(String),
    /// The store failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl PageError {
    /// A refusal in these words.
    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }

    /// No such account.
    pub(super) fn no_account(username: &str) -> Self {
        Self::NotFound(format!("There is no account @{}.", username.trim_start_matches('@')))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the reader is told; never the inside of the store.
    pub(super) fn words(&self) -> String {
        match self {
            Self::NotFound(words) | Self::Refused(words) => words.clone(),
            Self::Store(_) => "The database could not be used. The log says why.".to_owned(),
        }
    }

    /// As an error object for the script, or as a page.
    pub(super) fn answer(self, stays_on_page: bool) -> Response {
        if let Self::Store(error) = &self {
            tracing::error!(error = error as &dyn std::error::Error, "page failed");
        }
        let (status, words) = (self.status(), self.words());
        if stays_on_page {
            return (
                status,
                Json(json!({ "error": { "code": "refused", "message": words, "field": null } })),
            )
                .into_response();
        }
        let content = html! {
            header { h1 { @if status == StatusCode::NOT_FOUND { "Not here" } @else { "That did not work" } } p.lead { (words) } }
            p { a.button href="/" { "Start page" } " " a.button.quiet href="/phone" { "Phone" } }
        };
        let markup = frame::document("Error", None, None).around(&content);
        Page { status, markup }.into_response()
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        self.answer(false)
    }
}

impl From<Failure<GestureRefusal>> for PageError {
    fn from(failure: Failure<GestureRefusal>) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused(capitalised(&refusal.to_string())),
            Failure::Store(error) => Self::Store(error),
        }
    }
}

/// The page for an address that names nothing.
pub(crate) fn not_here(words: String) -> Response {
    PageError::NotFound(words).answer(false)
}

/// After a form: nothing to say to the script, which stays; otherwise to the page that shows the result.
pub(super) fn done(stays_on_page: bool, next: &str) -> Response {
    if stays_on_page {
        StatusCode::NO_CONTENT.into_response()
    } else {
        Redirect::to(next).into_response()
    }
}

fn capitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let Some(first) = characters.next() else {
        return String::new();
    };
    let mut text: String = first.to_uppercase().collect();
    text.push_str(characters.as_str());
    if !text.ends_with(['.', '?', '!']) {
        text.push('.');
    }
    text
}
