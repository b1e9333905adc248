//! Ending in two steps: first ask everything to finish, then drop what has not.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a worker that panicked waits before it starts again.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// Keeps track of every task of the process and ends them. Clones are the same shutdown.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    finish: CancellationToken,
    drop_now: CancellationToken,
    tracker: TaskTracker,
    next_id: AtomicU64,
    /// A std mutex: nothing awaits while it is held.
    running: Mutex<BTreeMap<u64, &'static str>>,
}

/// Tasks that had to be dropped because they did not finish in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("dropped unfinished tasks: {}", tasks.join(", "))]
pub struct Unfinished {
    /// Their names.
    pub tasks: Vec<&'static str>,
}

impl Shutdown {
    /// A shutdown that has not begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancelled when step one begins: stop accepting, finish what is in hand.
    pub fn token(&self) -> CancellationToken {
        self.0.finish.clone()
    }

    /// Whether step one has begun.
    pub fn has_begun(&self) -> bool {
        self.0.finish.is_cancelled()
    }

    /// Waits for step one.
    pub async fn begun(&self) {
        self.0.finish.cancelled().await;
    }

    /// Begins step one. May be called any number of times.
    pub fn begin(&self) {
        self.0.finish.cancel();
    }

    /// Begins step two at once: every task is dropped at its next await.
    pub fn drop_now(&self) {
        self.0.finish.cancel();
        self.0.drop_now.cancel();
    }

    /// Starts a tracked task. It should watch [`token`](Self::token) and return; step two drops it. A panic ends only this task and is logged.
    pub fn spawn<F>(&self, name: &'static str, future: F) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let running = self.enlist(name);
        let drop_now = self.0.drop_now.clone();
        self.0.tracker.spawn(async move {
            let _running = running;
            let caught = drop_now.run_until_cancelled(CatchPanic(Box::pin(future))).await;
            if matches!(caught, Some(Caught::Panicked)) {
                tracing::error!(task.name = name, "task panicked");
            }
        })
    }

    /// Starts a worker that must not die while the process lives: after a panic it is made anew.
    pub fn spawn_worker<M, F>(&self, name: &'static str, make: M) -> JoinHandle<()>
    where
        M: FnMut(CancellationToken) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        self.spawn_restarting(name, RESTART_PAUSE, make)
    }

    fn spawn_restarting<M, F>(&self, name: &'static str, pause: Duration, mut make: M) -> JoinHandle<()>
    where
        M: FnMut(CancellationToken) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let finish = self.token();
        self.spawn(name, async move {
            while let Caught::Panicked = CatchPanic(Box::pin(make(finish.clone()))).await {
                tracing::error!(task.name = name, "worker panicked and is started again");
                if finish.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                    return;
                }
            }
        })
    }

    /// Waits for Ctrl-C or a termination signal and begins step one; a second signal begins step two.
    pub async fn on_signals(&self) -> std::io::Result<()> {
        let mut signals = Signals::listen()?;
        signals.next().await?;
        self.begin();
        signals.next().await?;
        self.drop_now();
        Ok(())
    }

    /// Begins step one if it has not begun, gives tasks `grace` to finish, then drops the rest and names them.
    pub async fn finished(&self, grace: Duration) -> Result<(), Unfinished> {
        self.begin();
        self.0.tracker.close();
        let tracker = &self.0.tracker;
        let in_time = tokio::select! {
            biased;
            () = tracker.wait() => true,
            () = self.0.drop_now.cancelled() => false,
            () = tokio::time::sleep(grace) => false,
        };
        if in_time {
            return Ok(());
        }
        let tasks = self.running();
        self.drop_now();
        tracker.wait().await;
        if tasks.is_empty() {
            Ok(())
        } else {
            Err(Unfinished { tasks })
        }
    }

    /// The names of the tasks that run now.
    pub fn running(&self) -> Vec<&'static str> {
        self.0
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .copied()
            .collect()
    }

    fn enlist(&self, name: &'static str) -> Running {
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        self.0
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, name);
        Running {
            id,
            inner: Arc::clone(&self.0),
        }
    }
}

/// A task's entry in the list; leaving the list happens on drop, so that a panic or an abort cannot leak it.
struct Running {
    id: u64,
    inner: Arc<Inner>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.inner
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
    }
}

enum Caught {
    Finished,
    Panicked,
}

/// Polls a future and turns its panic into a value. The future is not polled again after that.
struct CatchPanic(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Future for CatchPanic {
    type Output = Caught;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Caught> {
        let future = self.0.as_mut();
        match catch_unwind(AssertUnwindSafe(|| future.poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(())) => Poll::Ready(Caught::Finished),
            Err(_panic) => Poll::Ready(Caught::Panicked),
        }
    }
}

/// The signals that end a process: Ctrl-C everywhere, SIGTERM where there is one.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> std::io::Result<()> {
        let interrupt = pin!(tokio::signal::ctrl_c());
        #[cfg(unix)]
        tokio::select! {
            interrupted = interrupt => interrupted,
            _terminated = self.terminate.recv() => Ok(()),
        }
        #[cfg(not(unix))]
        interrupt.await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn a_task_that_watches_the_token_finishes() {
        let shutdown = Shutdown::new();
        let token = shutdown.token();
        shutdown.spawn("watcher", async move { token.cancelled().await });
        assert_eq!(shutdown.running(), ["watcher"]);
        assert_eq!(shutdown.finished(Duration::from_mins(1)).await, Ok(()));
        assert!(shutdown.running().is_empty());
    }

    #[tokio::test]
    async fn a_task_that_does_not_finish_is_dropped_and_named() {
        let shutdown = Shutdown::new();
        shutdown.spawn("deaf", std::future::pending());
        let unfinished = shutdown.finished(Duration::ZERO).await.unwrap_err();
        assert_eq!(unfinished.tasks, ["deaf"]);
        assert!(shutdown.running().is_empty());
    }

    #[tokio::test]
    async fn a_panic_ends_its_own_task_only() {
        let shutdown = Shutdown::new();
        shutdown.spawn("clumsy", async { panic!("on purpose") }).await.unwrap();
        assert!(!shutdown.has_begun());
        assert!(shutdown.running().is_empty());
    }

    #[tokio::test]
    async fn a_worker_that_panics_is_made_anew() {
        let shutdown = Shutdown::new();
        let (sender, receiver) = oneshot::channel();
        let mut sender = Some(sender);
        let mut n_made = 0;
        let worker = shutdown.spawn_restarting("worker", Duration::ZERO, move |_token| {
            n_made += 1;
            let sender = if n_made == 2 { sender.take() } else { None };
            async move {
                match sender {
                    Some(sender) => sender.send(()).unwrap(),
                    None => panic!("first life"),
                }
            }
        });
        receiver.await.unwrap();
        worker.await.unwrap();
    }
}
