//! Files to publish (contract: other-apis §6.7): pictures are looked at while the call waits, films afterwards, one container after
//! another becoming FINISHED or ERROR. Bytes are counted and dropped: media keeps the address that the app named.

use std::collections::HashMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::fetcher::{FetchError, MediaFetcher};
use crate::domain::container::{Container, ContainerKind, FileFault, check_file_type, file_bytes_max};
use crate::store::{Durability, Failure, StoreError, containers};
use crate::world::World;

/// How often waiting films are looked for, real time.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Films that are fetched at once.
const AT_ONCE: usize = 4;

/// Why a file cannot be published, with the cause in our words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileProblem {
    /// The documented fault.
    pub(crate) fault: FileFault,
    /// What was found.
    pub(crate) why: String,
}

/// Fetches a file to publish and holds it against its limits.
pub(crate) async fn check_file(
    fetcher: &MediaFetcher,
    url: &str,
    kind: ContainerKind,
    is_video: bool,
) -> Result<(), FileProblem> {
    let size_bytes_max = file_bytes_max(kind, is_video);
    let measured = fetcher.measure(url, size_bytes_max).await.map_err(|error| {
        let fault = match &error {
            FetchError::TimedOut => FileFault::TimedOut,
            FetchError::TooLarge(_) if is_video => FileFault::VideoFormat,
            FetchError::TooLarge(_) => FileFault::ImageTooLarge,
            FetchError::BadUrl(_)
            | FetchError::PrivateAddress(_)
            | FetchError::Status(_)
            | FetchError::Unreachable(_) => FileFault::NotFetched,
        };
        FileProblem {
            fault,
            why: format!("{url}: {error}"),
        }
    })?;
    let accepted = if is_video {
        "an MP4 or MOV film"
    } else {
        "a JPEG picture"
    };
    check_file_type(is_video, &measured.content_type).map_err(|fault| FileProblem {
        fault,
        why: format!(
            "{url} is {:?} of {} bytes; {accepted} is needed",
            measured.content_type, measured.size_bytes
        ),
    })
}

/// Fetches the films of containers.
#[derive(Debug, Clone)]
pub(crate) struct Preparer {
    world: World,
    fetcher: MediaFetcher,
}

/// Films that are being fetched.
#[derive(Debug, Default)]
struct UnderWay {
    tasks: JoinSet<Result<(), StoreError>>,
    /// Container ids.
    films: HashMap<tokio::task::Id, String>,
}

impl UnderWay {
    fn has(&self, container_id: &str) -> bool {
        self.films.values().any(|id| id == container_id)
    }

    /// Waits for the next film to be settled; `None`: none is under way.
    async fn next(&mut self) -> Option<Result<(), StoreError>> {
        match self.tasks.join_next_with_id().await? {
            Ok((task, settled)) => {
                self.films.remove(&task);
                Some(settled)
            }
            Err(error) => {
                self.films.remove(&error.id());
                tracing::error!(error = &error as &dyn std::error::Error, "fetching a film ended badly");
                Some(Ok(()))
            }
        }
    }
}

impl Preparer {
    /// A worker with nothing to do.
    pub(crate) fn new(world: World, fetcher: MediaFetcher) -> Self {
        Self { world, fetcher }
    }

    /// Fetches the files of the oldest waiting containers. Answers how many were settled.
    pub(crate) async fn run_once(&self) -> Result<usize, StoreError> {
        let mut under_way = UnderWay::default();
        self.begin(&mut under_way).await?;
        let mut n_settled = 0_usize;
        while let Some(ended) = under_way.next().await {
            ended?;
            n_settled = n_settled.saturating_add(1);
        }
        Ok(n_settled)
    }

    /// Looks for waiting films until the shutdown begins; a slow one holds up nobody but itself.
    pub(crate) async fn work(&self, finish: &CancellationToken) {
        let mut under_way = UnderWay::default();
        while !finish.is_cancelled() {
            let mut step = self.begin(&mut under_way).await;
            tokio::select! {
                () = finish.cancelled() => return,
                Some(ended) = under_way.next() => step = step.and(ended),
                () = self.world.process.sleep(LOOK_EVERY) => {}
            }
            if let Err(error) = &step {
                tracing::error!(
                    error = error as &dyn std::error::Error,
                    "the worker for files to publish failed and goes on"
                );
            }
        }
    }

    /// Begins with the oldest waiting films that are not under way, as many as there is room for.
    async fn begin(&self, under_way: &mut UnderWay) -> Result<(), StoreError> {
        let room = AT_ONCE.saturating_sub(under_way.films.len());
        if room == 0 {
            return Ok(());
        }
        // What is under way still waits in its row, and may be the oldest.
        let limit = i64::try_from(AT_ONCE.saturating_add(room)).unwrap_or(i64::MAX);
        let waiting = self
            .world
            .store
            .read(move |connection| containers::fetching(connection, limit))
            .await?;
        let new = waiting.into_iter().filter(|film| !under_way.has(&film.container_id));
        for film in new.take(room).collect::<Vec<_>>() {
            let (preparer, id) = (self.clone(), film.container_id.clone());
            let task = under_way.tasks.spawn(async move { preparer.prepare(film).await });
            under_way.films.insert(task.id(), id);
        }
        Ok(())
    }

    async fn prepare(&self, container: Container) -> Result<(), StoreError> {
        let Container {
            container_id,
            kind,
            is_video,
            media_url,
            ..
        } = container;
        let url = media_url.unwrap_or_default();
        let result = check_file(&self.fetcher, &url, kind, is_video).await;
        match &result {
            Ok(()) => tracing::info!(target: "selfsame::publishing", container_id, "the file can be published"),
            Err(problem) => {
                tracing::warn!(target: "selfsame::publishing", container_id, why = problem.why, "the file cannot be published");
            }
        }
        let result = result.map_err(|problem| problem.fault);
        let stored = self.world.store.write(Durability::Durable, move |tx| {
            Ok::<_, Failure<std::convert::Infallible>>(containers::fetched(tx, &container_id, result)?)
        });
        stored.await.map_err(StoreError::from)
    }
}
