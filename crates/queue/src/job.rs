//! A job as its owner sees it: new, leased, or looked at from outside.

use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use selfsame_runtime::clock::ProcessTime;
use serde::Serialize;

/// Names a job for ever; never used twice in one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct JobId(i64);

impl JobId {
    /// From the number stored beside the job's row.
    pub const fn from_i64(id: i64) -> Self {
        Self(id)
    }

    /// The number, for storing beside the job's row.
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

impl ToSql for JobId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for JobId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}

/// A job to be enqueued.
#[derive(Debug, Clone, Copy)]
pub struct NewJob<'job> {
    /// The line it stands in; none means that it waits for nobody.
    pub key: Option<&'job str>,
    /// What the worker gets.
    pub payload: &'job [u8],
    /// When it may first be leased, in the clock that the caller of `lease` passes.
    pub due_at_ms: i64,
}

/// A job that one worker holds. It must end as done, retried or buried before the lease expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// The job.
    pub id: JobId,
    /// The line it stands in.
    pub key: Option<String>,
    /// What was enqueued.
    pub payload: Vec<u8>,
    /// How often it has been leased, this time included.
    pub attempts: u32,
    /// The previous lease was never settled: its holder died or was too slow, and what it did is unknown.
    pub interrupted: bool,
    /// When it was due.
    pub due_at_ms: i64,
    /// It stands at the head of its line: the jobs behind it wait for its holder.
    pub is_head: bool,
    /// Tells this lease from every other lease of the job.
    pub(crate) lease_number: i64,
}

impl Leased {
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            key: row.get("key")?,
            payload: row.get("payload")?,
            attempts: row.get("attempts")?,
            interrupted: row.get("interrupted")?,
            due_at_ms: row.get("due_at_ms")?,
            is_head: row.get("is_head")?,
            lease_number: row.get("lease_number")?,
        })
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Behind others in the line of its key.
    Waiting,
    /// May be leased once it is due.
    Ready,
    /// Somebody works on it.
    Leased,
    /// Given up, kept to be looked at.
    Buried,
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "waiting" => Ok(Self::Waiting),
            "ready" => Ok(Self::Ready),
            "leased" => Ok(Self::Leased),
            "buried" => Ok(Self::Buried),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A job as it lies in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    /// The job.
    pub id: JobId,
    /// The line it stands in.
    pub key: Option<String>,
    /// Where it stands.
    pub state: State,
    /// When it may be leased.
    pub due_at_ms: i64,
    /// How often it has been leased.
    pub attempts: u32,
    /// Its last lease was never settled.
    pub interrupted: bool,
    /// Why it was retried or buried last.
    pub cause: Option<String>,
    /// What was enqueued.
    pub payload: Vec<u8>,
}

impl JobView {
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            key: row.get("key")?,
            state: row.get("state")?,
            due_at_ms: row.get("due_at_ms")?,
            attempts: row.get("attempts")?,
            interrupted: row.get("interrupted")?,
            cause: row.get("cause")?,
            payload: row.get("payload")?,
        })
    }
}

/// The job behind a leased one, to which the lease is to go on when that one is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextInLine {
    /// The job that is expected there.
    pub id: JobId,
    /// Now, in the clock of the due times.
    pub now_ms: i64,
    /// When its lease expires.
    pub expires: ProcessTime,
}

/// How many jobs stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// May be leased, now or later.
    pub ready: u64,
    /// Being worked on.
    pub leased: u64,
    /// Behind others of their key.
    pub waiting: u64,
    /// Given up.
    pub buried: u64,
}

/// Why the queue did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The lease is over: it expired, was voided, or is settled already. Whoever holds the job now decides about it.
    #[error("the lease of job {} is over", .0.as_i64())]
    LeaseOver(JobId),
    /// SQLite failed.
    #[error("the queue's table failed")]
    Sqlite(#[from] rusqlite::Error),
}
