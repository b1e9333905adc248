//! `GET /_sim/wait` — the first match, existing or new, without polling.

#![expect(
    unused_qualifications,
    reason = "the macro that documents a handler writes whole paths"
)]

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast;
use utoipa::{IntoParams, ToSchema};

use super::deliveries::status;
use super::duration;
use super::error::{ErrorAnswer, SimError};
use super::list::without_at;
use super::request::SimQuery;
use crate::domain::message::Origin;
use crate::domain::thread::Side;
use crate::http::App;
use crate::hub::{Signal, StreamEvent};
use crate::store::calls::{self, CallFilter};
use crate::store::deliveries::{self, DeliveryFilter};
use crate::store::messages::{self, MessageFilter};
use crate::store::{Failure, StoreError, threads};

const TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);
const TIMEOUT_MAX: Duration = Duration::from_mins(10);

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Subject {
    Message,
    Delivery,
    Call,
}

/// What to wait for, and how long.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaitQuery {
    /// `message`, `delivery` or `call`.
    #[serde(rename = "for")]
    #[param(inline)]
    subject: Subject,
    /// Only items made after the item with this id.
    after: Option<i64>,
    /// Real time, `10s` unless given, at most ten minutes.
    timeout: Option<String>,
    /// Messages: one participant of the thread.
    a: Option<String>,
    /// Messages: the other participant.
    b: Option<String>,
    /// Messages: `business` or `person`.
    side: Option<String>,
    /// Messages: `phone` or `api`.
    origin: Option<String>,
    /// Messages: the whole text.
    text: Option<String>,
    /// Messages and deliveries: the message.
    mid: Option<String>,
    /// Deliveries: app name.
    app: Option<String>,
    /// Deliveries: account.
    account: Option<String>,
    /// Deliveries: webhook field.
    field: Option<String>,
    /// Deliveries: their status by name; calls: HTTP status.
    status: Option<String>,
    /// Calls: HTTP method.
    method: Option<String>,
    /// Calls: the path or its end.
    path: Option<String>,
}

/// The first match, or none in time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitAnswer {
    /// Whether there was one.
    matched: bool,
    /// The object of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    item: Option<Value>,
}

enum Wanted {
    Message {
        a: Option<String>,
        b: Option<String>,
        filter: MessageFilter,
    },
    Delivery(DeliveryFilter),
    Call(CallFilter),
}

