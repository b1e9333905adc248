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
pub struct Waiting(Arc<Mutex<HashMap<i64, Arc<Notify>>>>);

/// Somebody who waits; dropping it ends the waiting.
#[derive(Debug)]
pub struct Waiter {
    waiting: Waiting,
    send_ids: Vec<i64>,
    notify: Arc<Notify>,
}

impl Waiting {
    /// Waits for these sends.
    pub fn wait_for(&self, send_ids: Vec<i64>) -> Waiter {
        let notify = Arc::new(Notify::new());
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for send_id in &send_ids {
            waiting.insert(*send_id, Arc::clone(&notify));
        }
        drop(waiting);
        Waiter {
            waiting: self.clone(),
            send_ids,
            notify,
        }
    }

    /// The call of a send has ended, and the end is recorded.
    pub(super) fn ended(&self, send_id: i64) {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(notify) = waiting.get(&send_id) {
            notify.notify_one();
        }
    }
}

impl Waiter {
    /// Ends when one of the sends may have come further. One that happened before is not missed.
    pub async fn woken(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiting = self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
        for send_id in &self.send_ids {
            if waiting
                .get(send_id)
                .is_some_and(|known| Arc::ptr_eq(known, &self.notify))
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
