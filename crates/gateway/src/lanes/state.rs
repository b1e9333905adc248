//! The compiled automations of both lanes, and the watch over the draft's file.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use selfsame_runtime::clock::WorldClock;
use selfsame_runtime::db::Database;
use selfsame_wire::ids::IgUserId;
use tokio_util::sync::CancellationToken;

use super::draft_file::{DraftFile, Look};
use crate::automation::{Lane, Library, Problem, Problems, Severity};
use crate::shelf::Shelf;
use crate::store::StoreError;
use crate::store::automations;

/// How often the draft's file is looked at, real time.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(300);

/// Both lanes. Cloning is cheap and shares everything.
#[derive(Debug, Clone)]
pub struct Lanes(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) database: Database,
    pub(super) clock: WorldClock,
    pub(super) shelf: Shelf,
    file: Mutex<DraftFile>,
    pub(super) state: RwLock<State>,
    /// Held while a draft is saved.
    pub(super) saving: tokio::sync::Mutex<()>,
    changes: tokio::sync::watch::Sender<u64>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) draft: DraftState,
    pub(super) live: LiveState,
    /// Drafts and published versions of single accounts.
    pub(super) own: HashMap<IgUserId, OwnAutomations>,
}

/// What belongs to one account only.
#[derive(Debug, Default)]
pub(super) struct OwnAutomations {
    pub(super) draft: Option<DraftState>,
    pub(super) live: Option<LiveState>,
}

/// A draft: what runs for the owner, and what is wrong with the newest text.
#[derive(Debug, Clone)]
pub struct DraftState {
    /// The newest text that compiled; it runs.
    pub library: Arc<Library>,
    /// The newest text, whether it compiled or not.
    pub text: String,
    /// What is wrong with the newest text. An error among them means that an older text runs.
    pub problems: Vec<Problem>,
    /// When the newest text was read, world time.
    pub read_at: Timestamp,
}

impl DraftState {
    /// Whether the newest text is the one that runs.
    pub fn is_current(&self) -> bool {
        self.problems.iter().all(|problem| problem.severity != Severity::Error)
    }
}

/// What is published.
#[derive(Debug, Clone)]
pub struct LiveState {
    /// What runs for everybody but the owner.
    pub library: Arc<Library>,
    /// Its number in the history; `None`: nothing was published yet.
    pub id: Option<i64>,
    /// Its text.
    pub text: String,
    /// When it was published, world time.
    pub published_at: Option<Timestamp>,
}

impl Lanes {
    /// Reads what is published and the draft. The draft is published if nothing ever was.
    pub async fn open(database: Database, clock: WorldClock, draft: PathBuf, shelf: Shelf) -> Result<Self, StoreError> {
        let nothing = Arc::new(Library::empty());
        let state = State {
            draft: DraftState {
                library: Arc::clone(&nothing),
                text: String::new(),
                problems: Vec::new(),
                read_at: clock.now(),
            },
            live: LiveState {
                library: nothing,
                id: None,
                text: String::new(),
                published_at: None,
            },
            own: HashMap::new(),
        };
        let (changes, _) = tokio::sync::watch::channel(0);
        let lanes = Self(Arc::new(Inner {
            database,
            clock,
            shelf,
            file: Mutex::new(DraftFile::new(draft)),
            state: RwLock::new(state),
            saving: tokio::sync::Mutex::new(()),
            changes,
        }));
        lanes.load_stored().await?;
        lanes.look_at_file();
        lanes.publish_at_first_start().await?;
        Ok(lanes)
    }

    /// The draft of an account (`None`: the file, which is for all). `None` when it has none of its
    /// own.
    pub fn draft(&self, account: Option<&IgUserId>) -> Option<DraftState> {
        let state = self.0.state.read().unwrap_or_else(PoisonError::into_inner);
        match account {
            None => Some(state.draft.clone()),
            Some(account) => state.own.get(account)?.draft.clone(),
        }
    }

    /// What is published for an account (`None`: for all). `None` when it has nothing of its own.
    pub fn live(&self, account: Option<&IgUserId>) -> Option<LiveState> {
        let state = self.0.state.read().unwrap_or_else(PoisonError::into_inner);
        match account {
            None => Some(state.live.clone()),
            Some(account) => state.own.get(account)?.live.clone(),
        }
    }

    /// Where the draft's file lies.
    pub fn draft_path(&self) -> PathBuf {
        self.0
            .file
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .path()
            .to_owned()
    }

