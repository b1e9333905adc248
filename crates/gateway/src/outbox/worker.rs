//! Leases sends, makes their calls, records what became of them.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use selfsame_client::GraphClient;
use selfsame_queue::{Doorbell, Leased};
use selfsame_runtime::clock::{ProcessClock, ProcessTime, WorldClock};
use selfsame_runtime::db::{Database, Durability, Tx};

use crate::account_book::AccountBook;
use crate::automation::PlannedStep;
use crate::inbox::HeldEvents;
use crate::metrics::Metrics;
use crate::store::StoreError;
use crate::store::ledger_accounts::{self, LedgerAccount};
use crate::store::queues::{INBOX, NEVER, OUTBOX};
use crate::store::sends::{self, CallStart, SendRow};
use crate::store::{events, settings};
use crate::world_time::WorldTime;

use super::call::{self, Call, Ended};
use super::limits::{CALL_TIMEOUT_MS, MOST_COUNTED, UPKEEP_BATCH};
use super::pace::{Class, Pace};
use super::record;
use super::state::SendState;
use super::waiting::Waiting;

/// Everything the outbox works with. Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct Outbox {
    /// The gateway's database.
    pub database: Database,
    /// World time: due times, call windows.
    pub world: WorldClock,
    /// Due times follow it when it is set back.
    pub world_time: WorldTime,
    /// Process time: leases, time-outs.
    pub process: ProcessClock,
    /// The way to Instagram.
    pub client: GraphClient,
    /// Connected accounts.
    pub accounts: Arc<dyn AccountBook>,
    /// Events that wait for a call to end.
    pub held: HeldEvents,
    /// How fast accounts may call; none: as fast as they can.
    pub pace: Option<Pace>,
    /// Callers that wait for the end of a send.
    pub waiting: Waiting,
    /// Rung when something may be sent.
    pub outbox_bell: Doorbell,
    /// Rung when a held event may be looked at.
    pub inbox_bell: Doorbell,
    /// Counters.
    pub metrics: Metrics,
}

/// A send that was leased: its call must be made now.
pub struct Turn {
    pub(super) leased: Leased,
    pub(super) send: SendRow,
    pub(super) step: PlannedStep,
    pub(super) call: Call,
    pub(super) deadline: ProcessTime,
}

/// What became of a leased job before its call.
enum Prepared {
    /// Its call is to be made.
    Turn(Box<Turn>),
    /// There is no call to make.
    Settled,
    /// Its account may not call yet.
    PutOff,
}

/// How often jobs without a call make room for others within one lease.
const MOST_ROUNDS: u32 = 64;

/// Makes one round: leases what is due, up to `limit`, makes the calls at the same time, records each.
/// Answers how many calls were made.
pub async fn outbox_once(outbox: &Outbox, limit: u32) -> Result<usize, StoreError> {
    let turns = outbox.lease(limit).await?;
    let n_turns = turns.len();
    let results = join_all(turns.into_iter().map(|turn| outbox.take(turn))).await;
    results.into_iter().collect::<Result<Vec<()>, _>>()?;
    Ok(n_turns)
}

impl Outbox {
    /// Ends the leases of a former life: their calls were made or not, nobody knows. Run once at the
    /// opening, before anything is leased.
    pub(crate) fn recover(&self, tx: &Tx<'_>) -> Result<usize, StoreError> {
        let now = self.now();
        if let Some(pace) = &self.pace {
            let second_ago_ms = now.process_ms.saturating_sub(1_000);
            let hour_ago_ms = now.process_ms.saturating_sub(3_600_000);
            for (account, class, began_ms) in sends::list_counting(tx, second_ago_ms, hour_ago_ms, MOST_COUNTED)? {
                pace.remember(&account, class, began_ms);
            }
        }
        let ended = OUTBOX.void_leases(tx)?;
        for job_id in &ended {
            record::interrupted(tx, *job_id, now, "the gateway stopped during the call")?;
        }
        Ok(ended.len())
    }

    /// Leases what is due. The commit is durable and comes before any call: after it, whatever
    /// happens, a leased send is never made again by itself.
    pub async fn lease(&self, limit: u32) -> Result<Vec<Turn>, StoreError> {
        self.world_time.follow(&self.database).await?;
        let now_world_ms = self.world.now().as_millisecond();
        let is_due = self
            .database
            .read(move |connection| {
                let due = OUTBOX.next_due(connection)?.is_some_and(|due| due <= now_world_ms);
                Ok::<_, StoreError>(due && !settings::kill_switch(connection)?)
            })
            .await
            .map_err(StoreError::from)?;
        if !is_due || limit == 0 {
            return Ok(Vec::new());
        }
        let outbox = self.clone();
        self.database
            .write(Durability::Durable, move |tx| outbox.lease_in(tx, limit))
            .await
            .map_err(StoreError::from)
    }

