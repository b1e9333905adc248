//! The HTTP/1.1 server below axum.
//!
//! `axum::serve` has no limits on headers, connections or time, so the connections are driven by hyper directly.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use http::{HeaderValue, Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;

use super::bodies::{AnswerBody, LimitedBody};
use super::limits::Limits;
use super::watched_stream::{Phase, WatchedStream};

/// How long to wait before accepting again after the system refused (out of file descriptors).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Extension of a response: the connection is closed instead, and no byte of an answer is written.
///
/// It is how the platform imitates a network that broke after the request took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutConnection;

#[derive(Debug, thiserror::Error)]
#[error("the connection was cut on purpose")]
struct Cut;

/// Serves `router` on `listener` until `stop` is cancelled, then lets running requests finish for
/// [`Limits::drain_timeout`] and cuts the rest.
///
/// Handlers find the peer's address as `ConnectInfo<SocketAddr>`. A response of type `text/event-stream` ends when
/// `stop` is cancelled, so that open pages do not hold the shutdown back.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let server = Arc::new(Server {
        router: router.layer(CatchPanicLayer::new()),
        limits,
        stop: stop.clone(),
        cut: CancellationToken::new(),
    });
    let permits = Arc::new(Semaphore::new(limits.connections));
    let connections = TaskTracker::new();

    while let Some((stream, peer, permit)) = accept(&listener, &permits, &stop).await {
        connections.spawn(Arc::clone(&server).connection(stream, peer, permit));
    }
    drop(listener);

    connections.close();
    if timeout(limits.drain_timeout, connections.wait()).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "cutting connections that did not finish in time"
        );
        server.cut.cancel();
        connections.wait().await;
    }
}

/// The next connection, once there is room for it; `None` when stopping.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let accepting = async {
        let Ok(permit) = Arc::clone(permits).acquire_owned().await else {
            return None; // the semaphore is never closed
        };
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => return Some((stream, peer, permit)),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => None,
        accepted = accepting => accepted,
    }
}

struct Server {
    router: Router,
    limits: Limits,
    /// Finish what runs, accept nothing new.
    stop: CancellationToken,
    /// Drop what still runs.
    cut: CancellationToken,
}

impl Server {
    /// One connection, from accepting to closing.
    async fn connection(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, _permit: OwnedSemaphorePermit) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot switch off delayed sending");
        }
        let phase = Phase::of_fresh_connection();
        let io = TokioIo::new(WatchedStream::new(stream, phase.clone(), &self.limits));
        let service = service_fn(|request| Arc::clone(&self).answer(request, peer, phase.clone()));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(None) // the stream measures heads and idle time apart
            .max_header_size(self.limits.header_bytes)
            .max_headers(self.limits.header_count)
            .serve_connection(io, service);
        tokio::pin!(connection);

        let finished = tokio::select! {
            result = connection.as_mut() => result,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    result = connection.as_mut() => result,
                    () = self.cut.cancelled() => return,
                }
            }
        };
        if let Err(error) = finished {
            tracing::debug!(%error, %peer, "connection ended early");
        }
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: SocketAddr,
        phase: Phase,
    ) -> Result<Response<AnswerBody>, Cut> {
        let busy = phase.begin_request();
        let body_bytes = self.limits.body_bytes_of(request.uri().path());
        let response = if declared_size_bytes(&request) > body_bytes as u64 {
            too_large(body_bytes)
        } else {
            let mut request =
                request.map(|body| Body::new(LimitedBody::new(body, body_bytes, self.limits.body_read_timeout)));
            request.extensions_mut().insert(ConnectInfo(peer));
            let answered: Result<Response, Infallible> = self.router.clone().oneshot(request).await;
            match answered {
                Ok(response) => response,
                Err(never) => match never {},
            }
        };
        if response.extensions().get::<CutConnection>().is_some() {
            return Err(Cut);
        }
        let stopping = is_event_stream(&response).then(|| self.stop.clone().cancelled_owned());
        Ok(response.map(|body| AnswerBody::new(body, stopping, busy)))
    }
}

fn declared_size_bytes(request: &Request<Incoming>) -> u64 {
    hyper::body::Body::size_hint(request.body()).lower()
}

