//! Asks Instagram, slowly, and compares.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use selfsame_client::{CallFailure, Caller, CommentReply, ConversationMessage, GraphClient, MediaComment};
use selfsame_queue::Doorbell;
use selfsame_runtime::clock::WorldClock;
use selfsame_runtime::db::{Database, Durability, Tx};
use selfsame_wire::ids::{IgScopedId, IgUserId, MediaId, ParticipantId};

use super::replay::body_of;
use super::report::{Gap, GapKind, ReconcileReport, ReconcileState, SELF_THREAD_NOT_LISTED};
use crate::metrics::Metrics;
use crate::onboarding::{CredentialError, Credentials, explain};
use crate::store::accounts::{self, Account};
use crate::store::raw_deliveries::{self, RECONCILER};
use crate::store::reconciliations::{self, NewReport};
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
/// Reports that are kept, one per account; those that are over make room.
const REPORTS_MAX: u32 = 1_000;

/// Compares accounts, one at a time. Cloning shares everything.
#[derive(Debug, Clone)]
pub struct Reconciler {
    database: Database,
    client: GraphClient,
    credentials: Credentials,
    world: WorldClock,
    metrics: Metrics,
    pause: Duration,
    /// The report of the comparison that runs; the others are in the store.
    running: Arc<Mutex<Option<ReconcileReport>>>,
    bell: Doorbell,
}

/// What a replay came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplayedGaps {
    /// Mids and comment ids that are decided now.
    pub queued: Vec<String>,
    /// Those of which too little is known, or that were brought in before, or that arrived meanwhile.
    pub skipped: Vec<String>,
}

