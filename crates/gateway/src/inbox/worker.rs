//! Leases events and decides them, many lines at a time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use selfsame_queue::{Doorbell, Leased};
use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::db::{Database, Durability};
use selfsame_wire::webhook::{self, Incoming};

use crate::account_book::AccountBook;
use crate::forward::Target;
use crate::metrics::Metrics;
use crate::outbox::state::EventState;
use crate::shelf::Shelf;
use crate::store::StoreError;
use crate::store::events::{self, NewEvent};
use crate::store::queues::INBOX;

use super::desk::{Desk, Handled};
use super::held::HeldEvents;
use super::job::EventJob;

/// Lines that are worked on in one round.
const LINES_AT_ONCE: u32 = 128;
/// How long a worker may take for a round. Long, because deciding makes no call; a lease that ends
/// unused belongs to a process that died, and those are ended at the opening.
const LEASE: Duration = Duration::from_mins(1);
/// Tries after which an event that cannot be decided is given up. Waiting for a call counts too, and
/// may take forty looks.
const MOST_TRIES: u32 = 100;
/// Pause after a failed try, in milliseconds of process time.
const PAUSE_AFTER_FAILURE_MS: i64 = 500;

/// Everything the inbox works with. Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct Inbox {
    /// The gateway's database.
    pub database: Database,
    /// World time: what automations call now.
    pub world: WorldClock,
    /// Process time: leases, holds, budget.
    pub process: ProcessClock,
    /// Connected accounts.
    pub accounts: Arc<dyn AccountBook>,
    /// The automations.
    pub shelf: Shelf,
    /// Own events that may be answered within a minute.
    pub self_answers_per_minute: u32,
    /// Whether the accounts are real.
    pub is_real: bool,
    /// Where events go in place of the automations, unless said otherwise for their account.
    pub forward: Option<Target>,
    /// Rung when something may be handed to somebody's own engine.
    pub forward_bell: Doorbell,
    /// Events that wait for a call to end.
    pub held: HeldEvents,
    /// Rung when a run may go on.
    pub runs_bell: Doorbell,
    /// Rung when something may be sent.
    pub outbox_bell: Doorbell,
    /// Counters.
    pub metrics: Metrics,
}

/// An event that was leased and read.
struct Task {
    leased: Leased,
    job: EventJob,
    incoming: Incoming,
}

/// Makes one round: leases the heads of the lines and decides each in a transaction of its own; they
/// share commits. Answers how many events were looked at.
///
/// Relaxed: what is lost with the machine is decided again from the raw body, because anything sent in
/// between was preceded by a durable commit, which syncs this one too.
pub async fn inbox_once(inbox: &Inbox) -> Result<usize, StoreError> {
    let leased = inbox.lease().await?;
    let n_leased = leased.len();
    let results = join_all(leased.into_iter().map(|leased| inbox.take(leased))).await;
    let (mut has_sends, mut has_forwards) = (false, false);
    for result in results {
        let handled = result?;
        has_sends |= matches!(handled, Some(Handled::Answered { .. } | Handled::Settled));
        has_forwards |= handled == Some(Handled::Forwarded);
        if let Some(handled) = handled {
            inbox.metrics.event(handled);
        }
    }
    if has_sends {
        inbox.outbox_bell.ring();
        inbox.runs_bell.ring();
    }
    if has_forwards {
        inbox.forward_bell.ring();
    }
    Ok(n_leased)
}

impl Inbox {
    async fn lease(&self) -> Result<Vec<Leased>, StoreError> {
        let now = self.process.now();
        let is_due = self
            .database
            .read(move |connection| {
                let due = INBOX.next_due(connection)?.is_some_and(|due| due <= now.as_millis());
                let expired = INBOX.next_expiry(connection)?.is_some_and(|expiry| expiry <= now);
                Ok::<_, StoreError>(due || expired)
            })
            .await
            .map_err(StoreError::from)?;
        if !is_due {
            return Ok(Vec::new());
        }
        self.database
            .write(Durability::Relaxed, move |tx| {
                INBOX.reap_expired(tx, now)?;
                Ok::<_, StoreError>(INBOX.lease(tx, now.as_millis(), now.plus(LEASE), LINES_AT_ONCE)?)
            })
            .await
            .map_err(StoreError::from)
    }

