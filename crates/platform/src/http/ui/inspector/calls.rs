//! `GET /inspector/calls` — calls to Graph and to the OAuth endpoints, newest first, filtered, kept current.

use axum::extract::{Query, State};
use axum::response::Response;
use jiff::Timestamp;
use rusqlite::Connection;
use selfsame_ui::frame::Live;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::node::{Node, Tag};
use selfsame_ui::parts::{TimeFormat, segment, time};
use serde::Deserialize;

use super::super::frame;
use super::super::live::{LivePage, Snapshot, stream};
use super::super::page::{Page, PageError};
use super::{choice, http_pill, tabs};
use crate::domain::view::CallView;
use crate::http::App;
use crate::hub::{Signal, StreamEvent};
use crate::store::calls::{CallFilter, newest_views};
use crate::store::{StoreError, accounts, stream as sequence};

/// Calls on one page.
const PAGE_LENGTH: i64 = 60;

/// What to show.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in super::super) struct CallsQuery {
    method: Option<String>,
    /// The whole path, or its end.
    path: Option<String>,
    status: Option<String>,
    account: Option<String>,
    /// Made before the call with this id.
    before: Option<i64>,
}

impl CallsQuery {
    fn filter(&self) -> CallFilter {
        let filled = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
        CallFilter {
            after: 0,
            limit: PAGE_LENGTH,
            method: filled(&self.method),
            path: filled(&self.path),
            // A status that is no number matches nothing.
            status: filled(&self.status).map(|text| text.trim().parse().unwrap_or(0)),
            app: None,
            account: filled(&self.account).map(|name| name.trim_start_matches('@').to_owned()),
        }
    }

    /// The query again, without `before`.
    fn text(&self) -> String {
        let filter = self.filter();
        let status = filter.status.map(|status| status.to_string());
        let named = [
            ("method", filter.method),
            ("path", filter.path),
            ("status", status),
            ("account", filter.account),
        ];
        let pair = |(name, value): (&str, Option<String>)| value.map(|value| format!("{name}={}", segment(&value)));
        named.into_iter().filter_map(pair).collect::<Vec<_>>().join("&")
    }
}

/// The page.
pub(in super::super) async fn calls(
    State(app): State<App>,
    Query(query): Query<CallsQuery>,
) -> Result<Page, PageError> {
    let loaded = load(&app, &query).await?;
    let live = query.before.is_none().then(|| Live {
        path: format!("/inspector/calls/live?{}", query.text()),
        after: loaded.last,
    });
    let content = html! {
        header { h1 { "Inspector" } p.lead { "Every call to the Graph API and its answer; under a refusal, why, and what to do." } }
        (tabs("/inspector/calls"))
        (filters(&loaded, &query))
        (list_node(&loaded, &query))
    };
    Ok(Page::new(
        frame::document("Graph calls", Some("/inspector"), live).around(&content),
    ))
}

/// Its stream.
pub(in super::super) async fn calls_live(State(app): State<App>, Query(query): Query<CallsQuery>) -> Response {
    stream(app, CallsPage { query })
}

struct CallsPage {
    query: CallsQuery,
}

impl LivePage for CallsPage {
    fn hear(&mut self, _app: &App, signal: &Signal) -> bool {
        matches!(signal, Signal::Stored(item) if item.event == StreamEvent::Call)
    }

    async fn load(&self, app: &App) -> Result<Snapshot, PageError> {
        let loaded = load(app, &self.query).await?;
        Ok(Snapshot {
            nodes: vec![list_node(&loaded, &self.query)],
            last: loaded.last,
            look_again_at: None,
            is_outgrown: false,
        })
    }
}

struct Loaded {
    calls: Vec<CallView>,
    accounts: Vec<String>,
    last: i64,
}

async fn load(app: &App, query: &CallsQuery) -> Result<Loaded, PageError> {
    let (filter, before) = (query.filter(), query.before);
    let read = move |connection: &Connection| -> Result<Loaded, StoreError> {
        Ok(Loaded {
            last: sequence::last(connection)?,
            calls: newest_views(connection, &filter, before)?,
            accounts: accounts::all(connection)?
                .into_iter()
                .map(|account| account.username)
                .collect(),
        })
    };
    Ok(app.world.store.read(read).await?)
}

fn filters(loaded: &Loaded, query: &CallsQuery) -> Markup {
    let filter = query.filter();
    let methods = ["GET", "POST", "DELETE"].map(str::to_owned);
    let status = filter.status.map(|status| status.to_string());
    html! {
        form.card method="get" action="/inspector/calls" data-instant {
            div.row {
                (choice("method", "Method", &methods, filter.method.as_deref()))
                label.field { span { "Path or its end" } input type="search" name="path" value=[filter.path.as_deref()] placeholder="/messages"; }
                label.field { span { "Status" } input type="search" inputmode="numeric" name="status" value=[status.as_deref()] placeholder="any"; }
                (choice("account", "Account", &loaded.accounts, filter.account.as_deref()))
                button.button.quiet type="submit" { "Filter" }
            }
        }
    }
}

fn list_node(loaded: &Loaded, query: &CallsQuery) -> Node {
    let older = loaded
        .calls
        .last()
        .filter(|_| i64::try_from(loaded.calls.len()).unwrap_or(0) >= PAGE_LENGTH)
        .map(|call| call.id);
    let inner = html! {
        @if loaded.calls.is_empty() { p.empty { "No call matches." } } @else {
            div.scroll { table {
                thead { tr { th { "When" } th { "Call" } th { "Account" } th { "Status" } th { "Took" } th { "Why" } } }
                tbody { @for call in &loaded.calls { (row(call)) } }
            } }
        }
        @if let Some(id) = older { p { a.button.quiet href={ "/inspector/calls?" (query.text()) "&before=" (id) } { "Older" } } }
    };
    Node::fixed(Tag::Block, "calls", "card", inner)
}

fn row(call: &CallView) -> Markup {
    let at: Option<Timestamp> = call.at.parse().ok();
    html! {
        tr {
            td { a href={ "/inspector/calls/" (call.id) } { @if let Some(at) = at { (time(at, TimeFormat::Seconds)) } } }
            td { code { (call.method) " " (call.path) } br; span.soft.small { (call.host) } }
            td { @if let Some(account) = &call.account { "@" (account) } }
            td { (http_pill(Some(call.status))) }
            td { (call.latency_ms) " ms" }
            td.small { (call.why.as_deref().unwrap_or_default()) }
        }
    }
}