    fn lease_in(&self, tx: &Tx<'_>, limit: u32) -> Result<Vec<Turn>, StoreError> {
        let now = self.now();
        let deadline = ProcessTime::from_millis(now.process_ms.saturating_add(CALL_TIMEOUT_MS));
        let mut turns: Vec<Turn> = Vec::new();
        // A job that is settled without a call, or put off, makes room for others.
        for _ in 0..MOST_ROUNDS {
            let free = limit.saturating_sub(u32::try_from(turns.len()).unwrap_or(u32::MAX));
            let mut made_room = false;
            for leased in OUTBOX.lease(tx, now.world_ms, deadline, free)? {
                match self.prepare(tx, leased, now, deadline)? {
                    Prepared::Turn(turn) => turns.push(*turn),
                    Prepared::Settled => made_room = true,
                    // In a world that stands it stays due and would be leased again and again.
                    Prepared::PutOff => made_room |= !now.world_stands,
                }
            }
            if !made_room {
                break;
            }
        }
        Ok(turns)
    }

    /// Turns a leased job into a call, or settles it when there is none to make.
    fn prepare(&self, tx: &Tx<'_>, leased: Leased, now: Now, deadline: ProcessTime) -> Result<Prepared, StoreError> {
        let Some(send) = sends::find_by_job(tx, leased.id)? else {
            OUTBOX.done(tx, &leased)?;
            return Ok(Prepared::Settled);
        };
        if send.state != SendState::Ready {
            // Settled while its job was still in the lane.
            OUTBOX.done(tx, &leased)?;
            sends::set_job(tx, send.id, None)?;
            return Ok(Prepared::Settled);
        }
        if send.call_before_ms.is_some_and(|before_ms| before_ms < now.process_ms) {
            record::give_up(tx, &leased, &send, NOBODY_WAITS, now)?;
            return Ok(Prepared::Settled);
        }
        let account = ledger_accounts::load(tx, &send.account)?;
        let step: PlannedStep = match serde_json::from_str(&send.step) {
            Ok(step) => step,
            Err(error) => {
                let reason = format!("the planned step cannot be read: {error}");
                record::give_up(tx, &leased, &send, &reason, now)?;
                return Ok(Prepared::Settled);
            }
        };
        let flow = call::flow_of(&step);
        let Some(caller) = self.accounts.caller(tx, &send.account, flow)? else {
            let reason = match flow {
                Some(_) => "a mention is answered through the Facebook login only: connect the account through it",
                None => "the account has no usable token: connect it again",
            };
            record::give_up(tx, &leased, &send, reason, now)?;
            return Ok(Prepared::Settled);
        };
        if let Some(paused) = call::pause_of(&step)
            && send.attempts > 0
        {
            // The typing sign was shown on the first attempt; this is the end of the pause.
            let _: Duration = paused;
            record::step_done(tx, &leased, &send, now)?;
            return Ok(Prepared::Settled);
        }
        let class = Class::of(&step, |comment_id| {
            let known = events::find_comment(tx, &send.account, comment_id)?;
            Ok::<_, StoreError>(known.is_some_and(|comment| comment.live))
        })?;
        if let Some(wait_ms) = self.must_wait_ms(&account, &send, class, now) {
            let due_at_ms = if now.world_stands {
                now.world_ms
            } else {
                now.world_ms.saturating_add(wait_ms)
            };
            OUTBOX.retry(tx, &leased, due_at_ms, "waits for its rate limit")?;
            return Ok(Prepared::PutOff);
        }
        sends::begin_call(
            tx,
            send.id,
            CallStart {
                started_at_ms: now.process_ms,
                deadline_ms: deadline.as_millis(),
                started_world_ms: now.world_ms,
                skew_ms: account.skew_ms,
                class,
            },
        )?;
        let call = Call {
            caller,
            self_send_form: account.self_send_form,
        };
        Ok(Prepared::Turn(Box::new(Turn {
            leased,
            send,
            step,
            call,
            deadline,
        })))
    }

