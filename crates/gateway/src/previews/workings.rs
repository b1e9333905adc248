//! Makes previews, goes on with them, and ends them.

use std::sync::Arc;

use jiff::Timestamp;
use selfsame_queue::Doorbell;
use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::db::{Database, Durability};
use selfsame_runtime::random::Random;
use selfsame_wire::ids::IgUserId;

use super::link::Links;
use crate::automation::{AccountFacts, Gesture, Library, Problems, Rehearsal, RehearsalError};
use crate::lanes::{Lanes, PublishError};
use crate::shelf::{OpenPreview, Shelf};
use crate::store::accounts::{self, Account, SelfMode};
use crate::store::automations::PublishedVersion;
use crate::store::previews::{self, PreviewMode, PreviewRow};
use crate::store::{StoreError, settings};

/// The bytes of a preview's name.
const NAME_BYTES: usize = 12;
/// The open previews that an account may have at once.
pub const MOST_OPEN: u32 = 50;

/// A preview to make.
#[derive(Debug, Clone)]
pub struct NewPreview {
    /// Whose.
    pub account: Account,
    /// Made up, or in the owner's own thread.
    pub mode: PreviewMode,
    /// Automations of its own; none: the account's draft.
    pub text: Option<String>,
    /// The automation it is about, by name.
    pub automation: Option<String>,
    /// What is done by itself; none: the owner does it, or what starts the automation.
    pub gesture: Option<Gesture>,
    /// Whether its page may publish.
    pub allow_publish: bool,
    /// Whether public replies are posted on a real account.
    pub post_replies: bool,
    /// How long its link works, in milliseconds.
    pub lasts_ms: i64,
}

