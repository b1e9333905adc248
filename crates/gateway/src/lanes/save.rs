//! Saves a draft that somebody has edited, unless somebody else has saved it meanwhile.

use std::io;

use selfsame_runtime::folder::replace_file;
use selfsame_wire::ids::IgUserId;

use super::state::Lanes;
use crate::automation::{Library, Problems, version_of};
use crate::store::StoreError;

/// Why a draft was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The text has errors.
    #[error("the text has errors; the draft stays as it was")]
    HasErrors(#[source] Problems),
    /// The draft is not the one that was edited any more.
    #[error("somebody else has saved the draft meanwhile")]
    SavedMeanwhile,
    /// The file cannot be written.
    #[error("the file of the draft cannot be written")]
    File(#[source] io::Error),
    /// The database failed.
    #[error("the draft could not be stored")]
    Store(#[source] StoreError),
    /// A bug met while the text was checked.
    #[error("the draft could not be checked")]
    Unchecked,
}

impl Lanes {
    /// By what an editor of this draft knows it again: it changes with every change of its text.
    pub fn draft_version(&self, account: Option<&IgUserId>) -> String {
        self.draft(account)
            .map_or_else(|| "none".to_owned(), |draft| version_of(&draft.text))
    }

    /// Replaces the draft of an account; `None`: the file, for all. `edited` is the [`Self::draft_version`] that was edited; without
    /// it whatever is there is replaced.
    pub async fn save_draft(
        &self,
        account: Option<&IgUserId>,
        edited: Option<&str>,
        text: String,
    ) -> Result<(), SaveError> {
        // One at a time, so that of two who have edited the same text one is told.
        let _saving = self.0.saving.lock().await;
        let (lanes, owner, edited) = (self.clone(), account.cloned(), edited.map(str::to_owned));
        let (text, library) = tokio::task::spawn_blocking(move || {
            let library = Library::compile(&text).map_err(SaveError::HasErrors)?;
            if owner.is_none() {
                // An editor of files may have saved a moment ago.
                lanes.look_at_file();
            }
            if edited.is_some_and(|edited| edited != lanes.draft_version(owner.as_ref())) {
                return Err(SaveError::SavedMeanwhile);
            }
            if owner.is_none() {
                replace_file(&lanes.draft_path(), text.as_bytes()).map_err(SaveError::File)?;
                lanes.look_at_file();
            }
            Ok((text, library))
        })
        .await
        .map_err(|_panicked| SaveError::Unchecked)??;
        match account {
            Some(account) => self.keep_own(account, text, library).await.map_err(SaveError::Store),
            None => Ok(()),
        }
    }
}
