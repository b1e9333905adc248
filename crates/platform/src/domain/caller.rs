//! Who calls the Graph API: a token, and the account and app behind it.

use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::{AppScopedId, FacebookUserId};

use super::access::Access;
use super::account::Account;
use super::keys::{AppKey, GrantKey};

/// What a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Instagram login, one hour.
    InstagramShort,
    /// Instagram login, sixty days, refreshable.
    InstagramLong,
    /// Facebook login, a user token of an hour or two.
    FacebookUserShort,
    /// Facebook login, a user token of sixty days.
    FacebookUserLong,
    /// Facebook login, the token of the Page; never expires.
    Page,
}

impl TokenKind {
    /// The name in the database and in `/_sim/world`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InstagramShort => "instagram_short",
            Self::InstagramLong => "instagram_long",
            Self::FacebookUserShort => "facebook_user_short",
            Self::FacebookUserLong => "facebook_user_long",
            Self::Page => "page",
        }
    }

    /// The kind with this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "instagram_short" => Some(Self::InstagramShort),
            "instagram_long" => Some(Self::InstagramLong),
            "facebook_user_short" => Some(Self::FacebookUserShort),
            "facebook_user_long" => Some(Self::FacebookUserLong),
            "page" => Some(Self::Page),
            _ => None,
        }
    }

    /// The login flow that makes tokens of this kind.
    pub const fn flow(self) -> LoginFlow {
        match self {
            Self::InstagramShort | Self::InstagramLong => LoginFlow::Instagram,
            Self::FacebookUserShort | Self::FacebookUserLong | Self::Page => LoginFlow::Facebook,
        }
    }
}

/// A token as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token itself. Test data of a local world.
    pub token: String,
    /// Its grant.
    pub grant: GrantKey,
    /// What it stands for.
    pub kind: TokenKind,
    /// ms of world time.
    pub issued_at_ms: i64,
    /// ms of world time; `None`: never.
    pub expires_at_ms: Option<i64>,
    /// Set when the token died before its time: subcode of error 190 (contract: errors §7.3).
    pub invalid_subcode: Option<u32>,
}

/// Whoever presents a known token. Expiry is judged by the clock at each call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token presented.
    pub token: Token,
    /// The account that granted it.
    pub account: Account,
    /// The app it was granted to.
    pub app: AppKey,
    /// Name of that app.
    pub app_name: String,
    /// Granted permissions.
    pub scopes: Vec<String>,
    /// How far the app may go with them.
    pub access: Access,
    /// Whether the app demands `appsecret_proof`.
    pub proof_required: bool,
    /// `/me` id of the account on graph.instagram.com for this app.
    pub app_scoped_id: AppScopedId,
    /// The Facebook user behind the account, for this app.
    pub facebook_user_id: FacebookUserId,
}

impl Caller {
    /// The login flow of the token.
    pub const fn flow(&self) -> LoginFlow {
        self.token.kind.flow()
    }
}
