//! `GET /inspector` — webhooks, newest first, filtered, kept current.

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
use super::{choice, status_pill, tabs};
use crate::domain::view::DeliveryView;
use crate::http::App;
use crate::hub::{Signal, StreamEvent};
use crate::store::deliveries::{DeliveryFilter, newest_views};
use crate::store::{StoreError, accounts, apps, stream as sequence};

/// Webhooks on one page.
const PAGE_LENGTH: i64 = 60;
/// Where a delivery can stand.
const STATUSES: [&str; 5] = ["pending", "delivered", "failed", "dead", "suppressed"];

/// What to show.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in super::super) struct DeliveriesQuery {
    status: Option<String>,
    app: Option<String>,
    account: Option<String>,
    field: Option<String>,
    mid: Option<String>,
    /// Made before the delivery with this id.
    before: Option<i64>,
}

impl DeliveriesQuery {
    fn filter(&self) -> DeliveryFilter {
        let filled = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
        DeliveryFilter {
            after: 0,
            limit: PAGE_LENGTH,
            status: filled(&self.status),
            app: filled(&self.app),
            account: filled(&self.account).map(|name| name.trim_start_matches('@').to_owned()),
            field: filled(&self.field),
            mid: filled(&self.mid),
        }
    }

    /// The query again, without `before`.
    fn text(&self) -> String {
        let filter = self.filter();
        let named = [
            ("status", filter.status),
            ("app", filter.app),
            ("account", filter.account),
            ("field", filter.field),
            ("mid", filter.mid),
        ];
        let pair = |(name, value): (&str, Option<String>)| value.map(|value| format!("{name}={}", segment(&value)));
        named.into_iter().filter_map(pair).collect::<Vec<_>>().join("&")
    }
}

