//! Posts events to engines: leased by thread, signed, retried, and given back when nobody takes them.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use selfsame_queue::{Doorbell, LeaseWanted, Leased, QueueError};
use selfsame_runtime::clock::ProcessClock;
use selfsame_runtime::db::{Database, Durability, Tx};
use selfsame_wire::ids::IgUserId;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::{SIGNATURE_1_HEADER, SIGNATURE_256_HEADER, sign};

use super::job::ForwardJob;
use super::shape::present;
use super::slots::{Slot, Slots};
use super::target::{SetBy, Target, target};
use crate::inbox::account_of_line;
use crate::metrics::{ForwardEnd, Metrics};
use crate::outbox::limits::backoff_ms;
use crate::outbox::state::EventState;
use crate::runs::Outcalls;
use crate::store::queues::FORWARD;
use crate::store::{StoreError, events, settings};

/// How often an event is offered before it is given up: with the pauses between, for about an hour of
/// real time, which is how long Instagram itself goes on.
pub const MOST_ATTEMPTS: u32 = 20;
/// How long an engine may take for an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long an event is leased for one offer; longer than the offer can take.
const LEASE: Duration = Duration::from_secs(30);
/// Due events that are looked at for some whose engine has a free place.
const LOOK_AT: u32 = 1_000;
/// When events are looked at again that wait for their engine behind so many others, in milliseconds of
/// process time.
const PUT_OFF_MS: i64 = 5_000;
/// The header that says which automations the event would have run.
const LANE_HEADER: &str = "x-selfsame-lane";
/// The header that is the same whenever the same event is offered again.
const EVENT_HEADER: &str = "x-selfsame-event";

/// Everything that handing events over needs. Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct Forwarder {
    /// The gateway's database.
    pub database: Database,
    /// Process time: leases and pauses.
    pub process: ProcessClock,
    /// Where events go unless said otherwise for their account.
    pub of_gateway: Option<Target>,
    /// Reaches what the API named, under the rules of `http` steps.
    pub outcalls: Outcalls,
    /// Reaches what whoever started the gateway named.
    pub trusted_outcalls: Outcalls,
    /// The names of the app secrets, as taken-in bodies tell them.
    pub secret_names: std::sync::Arc<[String]>,
    /// The app secrets of those names.
    pub secrets: std::sync::Arc<[AppSecret]>,
    /// How many offers each engine holds.
    pub slots: Slots,
    /// Rung when there is something to hand over.
    pub bell: Doorbell,
    /// Counters.
    pub metrics: Metrics,
}

/// An event that was leased, with where it goes.
pub(crate) struct Parcel {
    leased: Leased,
    job: Option<ForwardJob>,
    /// Where it goes, and the place it has there.
    target: Option<(Target, Slot)>,
}

/// What became of one offer.
enum Offer {
    Taken(String),
    NotTaken(String),
    Nowhere,
}

/// The places that the events of one round take at their engines.
struct Places<'a> {
    forwarder: &'a Forwarder,
    targets: HashMap<IgUserId, Option<Target>>,
    taken: HashMap<IgUserId, Vec<Slot>>,
}

impl Places<'_> {
    /// Whether an event of this line may be offered: its engine has a place, which it takes, or it has
    /// no engine at all.
    fn admit(&mut self, tx: &Tx<'_>, key: Option<&str>) -> Result<bool, StoreError> {
        let Some(account) = key.and_then(account_of_line) else {
            return Ok(true);
        };
        let Some(target) = self.target(tx, &account)? else {
            return Ok(true);
        };
        let Some(slot) = self.forwarder.slots.take(&target.url) else {
            return Ok(false);
        };
        self.taken.entry(account).or_default().push(slot);
        Ok(true)
    }

    /// Where an event that was admitted goes, with its place there.
    fn of(&mut self, tx: &Tx<'_>, account: &IgUserId) -> Result<Option<(Target, Slot)>, StoreError> {
        let Some(target) = self.target(tx, account)? else {
            return Ok(None);
        };
        let reserved = self.taken.get_mut(account).and_then(Vec::pop);
        // A line of an older release may not name its account.
        let slot = reserved.unwrap_or_else(|| self.forwarder.slots.take_anyhow(&target.url));
        Ok(Some((target, slot)))
    }

    fn target(&mut self, tx: &Tx<'_>, account: &IgUserId) -> Result<Option<Target>, StoreError> {
        if let Some(known) = self.targets.get(account) {
            return Ok(known.clone());
        }
        let found = target(tx, account, self.forwarder.of_gateway.as_ref())?;
        self.targets.insert(account.clone(), found.clone());
        Ok(found)
    }
}

