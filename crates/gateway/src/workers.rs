//! The workers that run while the gateway serves. Each repeats its step at once while there is work,
//! else when its bell rings or a poll comes: bells are hints, polling is the truth.

use std::sync::Arc;
use std::time::Duration;

use selfsame_queue::{Doorbell, POLL_EVERY};
use selfsame_runtime::shutdown::Shutdown;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::Gateway;
use crate::store::StoreError;

/// How soon a worker looks again while something may only wait for time to pass.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// How long a worker pauses after its step failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(200);
/// How often doubts and leases are looked after.
const UPKEEP_EVERY: Duration = Duration::from_millis(500);
/// How often it is looked whether a preview's thread has opened.
const FEED_EVERY: Duration = Duration::from_millis(300);
/// How often old bodies are forgotten.
const FORGET_EVERY: Duration = Duration::from_mins(1);

/// Starts every worker on the shutdown's tracker.
pub(crate) fn spawn(gateway: &Gateway, shutdown: &Shutdown) {
    let one = gateway.clone();
    shutdown.spawn_worker("gateway-splitter", move |stop| {
        let gateway = one.clone();
        async move {
            let bell = gateway.app().split_bell.clone();
            repeat(&stop, &bell, POLL_EVERY, || gateway.split_once()).await;
        }
    });
    let one = gateway.clone();
    shutdown.spawn_worker("gateway-inbox", move |stop| {
        let gateway = one.clone();
        async move {
            let bell = gateway.app().inbox_bell.clone();
            repeat(&stop, &bell, LOOK_AGAIN, || gateway.inbox_once()).await;
        }
    });
    let (one, tracked) = (gateway.clone(), shutdown.clone());
    shutdown.spawn_worker("gateway-outbox", move |stop| send(one.clone(), tracked.clone(), stop));
    let (one, tracked) = (gateway.clone(), shutdown.clone());
    shutdown.spawn_worker("gateway-forward", move |stop| {
        hand_over(one.clone(), tracked.clone(), stop)
    });
    let one = gateway.clone();
    shutdown.spawn_worker("gateway-upkeep", move |stop| {
        let gateway = one.clone();
        async move { repeat(&stop, &Doorbell::new(), UPKEEP_EVERY, || gateway.upkeep_once()).await }
    });
    let (one, tracked) = (gateway.clone(), shutdown.clone());
    shutdown.spawn_worker("gateway-runs", move |stop| go_on(one.clone(), tracked.clone(), stop));
    let one = gateway.clone();
    shutdown.spawn_worker("gateway-previews", move |stop| {
        let gateway = one.clone();
        async move { repeat(&stop, &Doorbell::new(), FEED_EVERY, || gateway.previews_once()).await }
    });
    let lanes = gateway.app().lanes.clone();
    shutdown.spawn_worker("gateway-draft", move |stop| lanes.clone().watch(stop));
    let onboarding = gateway.app().onboarding.clone();
    shutdown.spawn_worker("gateway-tokens", move |stop| onboarding.clone().keep_tokens_alive(stop));
    let one = gateway.clone();
    shutdown.spawn_worker("gateway-reconciler", move |stop| {
        let gateway = one.clone();
        async move {
            let bell = gateway.app().reconciler.bell().clone();
            tokio::select! {
                // It only asks and remembers: ended anywhere, nothing is half done.
                () = stop.cancelled() => {}
                () = repeat(&stop, &bell, POLL_EVERY, || gateway.reconcile_once()) => {}
            }
        }
    });
    let one = gateway.clone();
    shutdown.spawn_worker("gateway-retention", move |stop| {
        let gateway = one.clone();
        async move { repeat(&stop, &Doorbell::new(), FORGET_EVERY, || gateway.forget_once()).await }
    });
}

/// Waits for the workers and their running calls.
pub(crate) async fn finished(shutdown: &Shutdown, grace: Duration) {
    if let Err(unfinished) = shutdown.finished(grace).await {
        tracing::warn!(%unfinished, "some work was dropped; it is taken up at the next start");
    }
}

