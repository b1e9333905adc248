//! Keeps the journals within their limits ([`Retention`]) and erases files whose address has ended, beside everything else and in
//! small steps.

use std::convert::Infallible;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::config::Retention;
use crate::store::retention::{self, Beyond, Step};
use crate::store::{Durability, Failure, StoreError, Tx, assets};
use crate::world::World;

/// Between two looks, real time.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Files erased by one commit: each may have 25 MB, and others wait meanwhile.
const FILES_AT_ONCE: i64 = 4;

/// Forgets what is beyond the limits.
#[derive(Debug, Clone)]
pub(crate) struct Forgetter {
    world: World,
    limits: Retention,
}

impl Forgetter {
    /// A worker with nothing to do.
    pub(crate) fn new(world: World, limits: Retention) -> Self {
        Self { world, limits }
    }

    /// Looks again and again until the shutdown begins.
    pub(crate) async fn work(&self, finish: &CancellationToken) {
        while !finish.is_cancelled() {
            if let Err(error) = self.run_once().await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the journals could not be shortened; tried again"
                );
            }
            tokio::select! {
                () = finish.cancelled() => {}
                () = self.world.process.sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Takes as many steps as it needs. Answers how many rows were forgotten.
    pub(crate) async fn run_once(&self) -> Result<u64, StoreError> {
        let Retention {
            calls_max,
            deliveries_max,
            stream_max,
            age_max,
        } = self.limits;
        let age_ms = i64::try_from(age_max.as_millis()).unwrap_or(i64::MAX);
        let before_ms = self.world.clock.now_ms().saturating_sub(age_ms);
        let (call, delivery, stream) = self.world.store.read(retention::newest_ids).await?;
        let beyond = |newest: i64, kept: u32| Beyond {
            last_id: newest.saturating_sub(i64::from(kept)),
            before_ms,
        };
        let calls = self.steps(beyond(call, calls_max), retention::forget_calls).await?;
        let deliveries = self
            .steps(beyond(delivery, deliveries_max), retention::forget_deliveries)
            .await?;
        let stream = self.steps(beyond(stream, stream_max), retention::forget_stream).await?;
        let files = self.erase_files().await?;
        Ok([deliveries, stream, files].into_iter().fold(calls, u64::saturating_add))
    }

    /// Files whose address has ended.
    async fn erase_files(&self) -> Result<u64, StoreError> {
        let mut n_erased = 0_u64;
        loop {
            let now_ms = self.world.clock.now_ms();
            let step = self
                .write(move |tx| assets::erase_over(tx, now_ms, FILES_AT_ONCE))
                .await?;
            if step == 0 {
                return Ok(n_erased);
            }
            n_erased = n_erased.saturating_add(step);
        }
    }

    async fn steps(
        &self,
        beyond: Beyond,
        forget: fn(&Tx<'_>, Beyond, i64) -> Result<Step, StoreError>,
    ) -> Result<u64, StoreError> {
        let (mut after, mut n_forgotten) = (0, 0_u64);
        loop {
            let step = self.write(move |tx| forget(tx, beyond, after)).await?;
            n_forgotten = n_forgotten.saturating_add(step.n_forgotten);
            match step.next_after {
                Some(next) => after = next,
                None => return Ok(n_forgotten),
            }
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = self
            .world
            .store
            .write(Durability::Relaxed, move |tx| Ok::<_, Failure<Infallible>>(work(tx)?))
            .await;
        done.map_err(StoreError::from)
    }
}
