//! The hint that there is work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Rung after a commit that enqueued something; wakes the worker at once instead of at its next look. Only a hint: polling is the truth.
///
/// A doorbell has one listener: of two, a ring would wake only one, perhaps the wrong one.
#[derive(Debug, Clone, Default)]
pub struct Doorbell(Arc<Bell>);

#[derive(Debug, Default)]
struct Bell {
    notify: Notify,
    is_listened_to: AtomicBool,
}

impl Doorbell {
    /// A doorbell that was not rung.
    pub fn new() -> Self {
        Self::default()
    }

    /// Rings. Without anybody listening, the next listener hears it; many rings before that are one.
    pub fn ring(&self) {
        self.0.notify.notify_one();
    }

    /// Waits for a ring.
    pub async fn rung(&self) {
        let _listening = Listening::begin(&self.0);
        self.0.notify.notified().await;
    }
}

/// While somebody waits for a ring.
struct Listening<'bell>(&'bell Bell);

impl<'bell> Listening<'bell> {
    fn begin(bell: &'bell Bell) -> Self {
        let another = bell.is_listened_to.swap(true, Ordering::Relaxed);
        debug_assert!(!another, "two listeners at one doorbell: a ring wakes only one of them");
        Self(bell)
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.0.is_listened_to.store(false, Ordering::Relaxed);
    }
}
