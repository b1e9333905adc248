//! The journal of calls: every call to Graph and OAuth, accepted or refused, recorded beside the answer and never before it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::store::calls::{self, NewCall};
use crate::store::{Durability, Failure, Store, StoreError};

/// Calls that may wait to be written; beyond it the oldest are dropped and counted.
const PENDING_MAX: usize = 8_192;
/// Calls written in one transaction.
const BATCH_MAX: usize = 512;

/// Where answered calls wait to be written. Clones are the same journal.
#[derive(Debug, Clone, Default)]
pub struct Journal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pending: Mutex<Pending>, // nothing awaits under this lock
    /// One writer at a time, so that calls keep their order.
    writing: tokio::sync::Mutex<()>,
    recorded: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Pending {
    calls: VecDeque<NewCall>,
    dropped_count: u64,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            pending: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            recorded: watch::Sender::new(0),
        }
    }
}

impl Journal {
    /// Takes note of an answered call; it is written soon.
    pub fn record(&self, call: NewCall) {
        {
            let mut pending = self.0.pending.lock().unwrap_or_else(PoisonError::into_inner);
            if pending.calls.len() >= PENDING_MAX {
                pending.calls.pop_front();
                pending.dropped_count = pending.dropped_count.saturating_add(1);
            }
            pending.calls.push_back(call);
        }
        self.0.recorded.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Changes whenever a call was recorded.
    pub fn recorded(&self) -> watch::Receiver<u64> {
        self.0.recorded.subscribe()
    }

    /// Writes what waits. Readers call it first, so that they see every call answered before.
    pub async fn flush(&self, store: &Store) -> Result<(), StoreError> {
        let _writing = self.0.writing.lock().await;
        loop {
            let batch = self.take();
            if batch.is_empty() {
                return Ok(());
            }
            let written = store
                .write(Durability::Relaxed, move |tx| -> Result<(), Failure<Infallible>> {
                    for call in &batch {
                        calls::insert(tx, call)?;
                    }
                    Ok(())
                })
                .await;
            written?;
        }
    }

    /// Writes calls as they come, until `finish`; then the rest.
    pub async fn run(&self, store: &Store, finish: &CancellationToken) {
        let mut recorded = self.recorded();
        recorded.mark_changed();
        loop {
            tokio::select! {
                () = finish.cancelled() => break,
                changed = recorded.changed() => if changed.is_err() { break },
            }
            self.flush_or_log(store).await;
        }
        self.flush_or_log(store).await;
    }

    async fn flush_or_log(&self, store: &Store) {
        if let Err(error) = self.flush(store).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "calls could not be written to the journal"
            );
        }
    }

    fn take(&self) -> Vec<NewCall> {
        let mut pending = self.0.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.dropped_count > 0 {
            tracing::warn!(dropped_count = pending.dropped_count, "the journal of calls overflowed");
            pending.dropped_count = 0;
        }
        let count = pending.calls.len().min(BATCH_MAX);
        pending.calls.drain(..count).collect()
    }
}
