//! The operations. Each is part of the caller's transaction.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use selfsame_runtime::clock::ProcessTime;
use selfsame_runtime::db::Tx;

use crate::job::{Counts, JobId, JobView, Leased, NewJob, NextInLine, QueueError};
use crate::sql;

/// What a failed job means for the jobs behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// One job of a key at a time, oldest first; a retried job keeps its place, a buried one gives it up.
    StrictPerKey,
    /// First attempts of a key are made in order; a job that failed once tries on by itself and holds back nothing.
    FirstAttempts,
}

/// A named queue in the jobs table of the caller's database.
#[derive(Debug, Clone, Copy)]
pub struct Queue {
    name: &'static str,
    order: Order,
}

/// What [`Queue::lease_admitted`] is to lease.
#[derive(Debug, Clone, Copy)]
pub struct LeaseWanted {
    /// Now, in the clock of the due times.
    pub now_ms: i64,
    /// When the leases end.
    pub expires: ProcessTime,
    /// Leases at most.
    pub limit: u32,
    /// Due jobs that are looked at, at most.
    pub look_at: u32,
    /// When those are due again that were passed over by a look that had to end.
    pub put_off_until_ms: i64,
}

/// The line that a job stands in, if any.
struct Place {
    key: Option<String>,
    is_head: bool,
}

impl Place {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            key: row.get("key")?,
            is_head: row.get("is_head")?,
        })
    }
}

