//! The queue against a model that keeps everything in plain lists.

use std::collections::BTreeMap;

use proptest::prelude::*;
use selfsame_queue::{Counts, JobId, Leased, NextInLine, Order, Queue, QueueError, State};
use selfsame_runtime::clock::ProcessTime;

use crate::house::House;

const KEYS: [Option<&str>; 4] = [None, Some("a"), Some("b"), Some("c")];

#[derive(Debug, Clone)]
enum Step {
    Enqueue {
        key: usize,
        due_at_ms: i64,
    },
    Lease {
        now_ms: i64,
        expires_ms: i64,
        limit: u32,
    },
    /// Settles one of the leases handed out so far, live or over.
    Done(prop::sample::Index),
    /// Settles one, as done or to be retried, and wants to go on with one of the jobs made so far.
    Then {
        lease: prop::sample::Index,
        retry_at_ms: Option<i64>,
        next: prop::sample::Index,
        now_ms: i64,
        expires_ms: i64,
    },
    Retry(prop::sample::Index, i64),
    Bury(prop::sample::Index),
    Reap(i64),
    Crash,
    Cancel(prop::sample::Index),
    Reschedule(prop::sample::Index, i64),
    Revive(prop::sample::Index, i64),
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        6 => (0..KEYS.len(), 0..20_i64).prop_map(|(key, due_at_ms)| Step::Enqueue { key, due_at_ms }),
        6 => (0..20_i64, 0..20_i64, 1..5_u32)
            .prop_map(|(now_ms, expires_ms, limit)| Step::Lease { now_ms, expires_ms, limit }),
        4 => index().prop_map(Step::Done),
        4 => (index(), prop::option::of(0..20_i64), index(), 0..20_i64, 0..20_i64)
            .prop_map(|(lease, retry_at_ms, next, now_ms, expires_ms)| Step::Then { lease, retry_at_ms, next, now_ms, expires_ms }),
        3 => (index(), 0..20_i64).prop_map(|(which, due)| Step::Retry(which, due)),
        2 => index().prop_map(Step::Bury),
        2 => (0..20_i64).prop_map(Step::Reap),
        1 => Just(Step::Crash),
        1 => index().prop_map(Step::Cancel),
        1 => (index(), 0..20_i64).prop_map(|(which, due)| Step::Reschedule(which, due)),
        2 => (index(), 0..20_i64).prop_map(|(which, due)| Step::Revive(which, due)),
    ]
}

/// A job of the model. Whether it may be leased is worked out from its line each time, never stored.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, so that the state is derived and not kept"
)]
struct ModelJob {
    key: Option<&'static str>,
    due_at_ms: i64,
    attempts: u32,
    lease: Option<(u32, i64)>,
    is_buried: bool,
    interrupted: bool,
    /// Came to the front of its line, and keeps it until it leaves the line.
    is_head: bool,
    /// Stands in the line of its key: not buried, and in the order of first attempts not failed yet.
    is_in_line: bool,
}

struct Model {
    order: Order,
    jobs: BTreeMap<JobId, ModelJob>,
}

impl Model {
    /// Puts the oldest job of each headless line at its front.
    fn promote(&mut self) {
        for key in KEYS.into_iter().flatten() {
            let in_line = |job: &ModelJob| job.key == Some(key) && job.is_in_line;
            if self.jobs.values().any(|job| in_line(job) && job.is_head) {
                continue;
            }
            if let Some(oldest) = self.jobs.values_mut().find(|job| in_line(job)) {
                oldest.is_head = true;
            }
        }
    }

    fn leave_line(job: &mut ModelJob) {
        job.is_head = false;
        job.is_in_line = false;
    }

    fn fail(&mut self, id: JobId) {
        let order = self.order;
        let job = self.jobs.get_mut(&id).unwrap();
        job.lease = None;
        if order == Order::FirstAttempts {
            Self::leave_line(job);
        }
        self.promote();
    }

    fn state(job: &ModelJob) -> State {
        if job.is_buried {
            State::Buried
        } else if job.lease.is_some() {
            State::Leased
        } else if job.is_in_line && !job.is_head {
            State::Waiting
        } else {
            State::Ready
        }
    }

    fn lease(&mut self, now_ms: i64, expires_ms: i64, limit: u32) -> Vec<JobId> {
        let mut due: Vec<(i64, JobId)> = self
            .jobs
            .iter()
            .filter(|(_, job)| Self::state(job) == State::Ready && job.due_at_ms <= now_ms)
            .map(|(id, job)| (job.due_at_ms, *id))
            .collect();
        due.sort_unstable();
        due.truncate(usize::try_from(limit).unwrap());
        for (_, id) in &due {
            let job = self.jobs.get_mut(id).unwrap();
            job.attempts += 1;
            job.lease = Some((job.attempts, expires_ms));
        }
        due.into_iter().map(|(_, id)| id).collect()
    }

