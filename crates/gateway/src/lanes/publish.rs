//! Makes a draft public, and brings older versions back.

use std::sync::PoisonError;

use selfsame_runtime::db::Durability;
use selfsame_wire::ids::IgUserId;

use super::state::Lanes;
use crate::automation::{Lane, Library, Problems};
use crate::store::StoreError;
use crate::store::automations::{self, PublishedVersion};

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The draft has errors.
    #[error("the draft has errors; what is published stays as it is")]
    DraftHasErrors(#[source] Problems),
    /// There is no draft.
    #[error("there is no draft to publish")]
    NoDraft,
    /// There is no such version.
    #[error("there is no published version {0}")]
    UnknownVersion(i64),
    /// The database failed.
    #[error("the published version could not be stored")]
    Store(#[source] StoreError),
}

impl Lanes {
    /// Publishes the draft of an account; `None`: the file, for all. An account without a draft of
    /// its own publishes the draft for all, for itself only.
    pub async fn publish(
        &self,
        account: Option<&IgUserId>,
        by: &'static str,
    ) -> Result<PublishedVersion, PublishError> {
        if account.is_none() {
            // The file may have been saved a moment ago.
            let lanes = self.clone();
            if tokio::task::spawn_blocking(move || lanes.look_at_file()).await.is_err() {
                tracing::error!("reading the automations file panicked");
            }
        }
        let draft = self
            .draft(account)
            .or_else(|| self.draft(None))
            .ok_or(PublishError::NoDraft)?;
        if !draft.is_current() {
            return Err(PublishError::DraftHasErrors(Problems(draft.problems)));
        }
        if draft.text.is_empty() {
            return Err(PublishError::NoDraft);
        }
        self.publish_text(account, draft.text, by).await
    }

    /// Publishes an older version again, for the same account or for all.
    pub async fn roll_back(&self, account: Option<&IgUserId>, id: i64) -> Result<PublishedVersion, PublishError> {
        let found = self
            .0
            .database
            .read(move |connection| automations::find(connection, id));
        let found = found
            .await
            .map_err(|error| PublishError::Store(StoreError::from(error)))?;
        let version = found
            .filter(|version| version.account.as_ref() == account)
            .ok_or(PublishError::UnknownVersion(id))?;
        self.publish_text(account, version.text, "roll_back").await
    }

    /// Replaces the draft of one account, whatever it was.
    pub async fn replace_draft(&self, account: &IgUserId, text: String) -> Result<(), PublishError> {
        let library = Library::compile(&text).map_err(PublishError::DraftHasErrors)?;
        let _saving = self.0.saving.lock().await;
        self.keep_own(account, text, library).await.map_err(PublishError::Store)
    }

    /// Stores a text as the draft of one account and runs it.
    pub(super) async fn keep_own(&self, account: &IgUserId, text: String, library: Library) -> Result<(), StoreError> {
        let (owner, kept, now) = (account.clone(), text.clone(), self.0.clock.now());
        let write = self.0.database.write(Durability::Durable, move |tx| {
            automations::keep_draft(tx, &owner, &kept, now)
        });
        write.await.map_err(StoreError::from)?;
        self.take_draft(Some(account), text, Ok(library));
        Ok(())
    }

    /// Forgets what belongs to one account only. The rows are the caller's to delete.
    pub fn forget_account(&self, account: &IgUserId) {
        self.0
            .state
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .own
            .remove(account);
        for lane in [Lane::Draft, Lane::Published] {
            self.0.shelf.replace_own(account, lane, None);
        }
        self.announce();
    }

    pub(super) async fn publish_at_first_start(&self) -> Result<(), StoreError> {
        let is_first = self.live(None).is_some_and(|live| live.id.is_none());
        let Some(draft) = self.draft(None) else { return Ok(()) };
        if !is_first || !draft.is_current() || draft.text.is_empty() {
            return Ok(());
        }
        match self.publish_text(None, draft.text, "first_start").await {
            Ok(version) => {
                tracing::info!(
                    version = version.version,
                    "the automations were published for the first time"
                );
                Ok(())
            }
            Err(PublishError::Store(error)) => Err(error),
            Err(error) => {
                tracing::warn!(%error, "the automations were not published");
                Ok(())
            }
        }
    }

    async fn publish_text(
        &self,
        account: Option<&IgUserId>,
        text: String,
        by: &'static str,
    ) -> Result<PublishedVersion, PublishError> {
        let library = Library::compile(&text).map_err(PublishError::DraftHasErrors)?;
        let mut version = PublishedVersion {
            id: 0,
            account: account.cloned(),
            version: library.version().to_owned(),
            text,
            published_at: self.0.clock.now(),
            published_by: by.to_owned(),
        };
        let row = version.clone();
        let write = self.0.database.write(Durability::Durable, move |tx| {
            automations::publish(
                tx,
                row.account.as_ref(),
                &row.version,
                &row.text,
                row.published_at,
                &row.published_by,
            )
        });
        version.id = write
            .await
            .map_err(|error| PublishError::Store(StoreError::from(error)))?;
        self.take_live(version.clone(), library);
        Ok(version)
    }
}
