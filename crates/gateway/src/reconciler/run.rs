//! Asks Instagram, slowly, and compares.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use selfsame_client::{CallFailure, Caller, GraphClient};
use selfsame_queue::Doorbell;
use selfsame_runtime::clock::WorldClock;
use selfsame_runtime::db::Database;
use selfsame_wire::ids::IgUserId;

use super::report::{Gap, GapKind, ReconcileReport, ReconcileState};
use crate::metrics::Metrics;
use crate::onboarding::{CredentialError, Credentials, explain};
use crate::store::{StoreError, arrivals};

/// How far back a comparison looks unless told otherwise.
pub const LOOK_BACK_HOURS: u32 = 24;
/// How far back it may look: events are kept at least so long, so nothing known is taken for missing.
pub const LOOK_BACK_HOURS_MAX: u32 = crate::config::EVENT_DAYS_MIN * 24;
/// Conversations of one comparison.
const CONVERSATIONS_MAX: u32 = 200;
/// Posts of one comparison.
const MEDIA_MAX: u32 = 25;
/// Missing things of one report.
const GAPS_MAX: usize = 1_000;
/// Reports that are remembered; those that are over make room.
const REPORTS_MAX: usize = 1_000;

/// Compares accounts, one at a time. Cloning shares everything.
#[derive(Debug, Clone)]
pub struct Reconciler {
    database: Database,
    client: GraphClient,
    credentials: Credentials,
    world: WorldClock,
    metrics: Metrics,
    pause: Duration,
    reports: Arc<Mutex<BTreeMap<IgUserId, ReconcileReport>>>,
    bell: Doorbell,
}