/// Makes one round: offers what is due, up to `limit`, at the same time. Answers how many offers were
/// made.
pub async fn forward_once(forwarder: &Forwarder, limit: u32) -> Result<usize, StoreError> {
    let parcels = forwarder.lease(limit).await?;
    let n_parcels = parcels.len();
    let results = join_all(parcels.into_iter().map(|parcel| forwarder.take(parcel))).await;
    results.into_iter().collect::<Result<Vec<()>, _>>()?;
    Ok(n_parcels)
}

impl Forwarder {
    /// Leases what is due. Relaxed: what is lost with the machine is offered again.
    pub(crate) async fn lease(&self, limit: u32) -> Result<Vec<Parcel>, StoreError> {
        let now = self.process.now();
        let is_due = self
            .database
            .read(move |connection| {
                let due = FORWARD.next_due(connection)?.is_some_and(|due| due <= now.as_millis());
                let expired = FORWARD.next_expiry(connection)?.is_some_and(|expiry| expiry <= now);
                Ok::<_, StoreError>((due || expired) && !settings::kill_switch(connection)?)
            })
            .await
            .map_err(StoreError::from)?;
        if !is_due || limit == 0 {
            return Ok(Vec::new());
        }
        let forwarder = self.clone();
        self.database
            .write(Durability::Relaxed, move |tx| {
                FORWARD.reap_expired(tx, now)?;
                let mut places = Places {
                    forwarder: &forwarder,
                    targets: HashMap::new(),
                    taken: HashMap::new(),
                };
                let wanted = LeaseWanted {
                    now_ms: now.as_millis(),
                    expires: now.plus(LEASE),
                    limit,
                    look_at: LOOK_AT,
                    put_off_until_ms: now.as_millis().saturating_add(PUT_OFF_MS),
                };
                let leased = FORWARD.lease_admitted(tx, wanted, |key| places.admit(tx, key))?;
                let mut parcels = Vec::with_capacity(leased.len());
                for leased in leased {
                    let job = ForwardJob::decode(&leased.payload);
                    let target = match &job {
                        Some(job) => places.of(tx, &job.handover.account)?,
                        None => None,
                    };
                    parcels.push(Parcel { leased, job, target });
                }
                Ok::<_, StoreError>(parcels)
            })
            .await
            .map_err(StoreError::from)
    }

    /// Offers an event and records what came of it.
    pub(crate) async fn take(&self, parcel: Parcel) -> Result<(), StoreError> {
        let Parcel { leased, job, target } = parcel;
        let Some(job) = job else {
            return self.bury(leased).await;
        };
        let offer = match &target {
            Some((target, slot)) => self.offer(&job, target, slot).await,
            None => Offer::Nowhere,
        };
        let now_ms = self.process.now().as_millis();
        let metrics = self.metrics.clone();
        let end = self
            .database
            .write(Durability::Relaxed, move |tx| {
                let attempts = leased.attempts;
                if let Offer::NotTaken(cause) = &offer
                    && attempts < MOST_ATTEMPTS
                {
                    let due_at_ms = now_ms.saturating_add(backoff_ms(attempts));
                    if !is_held(FORWARD.retry(tx, &leased, due_at_ms, cause))? {
                        return Ok(None);
                    }
                } else if !is_held(FORWARD.done(tx, &leased))? {
                    return Ok(None);
                }
                end(tx, &job, attempts, &offer, now_ms).map(Some)
            })
            .await
            .map_err(StoreError::from)?;
        // Its place is free before the next is leased.
        drop(target);
        if let Some(end) = end {
            metrics.forwarded(end);
        }
        // The next of the line may be due now.
        self.bell.ring();
        Ok(())
    }

