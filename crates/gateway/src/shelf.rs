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