/// Why a comparison stopped.
enum Stopped {
    Interrupted,
    Failed(String),
    Store(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Reconciler {
    /// Over this database; `pause` is the shortest time between two calls.
    pub fn new(
        database: &Database,
        client: &GraphClient,
        credentials: &Credentials,
        world: &WorldClock,
        metrics: &Metrics,
        pause: Duration,
    ) -> Self {
        Self {
            database: database.clone(),
            client: client.clone(),
            credentials: credentials.clone(),
            world: world.clone(),
            metrics: metrics.clone(),
            pause,
            reports: Arc::default(),
            bell: Doorbell::new(),
        }
    }

    /// Rung when a comparison waits.
    pub const fn bell(&self) -> &Doorbell {
        &self.bell
    }

    /// Asks for a comparison of an account. One that is not over yet goes on; `None` when too many wait.
    pub fn request(&self, account: &IgUserId, look_back_hours: u32) -> Option<ReconcileReport> {
        let hours = look_back_hours.clamp(1, LOOK_BACK_HOURS_MAX);
        let back = SignedDuration::from_hours(i64::from(hours));
        let since = self.world.now().checked_sub(back).unwrap_or(Timestamp::UNIX_EPOCH);
        self.with(|reports| {
            if let Some(report) = reports.get(account).filter(|report| !report.is_over()) {
                return Some(report.clone());
            }
            if reports.len() >= REPORTS_MAX && !reports.contains_key(account) {
                let over = reports
                    .iter()
                    .find(|(_, report)| report.is_over())
                    .map(|(account, _)| account.clone())?;
                reports.remove(&over);
            }
            let report = ReconcileReport::waiting(account.as_str().to_owned(), since);
            reports.insert(account.clone(), report.clone());
            self.bell.ring();
            Some(report)
        })
    }

    /// The newest report of an account.
    pub fn report(&self, account: &IgUserId) -> Option<ReconcileReport> {
        self.with(|reports| reports.get(account).cloned())
    }

    /// Ends a comparison before its next call; `false` when none runs or waits.
    pub fn interrupt(&self, account: &IgUserId) -> bool {
        self.with(|reports| match reports.get_mut(account) {
            Some(report) if !report.is_over() => {
                report.state = ReconcileState::Interrupted;
                true
            }
            _ => false,
        })
    }

    /// Forgets the report of an account.
    pub fn forget(&self, account: &IgUserId) {
        self.with(|reports| drop(reports.remove(account)));
    }

    /// Marks what was brought in.
    pub fn mark_replayed(&self, account: &IgUserId, ids: &[String]) {
        self.with(|reports| {
            if let Some(report) = reports.get_mut(account) {
                for gap in report.gaps.iter_mut().filter(|gap| ids.contains(&gap.id)) {
                    gap.replayed = true;
                }
            }
        });
    }

    /// Makes the comparison that waits first; answers how many were made.
    pub async fn reconcile_once(&self) -> Result<usize, StoreError> {
        let next = self.with(|reports| {
            let (account, report) = reports
                .iter_mut()
                .find(|(_, report)| report.state == ReconcileState::Waiting)?;
            report.state = ReconcileState::Running;
            Some((account.clone(), report.since))
        });
        let Some((account, since)) = next else {
            return Ok(0);
        };
        let ended = self.compare(&account, since).await;
        let (state, error) = match ended {
            Ok(()) => (ReconcileState::Done, None),
            Err(Stopped::Interrupted) => (ReconcileState::Interrupted, None),
            Err(Stopped::Failed(reason)) => (ReconcileState::Failed, Some(reason)),
            Err(Stopped::Store(error)) => {
                let reason = "the store failed (see the log)".to_owned();
                self.end(&account, ReconcileState::Failed, Some(reason));
                return Err(error);
            }
        };
        self.end(&account, state, error);
        Ok(1)
    }

    fn end(&self, account: &IgUserId, state: ReconcileState, error: Option<String>) {
        self.with(|reports| {
            // Asked for anew meanwhile: the report of that is not this one.
            let own = reports
                .get_mut(account)
                .filter(|report| report.state != ReconcileState::Waiting);
            if let Some(report) = own {
                tracing::info!(
                    %account, ?state, gaps = report.gaps.len(), calls = report.calls, error,
                    "an account was compared with Instagram"
                );
                self.metrics.gaps(report.gaps.len());
                report.state = state;
                report.error = error;
            }
        });
    }

    async fn compare(&self, account: &IgUserId, since: Timestamp) -> Result<(), Stopped> {
        let caller = match self.credentials.caller_for(account).await {
            Ok(caller) => caller,
            Err(CredentialError::Store(error)) => return Err(Stopped::Store(error)),
            Err(error) => return Err(Stopped::Failed(error.to_string())),
        };
        self.compare_messages(account, &caller, since).await?;
        self.compare_comments(account, &caller, since).await
    }

    async fn compare_messages(&self, account: &IgUserId, caller: &Caller, since: Timestamp) -> Result<(), Stopped> {
        let mut after: Option<String> = None;
        let mut seen = 0;
        loop {
            self.before_call(account).await?;
            let page = self.client.list_conversations(caller, after.as_deref()).await;
            let page = page.map_err(|failure| failed("the conversations", &failure))?;
            for conversation in page.conversations {
                // Newest first: what follows is older still.
                if conversation.updated_at.is_some_and(|at| at < since) {
                    return Ok(());
                }
                if seen == CONVERSATIONS_MAX {
                    let note = format!("only the {CONVERSATIONS_MAX} newest conversations were compared");
                    self.update(account, |report| report.notes.push(note));
                    return Ok(());
                }
                seen += 1;
                self.before_call(account).await?;
                let messages = self.client.list_messages(caller, &conversation.id).await;
                let messages = messages.map_err(|failure| failed("a conversation", &failure))?;
                let gaps: Vec<Gap> = messages
                    .into_iter()
                    .filter(|message| message.created_at.is_none_or(|at| at >= since))
                    // Who is not told, and the account itself, cannot be told from ourselves.
                    .filter_map(|message| {
                        let from = message.from.filter(|from| !from.is_account(account))?;
                        Some(Gap {
                            id: message.mid.into_string(),
                            kind: GapKind::Message,
                            person: Some(from.as_str().to_owned()),
                            username: None,
                            replayable: message.text.is_some(),
                            text: message.text,
                            created_at: message.created_at,
                            media: None,
                            replayed: false,
                        })
                    })
                    .collect();
                self.update(account, |report| {
                    report.conversations += 1;
                    report.messages += count(&gaps);
                });
                self.keep_missing(account, gaps).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn compare_comments(&self, account: &IgUserId, caller: &Caller, since: Timestamp) -> Result<(), Stopped> {
        self.before_call(account).await?;
        let media = self.client.list_media(caller, account, MEDIA_MAX).await;
        let media = media.map_err(|failure| failed("the posts", &failure))?;
        for media in media {
            self.before_call(account).await?;
            let comments = self.client.list_comments(caller, &media).await;
            let comments = comments.map_err(|failure| failed("the comments of a post", &failure))?;
            let gaps: Vec<Gap> = comments
                .into_iter()
                .filter(|comment| comment.created_at.is_none_or(|at| at >= since))
                .filter(|comment| !comment.from.as_ref().is_some_and(|from| from.is_account(account)))
                .map(|comment| Gap {
                    id: comment.id.into_string(),
                    kind: GapKind::Comment,
                    replayable: comment.from.is_some() && comment.text.is_some(),
                    person: comment.from.map(|from| from.as_str().to_owned()),
                    username: comment.username,
                    text: comment.text,
                    created_at: comment.created_at,
                    media: Some(media.as_str().to_owned()),
                    replayed: false,
                })
                .collect();
            self.update(account, |report| {
                report.media += 1;
                report.comments += count(&gaps);
            });
            self.keep_missing(account, gaps).await?;
        }
        Ok(())
    }

    /// Waits for its turn to call, unless somebody ended it.
    async fn before_call(&self, account: &IgUserId) -> Result<(), Stopped> {
        let is_running = self.with(|reports| {
            let report = reports.get_mut(account)?;
            report.calls += 1;
            (report.state == ReconcileState::Running).then_some(())
        });
        if is_running.is_none() {
            return Err(Stopped::Interrupted);
        }
        if !self.pause.is_zero() {
            tokio::time::sleep(self.pause).await;
        }
        Ok(())
    }

    /// Keeps those that never arrived.
    async fn keep_missing(&self, account: &IgUserId, found: Vec<Gap>) -> Result<(), Stopped> {
        if found.is_empty() {
            return Ok(());
        }
        let wanted = account.clone();
        let missing: Vec<Gap> = self
            .database
            .read(move |connection| {
                let mut missing = Vec::new();
                for gap in found {
                    if !arrivals::has_arrived(connection, &wanted, &gap.id)? {
                        missing.push(gap);
                    }
                }
                Ok::<_, StoreError>(missing)
            })
            .await
            .map_err(StoreError::from)?;
        let is_full = self
            .update(account, |report| {
                let free = GAPS_MAX.saturating_sub(report.gaps.len());
                let is_full = missing.len() > free;
                report.gaps.extend(missing.into_iter().take(free));
                is_full
            })
            .unwrap_or_default();
        if is_full {
            return Err(Stopped::Failed(format!(
                "more than {GAPS_MAX} things are missing: is the callback reachable, and are webhooks installed?"
            )));
        }
        Ok(())
    }

    fn update<T>(&self, account: &IgUserId, change: impl FnOnce(&mut ReconcileReport) -> T) -> Option<T> {
        self.with(|reports| reports.get_mut(account).map(change))
    }

    fn with<T>(&self, look: impl FnOnce(&mut BTreeMap<IgUserId, ReconcileReport>) -> T) -> T {
        look(&mut self.reports.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn failed(what: &str, failure: &CallFailure) -> Stopped {
    Stopped::Failed(format!("{what} could not be read: {}", explain(failure)))
}

fn count(gaps: &[Gap]) -> u32 {
    u32::try_from(gaps.len()).unwrap_or(u32::MAX)
}
