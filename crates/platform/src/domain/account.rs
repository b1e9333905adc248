//! Accounts: people and professional accounts.

use selfsame_wire::flow::LoginFlow;
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

/// What Instagram holds against an account: which of its calls are refused, and by which error (contract: errors §7.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing.
    #[default]
    Good,
    /// 10/1893063: restricted from sending for a while, for breaking a policy.
    SendingRestricted,
    /// 10/2534077: the account, its owner or the link to the Page cannot be verified, or a second factor is missing.
    Unverified,
    /// 100/2534029: shut out of the messaging API.
    MessagingBlocked,
    /// 36103: not eligible for the API yet.
    NotEligible,
    /// 368: whatever it does is blocked for a while, for breaking a policy.
    ActionsBlocked,
    /// 190/459: the owner must log in on the web first.
    Checkpoint,
    /// 190/464: the owner is not confirmed.
    Unconfirmed,
    /// 190/492: the owner has lost her role on the Page.
    PageRoleLost,
}

/// What a call is about, as far as the standing of its account cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallNature {
    /// By the token of which login.
    pub flow: LoginFlow,
    /// It changes something.
    pub is_write: bool,
    /// It is one of the messaging API.
    pub is_messaging: bool,
    /// It sends a message or an action.
    pub is_send: bool,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 9] = [
        Self::Good,
        Self::SendingRestricted,
        Self::Unverified,
        Self::MessagingBlocked,
        Self::NotEligible,
        Self::ActionsBlocked,
        Self::Checkpoint,
        Self::Unconfirmed,
        Self::PageRoleLost,
    ];

    /// The name in the database and in `/_sim`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::SendingRestricted => "sending_restricted",
            Self::Unverified => "unverified",
            Self::MessagingBlocked => "messaging_blocked",
            Self::NotEligible => "not_eligible",
            Self::ActionsBlocked => "actions_blocked",
            Self::Checkpoint => "checkpoint",
            Self::Unconfirmed => "unconfirmed",
            Self::PageRoleLost => "page_role_lost",
        }
    }

    /// The standing of this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == name)
    }

    /// Code and subcode by which a call is refused.
    pub const fn refusal(self, call: CallNature) -> Option<(i64, Option<i64>)> {
        match self {
            Self::SendingRestricted if call.is_send => Some((10, Some(1_893_063))),
            Self::Unverified if call.is_messaging => Some((10, Some(2_534_077))),
            Self::MessagingBlocked if call.is_messaging => Some((100, Some(2_534_029))),
            Self::NotEligible => Some((36_103, None)),
            Self::ActionsBlocked if call.is_write => Some((368, None)),
            Self::Checkpoint => Some((190, Some(459))),
            Self::Unconfirmed => Some((190, Some(464))),
            Self::PageRoleLost if matches!(call.flow, LoginFlow::Facebook) => Some((190, Some(492))),
            Self::Good
            | Self::SendingRestricted
            | Self::Unverified
            | Self::MessagingBlocked
            | Self::ActionsBlocked
            | Self::PageRoleLost => None,
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
    /// What Instagram holds against it.
    pub standing: Standing,
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
