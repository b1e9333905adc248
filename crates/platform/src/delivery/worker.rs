//! The delivery worker: leases due jobs, many by one commit, and makes their attempts side by side.
//!
//! Deliveries of one line are attempted one after the other. Whoever leases the first takes along what waits behind it (a *stretch*) and
//! settles while the next attempt is under way: each settlement hands the lease on to the next of the line in its own transaction, so
//! that rows and jobs always agree and nobody comes between. What was attempted and not settled when the process dies is
//! delivered again, in its order.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use selfsame_queue::{JobId, Leased, NextInLine, QueueError, StepOutcome};
use selfsame_runtime::shutdown::Shutdown;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::attempt::{Ended, attempt};
use super::batch::{gather, joined};
use super::fault::{AttemptFault, attempt_fault};
use super::gathering::{Gatherings, Part};
use super::transport::DeliveryTransport;
use crate::chaos::{BATCH_MAX, Target};
use crate::domain::app::App;
use crate::domain::keys::AppKey;
use crate::domain::retries;
use crate::store::deliveries::{DueDelivery, Settlement};
use crate::store::delivery_jobs::{DeliveryJob, QUEUE};
use crate::store::{Durability, Failure, StoreError, Tx, apps, deliveries, grants};
use crate::world::World;

/// Attempts under way at one time.
const CONCURRENT_ATTEMPTS_MAX: usize = 64;
/// Deliveries of one line in one stretch: after so many the line takes its turn among the others, and so many are delivered twice at most
/// when the process dies.
const STRETCH_MAX: usize = 64;
/// How long a stretch goes on, and it ends with the first attempt that fails: what it has read (URL, secret, chaos) may be another by now.
const STRETCH_FOR: Duration = Duration::from_secs(1);
/// Deliveries that one commit takes out of the queue: bounds how long other writers wait for it.
const LEASED_TOGETHER_MAX: usize = 256;
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
    gatherings: Gatherings,
}

/// A leased job, and those behind it in its line that are attempted after it.
struct Stretch {
    /// The lease of the first.
    leased: Leased,
    /// Of the world that the jobs belong to.
    generation: u64,
    /// The first, and what comes after it.
    tasks: VecDeque<Task>,
}

/// A job with what its attempt needs.
struct Task {
    id: JobId,
    job: DeliveryJob,
    /// `None`: nothing left to attempt.
    ready: Option<Ready>,
    /// What the delivery takes along in the same POST.
    members: Vec<DueDelivery>,
    /// Jobs of those that have joined it from other lines.
    joined: Vec<Leased>,
}

/// A delivery and where it goes.
struct Ready {
    due: DueDelivery,
    app: Arc<App>,
    url: String,
}

/// A task whose attempt ended; it is not settled yet.
struct Attempted {
    task: Task,
    /// `None`: there was nothing to attempt.
    ended: Option<Ended>,
    /// The task that comes after it in its stretch.
    next: Option<JobId>,
}

impl Deliverer {
    /// A worker with nothing in hand.
    pub(crate) fn new(world: World, transport: DeliveryTransport) -> Self {
        Self {
            world,
            transport,
            free: Arc::new(Semaphore::new(CONCURRENT_ATTEMPTS_MAX)),
            gatherings: Gatherings::default(),
        }
    }

    /// Makes every due attempt (of as many lines as may be under way at one time) and settles them.
    pub(crate) async fn run_once(&self) -> Result<StepOutcome, StoreError> {
        self.run(CONCURRENT_ATTEMPTS_MAX, STRETCH_MAX).await
    }

    /// Makes one due attempt and settles it.
    pub(crate) async fn run_one(&self) -> Result<StepOutcome, StoreError> {
        self.run(1, 1).await
    }

    async fn run(&self, n_lines: usize, stretch: usize) -> Result<StepOutcome, StoreError> {
        let stretches = self.lease(n_lines, stretch).await?;
        if stretches.is_empty() {
            return self.idle().await;
        }
        for settled in join_all(stretches.into_iter().map(|stretch| self.carry_out(stretch))).await {
            settled?;
        }
        Ok(StepOutcome::Worked)
    }

