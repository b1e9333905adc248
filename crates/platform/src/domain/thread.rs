//! Threads: two accounts, or one account with itself.

use selfsame_wire::ids::ConversationId;

use super::keys::{AccountKey, ThreadKey};

/// Which side of a thread spoke. In the self thread the phone is the person and the API is the business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The professional account.
    Business,
    /// The person it talks with.
    Person,
}

impl Side {
    /// The name in the database and in `/_sim`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Person => "person",
        }
    }

    /// The side with this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "business" => Some(Self::Business),
            "person" => Some(Self::Person),
            _ => None,
        }
    }
}

/// A thread as stored. `a` is the business side; `a == b` is the self thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Row key.
    pub key: ThreadKey,
    /// Business side.
    pub a: AccountKey,
    /// The other side.
    pub b: AccountKey,
    /// Random serial behind the 39-digit number inside mids and conversation ids.
    pub number: i64,
    /// Id on the conversations edge.
    pub conversation_id: ConversationId,
    /// `primary`, `general` or `requests`.
    pub folder: String,
    /// Last gesture of `a` on the phone, in ms of world time.
    pub a_wrote_at_ms: Option<i64>,
    /// Last gesture of `b` on the phone, in ms of world time.
    pub b_wrote_at_ms: Option<i64>,
    /// Whether `b` wrote or tapped, so that `a` may read its profile.
    pub b_consented: bool,
    /// Whether `a` wrote or tapped, so that `b` may read its profile.
    pub a_consented: bool,
    /// In ms of world time.
    pub created_at_ms: i64,
    /// In ms of world time.
    pub updated_at_ms: i64,
}

impl Thread {
    /// Whether this is the thread of an account with itself.
    pub fn is_self(&self) -> bool {
        self.a == self.b
    }

    /// The other participant as seen by `account` (the account itself in the self thread).
    pub fn other(&self, account: AccountKey) -> AccountKey {
        if self.a == account { self.b } else { self.a }
    }

    /// When the participant opposite to `account` last wrote or tapped; in the self thread, when the owner did.
    pub fn other_wrote_at_ms(&self, account: AccountKey) -> Option<i64> {
        if self.a == account && !self.is_self() {
            self.b_wrote_at_ms
        } else {
            self.a_wrote_at_ms
        }
    }
}