/// Why a preview is not made or does not go on.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// There is no such preview.
    #[error("there is no preview {0}")]
    Unknown(String),
    /// It has ended, by somebody or by itself.
    #[error("this preview has ended")]
    Ended,
    /// There is no such automation in what would run.
    #[error("there is no automation `{0}` in the draft")]
    UnknownAutomation(String),
    /// Its automations have errors.
    #[error("the automations of this preview have errors")]
    Invalid(#[source] Problems),
    /// The gesture cannot be made.
    #[error("{0}")]
    Gesture(String),
    /// The account does not answer its owner at all.
    #[error("this account never answers its owner (self mode off)")]
    SelfOff,
    /// There are enough.
    #[error("this account has {MOST_OPEN} open previews")]
    TooMany,
    /// Its conversation happens on Instagram.
    #[error("this preview is sent for real: write on Instagram")]
    NotMadeUp,
    /// The conversation cannot go on.
    #[error(transparent)]
    Rehearsal(#[from] RehearsalError),
    /// Its page may not publish.
    #[error("this preview may not publish")]
    MayNotPublish,
    /// Nothing was published.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Everything that previews work with. Cloning shares it.
#[derive(Clone)]
pub struct Previews {
    /// The gateway's database.
    pub database: Database,
    /// World time.
    pub world: WorldClock,
    /// Process time: until when links work.
    pub process: ProcessClock,
    /// Names.
    pub random: Random,
    /// What runs.
    pub shelf: Shelf,
    /// Both lanes.
    pub lanes: Lanes,
    /// Signs their addresses.
    pub links: Arc<Links>,
    /// Rung when something may be sent.
    pub outbox_bell: Doorbell,
    /// Own events that may be answered within a minute.
    pub self_answers_per_minute: u32,
}

impl Previews {
    /// Puts the open previews of the last run back on the shelf.
    ///
    /// # Errors
    /// The store failed.
    pub async fn recover(&self) -> Result<(), StoreError> {
        let now_ms = self.process.now().as_millis();
        let rows = self
            .database
            .read(move |connection| previews::list_open_sends(connection, now_ms))
            .await
            .map_err(StoreError::from)?;
        for row in rows {
            self.put_on_shelf(&row);
        }
        Ok(())
    }

    /// Makes a preview.
    ///
    /// # Errors
    /// See [`PreviewError`]; nothing was made then.
    pub async fn create(&self, new: NewPreview) -> Result<PreviewRow, PreviewError> {
        let library = self.library_of(&new.account.ig_id, new.text.as_deref())?;
        let mut gesture = new.gesture;
        if let Some(name) = &new.automation {
            let example = library
                .example_of(name)
                .ok_or_else(|| PreviewError::UnknownAutomation(name.clone()))?;
            if gesture.is_none() && new.mode == PreviewMode::Simulate {
                gesture = example;
            }
        }
        if let Some(gesture) = &gesture {
            gesture.check().map_err(PreviewError::Gesture)?;
        }
        if new.mode == PreviewMode::Send && new.account.self_mode == SelfMode::Off {
            return Err(PreviewError::SelfOff);
        }
        let now = self.world.now();
        let now_ms = self.process.now().as_millis();
        let rehearsal = match new.mode {
            PreviewMode::Send => None,
            PreviewMode::Simulate => {
                let mut rehearsal = Rehearsal::default();
                if let Some(gesture) = gesture.clone() {
                    let facts = facts_of(&new.account);
                    rehearsal.take(&library, &facts, new.account.self_igsid.as_ref(), gesture, now)?;
                }
                Some(to_json(&rehearsal))
            }
        };
        let row = PreviewRow {
            id: self.random.base64url(NAME_BYTES),
            account: new.account.ig_id,
            mode: new.mode,
            text: new.text,
            automation: new.automation,
            // Without a gesture there is nothing to feed.
            fed: new.mode == PreviewMode::Simulate || gesture.is_none(),
            gesture: gesture.as_ref().map(to_json),
            allow_publish: new.allow_publish,
            post_replies: new.post_replies,
            created_at_ms: now_ms,
            created_world_ms: now.as_millisecond(),
            expires_at_ms: now_ms.saturating_add(new.lasts_ms),
            ended_at_ms: None,
            rehearsal,
            published_id: None,
        };
        let kept = row.clone();
        let made = self
            .database
            .write(Durability::Durable, move |tx| {
                if previews::count_open(tx, &kept.account, now_ms)? >= MOST_OPEN {
                    return Ok(false);
                }
                previews::insert(tx, &kept)?;
                Ok::<_, StoreError>(true)
            })
            .await
            .map_err(StoreError::from)?;
        if !made {
            return Err(PreviewError::TooMany);
        }
        self.put_on_shelf(&row);
        if !row.fed {
            self.feed_once().await?;
        }
        Ok(row)
    }

    /// Goes on with a made-up conversation: with a gesture, or (`None`) by letting the time pass that an
    /// automation waits for.
    ///
    /// # Errors
    /// See [`PreviewError`]; the conversation is as it was then.
    pub async fn go_on(&self, id: &str, gesture: Option<Gesture>) -> Result<(), PreviewError> {
        if let Some(gesture) = &gesture {
            gesture.check().map_err(PreviewError::Gesture)?;
        }
        let (row, account) = self.open_row(id).await?;
        if row.mode != PreviewMode::Simulate {
            return Err(PreviewError::NotMadeUp);
        }
        let library = self.library_of(&row.account, row.text.as_deref())?;
        let now = self.world.now();
        let id = row.id;
        // Read, decided and written in one transaction, so that two taps at once cannot lose one.
        self.database
            .write(Durability::Relaxed, move |tx| {
                let stored = previews::find(tx, &id)?.and_then(|row| row.rehearsal);
                let mut rehearsal: Rehearsal = stored
                    .and_then(|json| serde_json::from_str(&json).ok())
                    .unwrap_or_default();
                let taken = match gesture {
                    Some(gesture) => {
                        rehearsal.take(&library, &facts_of(&account), account.self_igsid.as_ref(), gesture, now)
                    }
                    None => rehearsal.let_time_pass(now),
                };
                if taken.is_ok() {
                    previews::set_rehearsal(tx, &id, &to_json(&rehearsal))?;
                }
                Ok::<_, StoreError>(taken)
            })
            .await
            .map_err(StoreError::from)??;
        Ok(())
    }

    /// Begins a made-up conversation again, with what it began with.
    ///
    /// # Errors
    /// See [`PreviewError`]; the conversation is as it was then.
    pub async fn restart(&self, id: &str) -> Result<(), PreviewError> {
        let (row, account) = self.open_row(id).await?;
        if row.mode != PreviewMode::Simulate {
            return Err(PreviewError::NotMadeUp);
        }
        let mut rehearsal = Rehearsal::default();
        let gesture = row.gesture.as_deref().and_then(|json| serde_json::from_str(json).ok());
        if let Some(gesture) = gesture {
            let library = self.library_of(&row.account, row.text.as_deref())?;
            let self_igsid = account.self_igsid.as_ref();
            rehearsal.take(&library, &facts_of(&account), self_igsid, gesture, self.world.now())?;
        }
        self.database
            .write(Durability::Relaxed, move |tx| {
                previews::set_rehearsal(tx, &row.id, &to_json(&rehearsal))
            })
            .await
            .map_err(StoreError::from)?;
        Ok(())
    }

    /// Ends a preview: its link opens nothing any more.
    ///
    /// # Errors
    /// There is no such preview, or the store failed.
    pub async fn end(&self, id: &str) -> Result<(), PreviewError> {
        let now_ms = self.process.now().as_millis();
        let wanted = id.to_owned();
        let found = self
            .database
            .write(Durability::Durable, move |tx| {
                let row = previews::find(tx, &wanted)?;
                if row.is_some() {
                    previews::end(tx, &wanted, now_ms)?;
                }
                Ok::<_, StoreError>(row)
            })
            .await
            .map_err(StoreError::from)?;
        let row = found.ok_or_else(|| PreviewError::Unknown(id.to_owned()))?;
        self.shelf.close_preview(&row.account, &row.id);
        Ok(())
    }

    /// Publishes what a preview runs, if it may.
    ///
    /// Automations that the preview brought with it become the account's own. A draft for all is
    /// published for all only when this is the only account: otherwise for this account alone.
    ///
    /// # Errors
    /// See [`PreviewError`]; what is published stays as it is then.
    pub async fn publish(&self, id: &str) -> Result<PublishedVersion, PreviewError> {
        let (row, account) = self.open_row(id).await?;
        if !row.allow_publish {
            return Err(PreviewError::MayNotPublish);
        }
        let n_accounts = self
            .database
            .read(|connection| Ok::<_, StoreError>(accounts::list(connection)?.len()))
            .await
            .map_err(StoreError::from)?;
        let ig_id = &account.ig_id;
        if let Some(text) = &row.text {
            self.lanes.replace_draft(ig_id, text.clone()).await?;
        }
        let has_its_own = self.lanes.draft(Some(ig_id)).is_some() || self.lanes.live(Some(ig_id)).is_some();
        let whose = (has_its_own || n_accounts > 1).then_some(ig_id);
        let version = self.lanes.publish(whose, "preview").await?;
        let (name, published_id) = (row.id, version.id);
        self.database
            .write(Durability::Durable, move |tx| {
                previews::set_published(tx, &name, published_id)
            })
            .await
            .map_err(StoreError::from)?;
        Ok(version)
    }

    /// What a preview of the account runs.
    ///
    /// # Errors
    /// Automations of its own have errors.
    pub fn library_of(&self, account: &IgUserId, text: Option<&str>) -> Result<Arc<Library>, PreviewError> {
        match text {
            Some(text) => Library::compile(text).map(Arc::new).map_err(PreviewError::Invalid),
            None => Ok(self.shelf.library(account, crate::automation::Lane::Draft)),
        }
    }

    /// A preview that goes on, and its account.
    async fn open_row(&self, id: &str) -> Result<(PreviewRow, Account), PreviewError> {
        let wanted = id.to_owned();
        let found = self
            .database
            .read(move |connection| {
                let Some(row) = previews::find(connection, &wanted)? else {
                    return Ok(None);
                };
                let account = accounts::find(connection, &row.account)?;
                Ok::<_, StoreError>(account.map(|account| (row, account)))
            })
            .await
            .map_err(StoreError::from)?;
        let (row, account) = found.ok_or_else(|| PreviewError::Unknown(id.to_owned()))?;
        if row.is_open(self.process.now().as_millis()) {
            Ok((row, account))
        } else {
            Err(PreviewError::Ended)
        }
    }

    /// Lets the owner's own events run this preview.
    fn put_on_shelf(&self, row: &PreviewRow) {
        if row.mode != PreviewMode::Send {
            return;
        }
        let library = match self.library_of(&row.account, row.text.as_deref()) {
            Ok(library) => row.text.is_some().then_some(library),
            Err(error) => {
                // It compiled when the preview was made: this program has become stricter.
                tracing::error!(preview = row.id, %error, "the automations of a preview do not compile any more");
                None
            }
        };
        self.shelf.open_preview(
            &row.account,
            OpenPreview {
                id: row.id.clone(),
                until_ms: row.expires_at_ms,
                post_replies: row.post_replies,
                library,
                is_of_automations: row.is_of_automations(),
            },
            self.process.now().as_millis(),
        );
    }

    /// Whether the kill switch is on.
    pub(super) async fn is_stopped(&self) -> Result<bool, StoreError> {
        self.database
            .read(settings::kill_switch)
            .await
            .map_err(StoreError::from)
    }

    /// World time.
    pub(super) fn now(&self) -> Timestamp {
        self.world.now()
    }
}

/// The account as the engine sees it.
pub(super) fn facts_of(account: &Account) -> AccountFacts {
    AccountFacts {
        ig_id: account.ig_id.clone(),
        username: account.username.clone(),
        name: account.name.clone(),
    }
}

fn to_json(value: &impl serde::Serialize) -> String {
    // Plain data; this cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}
