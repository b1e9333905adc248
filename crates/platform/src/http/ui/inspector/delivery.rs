//! `GET /inspector/deliveries/{id}` — one webhook: its bytes, its attempts, or its reason.

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use selfsame_ui::frame::Live;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::node::{Node, Tag};
use selfsame_ui::parts::{TimeFormat, Tone, callout, copyable, segment, time};

use super::super::frame;
use super::super::live::{LivePage, Snapshot, stream};
use super::super::page::{Page, PageError};
use super::{header_lines, http_pill, pretty, status_pill, tabs};
use crate::domain::keys::DeliveryKey;
use crate::domain::view::{AttemptView, DeliveryView};
use crate::http::App;
use crate::hub::{Signal, StreamEvent};
use crate::store::{deliveries, stream as sequence};

/// The page.
pub(in super::super) async fn delivery(State(app): State<App>, Path(id): Path<i64>) -> Result<Page, PageError> {
    let (view, last) = load(&app, id).await?;
    let live = Live {
        path: format!("/inspector/deliveries/{id}/live"),
        after: last,
    };
    let content = html! {
        header { h1 { "Webhook " (id) } }
        (tabs(""))
        (delivery_node(&view))
        (attempts_node(&view))
        section.card {
            header { h2 { "Payload" } }
            pre.raw tabindex="0" { (pretty(&view.raw)) }
            details { summary { "The exact bytes that are signed" } pre.raw tabindex="0" { (view.raw) } }
        }
    };
    Ok(Page::new(
        frame::document(&format!("Webhook {id}"), Some("/inspector"), Some(live)).around(&content),
    ))
}

/// Its stream.
pub(in super::super) async fn delivery_live(
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    load(&app, id).await?;
    Ok(stream(app, DeliveryPage { id }))
}

struct DeliveryPage {
    id: i64,
}

impl LivePage for DeliveryPage {
    fn hear(&mut self, _app: &App, signal: &Signal) -> bool {
        matches!(signal, Signal::Stored(item) if item.event == StreamEvent::Attempt || (item.event == StreamEvent::Delivery && item.subject == self.id))
    }

    async fn load(&self, app: &App) -> Result<Snapshot, PageError> {
        let (view, last) = load(app, self.id).await?;
        Ok(Snapshot {
            nodes: vec![delivery_node(&view), attempts_node(&view)],
            last,
            look_again_at: None,
            is_outgrown: false,
        })
    }
}

async fn load(app: &App, id: i64) -> Result<(DeliveryView, i64), PageError> {
    let found = app
        .world
        .store
        .read(move |connection| {
            let last = sequence::last(connection)?;
            Ok(deliveries::view(connection, DeliveryKey(id))?.map(|view| (view, last)))
        })
        .await?;
    found.ok_or_else(|| PageError::NotFound(format!("There is no webhook {id}.")))
}

fn at(rfc3339: &str, format: TimeFormat) -> Markup {
    rfc3339
        .parse::<Timestamp>()
        .map_or_else(|_| html! { (rfc3339) }, |at| time(at, format))
}

fn delivery_node(view: &DeliveryView) -> Node {
    let inner = html! {
        header { h2 { (view.field) " " (status_pill(&view.status)) } }
        @if let Some(reason) = &view.reason {
            (callout(Tone::Warn, &reason.replace('_', " "), view.remedy.as_deref().unwrap_or_default()))
        }
        dl.facts {
            dt { "Account" } dd { a href={ "/phone/@" (segment(&view.account)) } { "@" (view.account) } }
            @if let Some(app) = &view.app { dt { "App" } dd { (app) } }
            @if let Some(flow) = &view.flow { dt { "Signed for" } dd { (flow) " login" } }
            dt { "Made" } dd { (at(&view.created_at, TimeFormat::Day)) }
            @if let Some(mid) = &view.mid { dt { "Message" } dd { (copyable("message id", mid)) } }
            @if let Some(id) = &view.comment_id { dt { "Comment" } dd { (copyable("comment id", id)) } }
            @if let Some(next) = &view.next_attempt_at { dt { "Next attempt" } dd { (at(next, TimeFormat::Seconds)) } }
        }
    };
    Node::fixed(Tag::Block, "delivery", "card", inner)
}

fn attempts_node(view: &DeliveryView) -> Node {
    let inner = html! {
        header { h2 { "Attempts" } }
        @if view.attempts.is_empty() { p.empty { "None yet." } }
        @for attempt in &view.attempts { (attempt_view(attempt)) }
    };
    Node::fixed(Tag::Block, "attempts", "card", inner)
}

fn attempt_view(attempt: &AttemptView) -> Markup {
    html! {
        details {
            summary { (at(&attempt.at, TimeFormat::Seconds)) " " (http_pill(attempt.status)) " " span.soft.small { (attempt.latency_ms) " ms · " (attempt.url) } }
            @if let Some(error) = &attempt.error { p.bad { (error) } }
            h3 { "Request headers" }
            pre.raw tabindex="0" { (header_lines(&attempt.request_headers)) }
            h3 { "Answer" }
            pre.raw tabindex="0" { (attempt.response_body) }
        }
    }
}
