//! Bodies with a time limit coming in, and with an end at shutdown going out.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::Body;
use bytes::Bytes;
use http_body_util::Limited;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::watched_stream::RequestGuard;

/// A request body that must be complete within its time and its size.
pub(super) struct LimitedBody {
    body: Limited<Incoming>,
    timeout: Duration,
    /// Made at the first wait: most bodies are there already.
    timer: Option<Pin<Box<Sleep>>>,
}

/// The request body was not complete in time.
#[derive(Debug, thiserror::Error)]
#[error("the request body was not complete within {} s", .0.as_secs_f32())]
struct BodyTimedOut(Duration);

impl LimitedBody {
    pub(super) fn new(body: Incoming, size_bytes_max: usize, timeout: Duration) -> Self {
        Self {
            body: Limited::new(body, size_bytes_max),
            timeout,
            timer: None,
        }
    }
}

impl HttpBody for LimitedBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            return Poll::Ready(frame);
        }
        let timeout = this.timeout;
        let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(timeout)));
        match timer.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Some(Err(Box::new(BodyTimedOut(timeout))))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body. It keeps its connection marked busy, and an endless one ends when the server stops.
pub(super) struct AnswerBody {
    body: Body,
    /// Only for streams that have no end of their own.
    stopping: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    _busy: RequestGuard,
}

impl AnswerBody {
    pub(super) fn new(body: Body, stopping: Option<WaitForCancellationFutureOwned>, busy: RequestGuard) -> Self {
        Self {
            body,
            stopping: stopping.map(Box::pin),
            _busy: busy,
        }
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            return Poll::Ready(frame.map(|result| result.map_err(Into::into)));
        }
        match this.stopping.as_mut().map(|stopping| stopping.as_mut().poll(context)) {
            Some(Poll::Ready(())) => Poll::Ready(None),
            Some(Poll::Pending) | None => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
