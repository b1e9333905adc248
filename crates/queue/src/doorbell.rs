//! The hint that there is work.

use std::sync::Arc;

use tokio::sync::Notify;

/// Rung after a commit that enqueued something; wakes the worker at once instead of at its next look. Only a hint: polling is the truth.
#[derive(Debug, Clone, Default)]
pub struct Doorbell(Arc<Notify>);

impl Doorbell {
    /// A doorbell that was not rung.
    pub fn new() -> Self {
        Self::default()
    }

    /// Rings. Without anybody listening, the next listener hears it; many rings before that are one.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits for a ring.
    pub async fn rung(&self) {
        self.0.notified().await;
    }
}
