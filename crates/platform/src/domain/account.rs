//! Accounts: people and professional accounts.

use selfsame_wire::ids::{IgScopedId, IgUserId, PageId};

use super::keys::AccountKey;

/// What sort of account it is. Only professional accounts (business, creator) have an IG id and can be connected to apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A business account.
    Business,
    /// A creator account.
    Creator,
    /// An ordinary person.
    Personal,
}

impl AccountKind {
    /// Whether apps may be connected to accounts of this kind.
    pub const fn is_professional(self) -> bool {
        matches!(self, Self::Business | Self::Creator)
    }

    /// The name in the database and in `/_sim`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Creator => "creator",
            Self::Personal => "personal",
        }
    }

    /// The kind with this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "business" => Some(Self::Business),
            "creator" => Some(Self::Creator),
            "personal" => Some(Self::Personal),
            _ => None,
        }
    }

    /// `account_type` of the Graph API (contract: ids-and-objects, access levels).
    pub const fn graph_account_type(self) -> &'static str {
        match self {
            Self::Business => "BUSINESS",
            Self::Creator => "MEDIA_CREATOR",
            Self::Personal => "PERSONAL",
        }
    }
}

/// An account as stored, with the ids that do not depend on who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Row key.
    pub key: AccountKey,
    /// Without `@`.
    pub username: String,
    /// Display name.
    pub name: String,
    /// Sort of account.
    pub kind: AccountKind,
    /// IG professional account id: `user_id` of `/me`, `entry.id` of webhooks. `None` for personal accounts.
    pub ig_id: Option<IgUserId>,
    /// The account seen as a person by itself. `None` for personal accounts.
    pub self_igsid: Option<IgScopedId>,
    /// The linked Facebook Page.
    pub page: Option<Page>,
    /// Whether strangers see its posts.
    pub is_public: bool,
    /// "Allow access to messages" in the account's settings.
    pub message_access: bool,
    /// When it was made, in milliseconds of world time.
    pub created_at_ms: i64,
}

/// A Facebook Page linked to a professional account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Page id.
    pub page_id: PageId,
    /// Page name.
    pub name: String,
}
