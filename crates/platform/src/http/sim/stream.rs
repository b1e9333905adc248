//! `GET /_sim/stream` — everything that happens, as server-sent events.
//!
//! The table `stream` is the truth and the hub a hint: after every hint the table is read on from the last id sent, so
//! that nothing is missed, doubled or out of order, and a slow reader costs no memory.

#![expect(
    unused_qualifications,
    reason = "the macro that documents a handler writes whole paths"
)]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use http::HeaderMap;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use utoipa::IntoParams;

use super::clock::ClockView;
use super::error::{ErrorAnswer, SimError};
use super::request::SimQuery;
use crate::domain::keys::{AttemptKey, CommentKey, DeliveryKey, MessageKey};
use crate::http::App;
use crate::hub::{Signal, StreamEvent, StreamItem};
use crate::store::{StoreError, calls, comments, deliveries, messages, stream as sequence};

/// Rows read at once.
const PAGE_ROWS: usize = 128;
/// A comment line, so that proxies and clients see that the stream is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Where to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct StreamQuery {
    /// Begin after this id; the header `Last-Event-ID` goes before. Neither: begin now.
    after: Option<i64>,
}

/// Streams what happens: `id` is a persistent sequence, `event` one of message, comment, delivery, attempt, call, clock, `data` the
/// object of the list.
#[utoipa::path(get, path = "/_sim/stream",
    params(StreamQuery, ("Last-Event-ID" = Option<i64>, Header, description = "Resumes after this id")),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn stream(
    State(app): State<App>,
    headers: HeaderMap,
    SimQuery(query): SimQuery<StreamQuery>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, SimError> {
    // Listen first, look second: nothing can fall between.
    let signals = app.hub().listen();
    let last_id = match resume_from(&headers, query.after)? {
        Some(id) => id,
        None => app.world.store.read(sequence::last).await?,
    };
    let reader = Reader {
        app,
        signals,
        last_id,
        ready: VecDeque::new(),
    };
    let events = stream::unfold(reader, async |mut reader| {
        let event = reader.next().await?;
        Some((Ok(event), reader))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

fn resume_from(headers: &HeaderMap, after: Option<i64>) -> Result<Option<i64>, SimError> {
    let Some(header) = headers.get("last-event-id") else {
        return Ok(after);
    };
    let id = header.to_str().ok().and_then(|text| text.trim().parse().ok());
    id.map(Some)
        .ok_or_else(|| SimError::bad_request("invalid_value", "Last-Event-ID is a number", Some("Last-Event-ID")))
}

struct Reader {
    app: App,
    signals: broadcast::Receiver<Signal>,
    last_id: i64,
    ready: VecDeque<Event>,
}

impl Reader {
    /// The next event; `None` ends the stream, and the client resumes with the last id it saw.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            match self.read_on().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "a stream ended because the store failed"
                    );
                    return None;
                }
            }
            self.wait_for_news().await?;
        }
    }

    /// Reads the next page; false when there is nothing after the last id.
    async fn read_on(&mut self) -> Result<bool, StoreError> {
        let (last_id, clock) = (self.last_id, ClockView::from(self.app.world.clock.status()));
        let (events, last_id, is_any) = self
            .app
            .world
            .store
            .read(move |connection| {
                let items = sequence::after(connection, last_id, PAGE_ROWS)?;
                let last_id = items.last().map_or(last_id, |item| item.id);
                let is_any = !items.is_empty();
                let mut events = VecDeque::new();
                for item in items {
                    events.extend(event(connection, item, &clock)?);
                }
                Ok((events, last_id, is_any))
            })
            .await?;
        self.ready = events;
        self.last_id = last_id;
        Ok(is_any)
    }

    async fn wait_for_news(&mut self) -> Option<()> {
        loop {
            match self.signals.recv().await {
                Ok(Signal::Stored(item)) if item.id > self.last_id => return Some(()),
                Ok(Signal::Stored(_) | Signal::Typing { .. }) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => return Some(()),
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

/// One row with its object; `None` when the row it is about is gone (pruned or reset).
fn event(connection: &Connection, item: StreamItem, clock: &ClockView) -> Result<Option<Event>, StoreError> {
    let data = match item.event {
        StreamEvent::Message => json(messages::view(connection, MessageKey(item.subject))?)?,
        StreamEvent::Comment => json(comments::view(connection, CommentKey(item.subject))?)?,
        StreamEvent::Delivery => json(deliveries::view(connection, DeliveryKey(item.subject))?)?,
        StreamEvent::Attempt => json(deliveries::attempt_view(connection, AttemptKey(item.subject))?)?,
        StreamEvent::Call => json(calls::view(connection, item.subject)?)?,
        StreamEvent::Clock => json(Some(clock))?,
    };
    Ok(data.map(|data| {
        Event::default()
            .id(item.id.to_string())
            .event(item.event.as_str())
            .data(data)
    }))
}

fn json<T: Serialize>(view: Option<T>) -> Result<Option<String>, StoreError> {
    view.map(|view| serde_json::to_string(&view))
        .transpose()
        .map_err(|error| StoreError::Corrupt {
            what: "stream item",
            value: error.to_string(),
        })
}