    /// How long a call must wait for its account's allowance, in milliseconds; none: it may begin, and is
    /// counted.
    fn must_wait_ms(&self, account: &LedgerAccount, send: &SendRow, class: Class, now: Now) -> Option<i64> {
        if account.held_until_ms > now.world_ms {
            return Some(account.held_until_ms.saturating_sub(now.world_ms));
        }
        let again_ms = self.pace.as_ref()?.begin(&send.account, class, now.process_ms).err()?;
        Some(again_ms.saturating_sub(now.process_ms).max(1))
    }

    /// Makes the call of a leased send and records what became of it.
    pub async fn take(&self, turn: Turn) -> Result<(), StoreError> {
        let ended = call::make(&self.client, &self.process, &turn).await;
        self.metrics.call_ended(&ended);
        self.record(turn, ended).await
    }

    /// Relaxed: should this be lost, the send is in doubt, which is true.
    async fn record(&self, turn: Turn, ended: Ended) -> Result<(), StoreError> {
        let outbox = self.clone();
        let (send_id, place) = (turn.send.id, turn.send.place.clone());
        self.waiting.told_usage(send_id, &ended.usage.headers);
        self.database
            .write(Durability::Relaxed, move |tx| {
                record::ended(tx, &outbox, &turn, &ended, outbox.now())?;
                if let Some(place) = &place {
                    let now_ms = outbox.process.now().as_millis();
                    for job_id in outbox.held.take(place) {
                        INBOX.reschedule(tx, job_id, now_ms)?;
                    }
                }
                Ok::<_, StoreError>(())
            })
            .await
            .map_err(StoreError::from)?;
        self.waiting.ended(send_id);
        self.inbox_bell.ring();
        self.outbox_bell.ring();
        Ok(())
    }

    /// Leases that have expired become doubts; doubts that have lasted are parked. Answers how many
    /// sends were moved.
    pub async fn upkeep_once(&self) -> Result<usize, StoreError> {
        let now = self.now();
        let blocked_since = now.process_ms.saturating_sub(super::limits::DOUBT_BLOCKS_MS);
        let is_due = self
            .database
            .read(move |connection| {
                let lease_over = OUTBOX
                    .next_expiry(connection)?
                    .is_some_and(|expiry| expiry.as_millis() <= now.process_ms);
                let doubt_over = sends::oldest_doubt_ms(connection)?.is_some_and(|since| since <= blocked_since);
                Ok::<_, StoreError>(lease_over || doubt_over)
            })
            .await
            .map_err(StoreError::from)?;
        if !is_due {
            return Ok(0);
        }
        let moved = self
            .database
            .write(Durability::Relaxed, move |tx| {
                let expired = OUTBOX.reap_expired(tx, ProcessTime::from_millis(now.process_ms))?;
                for job_id in &expired {
                    record::interrupted(tx, *job_id, now, "the call outlived its lease")?;
                }
                let overdue = sends::list_overdue_doubts(tx, blocked_since, UPKEEP_BATCH)?;
                for send in &overdue {
                    super::settle::park(tx, send, PARKED)?;
                }
                Ok::<_, StoreError>(expired.len().saturating_add(overdue.len()))
            })
            .await
            .map_err(StoreError::from)?;
        if moved > 0 {
            self.inbox_bell.ring();
            self.outbox_bell.ring();
        }
        Ok(moved)
    }

    /// Both clocks.
    pub(super) fn now(&self) -> Now {
        let world: Timestamp = self.world.now();
        Now {
            process_ms: self.process.now().as_millis(),
            world_ms: world.as_millisecond(),
            world_stands: self.world.status().frozen,
        }
    }
}

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    /// Process time in milliseconds.
    pub(crate) process_ms: i64,
    /// World time in milliseconds.
    pub(crate) world_ms: i64,
    /// Whether world time is frozen, so that a pause in it would never end.
    pub(crate) world_stands: bool,
}

/// The reason of a send that came too late for whoever had asked for it.
pub(super) const NOBODY_WAITS: &str = "its turn came after whoever asked for it had stopped waiting; it was not sent";

const PARKED: &str = "nobody knows whether Instagram accepted it, and no echo came: look at the thread, \
    then send it again if it is missing";

/// Blocks a job's lane until the ledger moves it.
pub(super) fn block_lane(tx: &Tx<'_>, leased: &Leased, cause: &str) -> Result<(), StoreError> {
    Ok(OUTBOX.retry(tx, leased, NEVER, cause)?)
}