fn too_large(limit_bytes: usize) -> Response {
    let words = serde_json::json!({"error": {
        "code": "body_too_large",
        "message": format!("the request body may have at most {limit_bytes} bytes"),
        "field": null,
    }});
    let mut response = (StatusCode::PAYLOAD_TOO_LARGE, Json(words)).into_response();
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn is_event_stream(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"))
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::body::Bytes;
    use axum::response::sse::{Event, Sse};
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::Notify;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::http::bind;

    /// Long enough that a busy machine does not reach it; a test that does has failed.
    const PATIENCE: Duration = Duration::from_secs(20);
    const SHORT: Duration = Duration::from_millis(60);

    struct Running {
        address: SocketAddr,
        stop: CancellationToken,
        serving: JoinHandle<()>,
    }

    impl Running {
        async fn start(limits: Limits, router: Router) -> Self {
            let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
            let address = listener.local_addr().unwrap();
            let stop = CancellationToken::new();
            let serving = TaskTracker::new().spawn(serve(listener, router, limits, stop.clone()));
            Self { address, stop, serving }
        }

        async fn connect(&self) -> TcpStream {
            TcpStream::connect(self.address).await.unwrap()
        }

        /// Sends `request` and reads until the server closes.
        async fn exchange(&self, request: &[u8]) -> String {
            let mut stream = self.connect().await;
            stream.write_all(request).await.unwrap();
            read_to_close(&mut stream).await
        }

        async fn end(self) {
            self.stop.cancel();
            timeout(PATIENCE, self.serving).await.expect("the server ends").unwrap();
        }
    }

    async fn read_to_close(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        // A reset is a way of closing, too.
        drop(
            timeout(PATIENCE, stream.read_to_end(&mut bytes))
                .await
                .expect("the server closes the connection"),
        );
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Reads until `marker` has come.
    async fn read_until(stream: &mut TcpStream, marker: &str) -> String {
        let mut text = String::new();
        let mut chunk = [0; 1024];
        while !text.contains(marker) {
            let read = timeout(PATIENCE, stream.read(&mut chunk))
                .await
                .expect("an answer comes")
                .unwrap();
            assert!(read > 0, "closed before {marker:?}: {text:?}");
            text.push_str(&String::from_utf8_lossy(&chunk[..read]));
        }
        text
    }

    fn limits() -> Limits {
        Limits {
            drain_timeout: Duration::from_secs(10),
            ..Limits::default()
        }
    }

    fn echo() -> Router {
        Router::new()
            .route("/", get(async || "hello"))
            .route("/echo", post(async |body: Bytes| body))
            .route("/cut", get(async || (axum::Extension(CutConnection), "never seen")))
    }

    #[tokio::test]
    async fn a_head_that_drips_in_is_cut_off_at_its_time_limit() {
        let running = Running::start(
            Limits {
                header_read_timeout: SHORT,
                ..limits()
            },
            echo(),
        )
        .await;
        let mut stream = running.connect().await;
        let (mut reading, mut writing) = stream.split();
        let drip = async {
            // Ends when the server closes: each byte on its own must not buy more time.
            while writing.write_all(b"G").await.is_ok() {
                sleep(SHORT / 10).await;
            }
        };
        let mut bytes = Vec::new();
        let closed = tokio::select! {
            () = drip => true,
            read = reading.read_to_end(&mut bytes) => read.is_ok() || bytes.is_empty(),
            () = sleep(PATIENCE) => false,
        };
        assert!(closed, "the server kept a slow head for {PATIENCE:?}");
        running.end().await;
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_is_closed() {
        let running = Running::start(
            Limits {
                header_read_timeout: SHORT,
                ..limits()
            },
            echo(),
        )
        .await;
        let mut stream = running.connect().await;

        assert_eq!(read_to_close(&mut stream).await, "");
        running.end().await;
    }

    #[tokio::test]
    async fn a_kept_connection_is_closed_after_its_idle_time() {
        let running = Running::start(
            Limits {
                idle_timeout: SHORT,
                ..limits()
            },
            echo(),
        )
        .await;

        let answer = running.exchange(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;

        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        running.end().await;
    }

    #[tokio::test]
    async fn a_second_head_has_the_time_of_a_head_not_of_an_idle_wait() {
        let running = Running::start(
            Limits {
                header_read_timeout: SHORT,
                idle_timeout: PATIENCE * 10,
                ..limits()
            },
            echo(),
        )
        .await;
        let mut stream = running.connect().await;
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        read_until(&mut stream, "hello").await;

        stream.write_all(b"GET / HT").await.unwrap();

        read_to_close(&mut stream).await;
        running.end().await;
    }

    #[tokio::test]
    async fn oversized_heads_are_refused() {
        let running = Running::start(
            Limits {
                header_bytes: 2048,
                header_count: 10,
                ..limits()
            },
            echo(),
        )
        .await;

        let long = format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n\r\n",
            "x".repeat(4096)
        );
        let answer = running.exchange(long.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");

        let many = "X-One-More: x\r\n".repeat(20);
        let answer = running
            .exchange(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n").as_bytes())
            .await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
        running.end().await;
    }

    #[tokio::test]
    async fn oversized_bodies_are_refused_whether_declared_or_not() {
        let running = Running::start(
            Limits {
                body_bytes: 16,
                ..limits()
            },
            echo(),
        )
        .await;

        let declared = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 17\r\n\r\n12345678901234567";
        let answer = running.exchange(declared).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("at most 16 bytes"), "{answer}");

        let chunked = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n12345678901234567\r\n0\r\n\r\n";
        let answer = running.exchange(chunked).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");

        let fits = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 16\r\n\r\n1234567890123456";
        let answer = running.exchange(fits).await;
        assert!(answer.ends_with("1234567890123456"), "{answer}");
        running.end().await;
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_given_up() {
        let running = Running::start(
            Limits {
                body_read_timeout: SHORT,
                header_read_timeout: SHORT,
                ..limits()
            },
            echo(),
        )
        .await;

        let answer = running
            .exchange(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16\r\n\r\n1234")
            .await;

        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        running.end().await;
    }

    #[tokio::test]
    async fn connections_beyond_the_limit_wait_for_room() {
        let running = Running::start(
            Limits {
                connections: 1,
                ..limits()
            },
            echo(),
        )
        .await;
        let mut first = running.connect().await;
        first
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        read_until(&mut first, "hello").await;

        let mut second = running.connect().await;
        second
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        let mut chunk = [0; 64];
        assert!(
            timeout(SHORT, second.read(&mut chunk)).await.is_err(),
            "the second was served beside the first"
        );

        drop(first);
        read_until(&mut second, "hello").await;
        running.end().await;
    }

    #[tokio::test]
    async fn a_reader_that_stops_reading_is_dropped() {
        let endless = async || {
            let flood = futures_flood();
            Body::from_stream(flood)
        };
        let router = Router::new().route("/flood", get(endless));
        let running = Running::start(
            Limits {
                write_stall_timeout: SHORT,
                drain_timeout: PATIENCE * 10,
                ..limits()
            },
            router,
        )
        .await;
        let mut stream = running.connect().await;
        stream
            .write_all(b"GET /flood HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        read_until(&mut stream, "200 OK").await;
        // Read no further: once the socket's buffers are full, only the limit can end the answer.
        running.stop.cancel();
        timeout(PATIENCE, running.serving)
            .await
            .expect("the stalled reader was dropped")
            .unwrap();
    }

    fn futures_flood() -> impl tokio_stream::Stream<Item = Result<Bytes, Infallible>> {
        tokio_stream::iter(std::iter::repeat_with(|| Ok(Bytes::from_static(&[b'x'; 8192]))))
    }

    #[tokio::test]
    async fn a_cut_writes_no_byte() {
        let running = Running::start(limits(), echo()).await;

        assert_eq!(
            running.exchange(b"GET /cut HTTP/1.1\r\nHost: localhost\r\n\r\n").await,
            ""
        );
        running.end().await;
    }

    #[tokio::test]
    async fn shutdown_lets_a_running_request_finish() {
        let entered = Arc::new(Notify::new());
        let release = Arc::new(Notify::new());
        let handler = {
            let (entered, release) = (Arc::clone(&entered), Arc::clone(&release));
            async move || {
                entered.notify_one();
                release.notified().await;
                "finished"
            }
        };
        let running = Running::start(limits(), Router::new().route("/", get(handler))).await;
        let mut stream = running.connect().await;
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        entered.notified().await;

        running.stop.cancel();
        release.notify_one();

        let answer = read_to_close(&mut stream).await;
        assert!(answer.ends_with("finished"), "{answer}");
        timeout(PATIENCE, running.serving)
            .await
            .expect("the server ends")
            .unwrap();
        assert!(TcpStream::connect(running.address).await.is_err(), "still listening");
    }

    #[tokio::test]
    async fn shutdown_cuts_what_does_not_finish_and_ends_streams_at_once() {
        let entered = Arc::new(Notify::new());
        let stuck_handler = {
            let entered = Arc::clone(&entered);
            async move || {
                entered.notify_one();
                pending::<&str>().await
            }
        };
        let router = Router::new().route("/stuck", get(stuck_handler)).route(
            "/stream",
            get(async || Sse::new(tokio_stream::pending::<Result<Event, Infallible>>())),
        );
        let running = Running::start(
            Limits {
                drain_timeout: SHORT,
                ..limits()
            },
            router.clone(),
        )
        .await;
        let mut stuck = running.connect().await;
        stuck
            .write_all(b"GET /stuck HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        entered.notified().await;
        running.end().await;
        assert_eq!(read_to_close(&mut stuck).await, "");

        let running = Running::start(
            Limits {
                drain_timeout: PATIENCE * 10,
                ..limits()
            },
            router,
        )
        .await;
        let mut stream = running.connect().await;
        stream
            .write_all(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        read_until(&mut stream, "text/event-stream").await;
        running.end().await;
    }

    #[tokio::test]
    async fn a_panicking_handler_costs_one_answer_and_nothing_else() {
        let router = echo().route("/panic", get(async || -> &str { panic!("on purpose") }));
        let running = Running::start(limits(), router).await;

        let answer = running
            .exchange(b"GET /panic HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await;
        assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
        let answer = running
            .exchange(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await;
        assert!(answer.ends_with("hello"), "{answer}");
        running.end().await;
    }
}
