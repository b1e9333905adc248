//! A page with its security headers, and what is shown instead when it cannot be had.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use selfsame_ui::frame::{Frame, Layout, Live, NavLink};
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::parts::{Tone, callout};
use selfsame_ui::policy::Policy;

use crate::http::api::ApiError;
use crate::store::StoreError;

/// The frame of the gateway's pages; `live` is the path of the page's stream.
pub(in crate::http) fn frame(title: &str, current: Option<&str>, live: Option<String>) -> Frame {
    Frame {
        title: title.to_owned(),
        links: vec![
            NavLink::new("Studio", "/studio"),
            NavLink::new("Connect", "/connect"),
            NavLink::new("Dead letters", "/studio/deliveries"),
            NavLink::new("Signatures", "/studio/signatures"),
            NavLink::new("Keys", "/studio/keys"),
        ],
        current: current.map(str::to_owned),
        live: live.map(|path| Live { path, after: 0 }),
        layout: Layout::Document,
    }
}

/// A whole page.
#[derive(Debug)]
pub(in crate::http) struct Page {
    status: StatusCode,
    markup: Markup,
    policy: Policy,
}

impl Page {
    /// A page that went well.
    pub(in crate::http) fn new(markup: Markup) -> Self {
        Self {
            status: StatusCode::OK,
            markup,
            policy: Policy::page(),
        }
    }

    /// The same page that may do something else.
    pub(in crate::http) fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// The same page with another status.
    pub(in crate::http) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
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
        for (name, value) in self.policy.headers() {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// Why a page cannot be shown, or a form was not accepted.
#[derive(Debug)]
pub(in crate::http) struct PageError {
    status: StatusCode,
    headline: String,
    remedy: String,
    /// Whether the reader came by a link and may go nowhere else.
    is_guest: bool,
}

impl PageError {
    /// Something that was refused: what, and what to do about it.
    pub(in crate::http) fn refused(headline: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            headline: headline.into(),
            remedy: remedy.into(),
            is_guest: false,
        }
    }

    /// The same with another status.
    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Something that was refused to somebody who came by a link.
    pub(in crate::http) fn for_guest(
        status: StatusCode,
        headline: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            status,
            headline: headline.into(),
            remedy: remedy.into(),
            is_guest: true,
        }
    }
}

impl From<ApiError> for PageError {
    fn from(error: ApiError) -> Self {
        Self {
            status: error.status(),
            headline: error.message().to_owned(),
            remedy: String::new(),
            is_guest: false,
        }
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        ApiError::from(error).into()
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let content = html! {
            @if self.is_guest {
                header { h1 { (self.headline) } p.lead { (self.remedy) } }
            } @else {
                header { h1 { "That did not work" } }
                (callout(Tone::Bad, &self.headline, &self.remedy))
                p { a.button href="/connect" { "Connect an account" } " " a.button.quiet href="/studio" { "Studio" } }
            }
        };
        let mut frame = frame("That did not work", None, None);
        if self.is_guest {
            frame.title.clone_from(&self.headline);
            frame.links.clear();
            frame.layout = Layout::Guest;
        }
        let markup = frame.around(&content);
        Page::new(markup).with_status(self.status).into_response()
    }
}