impl Queue {
    /// A queue. Its name is stored with each job, so it must not change.
    pub const fn new(name: &'static str, order: Order) -> Self {
        Self { name, order }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Adds a job at the end of its key's line.
    pub fn enqueue(&self, tx: &Tx<'_>, job: NewJob<'_>) -> Result<JobId, QueueError> {
        let (state, is_head) = self.place_for(tx, job.key)?;
        tx.prepare_cached(sql::INSERT)?.execute(params![
            self.name,
            job.key,
            state,
            is_head,
            job.due_at_ms,
            job.payload
        ])?;
        Ok(JobId::from_i64(tx.last_insert_rowid()))
    }

    /// Leases up to `limit` jobs that are due, longest due first. `now_ms` is in the clock of the due times.
    pub fn lease(&self, tx: &Tx<'_>, now_ms: i64, expires: ProcessTime, limit: u32) -> Result<Vec<Leased>, QueueError> {
        let mut statement = tx.prepare_cached(sql::LEASE)?;
        let rows = statement.query_map(params![self.name, now_ms, expires.as_millis(), limit], Leased::from_row)?;
        let mut leased = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        // RETURNING promises no order.
        leased.sort_unstable_by_key(|job| (job.due_at_ms, job.id));
        Ok(leased)
    }

    /// Leases up to `limit` jobs that are due, longest due first, passing over those whose key `admits` refuses.
    ///
    /// At most `look_at` due jobs are looked at. When that ends the look, those passed over are due again at
    /// `put_off_until_ms`, so that they do not stand before the others for ever.
    pub fn lease_admitted<E: From<QueueError>>(
        &self,
        tx: &Tx<'_>,
        wanted: LeaseWanted,
        mut admits: impl FnMut(Option<&str>) -> Result<bool, E>,
    ) -> Result<Vec<Leased>, E> {
        let due = self.list_due(tx, wanted.now_ms, wanted.look_at)?;
        let is_cut = due.len() >= usize::try_from(wanted.look_at).unwrap_or(usize::MAX);
        let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
        let mut leased = Vec::new();
        let mut passed_over = Vec::new();
        for (id, key) in due {
            if leased.len() >= limit {
                return Ok(leased);
            }
            if admits(key.as_deref())? {
                leased.extend(self.lease_one(tx, id, wanted.expires)?);
            } else {
                passed_over.push(id);
            }
        }
        if is_cut {
            for id in passed_over {
                self.reschedule(tx, id, wanted.put_off_until_ms)?;
            }
        }
        Ok(leased)
    }

    fn list_due(&self, tx: &Tx<'_>, now_ms: i64, look_at: u32) -> Result<Vec<(JobId, Option<String>)>, QueueError> {
        let mut statement = tx.prepare_cached(sql::LIST_DUE)?;
        let rows = statement.query_map(params![self.name, now_ms, look_at], |row| {
            Ok((row.get("id")?, row.get("key")?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn lease_one(&self, tx: &Tx<'_>, id: JobId, expires: ProcessTime) -> Result<Option<Leased>, QueueError> {
        Ok(tx
            .prepare_cached(sql::LEASE_ONE)?
            .query_row(params![id, self.name, expires.as_millis()], Leased::from_row)
            .optional()?)
    }

    /// The job is finished: it is deleted and the next of its line promoted.
    pub fn done(&self, tx: &Tx<'_>, leased: &Leased) -> Result<(), QueueError> {
        self.done_then(tx, leased, None).map(drop)
    }

    /// [`done`](Self::done), and in the same step the lease goes on to `next`: many of one line can be settled by one commit, and nobody
    /// comes between. Answers its lease; `None` when another job is next or it is not due, and then that one was promoted as usual.
    pub fn done_then(
        &self,
        tx: &Tx<'_>,
        leased: &Leased,
        next: Option<NextInLine>,
    ) -> Result<Option<Leased>, QueueError> {
        let place = self.leased_place(tx, leased)?;
        tx.prepare_cached(sql::DONE)?.execute([leased.id])?;
        self.leave_to(tx, &place, next)
    }

    /// The job failed and is to be tried again at `due_at_ms`.
    pub fn retry(&self, tx: &Tx<'_>, leased: &Leased, due_at_ms: i64, cause: &str) -> Result<(), QueueError> {
        self.retry_then(tx, leased, due_at_ms, cause, None).map(drop)
    }

    /// [`retry`](Self::retry), and when that leaves the line, the lease goes on to `next` as in [`done_then`](Self::done_then).
    pub fn retry_then(
        &self,
        tx: &Tx<'_>,
        leased: &Leased,
        due_at_ms: i64,
        cause: &str,
        next: Option<NextInLine>,
    ) -> Result<Option<Leased>, QueueError> {
        let place = self.leased_place(tx, leased)?;
        let stays_head = self.stays_head(&place);
        tx.prepare_cached(sql::RETRY)?
            .execute(params![leased.id, stays_head, due_at_ms, cause])?;
        if stays_head {
            Ok(None)
        } else {
            self.leave_to(tx, &place, next)
        }
    }

    /// The job is given up and kept; the next of its line is promoted.
    pub fn bury(&self, tx: &Tx<'_>, leased: &Leased, cause: &str) -> Result<(), QueueError> {
        let place = self.leased_place(tx, leased)?;
        tx.prepare_cached(sql::BURY)?.execute(params![leased.id, cause])?;
        self.leave(tx, &place)
    }

    /// Moves the end of a lease that still runs.
    pub fn extend(&self, tx: &Tx<'_>, leased: &Leased, expires: ProcessTime) -> Result<(), QueueError> {
        let n_changed = tx.prepare_cached(sql::EXTEND)?.execute(params![
            leased.id,
            self.name,
            leased.lease_number,
            expires.as_millis()
        ])?;
        if n_changed == 0 {
            Err(QueueError::LeaseOver(leased.id))
        } else {
            Ok(())
        }
    }

    /// Ends every lease, for a start: whoever held one is dead. The jobs become ready, marked as interrupted. Answers their ids.
    pub fn void_leases(&self, tx: &Tx<'_>) -> Result<Vec<JobId>, QueueError> {
        let ended = tx
            .prepare_cached(sql::LEASED_IDS)?
            .query_map(params![self.name], |row| Ok((row.get("id")?, Place::from_row(row)?)))?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        self.interrupt(tx, ended)
    }

    /// Ends the leases that have expired at `now`. The jobs become ready, marked as interrupted. Answers their ids.
    pub fn reap_expired(&self, tx: &Tx<'_>, now: ProcessTime) -> Result<Vec<JobId>, QueueError> {
        let ended = tx
            .prepare_cached(sql::EXPIRED_IDS)?
            .query_map(params![self.name, now.as_millis()], |row| {
                Ok((row.get("id")?, Place::from_row(row)?))
            })?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        self.interrupt(tx, ended)
    }

    /// Removes a job that nobody holds, whatever its state; `false` when it is leased or gone.
    pub fn cancel(&self, tx: &Tx<'_>, id: JobId) -> Result<bool, QueueError> {
        let place = tx
            .prepare_cached(sql::CANCEL)?
            .query_row(params![id, self.name], Place::from_row)
            .optional()?;
        match place {
            Some(place) => {
                self.leave(tx, &place)?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Moves the due time of a job that waits or is ready; `false` when it is leased, buried or gone. Its place in the line stays.
    pub fn reschedule(&self, tx: &Tx<'_>, id: JobId, due_at_ms: i64) -> Result<bool, QueueError> {
        let n_changed = tx
            .prepare_cached(sql::RESCHEDULE)?
            .execute(params![id, self.name, due_at_ms])?;
        Ok(n_changed > 0)
    }

    /// The clock of the due times was set back: what waits or is ready goes on waiting for as long as it would have. Jobs that are
    /// never due of themselves (`i64::MAX`) stay so.
    pub fn bring_forward(&self, tx: &Tx<'_>, by_ms: i64) -> Result<usize, QueueError> {
        let mut n_changed: usize = 0;
        for statement in [sql::BRING_READY_FORWARD, sql::BRING_WAITING_FORWARD] {
            let changed = tx
                .prepare_cached(statement)?
                .execute(params![self.name, by_ms, i64::MAX])?;
            n_changed = n_changed.saturating_add(changed);
        }
        Ok(n_changed)
    }

    /// Brings a buried job back; `false` when it is not buried. In a strict line it comes right after the present head; jobs of
    /// the other order try on by themselves.
    pub fn revive(&self, tx: &Tx<'_>, id: JobId, due_at_ms: i64) -> Result<bool, QueueError> {
        let buried: Option<Option<String>> = tx
            .prepare_cached(sql::BURIED_KEY)?
            .query_row(params![id, self.name], |row| row.get("key"))
            .optional()?;
        let Some(key) = buried else { return Ok(false) };
        let (state, is_head) = match self.order {
            Order::StrictPerKey => self.place_for(tx, key.as_deref())?,
            Order::FirstAttempts => ("ready", false),
        };
        tx.prepare_cached(sql::REVIVE)?
            .execute(params![id, state, is_head, due_at_ms])?;
        Ok(true)
    }

    /// How many jobs stand where. Costs time in proportion to the answer, so call it on a reader.
    pub fn counts(&self, connection: &Connection) -> Result<Counts, QueueError> {
        let count = |statement| -> rusqlite::Result<u64> {
            let n_jobs: i64 = connection
                .prepare_cached(statement)?
                .query_row(params![self.name], |row| row.get(0))?;
            Ok(u64::try_from(n_jobs).unwrap_or(0))
        };
        Ok(Counts {
            ready: count(sql::COUNT_READY)?,
            leased: count(sql::COUNT_LEASED)?,
            waiting: count(sql::COUNT_WAITING)?,
            buried: count(sql::COUNT_BURIED)?,
        })
    }

    /// When the next ready job is due; it may be in the past.
    pub fn next_due(&self, connection: &Connection) -> Result<Option<i64>, QueueError> {
        Ok(connection
            .prepare_cached(sql::NEXT_DUE)?
            .query_row(params![self.name], |row| row.get(0))
            .optional()?)
    }

    /// When the next lease expires.
    pub fn next_expiry(&self, connection: &Connection) -> Result<Option<ProcessTime>, QueueError> {
        let expires_ms = connection
            .prepare_cached(sql::NEXT_EXPIRY)?
            .query_row(params![self.name], |row| row.get(0))
            .optional()?;
        Ok(expires_ms.map(ProcessTime::from_millis))
    }

    /// One job.
    pub fn get(&self, connection: &Connection, id: JobId) -> Result<Option<JobView>, QueueError> {
        Ok(connection
            .prepare_cached(sql::GET)?
            .query_row(params![id, self.name], JobView::from_row)
            .optional()?)
    }

    /// Buried jobs made after `after`, oldest first.
    pub fn buried(&self, connection: &Connection, after: JobId, limit: u32) -> Result<Vec<JobView>, QueueError> {
        let mut statement = connection.prepare_cached(sql::LIST_BURIED)?;
        let rows = statement.query_map(params![self.name, after, limit], JobView::from_row)?;
        Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?)
    }

    /// The jobs that wait behind the head of a line, oldest first.
    pub fn line(&self, connection: &Connection, key: &str, limit: u32) -> Result<Vec<JobView>, QueueError> {
        let mut statement = connection.prepare_cached(sql::LIST_LINE)?;
        let rows = statement.query_map(params![self.name, key, limit], JobView::from_row)?;
        Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?)
    }

    /// Where a job goes that joins the line of `key` now.
    fn place_for(&self, tx: &Tx<'_>, key: Option<&str>) -> Result<(&'static str, bool), QueueError> {
        let Some(key) = key else {
            return Ok(("ready", false));
        };
        let has_head = tx.prepare_cached(sql::HAS_HEAD)?.exists(params![self.name, key])?;
        Ok(if has_head { ("waiting", false) } else { ("ready", true) })
    }

    fn leased_place(&self, tx: &Tx<'_>, leased: &Leased) -> Result<Place, QueueError> {
        tx.prepare_cached(sql::LEASED_IS_HEAD)?
            .query_row(params![leased.id, self.name, leased.lease_number], Place::from_row)
            .optional()?
            .ok_or(QueueError::LeaseOver(leased.id))
    }

    /// Whether a failed head keeps its place.
    fn stays_head(&self, place: &Place) -> bool {
        place.is_head && self.order == Order::StrictPerKey
    }

    /// Promotes the next of the line when its head has left it.
    fn leave(&self, tx: &Tx<'_>, place: &Place) -> Result<(), QueueError> {
        if place.is_head {
            tx.prepare_cached(sql::PROMOTE)?
                .execute(params![self.name, place.key])?;
        }
        Ok(())
    }

    /// [`leave`](Self::leave), except that `next` is leased and not only promoted, if it is the next.
    fn leave_to(&self, tx: &Tx<'_>, place: &Place, next: Option<NextInLine>) -> Result<Option<Leased>, QueueError> {
        if let Some(next) = next.filter(|_| place.is_head) {
            let waiting = tx
                .prepare_cached(sql::NEXT_IN_LINE)?
                .query_row(params![self.name, place.key, next.id, next.now_ms], Leased::from_row)
                .optional()?;
            if let Some(waiting) = waiting {
                tx.prepare_cached(sql::LEASE_NEXT)?
                    .execute(params![next.id, next.expires.as_millis()])?;
                return Ok(Some(Leased {
                    attempts: waiting.attempts.saturating_add(1),
                    lease_number: waiting.lease_number.saturating_add(1),
                    is_head: true,
                    ..waiting
                }));
            }
        }
        self.leave(tx, place)?;
        Ok(None)
    }

    fn interrupt(&self, tx: &Tx<'_>, ended: Vec<(JobId, Place)>) -> Result<Vec<JobId>, QueueError> {
        let mut ids = Vec::with_capacity(ended.len());
        for (id, place) in ended {
            let stays_head = self.stays_head(&place);
            tx.prepare_cached(sql::INTERRUPT)?.execute(params![id, stays_head])?;
            if !stays_head {
                self.leave(tx, &place)?;
            }
            ids.push(id);
        }
        Ok(ids)
    }
}
