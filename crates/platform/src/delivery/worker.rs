//! The delivery worker: leases due jobs, makes their attempts side by side, settles each on its own.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use selfsame_queue::{Leased, QueueError, StepOutcome};
use selfsame_runtime::shutdown::Shutdown;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::attempt::{Ended, attempt};
use super::batch::{gather, joined};
use super::fault::{AttemptFault, attempt_fault};
use super::transport::DeliveryTransport;
use crate::chaos::BATCH_MAX;
use crate::domain::app::App;
use crate::domain::retries;
use crate::store::deliveries::{DueDelivery, Settlement};
use crate::store::delivery_jobs::{DeliveryJob, QUEUE};
use crate::store::{Durability, Failure, StoreError, Tx, apps, deliveries, grants};
use crate::world::World;

/// Attempts under way at one time.
const CONCURRENT_ATTEMPTS_MAX: usize = 64;
/// Longer than any attempt, chaos included; a lease that outlives it belonged to a task that died.
const LEASE: Duration = Duration::from_mins(2);

/// Why a delivery without a callback is given up.
const REASON_NO_CALLBACK: &str = "no_callback";
/// Why a delivery is given up whose time is over.
const REASON_RETRIES_EXHAUSTED: &str = "retries_exhausted";

/// Makes deliveries of one world.
#[derive(Debug, Clone)]
pub(crate) struct Deliverer {
    world: World,
    transport: DeliveryTransport,
    free: Arc<Semaphore>,
}

/// A leased job with what its attempt needs.
struct Task {
    leased: Leased,
    job: DeliveryJob,
    /// Of the world that the job belongs to.
    generation: u64,
    /// `None`: nothing left to attempt.
    ready: Option<(DueDelivery, App, String)>,
    /// What the delivery takes along in the same POST.
    members: Vec<DueDelivery>,
}

impl Deliverer {
    /// A worker with nothing in hand.
    pub(crate) fn new(world: World, transport: DeliveryTransport) -> Self {
        Self {
            world,
            transport,
            free: Arc::new(Semaphore::new(CONCURRENT_ATTEMPTS_MAX)),
        }
    }

    /// Makes every due attempt (up to the limit of concurrent ones) and settles them.
    pub(crate) async fn run_once(&self) -> Result<StepOutcome, StoreError> {
        let tasks = self.lease(CONCURRENT_ATTEMPTS_MAX).await?;
        if tasks.is_empty() {
            return self.idle().await;
        }
        for settled in join_all(tasks.into_iter().map(|task| self.carry_out(task))).await {
            settled?;
        }
        Ok(StepOutcome::Worked)
    }

    /// Leases as many jobs as there is room for and lets their attempts run on; a slow callback holds back no other.
    pub(crate) async fn dispatch(&self, shutdown: &Shutdown) -> Result<StepOutcome, StoreError> {
        let first = Arc::clone(&self.free).acquire_owned().await;
        let Ok(first) = first else {
            return Ok(StepOutcome::Idle { next_due_at_ms: None });
        };
        let room = self.free.available_permits().saturating_add(1);
        let tasks = self.lease(room).await?;
        if tasks.is_empty() {
            drop(first);
            return self.idle().await;
        }
        let mut permit = Some(first);
        for task in tasks {
            let held: Option<OwnedSemaphorePermit> = match permit.take() {
                Some(permit) => Some(permit),
                None => Arc::clone(&self.free).acquire_owned().await.ok(),
            };
            let deliverer = self.clone();
            shutdown.spawn("delivery", async move {
                if let Err(error) = deliverer.carry_out(task).await {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "a delivery could not be settled"
                    );
                }
                drop(held);
                deliverer.world.deliveries.ring();
            });
        }
        Ok(StepOutcome::Worked)
    }

    async fn lease(&self, limit: usize) -> Result<Vec<Task>, StoreError> {
        let now_ms = self.world.clock.now_ms();
        let expires = self.world.process.now().plus(LEASE);
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let world = self.world.clone();
        let leased = self.world.store.write(Durability::Relaxed, move |tx| {
            let leased = QUEUE
                .lease(tx.jobs(), now_ms, expires, limit)
                .map_err(StoreError::from)?;
            leased
                .into_iter()
                .map(|leased| Ok(load(tx, leased, world.generation.current())?))
                .collect::<Result<Vec<_>, Failure<std::convert::Infallible>>>()
        });
        leased.await.map_err(store_error)
    }

    async fn idle(&self) -> Result<StepOutcome, StoreError> {
        let now = self.world.process.now();
        let expired = self
            .world
            .store
            .read(move |connection| Ok(QUEUE.next_expiry(connection)?.is_some_and(|expiry| expiry <= now)))
            .await?;
        if expired {
            let reaped = self.world.store.write(Durability::Relaxed, move |tx| {
                Ok::<_, Failure<std::convert::Infallible>>(
                    QUEUE.reap_expired(tx.jobs(), now).map_err(StoreError::from)?,
                )
            });
            reaped.await.map_err(store_error)?;
            return Ok(StepOutcome::Worked);
        }
        let next_due_at_ms = self
            .world
            .store
            .read(|connection| Ok(QUEUE.next_due(connection)?))
            .await?;
        Ok(StepOutcome::Idle { next_due_at_ms })
    }

    async fn carry_out(&self, task: Task) -> Result<(), StoreError> {
        let Task {
            leased,
            job,
            generation,
            ready,
            mut members,
        } = task;
        let ended = match &ready {
            Some((due, app, url)) => {
                let fault = self.fault_of(app, due, job).await;
                if let Some(most) = self.batch_of(due, job, &fault).await {
                    members = gather(&self.world, &leased, due, most).await?;
                }
                let batch = if members.is_empty() {
                    None
                } else {
                    joined(due, &members)
                };
                let raw = batch.as_deref().unwrap_or(&due.raw);
                Some(
                    attempt(
                        &self.world,
                        &self.transport,
                        app,
                        url,
                        (due.flow, raw),
                        &fault,
                        job.signing,
                    )
                    .await,
                )
            }
            None => None,
        };
        let due = ready.map(|(due, _, _)| due);
        let now_ms = self.world.clock.now_ms();
        let world = self.world.clone();
        let settled = self.world.store.write(Durability::Relaxed, move |tx| {
            if world.generation.current() != generation {
                return Ok(()); // the world it was about is gone
            }
            match settle(tx, &leased, job, due.as_ref(), &members, ended.as_ref(), now_ms) {
                // Another process voided the lease: whoever holds the job now decides about it.
                Err(StoreError::Queue(QueueError::LeaseOver(_))) => Ok(()),
                other => Ok::<_, Failure<std::convert::Infallible>>(other?),
            }
        });
        settled.await.map_err(store_error)
    }

    /// Chaos that cannot be decided is no chaos: the delivery matters more than the fault.
    async fn fault_of(&self, app: &App, due: &DueDelivery, job: DeliveryJob) -> AttemptFault {
        let fault = attempt_fault(&self.world, app, due, job.resent).await;
        fault.unwrap_or_else(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "chaos could not be decided; the delivery goes out"
            );
            AttemptFault::default()
        })
    }

    /// How many updates may go out together, after the wait for them. Only a first attempt takes others along.
    async fn batch_of(&self, due: &DueDelivery, job: DeliveryJob, fault: &AttemptFault) -> Option<u32> {
        if due.attempt_count > 0 || due.is_batch_lead || job.resent {
            return None;
        }
        if let Some((by, most)) = fault.batch {
            if !by.is_zero() {
                self.world.process.sleep(by).await;
            }
            return Some(most);
        }
        self.world.switches.current().webhooks_batching.then_some(BATCH_MAX)
    }
}