/// Repeats a step until stopped.
async fn repeat<F>(stop: &CancellationToken, bell: &Doorbell, poll: Duration, mut work: impl FnMut() -> F)
where
    F: Future<Output = Result<usize, StoreError>>,
{
    while !stop.is_cancelled() {
        let pause = match work().await {
            Ok(0) => poll,
            Ok(_) => continue,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a step failed and is tried again"
                );
                PAUSE_AFTER_FAILURE
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = bell.rung() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Makes the calls of sends.
async fn send(gateway: Gateway, shutdown: Shutdown, stop: CancellationToken) {
    let app = gateway.app();
    let (limit, bell) = (app.config.limits.calls_at_once, app.outbox_bell.clone());
    let outbox = gateway.outbox();
    let lease = |free| outbox.lease(free);
    let work = |turn| {
        let outbox = outbox.clone();
        async move { outbox.take(turn).await }
    };
    each_in_a_task("gateway-call", &gateway, (limit, &bell), &shutdown, &stop, lease, work).await;
}

/// Offers events to engines.
async fn hand_over(gateway: Gateway, shutdown: Shutdown, stop: CancellationToken) {
    let (limit, bell) = (
        gateway.app().config.limits.forwards_at_once,
        gateway.forwarder().bell.clone(),
    );
    let forwarder = gateway.forwarder();
    let lease = |free| forwarder.lease(free);
    let work = |parcel| {
        let forwarder = forwarder.clone();
        async move { forwarder.take(parcel).await }
    };
    each_in_a_task("gateway-offer", &gateway, (limit, &bell), &shutdown, &stop, lease, work).await;
}

/// Takes up runs, and makes the calls that they wait for.
async fn go_on(gateway: Gateway, shutdown: Shutdown, stop: CancellationToken) {
    let (limit, bell) = (
        gateway.app().config.limits.calls_at_once,
        gateway.app().runs_bell.clone(),
    );
    let runs = gateway.runs();
    let lease = |free| runs.lease(free);
    let work = |call| {
        let runs = runs.clone();
        async move { runs.make(call).await }
    };
    each_in_a_task(
        "gateway-outcall",
        &gateway,
        (limit, &bell),
        &shutdown,
        &stop,
        lease,
        work,
    )
    .await;
}

/// Leases as much as may be under way at the same time, and does each in a task of its own, so that a slow one
/// holds back only its own lane.
async fn each_in_a_task<T, L, W>(
    task: &'static str,
    gateway: &Gateway,
    (limit, bell): (usize, &Doorbell),
    shutdown: &Shutdown,
    stop: &CancellationToken,
    lease: impl Fn(u32) -> L,
    work: impl Fn(T) -> W,
) where
    L: Future<Output = Result<Vec<T>, StoreError>>,
    W: Future<Output = Result<(), StoreError>> + Send + 'static,
{
    let permits = Arc::new(Semaphore::new(limit.max(1)));
    let mut changes = gateway.app().world.changes();
    while !stop.is_cancelled() {
        let free = u32::try_from(permits.available_permits()).unwrap_or(u32::MAX);
        let leased = match lease(free).await {
            Ok(leased) => leased,
            Err(error) => {
                tracing::error!(
                    task,
                    error = &error as &dyn std::error::Error,
                    "what is due could not be leased; tried again"
                );
                tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                continue;
            }
        };
        let n_leased = leased.len();
        for one in leased {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
                return;
            };
            let done = work(one);
            let _task = shutdown.spawn(task, async move {
                let _permit = permit;
                if let Err(error) = done.await {
                    tracing::error!(
                        task,
                        error = &error as &dyn std::error::Error,
                        "the end of a call could not be recorded"
                    );
                }
            });
        }
        if n_leased == 0 {
            tokio::select! {
                () = stop.cancelled() => {}
                () = bell.rung() => {}
                _moved = changes.changed() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }
}