/// The page.
pub(in super::super) async fn deliveries(
    State(app): State<App>,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Page, PageError> {
    let loaded = load(&app, &query).await?;
    // An older page does not change under the reader's eyes.
    let live = query.before.is_none().then(|| Live {
        path: format!("/inspector/live?{}", query.text()),
        after: loaded.last,
    });
    let content = html! {
        header { h1 { "Inspector" } p.lead { "Every webhook: what was sent, what was answered, and why one was not sent at all." } }
        (tabs("/inspector"))
        (filters(&loaded, &query))
        (list_node(&loaded, &query))
    };
    Ok(Page::new(
        frame::document("Inspector", Some("/inspector"), live).around(&content),
    ))
}

/// Its stream.
pub(in super::super) async fn deliveries_live(
    State(app): State<App>,
    Query(query): Query<DeliveriesQuery>,
) -> Response {
    stream(app, DeliveriesPage { query })
}

struct DeliveriesPage {
    query: DeliveriesQuery,
}

impl LivePage for DeliveriesPage {
    fn hear(&mut self, _app: &App, signal: &Signal) -> bool {
        matches!(signal, Signal::Stored(item) if matches!(item.event, StreamEvent::Delivery | StreamEvent::Attempt))
    }

    async fn load(&self, app: &App) -> Result<Snapshot, PageError> {
        let loaded = load(app, &self.query).await?;
        let nodes = vec![list_node(&loaded, &self.query)];
        Ok(Snapshot {
            nodes,
            last: loaded.last,
            look_again_at: None,
            is_outgrown: false,
        })
    }
}

struct Loaded {
    deliveries: Vec<DeliveryView>,
    apps: Vec<String>,
    accounts: Vec<String>,
    last: i64,
}

async fn load(app: &App, query: &DeliveriesQuery) -> Result<Loaded, PageError> {
    let (filter, before) = (query.filter(), query.before);
    let read = move |connection: &Connection| -> Result<Loaded, StoreError> {
        Ok(Loaded {
            last: sequence::last(connection)?,
            deliveries: newest_views(connection, &filter, before)?,
            apps: apps::all(connection)?.into_iter().map(|app| app.name).collect(),
            accounts: accounts::all(connection)?
                .into_iter()
                .map(|account| account.username)
                .collect(),
        })
    };
    Ok(app.world.store.read(read).await?)
}

fn filters(loaded: &Loaded, query: &DeliveriesQuery) -> Markup {
    let filter = query.filter();
    let fields: Vec<String> = selfsame_wire::events::EVENTS
        .iter()
        .map(|event| event.field.to_owned())
        .collect();
    let statuses: Vec<String> = STATUSES.iter().map(|status| (*status).to_owned()).collect();
    html! {
        form.card method="get" action="/inspector" data-instant {
            div.row {
                (choice("status", "Status", &statuses, filter.status.as_deref()))
                (choice("field", "Field", &fields, filter.field.as_deref()))
                (choice("account", "Account", &loaded.accounts, filter.account.as_deref()))
                (choice("app", "App", &loaded.apps, filter.app.as_deref()))
                button.button.quiet type="submit" { "Filter" }
            }
            @if let Some(mid) = &filter.mid {
                input type="hidden" name="mid" value=(mid);
                p.small { "Only about message " code { (mid) } " — " a href="/inspector" { "show all" } }
            }
        }
    }
}

fn list_node(loaded: &Loaded, query: &DeliveriesQuery) -> Node {
    let older = loaded
        .deliveries
        .last()
        .filter(|_| i64::try_from(loaded.deliveries.len()).unwrap_or(0) >= PAGE_LENGTH)
        .map(|delivery| delivery.id);
    let inner = html! {
        @if loaded.deliveries.is_empty() { p.empty { "No webhook matches. Say something on the phone." } } @else {
            div.scroll { table {
                thead { tr { th { "When" } th { "About" } th { "Account" } th { "App" } th { "Status" } th { "Why" } } }
                tbody { @for delivery in &loaded.deliveries { (row(delivery)) } }
            } }
        }
        @if let Some(id) = older { p { a.button.quiet href={ "/inspector?" (query.text()) "&before=" (id) } { "Older" } } }
    };
    Node::fixed(Tag::Block, "deliveries", "card", inner)
}

fn row(delivery: &DeliveryView) -> Markup {
    let at: Option<Timestamp> = delivery.created_at.parse().ok();
    html! {
        tr {
            td { a href={ "/inspector/deliveries/" (delivery.id) } { @if let Some(at) = at { (time(at, TimeFormat::Seconds)) } } }
            td { (delivery.field) @if let Some(said) = said(delivery) { br; span.soft.small dir="auto" { (said) } } }
            td { "@" (delivery.account) }
            td { (delivery.app.as_deref().unwrap_or("—")) @if let Some(flow) = &delivery.flow { br; span.soft.small { (flow) " login" } } }
            td { (status_pill(&delivery.status)) @if delivery.attempts.len() > 1 { " " span.soft.small { (delivery.attempts.len()) " attempts" } } }
            td.small { (why(delivery)) }
        }
    }
}

/// The text that the webhook is about, shortened.
fn said(delivery: &DeliveryView) -> Option<String> {
    let entry = delivery.payload.pointer("/entry/0")?;
    let paths = [
        "/messaging/0/message/text",
        "/messaging/0/postback/title",
        "/messaging/0/reaction/emoji",
        "/changes/0/value/text",
    ];
    let text = paths.iter().find_map(|path| entry.pointer(path)?.as_str())?;
    Some(text.chars().take(60).collect())
}

fn why(delivery: &DeliveryView) -> String {
    if let Some(reason) = &delivery.reason {
        return reason.replace('_', " ");
    }
    match delivery.attempts.last() {
        Some(attempt) if delivery.status != "delivered" => attempt
            .error
            .clone()
            .or_else(|| attempt.status.map(|status| format!("answered {status}")))
            .unwrap_or_default(),
        Some(_) | None => String::new(),
    }
}