fn store_error(failure: Failure<std::convert::Infallible>) -> StoreError {
    match failure {
        Failure::Refused(never) => match never {},
        Failure::Store(error) => error,
    }
}

fn load(tx: &Tx<'_>, leased: Leased, generation: u64) -> Result<Task, StoreError> {
    let job = DeliveryJob::decode(&leased.payload).ok_or_else(|| StoreError::Corrupt {
        what: "delivery job",
        value: String::from_utf8_lossy(&leased.payload).into_owned(),
    })?;
    let Some(due) = deliveries::due(tx, job.delivery)? else {
        return Ok(Task {
            leased,
            job,
            generation,
            ready: None,
            members: Vec::new(),
        });
    };
    let app = apps::by_key(tx, due.app)?;
    let members = if due.is_batch_lead && !job.resent {
        deliveries::batched(tx, due.key)?
    } else {
        Vec::new()
    };
    let ready = app.and_then(|app| {
        let url = app.subscription.as_ref()?.callback_url.clone();
        Some((due, app, url))
    });
    Ok(Task {
        leased,
        job,
        generation,
        ready,
        members,
    })
}

fn settle(
    tx: &Tx<'_>,
    leased: &Leased,
    job: DeliveryJob,
    due: Option<&DueDelivery>,
    members: &[DueDelivery],
    ended: Option<&Ended>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let (Some(due), Some(ended)) = (due, ended) else {
        for key in members.iter().map(|member| member.key).chain([job.delivery]) {
            deliveries::give_up(tx, key, REASON_NO_CALLBACK)?;
        }
        return Ok(QUEUE.done(tx.jobs(), leased)?);
    };
    let settle_all = |settlement: &Settlement| -> Result<(), StoreError> {
        for one in members.iter().chain([due]) {
            deliveries::settle(tx, one.key, &ended.attempt, settlement)?;
        }
        Ok(())
    };
    if ended.acknowledged {
        settle_all(&Settlement::Delivered)?;
        return Ok(QUEUE.done(tx.jobs(), leased)?);
    }
    if job.resent {
        deliveries::insert_attempt(tx, due.key, &ended.attempt)?;
        return Ok(QUEUE.done(tx.jobs(), leased)?);
    }
    let policy = placement_of(&due.field).map_or(retries::CHANGES, retries::policy);
    if let Some(at_ms) = policy.next_attempt_at_ms(due.attempt_count.saturating_add(1), due.created_at_ms, now_ms) {
        settle_all(&Settlement::RetryAt(at_ms))?;
        let cause = ended
            .attempt
            .error
            .clone()
            .unwrap_or_else(|| format!("status {}", ended.attempt.status.unwrap_or_default()));
        return Ok(QUEUE.retry(tx.jobs(), leased, at_ms, &cause)?);
    }
    settle_all(&Settlement::Dead(REASON_RETRIES_EXHAUSTED.to_owned()))?;
    if policy.disables_install {
        grants::disable_install(tx, due.app, due.account, due.flow, now_ms)?;
    }
    Ok(QUEUE.done(tx.jobs(), leased)?)
}

pub(super) fn placement_of(field: &str) -> Option<selfsame_wire::events::Placement> {
    selfsame_wire::events::by_field(field).map(|spec| spec.placement)
}
