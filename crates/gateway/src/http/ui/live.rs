//! The stream of a page: what it shows is read again every little while, and what differs is sent.
//!
//! A page of the gateway is looked at by one person; reading it again is cheaper than telling every
//! change of the store to every page.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use selfsame_ui::node::{Node, render_all};

use super::page::PageError;

/// How often a page is read again, real time.
const READ_EVERY: Duration = Duration::from_millis(400);
/// A comment is sent this often on a quiet stream, so that nobody in between takes it for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

struct Stream<L> {
    load: L,
    sent: BTreeMap<String, String>,
    number: u64,
}

/// Answers with the stream of a page whose live parts `load` reads.
pub(in crate::http) fn stream_of<L, F>(load: L) -> Response
where
    L: Fn() -> F + Send + 'static,
    F: Future<Output = Result<Vec<Node>, PageError>> + Send + 'static,
{
    let stream = Stream {
        load,
        sent: BTreeMap::new(),
        number: 0,
    };
    let events = unfold(stream, |mut stream| async move {
        loop {
            // A store that fails now may answer at the next look.
            if let Ok(nodes) = (stream.load)().await {
                let changed: Vec<Node> = nodes
                    .into_iter()
                    .filter(|node| stream.sent.get(node.id()).map(String::as_str) != Some(node.version()))
                    .collect();
                if !changed.is_empty() {
                    stream.number += 1;
                    let data = render_all(&changed).into_string();
                    for node in changed {
                        stream.sent.insert(node.id().to_owned(), node.version().to_owned());
                    }
                    let event = Event::default().event("nodes").id(stream.number.to_string()).data(data);
                    return Some((Ok::<_, Infallible>(event), stream));
                }
            }
            tokio::time::sleep(READ_EVERY).await;
        }
    });
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE).text("still here");
    Sse::new(events).keep_alive(keep_alive).into_response()
}