/// Waits for the first match, existing or new.
#[utoipa::path(get, path = "/_sim/wait", params(WaitQuery),
    responses((status = 200, body = WaitAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn wait(
    State(app): State<App>,
    SimQuery(query): SimQuery<WaitQuery>,
) -> Result<Json<WaitAnswer>, SimError> {
    let timeout = timeout(query.timeout.as_deref())?;
    let subject = query.subject;
    let wanted = wanted(query)?;
    let deadline = app.world.process.now().plus(timeout);

    // Listen first, look second: nothing can fall between.
    let mut signals = app.hub().listen();
    let mut recorded = app.journal.recorded();
    loop {
        if let Some(item) = first(&app, &wanted).await? {
            return Ok(Json(WaitAnswer {
                matched: true,
                item: Some(item),
            }));
        }
        let news = async {
            tokio::select! {
                () = news_of(subject, &mut signals) => {}
                changed = recorded.changed(), if subject == Subject::Call => { changed.ok(); }
            }
        };
        tokio::select! {
            () = news => {}
            () = app.world.process.sleep_until(deadline) => return Ok(Json(WaitAnswer { matched: false, item: None })),
        }
    }
}

/// Comes back when something of this kind may have changed.
async fn news_of(subject: Subject, signals: &mut broadcast::Receiver<Signal>) {
    let event = match subject {
        Subject::Message => StreamEvent::Message,
        Subject::Delivery => StreamEvent::Delivery,
        Subject::Call => StreamEvent::Call,
    };
    loop {
        match signals.recv().await {
            Ok(Signal::Stored(item)) if item.event == event => return,
            Ok(Signal::Stored(_) | Signal::Typing { .. }) => {}
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            // The hub lives as long as the store, which the caller holds.
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

async fn first(app: &App, wanted: &Wanted) -> Result<Option<Value>, SimError> {
    let store = &app.world.store;
    let item = match wanted {
        Wanted::Message { a, b, filter } => {
            let (a, b, filter) = (a.clone(), b.clone(), filter.clone());
            let found = store
                .read(move |connection| match first_message(connection, a, b, filter) {
                    Ok(found) => Ok(Ok(found)),
                    Err(Failure::Refused(error)) => Ok(Err(error)),
                    Err(Failure::Store(error)) => Err(error),
                })
                .await??;
            found.map(as_json).transpose()?
        }
        Wanted::Delivery(filter) => {
            let filter = filter.clone();
            let found = store
                .read(move |connection| deliveries::views(connection, &filter))
                .await?;
            found.into_iter().next().map(as_json).transpose()?
        }
        Wanted::Call(filter) => {
            app.journal.flush(store).await?;
            let filter = filter.clone();
            let found = store.read(move |connection| calls::views(connection, &filter)).await?;
            found.into_iter().next().map(as_json).transpose()?
        }
    };
    Ok(item)
}

fn first_message(
    connection: &rusqlite::Connection,
    a: Option<String>,
    b: Option<String>,
    mut filter: MessageFilter,
) -> Result<Option<crate::domain::view::MessageView>, Failure<SimError>> {
    let a = a
        .map(|reference| super::threads::participant(connection, "a", &reference))
        .transpose()?;
    let b = b
        .map(|reference| super::threads::participant(connection, "b", &reference))
        .transpose()?;
    match (a, b) {
        (Some(a), Some(b)) => match threads::between(connection, a.key, b.key)? {
            Some(thread) => filter.thread = Some(thread.key),
            None => return Ok(None), // it may still be made
        },
        (Some(one), None) | (None, Some(one)) => filter.participant = Some(one.key),
        (None, None) => {}
    }
    Ok(messages::first_view(connection, &filter)?)
}

fn as_json<T: Serialize>(item: T) -> Result<Value, StoreError> {
    serde_json::to_value(item).map_err(|error| StoreError::Corrupt {
        what: "item",
        value: error.to_string(),
    })
}

fn timeout(asked: Option<&str>) -> Result<Duration, SimError> {
    let Some(text) = asked else { return Ok(TIMEOUT_DEFAULT) };
    let timeout = duration::parse("timeout", text)?.unsigned_abs();
    if timeout > TIMEOUT_MAX {
        return Err(SimError::bad_request(
            "invalid_value",
            "at most 10m can be waited for",
            Some("timeout"),
        ));
    }
    Ok(timeout)
}

fn wanted(query: WaitQuery) -> Result<Wanted, SimError> {
    refuse_foreign_filters(&query)?;
    let after = query.after.unwrap_or(0);
    Ok(match query.subject {
        Subject::Message => Wanted::Message {
            a: query.a,
            b: query.b,
            filter: MessageFilter {
                after,
                thread: None,
                participant: None,
                side: named("side", query.side, Side::parse, "business or person")?,
                origin: named("origin", query.origin, Origin::parse, "phone or api")?,
                text: query.text,
                mid: query.mid,
            },
        },
        Subject::Delivery => Wanted::Delivery(DeliveryFilter {
            after,
            limit: 1,
            status: status(query.status)?,
            app: query.app,
            account: query.account.map(|account| without_at(&account).to_owned()),
            field: query.field,
            mid: query.mid,
        }),
        Subject::Call => Wanted::Call(CallFilter {
            after,
            limit: 1,
            method: query.method.map(|method| method.to_ascii_uppercase()),
            path: query.path,
            status: named("status", query.status, |text| text.parse().ok(), "an HTTP status")?,
            app: None,
            account: None,
        }),
    })
}

/// A filter of another kind of item would silently match everything.
fn refuse_foreign_filters(query: &WaitQuery) -> Result<(), SimError> {
    use Subject::{Call, Delivery, Message};
    let given: [(&str, bool, &[Subject]); 12] = [
        ("a", query.a.is_some(), &[Message]),
        ("b", query.b.is_some(), &[Message]),
        ("side", query.side.is_some(), &[Message]),
        ("origin", query.origin.is_some(), &[Message]),
        ("text", query.text.is_some(), &[Message]),
        ("mid", query.mid.is_some(), &[Message, Delivery]),
        ("app", query.app.is_some(), &[Delivery]),
        ("account", query.account.is_some(), &[Delivery]),
        ("field", query.field.is_some(), &[Delivery]),
        ("status", query.status.is_some(), &[Delivery, Call]),
        ("method", query.method.is_some(), &[Call]),
        ("path", query.path.is_some(), &[Call]),
    ];
    match given
        .into_iter()
        .find(|(_, is_given, subjects)| *is_given && !subjects.contains(&query.subject))
    {
        None => Ok(()),
        Some((name, ..)) => {
            let words = format!("{name} is no filter of what is waited for");
            Err(SimError::bad_request("unknown_field", words, Some(name)))
        }
    }
}

fn named<T>(
    field: &'static str,
    text: Option<String>,
    parse: impl FnOnce(&str) -> Option<T>,
    rule: &str,
) -> Result<Option<T>, SimError> {
    text.map(|text| {
        parse(&text)
            .ok_or_else(|| SimError::bad_request("invalid_value", format!("{text:?} is not {rule}"), Some(field)))
    })
    .transpose()
}