    /// Leases as many stretches as there is room for and lets them go on by themselves; a slow callback holds back no other.
    pub(crate) async fn dispatch(&self, shutdown: &Shutdown) -> Result<StepOutcome, StoreError> {
        let first = Arc::clone(&self.free).acquire_owned().await;
        let Ok(first) = first else {
            return Ok(StepOutcome::Idle { next_due_at_ms: None });
        };
        let room = self.free.available_permits().saturating_add(1);
        let stretches = self.lease(room, STRETCH_MAX).await?;
        if stretches.is_empty() {
            drop(first);
            return self.idle().await;
        }
        let mut permit = Some(first);
        for stretch in stretches {
            let held: Option<OwnedSemaphorePermit> = match permit.take() {
                Some(permit) => Some(permit),
                None => Arc::clone(&self.free).acquire_owned().await.ok(),
            };
            let deliverer = self.clone();
            shutdown.spawn("delivery", async move {
                if let Err(error) = deliverer.carry_out(stretch).await {
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

    async fn lease(&self, limit: usize, stretch: usize) -> Result<Vec<Stretch>, StoreError> {
        let now_ms = self.world.clock.now_ms();
        let expires = self.world.process.now().plus(LEASE);
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let world = self.world.clone();
        let leased = self.world.store.write(Durability::Relaxed, move |tx| {
            let leased = QUEUE
                .lease(tx.jobs(), now_ms, expires, limit)
                .map_err(StoreError::from)?;
            // What gathers others into its POST must find them waiting, and chaos says only at the attempt whether it gathers.
            let is_alone = world.switches.current().webhooks_batching || world.chaos.is_armed(Target::Delivery);
            let most = if is_alone {
                1
            } else {
                (LEASED_TOGETHER_MAX / leased.len().max(1)).clamp(1, stretch)
            };
            let mut loader = Loader::new(tx);
            let stretches = leased
                .into_iter()
                .map(|leased| loader.stretch(leased, most, now_ms, world.generation.current()));
            Ok::<_, Failure<std::convert::Infallible>>(stretches.collect::<Result<Vec<_>, _>>()?)
        });
        leased.await.map_err(StoreError::from)
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
            reaped.await.map_err(StoreError::from)?;
            return Ok(StepOutcome::Worked);
        }
        let next_due_at_ms = self
            .world
            .store
            .read(|connection| Ok(QUEUE.next_due(connection)?))
            .await?;
        Ok(StepOutcome::Idle { next_due_at_ms })
    }

    /// Makes the attempts of a stretch one after the other and settles them meanwhile.
    async fn carry_out(&self, stretch: Stretch) -> Result<(), StoreError> {
        let Stretch {
            leased,
            generation,
            tasks,
        } = stretch;
        let (ended, to_settle) = mpsc::channel(STRETCH_MAX);
        let ((), settled) = tokio::join!(
            self.attempt_all(&leased, generation, tasks, ended),
            self.settle_all(leased.clone(), generation, to_settle)
        );
        settled
    }

    /// Ends when the settling has ended: nobody holds the rest of the stretch then.
    async fn attempt_all(
        &self,
        leased: &Leased,
        generation: u64,
        mut tasks: VecDeque<Task>,
        ended: mpsc::Sender<Attempted>,
    ) {
        let is_alone = tasks.len() == 1;
        let until = self.world.process.now().plus(STRETCH_FOR);
        while let Some(task) = tasks.pop_front() {
            let (task, made) = match self.attempt_one(leased, generation, task, is_alone).await {
                Ok(Some(attempted)) => attempted,
                Ok(None) => return, // settled with whoever takes it along
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "a delivery could not be attempted; it is tried again when its lease is over"
                    );
                    return;
                }
            };
            let goes_on = made.as_ref().is_none_or(|made| made.acknowledged) && self.world.process.now() < until;
            let next = tasks.front().map(|task| task.id).filter(|_| goes_on);
            let attempted = Attempted {
                task,
                ended: made,
                next,
            };
            if ended.send(attempted).await.is_err() || next.is_none() {
                return;
            }
        }
    }

    /// `None`: another delivery takes it along.
    async fn attempt_one(
        &self,
        leased: &Leased,
        generation: u64,
        mut task: Task,
        is_alone: bool,
    ) -> Result<Option<(Task, Option<Ended>)>, StoreError> {
        let job = task.job;
        let Some(Ready { due, app, url }) = &task.ready else {
            return Ok(Some((task, None)));
        };
        let fault = self.fault_of(app, due, job).await;
        // Only a first attempt takes others along, or is taken along.
        if is_alone && due.attempt_count == 0 && !due.is_batch_lead && !job.resent {
            if let Some((by, most)) = self.batch_of(&fault) {
                let part = self
                    .gatherings
                    .lead_or_join(generation, leased, due, most, fault.is_only_batch());
                let Part::Leads(gathering) = part else {
                    return Ok(None);
                };
                if by.is_zero() {
                    tokio::task::yield_now().await; // what was leased at the same time may join
                } else {
                    self.world.process.sleep(by).await;
                }
                let along = gather(&self.world, leased, due, gathering, most).await?;
                (task.members, task.joined) = (along.members, along.leases);
            } else if fault.is_only_batch() && self.gatherings.join(generation, leased, due) {
                return Ok(None);
            }
        }
        let batch = if task.members.is_empty() {
            None
        } else {
            joined(due, &task.members)
        };
        let raw = batch.as_deref().unwrap_or(&due.raw);
        let ended = attempt(
            &self.world,
            &self.transport,
            app,
            url,
            (due.flow, raw),
            &fault,
            job.signing,
        )
        .await;
        Ok(Some((task, Some(ended))))
    }

    /// Settles what has ended since the last time by one commit, over and over, until the stretch is through or its lease is lost.
    async fn settle_all(
        &self,
        leased: Leased,
        generation: u64,
        mut ended: mpsc::Receiver<Attempted>,
    ) -> Result<(), StoreError> {
        let mut held = Some(leased);
        let mut together = Vec::new();
        while let Some(leased) = held
            && ended.recv_many(&mut together, STRETCH_MAX).await > 0
        {
            let chunk: Arc<[Attempted]> = std::mem::take(&mut together).into();
            held = match self
                .settle(leased.clone(), generation, Arc::clone(&chunk), 0..chunk.len())
                .await
            {
                // One of them cannot be settled; the others are nevertheless.
                Err(_) if chunk.len() > 1 => self.settle_singly(leased, generation, &chunk).await?,
                settled => settled?,
            };
        }
        Ok(())
    }

    async fn settle_singly(
        &self,
        leased: Leased,
        generation: u64,
        chunk: &Arc<[Attempted]>,
    ) -> Result<Option<Leased>, StoreError> {
        let mut held = Some(leased);
        for position in 0..chunk.len() {
            let Some(leased) = held else { break };
            held = self
                .settle(
                    leased,
                    generation,
                    Arc::clone(chunk),
                    position..position.saturating_add(1),
                )
                .await?;
        }
        Ok(held)
    }

    /// Settles a part of a chunk whose first job is held by `leased`; answers the lease of what comes after it in the stretch.
    async fn settle(
        &self,
        leased: Leased,
        generation: u64,
        chunk: Arc<[Attempted]>,
        part: std::ops::Range<usize>,
    ) -> Result<Option<Leased>, StoreError> {
        let now_ms = self.world.clock.now_ms();
        let expires = self.world.process.now().plus(LEASE);
        let world = self.world.clone();
        let settled = self.world.store.write(Durability::Relaxed, move |tx| {
            if world.generation.current() != generation {
                return Ok(None); // the world it was about is gone
            }
            let mut held = Some(leased);
            for attempted in chunk.get(part).unwrap_or_default() {
                let Some(leased) = held else { break };
                let next = attempted.next.map(|id| NextInLine { id, now_ms, expires });
                held = match settle(tx, &leased, attempted, next, now_ms) {
                    // Another process voided the lease: whoever holds the job now decides about it.
                    Err(StoreError::Queue(QueueError::LeaseOver(_))) => None,
                    Err(error) => return Err(error.into()),
                    Ok(next) => {
                        for joined in &attempted.task.joined {
                            match QUEUE.done(tx.jobs(), joined) {
                                Ok(()) | Err(QueueError::LeaseOver(_)) => {}
                                Err(error) => return Err(StoreError::from(error).into()),
                            }
                        }
                        let job = attempted.task.job;
                        if job.resent {
                            deliveries::resend_ended(tx, job.delivery)?;
                        }
                        next
                    }
                };
            }
            Ok::<_, Failure<std::convert::Infallible>>(held)
        });
        settled.await.map_err(StoreError::from)
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

    /// How long others are waited for, and how many updates may go out together.
    fn batch_of(&self, fault: &AttemptFault) -> Option<(Duration, u32)> {
        fault.batch.or_else(|| {
            let is_on = self.world.switches.current().webhooks_batching;
            is_on.then_some((Duration::ZERO, BATCH_MAX))
        })
    }
}

/// Reads what attempts need; an app once for all that go to it.
struct Loader<'t, 'c> {
    tx: &'t Tx<'c>,
    apps: HashMap<AppKey, Option<Arc<App>>>,
}

impl<'t, 'c> Loader<'t, 'c> {
    fn new(tx: &'t Tx<'c>) -> Self {
        Self {
            tx,
            apps: HashMap::new(),
        }
    }

    /// A leased job and, when it is the head of its line, what is due behind it: `most` together at most.
    fn stretch(&mut self, leased: Leased, most: usize, now_ms: i64, generation: u64) -> Result<Stretch, StoreError> {
        let mut tasks = VecDeque::from([self.task(leased.id, &leased.payload)?]);
        let behind = u32::try_from(most.saturating_sub(1)).unwrap_or(0);
        if behind > 0
            && leased.is_head
            && let Some(line) = &leased.key
        {
            for waiting in QUEUE.line(self.tx.jobs(), line, behind)? {
                if waiting.due_at_ms > now_ms {
                    break;
                }
                tasks.push_back(self.task(waiting.id, &waiting.payload)?);
            }
        }
        Ok(Stretch {
            leased,
            generation,
            tasks,
        })
    }

    fn task(&mut self, id: JobId, payload: &[u8]) -> Result<Task, StoreError> {
        let job = DeliveryJob::decode(payload).ok_or_else(|| StoreError::Corrupt {
            what: "delivery job",
            value: String::from_utf8_lossy(payload).into_owned(),
        })?;
        let due = deliveries::due(self.tx, job.delivery)?;
        let members = match &due {
            Some(due) if due.is_batch_lead && !job.resent => deliveries::batched(self.tx, due.key)?,
            _ => Vec::new(),
        };
        let ready = due.map(|due| self.ready(due)).transpose()?.flatten();
        Ok(Task {
            id,
            job,
            ready,
            members,
            joined: Vec::new(),
        })
    }

    /// `None`: the app is gone, or has no callback any more.
    fn ready(&mut self, due: DueDelivery) -> Result<Option<Ready>, StoreError> {
        let app = if let Some(app) = self.apps.get(&due.app) {
            app.clone()
        } else {
            let app = apps::by_key(self.tx, due.app)?.map(Arc::new);
            self.apps.insert(due.app, app.clone());
            app
        };
        Ok(app.and_then(|app| {
            let url = app.subscription.as_ref()?.callback_url.clone();
            Some(Ready { due, app, url })
        }))
    }
}

/// Stores what became of one attempt and ends its job; answers the lease of `next` when it went on to that.
fn settle(
    tx: &Tx<'_>,
    leased: &Leased,
    attempted: &Attempted,
    next: Option<NextInLine>,
    now_ms: i64,
) -> Result<Option<Leased>, StoreError> {
    let Attempted { task, ended, .. } = attempted;
    let (job, members) = (task.job, &task.members);
    let (Some(Ready { due, .. }), Some(ended)) = (&task.ready, ended) else {
        for key in members.iter().map(|member| member.key).chain([job.delivery]) {
            deliveries::give_up(tx, key, REASON_NO_CALLBACK)?;
        }
        return Ok(QUEUE.done_then(tx.jobs(), leased, next)?);
    };
    let settle_all = |settlement: &Settlement| -> Result<(), StoreError> {
        for one in members.iter().chain([due]) {
            deliveries::settle(tx, one.key, &ended.attempt, settlement)?;
        }
        Ok(())
    };
    if ended.acknowledged {
        settle_all(&Settlement::Delivered)?;
        return Ok(QUEUE.done_then(tx.jobs(), leased, next)?);
    }
    if job.resent {
        deliveries::insert_attempt(tx, due.key, &ended.attempt)?;
        return Ok(QUEUE.done_then(tx.jobs(), leased, next)?);
    }
    let policy = placement_of(&due.field).map_or(retries::CHANGES, retries::policy);
    if let Some(at_ms) = policy.next_attempt_at_ms(due.attempt_count.saturating_add(1), due.created_at_ms, now_ms) {
        settle_all(&Settlement::RetryAt(at_ms))?;
        let cause = ended
            .attempt
            .error
            .clone()
            .unwrap_or_else(|| format!("status {}", ended.attempt.status.unwrap_or_default()));
        return Ok(QUEUE.retry_then(tx.jobs(), leased, at_ms, &cause, next)?);
    }
    settle_all(&Settlement::Dead(REASON_RETRIES_EXHAUSTED.to_owned()))?;
    if policy.disables_install {
        grants::disable_install(tx, due.app, due.account, due.flow, now_ms)?;
    }
    Ok(QUEUE.done_then(tx.jobs(), leased, next)?)
}

pub(super) fn placement_of(field: &str) -> Option<selfsame_wire::events::Placement> {
    selfsame_wire::events::by_field(field).map(|spec| spec.placement)
}
