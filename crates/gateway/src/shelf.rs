//! The automations that run: the draft and the published version, each replaced as a whole; for all
//! accounts, and for single accounts that have their own.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use selfsame_wire::ids::IgUserId;

use crate::automation::{Lane, Library};

/// All that runs. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct Shelf(Arc<RwLock<Versions>>);

#[derive(Debug, Default)]
struct Versions {
    draft: Arc<Library>,
    published: Arc<Library>,
    own: HashMap<(IgUserId, Lane), Arc<Library>>,
    /// Open previews in owners' own threads, oldest first.
    previews: HashMap<IgUserId, Vec<OpenPreview>>,
}

/// An open preview in an owner's own thread.
#[derive(Debug, Clone)]
pub struct OpenPreview {
    /// Its name.
    pub id: String,
    /// Until when it goes on, process time in milliseconds.
    pub until_ms: i64,
    /// Whether public replies are posted on a real account.
    pub post_replies: bool,
    /// Automations of its own; none: the draft.
    pub library: Option<Arc<Library>>,
    /// Whether it is about automations, which answer then although an engine stands behind the gateway.
    pub is_of_automations: bool,
}

impl Shelf {
    /// The automations that an account's events run in a lane, as they are now.
    pub fn library(&self, account: &IgUserId, lane: Lane) -> Arc<Library> {
        let versions = self.0.read().unwrap_or_else(PoisonError::into_inner);
        // Few accounts have their own: most decisions do not copy the id to ask.
        if !versions.own.is_empty()
            && let Some(own) = versions.own.get(&(account.clone(), lane))
        {
            return Arc::clone(own);
        }
        Arc::clone(match lane {
            Lane::Draft => &versions.draft,
            Lane::Published => &versions.published,
        })
    }

    /// Replaces the automations of a lane; events decided from now on run these.
    pub fn replace(&self, lane: Lane, library: impl Into<Arc<Library>>) {
        let mut versions = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *match lane {
            Lane::Draft => &mut versions.draft,
            Lane::Published => &mut versions.published,
        } = library.into();
    }

    /// The open preview that the owner's own events belong to: the newest.
    pub fn newest_preview(&self, account: &IgUserId, now_ms: i64) -> Option<OpenPreview> {
        let versions = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if versions.previews.is_empty() {
            return None;
        }
        let open = versions.previews.get(account)?;
        open.iter().rev().find(|preview| preview.until_ms > now_ms).cloned()
    }

    /// The open preview of that name.
    pub fn preview(&self, account: &IgUserId, id: &str, now_ms: i64) -> Option<OpenPreview> {
        let versions = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let open = versions.previews.get(account)?;
        open.iter()
            .find(|preview| preview.id == id && preview.until_ms > now_ms)
            .cloned()
    }

    /// Lets the owner's own events belong to this preview from now on; those that are over are forgotten.
    pub fn open_preview(&self, account: &IgUserId, preview: OpenPreview, now_ms: i64) {
        let mut versions = self.0.write().unwrap_or_else(PoisonError::into_inner);
        versions.previews.retain(|_, open| {
            open.retain(|preview| preview.until_ms > now_ms);
            !open.is_empty()
        });
        versions.previews.entry(account.clone()).or_default().push(preview);
    }

    /// A preview has ended.
    pub fn close_preview(&self, account: &IgUserId, id: &str) {
        let mut versions = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = versions.previews.get_mut(account) {
            open.retain(|preview| preview.id != id);
            if open.is_empty() {
                versions.previews.remove(account);
            }
        }
    }

    /// Replaces the automations that one account has of its own; `None`: it runs those for all.
    pub fn replace_own(&self, account: &IgUserId, lane: Lane, library: Option<Arc<Library>>) {
        let mut versions = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let key = (account.clone(), lane);
        match library {
            Some(library) => versions.own.insert(key, library),
            None => versions.own.remove(&key),
        };
    }
}