    /// A number that grows whenever a lane changes, for live pages.
    pub fn changes(&self) -> tokio::sync::watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Follows the draft's file until shutdown.
    pub async fn watch(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let lanes = self.clone();
            // Reading and compiling may take a while; the runtime's threads have other things to do.
            if tokio::task::spawn_blocking(move || lanes.look_at_file()).await.is_err() {
                tracing::error!("reading the automations file panicked");
            }
        }
    }

    /// Looks at the draft's file once, and takes it over if it has changed. Answers whether it had.
    pub fn look_at_file(&self) -> bool {
        let mut file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        let look = file.look();
        let path = file.path().to_owned();
        // The lock is held until the state is changed, so that two looks cannot overtake each other.
        let changed = match look {
            Look::Unchanged => false,
            Look::Changed(text) => {
                let outcome = Library::compile(&text);
                report(&path, &outcome);
                self.take_draft(None, text, outcome);
                true
            }
            Look::Unreadable(reason) => self.note_unreadable(reason),
        };
        drop(file);
        changed
    }

    /// Takes a text over as the draft; one that does not compile only shows its problems.
    pub(super) fn take_draft(&self, account: Option<&IgUserId>, text: String, outcome: Result<Library, Problems>) {
        let read_at = self.0.clock.now();
        {
            let mut state = self.0.state.write().unwrap_or_else(PoisonError::into_inner);
            let before = match account {
                None => Arc::clone(&state.draft.library),
                Some(account) => state
                    .own
                    .get(account)
                    .and_then(|own| own.draft.as_ref())
                    .map_or_else(|| Arc::clone(&state.draft.library), |draft| Arc::clone(&draft.library)),
            };
            let (library, problems) = match outcome {
                Ok(library) => {
                    let warnings = library.warnings().to_vec();
                    (Arc::new(library), warnings)
                }
                Err(Problems(problems)) => (before, problems),
            };
            let draft = DraftState {
                library,
                text,
                problems,
                read_at,
            };
            match account {
                None => {
                    self.0.shelf.replace(Lane::Draft, Arc::clone(&draft.library));
                    state.draft = draft;
                }
                Some(account) => {
                    let library = Some(Arc::clone(&draft.library));
                    self.0.shelf.replace_own(account, Lane::Draft, library);
                    state.own.entry(account.clone()).or_default().draft = Some(draft);
                }
            }
        }
        self.announce();
    }

    pub(super) fn announce(&self) {
        self.0.changes.send_modify(|number| *number += 1);
    }

    /// A file that is gone keeps its last text running; the problem is shown.
    fn note_unreadable(&self, reason: String) -> bool {
        let problem = Problem {
            severity: Severity::Error,
            code: "unreadable".to_owned(),
            line: 0,
            column: 0,
            message: reason,
        };
        {
            let mut state = self.0.state.write().unwrap_or_else(PoisonError::into_inner);
            if state.draft.problems.first() == Some(&problem) {
                return false;
            }
            tracing::warn!(reason = %problem.message, "the automations file cannot be read");
            state.draft.problems = vec![problem];
        }
        self.announce();
        true
    }

    async fn load_stored(&self) -> Result<(), StoreError> {
        let stored = self
            .0
            .database
            .read(|connection| Ok::<_, StoreError>((automations::live(connection)?, automations::drafts(connection)?)));
        let (published, drafts) = stored.await.map_err(StoreError::from)?;
        for version in published {
            match Library::compile(&version.text) {
                Ok(library) => self.take_live(version, library),
                Err(problems) => {
                    // It compiled when it was published: this program has become stricter.
                    tracing::error!(version = version.version, %problems, "the published automations do not compile any more");
                }
            }
        }
        for (account, text) in drafts {
            let outcome = Library::compile(&text);
            self.take_draft(Some(&account), text, outcome);
        }
        Ok(())
    }

    pub(super) fn take_live(&self, version: automations::PublishedVersion, library: Library) {
        let live = LiveState {
            library: Arc::new(library),
            id: Some(version.id),
            text: version.text,
            published_at: Some(version.published_at),
        };
        {
            let mut state = self.0.state.write().unwrap_or_else(PoisonError::into_inner);
            match version.account {
                None => {
                    self.0.shelf.replace(Lane::Published, Arc::clone(&live.library));
                    state.live = live;
                }
                Some(account) => {
                    let library = Some(Arc::clone(&live.library));
                    self.0.shelf.replace_own(&account, Lane::Published, library);
                    state.own.entry(account).or_default().live = Some(live);
                }
            }
        }
        self.announce();
    }
}

fn report(path: &std::path::Path, outcome: &Result<Library, Problems>) {
    let file = path.display();
    match outcome {
        Ok(library) => {
            tracing::info!(%file, version = library.version(), automations = library.automations().len(), "the draft of the automations was read");
            for problem in library.warnings() {
                tracing::warn!(%file, line = problem.line, column = problem.column, "{}", problem.message);
            }
        }
        Err(Problems(problems)) => {
            for problem in problems {
                tracing::error!(%file, line = problem.line, column = problem.column, "{}", problem.message);
            }
            tracing::error!(%file, "the automations file has errors; the version before it keeps running");
        }
    }
}