    /// Whether the lease, known by its attempt, is still the job's.
    fn is_live(&self, leased: &Leased) -> bool {
        let lease = self.jobs.get(&leased.id).and_then(|job| job.lease);
        lease.is_some_and(|(attempt, _)| attempt == leased.attempts)
    }

    fn end_leases(&mut self, which: impl Fn(i64) -> bool) -> Vec<JobId> {
        let ended: Vec<JobId> = self
            .jobs
            .iter()
            .filter(|(_, job)| job.lease.is_some_and(|(_, expires_ms)| which(expires_ms)))
            .map(|(id, _)| *id)
            .collect();
        for id in &ended {
            self.jobs.get_mut(id).unwrap().interrupted = true;
            self.fail(*id);
        }
        ended
    }

    fn counts(&self) -> Counts {
        let count = |state| self.jobs.values().filter(|job| Self::state(job) == state).count() as u64;
        Counts {
            ready: count(State::Ready),
            leased: count(State::Leased),
            waiting: count(State::Waiting),
            buried: count(State::Buried),
        }
    }
}

#[expect(clippy::too_many_lines, reason = "one arm per operation reads best in one place")]
async fn run(order: Order, steps: Vec<Step>) {
    let mut house = House::open(Queue::new("model", order));
    let mut model = Model {
        order,
        jobs: BTreeMap::new(),
    };
    let mut made: Vec<JobId> = Vec::new();
    let mut leases: Vec<Leased> = Vec::new();
    for step in steps {
        match step {
            Step::Enqueue { key, due_at_ms } => {
                let key = KEYS[key];
                let id = house.enqueue(key, due_at_ms).await;
                made.push(id);
                let job = ModelJob {
                    key,
                    due_at_ms,
                    attempts: 0,
                    lease: None,
                    is_buried: false,
                    interrupted: false,
                    is_head: false,
                    is_in_line: key.is_some(),
                };
                model.jobs.insert(id, job);
                model.promote();
            }
            Step::Lease {
                now_ms,
                expires_ms,
                limit,
            } => {
                let handed_out = house.lease(now_ms, expires_ms, limit).await;
                let expected = model.lease(now_ms, expires_ms, limit);
                assert_eq!(crate::house::ids(&handed_out), expected);
                for lease in &handed_out {
                    let job = &model.jobs[&lease.id];
                    assert_eq!((lease.attempts, lease.interrupted), (job.attempts, job.interrupted));
                    assert_eq!(lease.key.as_deref(), job.key);
                }
                leases.extend(handed_out);
            }
            Step::Done(which) => {
                let Some(lease) = pick(&leases, which) else {
                    continue;
                };
                check(model.is_live(&lease), house.done(&lease).await);
                if model.is_live(&lease) {
                    model.jobs.remove(&lease.id);
                    model.promote();
                }
            }
            Step::Retry(which, due_at_ms) => {
                let Some(lease) = pick(&leases, which) else {
                    continue;
                };
                check(model.is_live(&lease), house.retry(&lease, due_at_ms).await);
                if model.is_live(&lease) {
                    let job = model.jobs.get_mut(&lease.id).unwrap();
                    job.due_at_ms = due_at_ms;
                    job.interrupted = false;
                    model.fail(lease.id);
                }
            }
            Step::Then {
                lease,
                retry_at_ms,
                next,
                now_ms,
                expires_ms,
            } => {
                let (Some(lease), Some(next)) = (pick(&leases, lease), pick(&made, next)) else {
                    continue;
                };
                let is_live = model.is_live(&lease);
                // Of a line whose head goes, the oldest that waits, and only if it is due.
                let was_head = model.jobs.get(&lease.id).is_some_and(|job| job.is_head);
                let gives_way = retry_at_ms.is_none() || order == Order::FirstAttempts;
                let waiting = model.jobs.iter().find(|(_, job)| {
                    job.key.is_some() && job.key == lease.key.as_deref() && Model::state(job) == State::Waiting
                });
                let expected = waiting
                    .filter(|(id, job)| is_live && was_head && gives_way && **id == next && job.due_at_ms <= now_ms)
                    .map(|(id, _)| *id);
                let then = NextInLine {
                    id: next,
                    now_ms,
                    expires: ProcessTime::from_millis(expires_ms),
                };
                let held = lease.clone();
                let settled = house
                    .run(move |queue, tx| match retry_at_ms {
                        None => queue.done_then(tx, &held, Some(then)),
                        Some(due_at_ms) => queue.retry_then(tx, &held, due_at_ms, "later", Some(then)),
                    })
                    .await;
                let taken = match settled {
                    Ok(taken) => taken,
                    Err(error) => {
                        check(is_live, Err(error));
                        continue;
                    }
                };
                assert!(is_live, "a lease that was over settled its job");
                assert_eq!(taken.as_ref().map(|lease| lease.id), expected);
                match retry_at_ms {
                    None => {
                        model.jobs.remove(&lease.id);
                        model.promote();
                    }
                    Some(due_at_ms) => {
                        let job = model.jobs.get_mut(&lease.id).unwrap();
                        job.due_at_ms = due_at_ms;
                        job.interrupted = false;
                        model.fail(lease.id);
                    }
                }
                if let Some(taken) = taken {
                    let job = model.jobs.get_mut(&taken.id).unwrap();
                    assert!(job.is_head && taken.is_head);
                    job.attempts += 1;
                    job.lease = Some((job.attempts, expires_ms));
                    leases.push(taken);
                }
            }
            Step::Bury(which) => {
                let Some(lease) = pick(&leases, which) else {
                    continue;
                };
                check(model.is_live(&lease), house.bury(&lease).await);
                if model.is_live(&lease) {
                    let job = model.jobs.get_mut(&lease.id).unwrap();
                    job.lease = None;
                    job.is_buried = true;
                    job.interrupted = false;
                    Model::leave_line(job);
                    model.promote();
                }
            }
            Step::Reap(now_ms) => {
                let mut reaped = house
                    .run(move |queue, tx| queue.reap_expired(tx, ProcessTime::from_millis(now_ms)))
                    .await
                    .unwrap();
                reaped.sort_unstable();
                assert_eq!(reaped, model.end_leases(|expires_ms| expires_ms <= now_ms));
            }
            Step::Crash => {
                house = house.reopen().await;
                let mut voided = house.run(Queue::void_leases).await.unwrap();
                voided.sort_unstable();
                assert_eq!(voided, model.end_leases(|_| true));
            }
            Step::Cancel(which) => {
                let Some(id) = pick(&made, which) else {
                    continue;
                };
                let cancelled = house.run(move |queue, tx| queue.cancel(tx, id)).await.unwrap();
                let expected = model.jobs.get(&id).is_some_and(|job| job.lease.is_none());
                assert_eq!(cancelled, expected);
                if expected {
                    model.jobs.remove(&id);
                    model.promote();
                }
            }
            Step::Reschedule(which, due_at_ms) => {
                let Some(id) = pick(&made, which) else {
                    continue;
                };
                let moved = house
                    .run(move |queue, tx| queue.reschedule(tx, id, due_at_ms))
                    .await
                    .unwrap();
                let job = model
                    .jobs
                    .get_mut(&id)
                    .filter(|job| job.lease.is_none() && !job.is_buried);
                assert_eq!(moved, job.is_some());
                if let Some(job) = job {
                    job.due_at_ms = due_at_ms;
                }
            }
            Step::Revive(which, due_at_ms) => {
                let Some(id) = pick(&made, which) else {
                    continue;
                };
                let revived = house
                    .run(move |queue, tx| queue.revive(tx, id, due_at_ms))
                    .await
                    .unwrap();
                let job = model.jobs.get_mut(&id).filter(|job| job.is_buried);
                assert_eq!(revived, job.is_some());
                if let Some(job) = job {
                    job.is_buried = false;
                    job.due_at_ms = due_at_ms;
                    job.is_in_line = job.key.is_some() && order == Order::StrictPerKey;
                    model.promote();
                }
            }
        }
        assert_eq!(house.counts().await, model.counts());
        for (id, job) in &model.jobs {
            let view = house.get(*id).await.unwrap();
            assert_eq!(
                (view.state, view.due_at_ms, view.attempts),
                (Model::state(job), job.due_at_ms, job.attempts)
            );
        }
    }
    house.database.close().await;
}

fn pick<T: Clone>(from: &[T], which: prop::sample::Index) -> Option<T> {
    if from.is_empty() {
        None
    } else {
        Some(which.get(from).clone())
    }
}

/// A live lease settles; one that is over is refused as such.
fn check(is_live: bool, settled: Result<(), QueueError>) {
    match settled {
        Ok(()) => assert!(is_live, "a lease that was over settled its job"),
        Err(QueueError::LeaseOver(_)) => assert!(!is_live, "a live lease was refused"),
        Err(QueueError::Sqlite(error)) => unreachable!("{error}"),
    }
}

fn check_against_model(order: Order, steps: Vec<Step>) {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(run(order, steps));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_strict_order_does_what_the_model_does(steps in prop::collection::vec(step(), 1..60)) {
        check_against_model(Order::StrictPerKey, steps);
    }

    #[test]
    fn the_order_of_first_attempts_does_what_the_model_does(steps in prop::collection::vec(step(), 1..60)) {
        check_against_model(Order::FirstAttempts, steps);
    }
}
