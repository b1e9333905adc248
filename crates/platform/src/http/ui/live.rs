//! Event streams of pages: whenever something a page shows may have changed, it is read again and what differs is sent.
//!
//! The hub is only a hint; rows are the truth. A stream starts by sending everything the page shows, under the
//! sequence number that was read in the same snapshot, so nothing between the page and its stream can be lost, and a
//! stream that resumes (`Last-Event-ID`, or `after` for a page that was hidden) makes the page right whatever it missed.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use selfsame_runtime::clock::ProcessTime;
use selfsame_ui::node::{Node, render_all};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::page::PageError;
use crate::http::App;
use crate::hub::Signal;

/// A page is read again at most this often, however much happens.
const MIN_PAUSE: Duration = Duration::from_millis(25);
/// A comment is sent this often on a quiet stream, so that nobody in between takes it for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// What a page shows at one moment.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// Every live node, in the order of the page.
    pub(super) nodes: Vec<Node>,
    /// The last sequence number when it was read.
    pub(super) last: i64,
    /// When to read again though nothing was said: a hint appears after a quiet time.
    pub(super) look_again_at: Option<ProcessTime>,
    /// The page shows more than it should keep; the browser loads it anew.
    pub(super) is_outgrown: bool,
}

/// A page that can be read again.
pub(super) trait LivePage: Send + 'static {
    /// Whether the page may look different after `signal`.
    fn hear(&mut self, app: &App, signal: &Signal) -> bool;

    /// Reads everything the page shows.
    fn load(&self, app: &App) -> impl Future<Output = Result<Snapshot, PageError>> + Send;
}

struct Stream<P> {
    app: App,
    page: P,
    signals: Receiver<Signal>,
    sent: BTreeMap<String, String>,
    look_again_at: Option<ProcessTime>,
    last_read_at: Option<ProcessTime>,
}

/// Answers with the page's stream. The hub is listened to before the first read, so nothing falls in between.
pub(super) fn stream<P: LivePage>(app: App, page: P) -> Response {
    let signals = app.hub().listen();
    let state = Stream {
        app,
        page,
        signals,
        sent: BTreeMap::new(),
        look_again_at: None,
        last_read_at: None,
    };
    Sse::new(unfold(state, next_event))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response()
}

async fn next_event<P: LivePage>(mut state: Stream<P>) -> Option<(Result<Event, Infallible>, Stream<P>)> {
    loop {
        if state.last_read_at.is_some() {
            state.wait_for_a_reason().await?;
        }
        let snapshot = match state.page.load(&state.app).await {
            Ok(snapshot) => snapshot,
            Err(error) => {
                // The browser connects again, with growing pauses.
                tracing::warn!(error = &error as &dyn std::error::Error, "live page ended");
                return None;
            }
        };
        state.last_read_at = Some(state.app.world.process.now());
        state.look_again_at = snapshot.look_again_at;
        if snapshot.is_outgrown {
            return Some((Ok(Event::default().event("reload").data("outgrown")), state));
        }
        let changed = state.changed(snapshot.nodes);
        if !changed.is_empty() {
            // A carriage return would end a line of the stream.
            let html = render_all(&changed).into_string().replace('\r', "&#13;");
            let event = Event::default().event("nodes").id(snapshot.last.to_string()).data(html);
            return Some((Ok(event), state));
        }
    }
}

impl<P: LivePage> Stream<P> {
    /// Keeps the nodes that differ from what was sent.
    fn changed(&mut self, nodes: Vec<Node>) -> Vec<Node> {
        let mut changed = Vec::new();
        for node in nodes {
            if self.sent.get(node.id()).map(String::as_str) != Some(node.version()) {
                self.sent.insert(node.id().to_owned(), node.version().to_owned());
                changed.push(node);
            }
        }
        changed
    }

    /// Waits until the page may look different; `None` when the platform ends.
    async fn wait_for_a_reason(&mut self) -> Option<()> {
        loop {
            let process = self.app.world.process.clone();
            let wake_at = self.look_again_at;
            let woken = async {
                match wake_at {
                    Some(at) => process.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = woken => break,
                heard = self.signals.recv() => match heard {
                    Ok(signal) => if self.page.hear(&self.app, &signal) { break },
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return None,
                },
            }
        }
        if let Some(last_read_at) = self.last_read_at {
            self.app.world.process.sleep_until(last_read_at.plus(MIN_PAUSE)).await;
        }
        // Whatever was said meanwhile is in the rows already; the page still hears it, for what is not in rows.
        while let Ok(signal) = self.signals.try_recv() {
            self.page.hear(&self.app, &signal);
        }
        Some(())
    }
}
