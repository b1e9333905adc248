//! `GET /inspector/calls/{id}` — one call: what was asked, what was answered, and why.

use axum::extract::{Path, State};
use jiff::Timestamp;
use selfsame_ui::maud::html;
use selfsame_ui::parts::{TimeFormat, Tone, callout, segment, time};

use super::super::frame;
use super::super::page::{Page, PageError};
use super::{header_lines, http_pill, pretty, tabs};
use crate::http::App;
use crate::store::calls;

/// The page.
pub(in super::super) async fn call(State(app): State<App>, Path(id): Path<i64>) -> Result<Page, PageError> {
    let found = app
        .world
        .store
        .read(move |connection| calls::view(connection, id))
        .await?;
    let Some(call) = found else {
        return Err(PageError::NotFound(format!(
            "There is no call {id}; the journal keeps the newest only."
        )));
    };
    let at: Option<Timestamp> = call.at.parse().ok();
    let content = html! {
        header { h1 { "Call " (id) } }
        (tabs(""))
        section.card {
            header { h2 { code { (call.method) " " (call.path) } " " (http_pill(Some(call.status))) } }
            @if let Some(why) = &call.why { (callout(Tone::Warn, "Refused", why)) }
            dl.facts {
                dt { "When" } dd { @if let Some(at) = at { (time(at, TimeFormat::Day)) } }
                dt { "Host" } dd { code { (call.host) } }
                @if let Some(account) = &call.account { dt { "Account" } dd { a href={ "/phone/@" (segment(account)) } { "@" (account) } } }
                @if let Some(app) = &call.app { dt { "App" } dd { (app) } }
                dt { "Took" } dd { (call.latency_ms) " ms" }
            }
        }
        section.card {
            header { h2 { "Request" } }
            @if !call.query.is_empty() { h3 { "Query" } pre.raw tabindex="0" { (call.query) } }
            h3 { "Headers" }
            pre.raw tabindex="0" { (header_lines(&call.request_headers)) }
            @if !call.request_body.is_empty() { h3 { "Body" } pre.raw tabindex="0" { (pretty(&call.request_body)) } }
        }
        section.card {
            header { h2 { "Answer" } }
            pre.raw tabindex="0" { (pretty(&call.response_body)) }
        }
    };
    Ok(Page::new(
        frame::document(&format!("Call {id}"), Some("/inspector"), None).around(&content),
    ))
}
