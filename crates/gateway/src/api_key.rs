//! Keys of the API: what a key is, and what it may do.
//!
//! A key is shown once, when it is made; what is kept is its digest. `Debug` shows no key.

use std::fmt;

use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use selfsame_runtime::random::Random;
use serde::{Deserialize, Serialize};

/// What every key begins with, so that it is known for one where it turns up: in a log, in a commit.
pub const PREFIX: &str = "ssk_";
/// The random bytes of a key.
const KEY_BYTES: usize = 32;
/// The characters of a key that are kept in the clear.
const HINT_CHARACTERS: usize = 10;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Look at everything but keys: messages, accounts, deliveries, automations.
    Read,
    /// Send messages, decide about parked ones, hand threads over and back, replay deliveries.
    Send,
    /// Change, try and publish automations.
    Automations,
    /// Connect, change and disconnect accounts; reconcile them.
    Accounts,
    /// Everything, keys and the kill switch included.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Read, Self::Send, Self::Automations, Self::Accounts, Self::Admin];

    /// Its name, as the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Send => "send",
            Self::Automations => "automations",
            Self::Accounts => "accounts",
            Self::Admin => "admin",
        }
    }

    /// The scope of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }

    /// Whether somebody who has these may do what needs this one.
    pub fn is_within(self, granted: &[Self]) -> bool {
        granted.contains(&self) || granted.contains(&Self::Admin)
    }
}

/// A whole key, on its way to whoever asked for it.
pub struct ApiKey(String);

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey")
    }
}

impl ApiKey {
    /// A new one.
    pub fn generate(random: &Random) -> Self {
        Self(format!("{PREFIX}{}", random.base64url(KEY_BYTES)))
    }

    /// The key itself, to be shown once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its first characters, by which people tell keys apart.
    pub fn hint(&self) -> String {
        self.0.chars().take(HINT_CHARACTERS).collect()
    }

    /// What is kept of it.
    pub fn digest(&self) -> ApiKeyDigest {
        ApiKeyDigest::of(&self.0)
    }
}

/// What is kept of a key. Looking one up by its digest takes a time that tells nothing of other keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyDigest([u8; SHA256_OUTPUT_LEN]);

impl ApiKeyDigest {
    /// Of what somebody shows.
    pub fn of(shown: &str) -> Self {
        let mut bytes = [0; SHA256_OUTPUT_LEN];
        bytes.copy_from_slice(digest(&SHA256, shown.as_bytes()).as_ref());
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; SHA256_OUTPUT_LEN] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_may_do_everything_and_everybody_else_what_was_granted() {
        for needed in Scope::ALL {
            assert!(needed.is_within(&[Scope::Admin]));
            assert!(!needed.is_within(&[]));
        }
        assert!(Scope::Read.is_within(&[Scope::Send, Scope::Read]));
        assert!(!Scope::Read.is_within(&[Scope::Send]), "scopes do not imply each other");
    }

    #[test]
    fn a_key_is_known_by_its_prefix_and_shown_by_nobody_else() {
        let key = ApiKey::generate(&Random::seeded(1));
        assert!(key.expose().starts_with(PREFIX) && key.expose().len() == PREFIX.len() + 43);
        assert!(!format!("{key:?}{:?}", key.digest()).contains(key.expose()));
        assert!(key.expose().starts_with(&key.hint()) && key.hint().len() < 12);
        assert_eq!(key.digest(), ApiKeyDigest::of(key.expose()));
    }
}
