//! Who acts and towards whom: `as` defaults to the only business account, `to` to `as`.

use crate::connection::{CallError, HouseClient};
use crate::world::UnknownAccount;

/// The two sides of a gesture, with `@`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parties {
    /// Who does it.
    pub acting: String,
    /// Towards whom; the same account in the self thread.
    pub towards: String,
}

/// Why a gesture was not made, or its outcome is not known.
#[derive(Debug, thiserror::Error)]
pub enum GestureError {
    /// The platform did not take it.
    #[error(transparent)]
    Call(#[from] CallError),
    /// It is not clear who is meant.
    #[error(transparent)]
    Account(#[from] UnknownAccount),
    /// The gesture needs something that the world does not have.
    #[error("{0}")]
    Missing(String),
}

impl Parties {
    /// Fills in the defaults, asking the platform only when there is something to fill in.
    ///
    /// # Errors
    /// When nobody is named and there is not exactly one professional account, or the platform does not answer.
    pub async fn meant(
        house: &HouseClient,
        acting: Option<String>,
        towards: Option<String>,
    ) -> Result<Self, GestureError> {
        let acting = match acting {
            Some(acting) => with_at(&acting),
            None => with_at(&house.world().await?.meant_account(None)?.username),
        };
        let towards = towards.map_or_else(|| acting.clone(), |towards| with_at(&towards));
        Ok(Self { acting, towards })
    }

    /// Whether this is the thread of an account with itself.
    pub fn is_self_thread(&self) -> bool {
        self.acting == self.towards
    }
}

fn with_at(reference: &str) -> String {
    format!("@{}", reference.trim_start_matches('@'))
}