    async fn take(&self, leased: Leased) -> Result<Option<Handled>, StoreError> {
        let Some(task) = read(&leased) else {
            self.bury(leased, None, "the job cannot be read").await?;
            return Ok(None);
        };
        let task = Arc::new(task);
        let shared = Arc::clone(&task);
        let inbox = self.clone();
        let result = self
            .database
            .write(Durability::Relaxed, move |tx| {
                let desk = Desk {
                    accounts: inbox.accounts.as_ref(),
                    shelf: &inbox.shelf,
                    now: inbox.world.now(),
                    now_ms: inbox.process.now().as_millis(),
                    self_answers_per_minute: inbox.self_answers_per_minute,
                    is_real: inbox.is_real,
                    forward: inbox.forward.as_ref(),
                    metrics: &inbox.metrics,
                };
                let (handled, place) = desk.handle(tx, &shared.leased, &shared.job, &shared.incoming)?;
                if let Some(place) = place {
                    inbox.held.add(place, shared.leased.id);
                }
                Ok::<_, StoreError>(handled)
            })
            .await;
        match result.map_err(StoreError::from) {
            Ok(handled) => Ok(Some(handled)),
            Err(error) if error.is_panic() => {
                self.bury(
                    task.leased.clone(),
                    Some(Arc::clone(&task)),
                    "deciding it failed unexpectedly",
                )
                .await?;
                Ok(Some(Handled::Failed))
            }
            Err(error) if task.leased.attempts >= MOST_TRIES => {
                self.bury(
                    task.leased.clone(),
                    Some(Arc::clone(&task)),
                    &format!("given up: {error}"),
                )
                .await?;
                Ok(Some(Handled::Failed))
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    delivery.id = task.job.origin.delivery_id,
                    "an event could not be decided and is tried again"
                );
                let due_at_ms = self.process.now().as_millis().saturating_add(PAUSE_AFTER_FAILURE_MS);
                self.database
                    .write(Durability::Relaxed, move |tx| {
                        Ok::<_, StoreError>(INBOX.retry(tx, &task.leased, due_at_ms, "deciding failed")?)
                    })
                    .await
                    .map_err(StoreError::from)?;
                Ok(None)
            }
        }
    }

    /// Gives an event up: kept in the queue, and listed with its reason.
    async fn bury(&self, leased: Leased, task: Option<Arc<Task>>, reason: &str) -> Result<(), StoreError> {
        let reason = reason.to_owned();
        let now_ms = self.process.now().as_millis();
        self.database
            .write(Durability::Relaxed, move |tx| {
                INBOX.bury(tx, &leased, &reason)?;
                let Some(task) = task else { return Ok(()) };
                events::insert(
                    tx,
                    &NewEvent {
                        delivery_id: task.job.origin.delivery_id,
                        position: task.job.origin.position,
                        account: task.incoming.entry_id.as_ref(),
                        kind: super::trigger::kind_of(&task.incoming.event),
                        identity: None,
                        person: None,
                        own: task.incoming.is_self,
                        subject: super::trigger::subject_of(&task.incoming),
                        said: super::trigger::said_by(&task.incoming),
                        occurred_at_ms: task.job.origin.received_world_ms,
                        state: EventState::Failed,
                        reason: Some(&reason),
                        trace: None,
                        decided_at_ms: now_ms,
                        payload: Some(&task.job.body),
                    },
                )?;
                Ok::<_, StoreError>(())
            })
            .await
            .map_err(StoreError::from)
    }
}

fn read(leased: &Leased) -> Option<Task> {
    let job = EventJob::decode(&leased.payload)?;
    let incoming = webhook::parse(&job.body).events.into_iter().next()?;
    Some(Task {
        leased: leased.clone(),
        job,
        incoming,
    })
}
