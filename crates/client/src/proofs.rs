//! The proofs of tokens: what Meta's "Require App Secret" asks for beside each of them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use selfsame_wire::flow::LoginFlow;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::appsecret_proof;

use crate::graph_client::Caller;

/// Tokens that are remembered as of other apps; beyond it all are tried anew, which costs a refused call each.
const FOREIGN_TOKENS_MAX: usize = 10_000;

/// Makes proofs. Cloning shares what was learned. The default knows no secret and makes none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proofs {
    secrets: Option<Arc<Secrets>>,
}

#[derive(Debug)]
struct Secrets {
    instagram: AppSecret,
    facebook: AppSecret,
    /// Proofs that Graph refused: of tokens of other apps.
    refused: Mutex<HashSet<String>>,
}

impl Proofs {
    /// With the secret of each flow's app.
    pub(crate) fn by_secrets(instagram: AppSecret, facebook: AppSecret) -> Self {
        Self {
            secrets: Some(Arc::new(Secrets {
                instagram,
                facebook,
                refused: Mutex::default(),
            })),
        }
    }

    /// The proof of the caller's token; none: there is no secret that it could be made with.
    pub(crate) fn of(&self, caller: &Caller) -> Option<String> {
        let secrets = self.secrets.as_ref()?;
        let secret = match caller.flow {
            LoginFlow::Instagram => &secrets.instagram,
            LoginFlow::Facebook => &secrets.facebook,
        };
        if secret.expose().is_empty() {
            return None;
        }
        let proof = appsecret_proof(secret, caller.token.expose());
        let refused = secrets.refused.lock().unwrap_or_else(PoisonError::into_inner);
        (!refused.contains(&proof)).then_some(proof)
    }

    /// Graph refused the proof of this caller's token.
    pub(crate) fn give_up(&self, caller: &Caller) {
        let (Some(secrets), Some(proof)) = (&self.secrets, self.of(caller)) else {
            return;
        };
        tracing::warn!(
            flow = caller.flow.name(),
            "a token is of another app than the app secret that is configured; calls with it go without appsecret_proof"
        );
        let mut refused = secrets.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() >= FOREIGN_TOKENS_MAX {
            refused.clear();
        }
        refused.insert(proof);
    }
}