    async fn offer(&self, job: &ForwardJob, target: &Target, slot: &Slot) -> Offer {
        let body = present(&job.body, &job.handover, target.shape);
        let named = self
            .secret_names
            .iter()
            .position(|name| *name == job.handover.signed_with);
        // A secret that is gone, or a body that was forgotten: the first app is the likeliest.
        let Some(secret) = self.secrets.get(named.unwrap_or_default()) else {
            return Offer::NotTaken("there is no app secret to sign with".to_owned());
        };
        let signatures = sign(secret, &body);
        let event = format!("e{}", job.handover.event_id);
        let headers = [
            ("content-type", "application/json"),
            (SIGNATURE_256_HEADER, &signatures.sha256),
            (SIGNATURE_1_HEADER, &signatures.sha1),
            (LANE_HEADER, job.handover.lane.as_str()),
            (EVENT_HEADER, &event),
        ];
        let outcalls = match target.set_by {
            SetBy::Gateway => &self.trusted_outcalls,
            SetBy::Account => &self.outcalls,
        };
        let answer = outcalls.post(&target.url, &headers, body, ANSWER_WITHIN).await;
        slot.answered(answer.is_ok());
        match answer {
            Ok(status) if (200..300).contains(&status) => {
                Offer::Taken(format!("taken by {} with {status}", target.host()))
            }
            Ok(status) => Offer::NotTaken(format!("{} answered {status}", target.host())),
            Err(cause) => Offer::NotTaken(cause),
        }
    }

    /// A job that cannot be read is kept where it is, for somebody to look at.
    async fn bury(&self, leased: Leased) -> Result<(), StoreError> {
        self.database
            .write(Durability::Relaxed, move |tx| {
                Ok::<_, StoreError>(FORWARD.bury(tx, &leased, "the job cannot be read")?)
            })
            .await
            .map_err(StoreError::from)
    }
}

/// Whether the job was still ours to settle. One that was erased meanwhile is not: nothing is written of it.
fn is_held(settled: Result<(), QueueError>) -> Result<bool, StoreError> {
    match settled {
        Ok(()) => Ok(true),
        Err(QueueError::LeaseOver(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Writes down what became of an offer whose job is settled.
fn end(tx: &Tx<'_>, job: &ForwardJob, attempts: u32, offer: &Offer, now_ms: i64) -> Result<ForwardEnd, StoreError> {
    let event_id = job.handover.event_id;
    match offer {
        Offer::Taken(by) => {
            events::note(tx, event_id, by)?;
            Ok(ForwardEnd::Taken)
        }
        Offer::NotTaken(cause) if attempts < MOST_ATTEMPTS => {
            events::note(tx, event_id, &format!("not taken after {attempts} tries: {cause}"))?;
            Ok(ForwardEnd::Retried)
        }
        Offer::NotTaken(cause) => {
            let reason = format!("given up after {attempts} tries: {cause}. Release it to offer it again");
            events::give_back(tx, event_id, EventState::Failed, &reason, &job.body, now_ms)?;
            Ok(ForwardEnd::Buried)
        }
        Offer::Nowhere => {
            events::give_back(tx, event_id, EventState::Parked, NOWHERE, &job.body, now_ms)?;
            Ok(ForwardEnd::GivenBack)
        }
    }
}

const NOWHERE: &str = "the account has no engine any more that it could be handed to: release it to have the \
    automations answer";
