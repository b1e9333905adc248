//! Callers that wait for the end of a send. The ledger's row is the truth; this only wakes them up, and
//! dies with the process, as they do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use selfsame_runtime::db::Tx;
use tokio::sync::Notify;

use super::settle::leave_lane;
use super::state::SendState;
use super::worker::NOBODY_WAITS;
use crate::store::StoreError;
use crate::store::sends;

/// Who waits for which send. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct Waiting(Arc<Mutex<HashMap<i64, Arc<Bench>>>>);

/// Where somebody waits.
#[derive(Debug, Default)]
struct Bench {
    notify: Notify,
    usage: Mutex<Vec<(&'static str, String)>>,
}

/// Somebody who waits; dropping it ends the waiting.
#[derive(Debug)]
pub struct Waiter {
    waiting: Waiting,
    send_ids: Vec<i64>,
    bench: Arc<Bench>,
}

impl Waiting {
    /// Waits for these sends.
    pub fn wait_for(&self, send_ids: Vec<i64>) -> Waiter {
        let bench = Arc::<Bench>::default();
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for send_id in &send_ids {
            waiting.insert(*send_id, Arc::clone(&bench));
        }
        drop(waiting);
        Waiter {
            waiting: self.clone(),
            send_ids,
            bench,
        }
    }

    /// The headers by which the answer of a send's call told how much of the allowances is used up.
    pub(super) fn told_usage(&self, send_id: i64, headers: &[(&'static str, String)]) {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bench) = waiting.get(&send_id) {
            *bench.usage.lock().unwrap_or_else(PoisonError::into_inner) = headers.to_vec();
        }
    }

    /// The call of a send has ended, and the end is recorded.
    pub(super) fn ended(&self, send_id: i64) {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bench) = waiting.get(&send_id) {
            bench.notify.notify_one();
        }
    }
}

impl Waiter {
    /// Ends when one of the sends may have come further. One that happened before is not missed.
    pub async fn woken(&self) {
        self.bench.notify.notified().await;
    }

    /// What the newest call of these sends told of the allowances.
    pub fn usage(&self) -> Vec<(&'static str, String)> {
        let usage = self.bench.usage.lock().unwrap_or_else(PoisonError::into_inner);
        usage.clone()
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiting = self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
        for send_id in &self.send_ids {
            if waiting
                .get(send_id)
                .is_some_and(|known| Arc::ptr_eq(known, &self.bench))
            {
                waiting.remove(send_id);
            }
        }
    }
}

/// Takes a send back whose call has not begun. Answers whether that was so.
pub fn withdraw(tx: &Tx<'_>, send_id: i64) -> Result<bool, StoreError> {
    let is_ready = sends::find(tx, send_id)?.is_some_and(|send| send.state == SendState::Ready);
    if is_ready {
        sends::set_state(tx, send_id, SendState::Failed, Some(NOBODY_WAITS))?;
        leave_lane(tx, send_id)?;
    }
    Ok(is_ready)
}