/// Why nothing can be brought in.
#[derive(Debug, thiserror::Error)]
pub enum GapReplayError {
    /// The account was never compared.
    #[error("this account was never compared")]
    NotReconciled,
    /// The comparison is not over yet.
    #[error("the comparison is not over yet")]
    NotOver,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
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
            running: Arc::default(),
            bell: Doorbell::new(),
        }
    }

    /// Rung when a comparison waits.
    pub const fn bell(&self) -> &Doorbell {
        &self.bell
    }

    /// Asks for a comparison of an account. One that is not over yet goes on; `None` when too many wait.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn request(
        &self,
        account: &IgUserId,
        look_back_hours: u32,
    ) -> Result<Option<ReconcileReport>, StoreError> {
        let hours = look_back_hours.clamp(1, LOOK_BACK_HOURS_MAX);
        let back = SignedDuration::from_hours(i64::from(hours));
        let now = self.world.now();
        let since = now.checked_sub(back).unwrap_or(Timestamp::UNIX_EPOCH);
        let wanted = account.clone();
        let report = self
            .database
            .write(Durability::Relaxed, move |tx| {
                let known = read_report(reconciliations::find(tx, &wanted)?);
                let is_new = known.is_none();
                if let Some(report) = known.filter(|report| !report.is_over()) {
                    return Ok(Some(report));
                }
                if is_new && reconciliations::count(tx)? >= REPORTS_MAX && !reconciliations::forget_oldest(tx)? {
                    return Ok(None);
                }
                let report = ReconcileReport::waiting(wanted.as_str().to_owned(), since);
                let json = write_report(&report);
                reconciliations::ask(tx, &stored(&wanted, &report, &json), now.as_millisecond())?;
                Ok::<_, StoreError>(Some(report))
            })
            .await
            .map_err(StoreError::from)?;
        self.bell.ring();
        Ok(report)
    }

    /// The newest report of an account.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn report(&self, account: &IgUserId) -> Result<Option<ReconcileReport>, StoreError> {
        if let Some(report) = self.with_running(account, |report| report.clone()) {
            return Ok(Some(report));
        }
        let wanted = account.clone();
        let found = self
            .database
            .read(move |connection| reconciliations::find(connection, &wanted))
            .await
            .map_err(StoreError::from)?;
        Ok(read_report(found))
    }

    /// Ends a comparison before its next call; `false` when none runs or waits.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn interrupt(&self, account: &IgUserId) -> Result<bool, StoreError> {
        if self.forget(account) {
            return Ok(true);
        }
        let wanted = account.clone();
        self.database
            .write(Durability::Relaxed, move |tx| {
                let Some(mut report) = read_report(reconciliations::find(tx, &wanted)?) else {
                    return Ok(false);
                };
                report.state = ReconcileState::Interrupted;
                let json = write_report(&report);
                reconciliations::change(tx, ReconcileState::Waiting.as_str(), &stored(&wanted, &report, &json))
            })
            .await
            .map_err(StoreError::from)
    }

    /// Ends the comparison of an account that is disconnected, whose report goes with it.
    pub fn forget(&self, account: &IgUserId) -> bool {
        self.with_running(account, |report| report.state = ReconcileState::Interrupted)
            .is_some()
    }

    /// Brings in what never arrived: as raw bodies, in the transaction that marks them as brought in, so that
    /// nothing is brought in twice. `ids`: only those.
    ///
    /// # Errors
    /// See [`GapReplayError`].
    pub async fn replay(
        &self,
        account: &Account,
        ids: Option<Vec<String>>,
        now_ms: i64,
    ) -> Result<ReplayedGaps, GapReplayError> {
        let (account, now_world_ms) = (account.clone(), self.world.now_ms());
        self.database
            .write(Durability::Durable, move |tx| {
                let Some(mut report) = read_report(reconciliations::find(tx, &account.ig_id)?) else {
                    return Ok(Err(GapReplayError::NotReconciled));
                };
                if !report.is_over() {
                    return Ok(Err(GapReplayError::NotOver));
                }
                let mut replayed = ReplayedGaps::default();
                let is_wanted = |id: &String| ids.as_ref().is_none_or(|ids| ids.contains(id));
                for gap in report.gaps.iter_mut().filter(|gap| is_wanted(&gap.id)) {
                    let body = body_of(&account, gap, now_world_ms).filter(|_| gap.replayable && !gap.replayed);
                    match body {
                        Some(body) if !arrivals::has_arrived(tx, &account.ig_id, &gap.id)? => {
                            raw_deliveries::append(tx, now_ms, now_world_ms, RECONCILER, &body)?;
                            gap.replayed = true;
                            replayed.queued.push(gap.id.clone());
                        }
                        _ => replayed.skipped.push(gap.id.clone()),
                    }
                }
                let state = report.state.as_str();
                let json = write_report(&report);
                reconciliations::change(tx, state, &stored(&account.ig_id, &report, &json))?;
                Ok::<_, StoreError>(Ok(replayed))
            })
            .await
            .map_err(StoreError::from)?
    }

    /// Makes the comparison that waits first; answers how many were made. One that a stop of the process cut off
    /// is made from its beginning.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reconcile_once(&self) -> Result<usize, StoreError> {
        let next = self.database.read(reconciliations::next_open).await;
        let Some(ig_id) = next.map_err(StoreError::from)? else {
            return Ok(0);
        };
        let wanted = ig_id.clone();
        let begun = self.database.write(Durability::Relaxed, move |tx| begin(tx, &wanted));
        let Some((account, report)) = begun.await.map_err(StoreError::from)? else {
            return Ok(0);
        };
        let since = report.since;
        *self.lock() = Some(report);
        let ended = self.compare(&account, since).await;
        let (state, error) = match &ended {
            Ok(()) => (ReconcileState::Done, None),
            Err(Stopped::Interrupted) => (ReconcileState::Interrupted, None),
            Err(Stopped::Failed(reason)) => (ReconcileState::Failed, Some(reason.clone())),
            Err(Stopped::Store(_)) => (
                ReconcileState::Failed,
                Some("the store failed (see the log)".to_owned()),
            ),
        };
        let Some(mut report) = self.lock().take() else {
            return Ok(1);
        };
        report.state = state;
        report.error = error;
        tracing::info!(
            account = %ig_id, ?state, gaps = report.gaps.len(), calls = report.calls, error = report.error,
            "an account was compared with Instagram"
        );
        self.metrics.gaps(report.gaps.len());
        self.database
            .write(Durability::Relaxed, move |tx| {
                let json = write_report(&report);
                reconciliations::change(tx, ReconcileState::Running.as_str(), &stored(&ig_id, &report, &json))
            })
            .await
            .map_err(StoreError::from)?;
        match ended {
            Err(Stopped::Store(error)) => Err(error),
            _ => Ok(1),
        }
    }

    async fn compare(&self, account: &Account, since: Timestamp) -> Result<(), Stopped> {
        let caller = match self.credentials.caller_for(&account.ig_id).await {
            Ok(caller) => caller,
            Err(CredentialError::Store(error)) => return Err(Stopped::Store(error)),
            Err(error) => return Err(Stopped::Failed(error.to_string())),
        };
        self.compare_messages(account, &caller, since).await?;
        self.compare_comments(account, &caller, since).await
    }

    async fn compare_messages(&self, account: &Account, caller: &Caller, since: Timestamp) -> Result<(), Stopped> {
        let mut after: Option<String> = None;
        let mut seen = 0;
        loop {
            self.before_call(&account.ig_id).await?;
            let page = self.client.list_conversations(caller, after.as_deref()).await;
            let page = page.map_err(|failure| failed("the conversations", &failure))?;
            for conversation in page.conversations {
                // Newest first: what follows is older still.
                if conversation.updated_at.is_some_and(|at| at < since) {
                    return Ok(());
                }
                if seen == CONVERSATIONS_MAX {
                    let note = format!("only the {CONVERSATIONS_MAX} newest conversations were compared");
                    self.update(&account.ig_id, |report| report.notes.push(note));
                    return Ok(());
                }
                seen += 1;
                self.before_call(&account.ig_id).await?;
                let messages = self.client.list_messages(caller, &conversation.id).await;
                let messages = messages.map_err(|failure| failed("a conversation", &failure))?;
                let found: Vec<Gap> = messages
                    .into_iter()
                    .filter(|message| message.created_at.is_none_or(|at| at >= since))
                    .filter_map(|message| message_of(account, message))
                    .collect();
                let own_scoped_id = account.self_igsid.as_ref().map(IgScopedId::as_str);
                let is_self_thread = found
                    .iter()
                    .any(|message| message.own && message.person.as_deref() == own_scoped_id);
                self.update(&account.ig_id, |report| {
                    report.conversations += 1;
                    report.messages += count(&found);
                    if is_self_thread {
                        report.notes.retain(|note| note != SELF_THREAD_NOT_LISTED);
                    }
                });
                self.keep_missing(&account.ig_id, found).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn compare_comments(&self, account: &Account, caller: &Caller, since: Timestamp) -> Result<(), Stopped> {
        self.before_call(&account.ig_id).await?;
        let media = self.client.list_media(caller, &account.ig_id, MEDIA_MAX).await;
        let media = media.map_err(|failure| failed("the posts", &failure))?;
        for media in media {
            self.before_call(&account.ig_id).await?;
            let comments = self.client.list_comments(caller, &media).await;
            let comments = comments.map_err(|failure| failed("the comments of a post", &failure))?;
            let mut found = Vec::new();
            for comment in comments {
                let replies = if comment.has_more_replies {
                    self.before_call(&account.ig_id).await?;
                    let replies = self.client.list_comment_replies(caller, &comment.id).await;
                    replies.map_err(|failure| failed("the replies to a comment", &failure))?
                } else {
                    comment.replies.clone()
                };
                // An old comment may have new replies.
                let parent = comment.id.as_str().to_owned();
                found.push(comment_of(account, &media, comment));
                found.extend(
                    replies
                        .into_iter()
                        .map(|reply| reply_of(account, &media, &parent, reply)),
                );
            }
            found.retain(|comment| comment.created_at.is_none_or(|at| at >= since));
            self.update(&account.ig_id, |report| {
                report.media += 1;
                report.comments += count(&found);
            });
            self.keep_missing(&account.ig_id, found).await?;
        }
        Ok(())
    }

    /// Waits for its turn to call, unless somebody ended it.
    async fn before_call(&self, account: &IgUserId) -> Result<(), Stopped> {
        let is_running = self.update(account, |report| report.calls += 1).is_some();
        if !is_running {
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

    /// Changes the report of the comparison that runs, unless somebody ended it.
    fn update<T>(&self, account: &IgUserId, change: impl FnOnce(&mut ReconcileReport) -> T) -> Option<T> {
        self.with_running(account, |report| {
            (report.state == ReconcileState::Running).then(|| change(report))
        })
        .flatten()
    }

    fn with_running<T>(&self, account: &IgUserId, look: impl FnOnce(&mut ReconcileReport) -> T) -> Option<T> {
        let mut running = self.lock();
        running
            .as_mut()
            .filter(|report| report.account == account.as_str())
            .map(look)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<ReconcileReport>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins a comparison, from nothing; none: it is not to be made any more.
fn begin(tx: &Tx<'_>, ig_id: &IgUserId) -> Result<Option<(Account, ReconcileReport)>, StoreError> {
    let Some(known) = read_report(reconciliations::find(tx, ig_id)?).filter(|report| !report.is_over()) else {
        return Ok(None);
    };
    let Some(account) = accounts::find(tx, ig_id)? else {
        return Ok(None);
    };
    let report = ReconcileReport {
        state: ReconcileState::Running,
        ..ReconcileReport::waiting(known.account, known.since)
    };
    let json = write_report(&report);
    reconciliations::change(tx, known.state.as_str(), &stored(ig_id, &report, &json))?;
    Ok(Some((account, report)))
}

/// A message that may be missing; none where it is not told who wrote it, or to whom.
fn message_of(account: &Account, message: ConversationMessage) -> Option<Gap> {
    let from = message.from?;
    let own = from.is_account(&account.ig_id);
    let person = match message.to {
        _ if !own => from.to_person(),
        // From the account to itself, by whichever of its ids.
        Some(to) if to.is_account(&account.ig_id) => account.self_igsid.clone()?,
        Some(to) => to.to_person(),
        None => return None,
    };
    Some(Gap {
        id: message.mid.into_string(),
        kind: GapKind::Message,
        own,
        person: Some(person.as_str().to_owned()),
        username: None,
        replayable: message.text.is_some(),
        text: message.text,
        created_at: message.created_at,
        media: None,
        parent: None,
        replayed: false,
    })
}

fn comment_of(account: &Account, media: &MediaId, comment: MediaComment) -> Gap {
    let own = is_own(account, comment.from.as_ref(), comment.username.as_deref());
    Gap {
        id: comment.id.into_string(),
        kind: GapKind::Comment,
        own,
        replayable: (own || comment.from.is_some()) && comment.text.is_some(),
        person: comment.from.filter(|_| !own).map(|from| from.as_str().to_owned()),
        username: comment.username,
        text: comment.text,
        created_at: comment.created_at,
        media: Some(media.as_str().to_owned()),
        parent: None,
        replayed: false,
    }
}

fn reply_of(account: &Account, media: &MediaId, parent: &str, reply: CommentReply) -> Gap {
    let comment = MediaComment {
        id: reply.id,
        text: reply.text,
        created_at: reply.created_at,
        username: reply.username,
        from: reply.from,
        replies: Vec::new(),
        has_more_replies: false,
    };
    Gap {
        parent: Some(parent.to_owned()),
        ..comment_of(account, media, comment)
    }
}

/// Whether the account itself wrote a comment, by id or by name.
fn is_own(account: &Account, from: Option<&ParticipantId>, username: Option<&str>) -> bool {
    let by_id = from.is_some_and(|from| {
        from.is_account(&account.ig_id) || account.self_igsid.as_ref().is_some_and(|own| from.is_person(own))
    });
    by_id || username.is_some_and(|name| name.trim_start_matches('@').eq_ignore_ascii_case(&account.username))
}

fn stored<'a>(account: &'a IgUserId, report: &ReconcileReport, json: &'a str) -> NewReport<'a> {
    NewReport {
        account,
        state: report.state.as_str(),
        is_over: report.is_over(),
        report: json,
    }
}

/// A report as it is kept. It is plain data; it always can be written.
fn write_report(report: &ReconcileReport) -> String {
    serde_json::to_string(report).unwrap_or_default()
}

fn read_report(json: Option<String>) -> Option<ReconcileReport> {
    serde_json::from_str(&json?).ok()
}

fn failed(what: &str, failure: &CallFailure) -> Stopped {
    Stopped::Failed(format!("{what} could not be read: {}", explain(failure)))
}

fn count(gaps: &[Gap]) -> u32 {
    u32::try_from(gaps.len()).unwrap_or(u32::MAX)
}
