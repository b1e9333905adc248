//! A connection whose peer must keep moving: time limits on idle time, request heads and stalled answers.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use super::limits::Limits;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// A request is owed, or has begun to arrive.
    ReadingHead,
    Answering,
    Idle,
}

/// What a connection is doing, shared between its stream and its requests.
#[derive(Debug, Clone)]
pub(super) struct Phase(Arc<Mutex<PhaseState>>); // nothing awaits under this lock

#[derive(Debug)]
struct PhaseState {
    doing: Doing,
    /// The connection's task. hyper need not read again after an answer, so it is woken to start the idle time.
    reader: Option<Waker>,
}

impl Phase {
    /// A fresh connection owes a request at once.
    pub(super) fn of_fresh_connection() -> Self {
        Self(Arc::new(Mutex::new(PhaseState {
            doing: Doing::ReadingHead,
            reader: None,
        })))
    }

    /// A request was read and is being answered, until the guard is dropped.
    pub(super) fn begin_request(&self) -> RequestGuard {
        self.set(Doing::Answering);
        RequestGuard(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, PhaseState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, doing: Doing) {
        self.lock().doing = doing;
    }

    /// What the connection does, for the reader that asks and is woken when an answer is over.
    fn watched_by(&self, reader: &Waker) -> Doing {
        let mut state = self.lock();
        match &mut state.reader {
            Some(known) => known.clone_from(reader),
            None => state.reader = Some(reader.clone()),
        }
        state.doing
    }
}

/// Kept by the answer's body: when it is gone, the connection is idle.
#[derive(Debug)]
pub(super) struct RequestGuard(Phase);

impl Drop for RequestGuard {
    fn drop(&mut self) {
        let reader = {
            let mut state = self.0.lock();
            state.doing = Doing::Idle;
            state.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

/// A TCP stream that fails with `TimedOut` when its peer takes longer than its limits allow.
#[derive(Debug)]
pub(super) struct WatchedStream {
    stream: TcpStream,
    phase: Phase,
    header_read_timeout: Duration,
    idle_timeout: Duration,
    write_stall_timeout: Duration,
    read_timer: Pin<Box<Sleep>>,
    /// The phase that the read timer currently measures.
    read_timer_measures: Option<Doing>,
    write_timer: Pin<Box<Sleep>>,
    write_stalled: bool,
}

impl WatchedStream {
    pub(super) fn new(stream: TcpStream, phase: Phase, limits: &Limits) -> Self {
        Self {
            stream,
            phase,
            header_read_timeout: limits.header_read_timeout,
            idle_timeout: limits.idle_timeout,
            write_stall_timeout: limits.write_stall_timeout,
            read_timer: Box::pin(sleep(limits.header_read_timeout)),
            read_timer_measures: Some(Doing::ReadingHead),
            write_timer: Box::pin(sleep(limits.write_stall_timeout)),
            write_stalled: false,
        }
    }

    fn arm_read_timer(&mut self, doing: Doing) {
        let timeout = match doing {
            Doing::ReadingHead => self.header_read_timeout,
            Doing::Idle => self.idle_timeout,
            Doing::Answering => {
                self.read_timer_measures = None;
                return;
            }
        };
        if self.read_timer_measures == Some(doing) {
            return; // further bytes of a slow head do not buy more time
        }
        self.read_timer.as_mut().reset(Instant::now() + timeout);
        self.read_timer_measures = Some(doing);
    }

    /// Turns a stalled write into an error once it has stalled too long.
    fn watch_write<T>(&mut self, context: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.write_stalled = false;
            return result;
        }
        if !self.write_stalled {
            self.write_stalled = true;
            self.write_timer
                .as_mut()
                .reset(Instant::now() + self.write_stall_timeout);
        }
        match self.write_timer.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(timed_out("the peer stopped reading the answer"))),
            Poll::Pending => Poll::Pending,
        }
    }
}

fn timed_out(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}

impl AsyncRead for WatchedStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let watched = self.get_mut();
        let doing = watched.phase.watched_by(context.waker());
        watched.arm_read_timer(doing);

        let filled_before = buffer.filled().len();
        if let Poll::Ready(result) = Pin::new(&mut watched.stream).poll_read(context, buffer) {
            if doing == Doing::Idle && buffer.filled().len() > filled_before {
                // First bytes of the next request: from here its head has the time of a head, not of an idle wait.
                watched.phase.set(Doing::ReadingHead);
            }
            return Poll::Ready(result);
        }
        if doing != Doing::Answering && watched.read_timer.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(timed_out("no complete request came in time")));
        }
        Poll::Pending
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let watched = self.get_mut();
        let result = Pin::new(&mut watched.stream).poll_write(context, bytes);
        watched.watch_write(context, result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let watched = self.get_mut();
        let result = Pin::new(&mut watched.stream).poll_write_vectored(context, slices);
        watched.watch_write(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
