//! The automations that run: the draft and the published version, each replaced as a whole.

use std::sync::{Arc, PoisonError, RwLock};

use crate::automation::{Lane, Library};

/// Both versions. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct Shelf(Arc<RwLock<Versions>>);

#[derive(Debug, Default)]
struct Versions {
    draft: Arc<Library>,
    published: Arc<Library>,
}

impl Shelf {
    /// The automations of a lane, as they are now.
    pub fn library(&self, lane: Lane) -> Arc<Library> {
        let versions = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(match lane {
            Lane::Draft => &versions.draft,
            Lane::Published => &versions.published,
        })
    }

    /// Replaces the automations of a lane; events decided from now on run these.
    pub fn replace(&self, lane: Lane, library: Library) {
        let mut versions = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *match lane {
            Lane::Draft => &mut versions.draft,
            Lane::Published => &mut versions.published,
        } = Arc::new(library);
    }
}
