//! The answer of `GET /_sim/world`. Fields that are not read here are kept by the raw answer, never refused.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

/// Everything on a platform.
#[derive(Debug, Clone, Deserialize)]
pub struct World {
    /// The platform itself.
    pub platform: PlatformAddress,
    /// The gateway that was started with it.
    #[serde(default)]
    pub gateway: Option<GatewayAddress>,
    /// Meta apps.
    #[serde(default)]
    pub apps: Vec<App>,
    /// Accounts of every kind.
    #[serde(default)]
    pub accounts: Vec<Account>,
    /// Posts, reels, stories and broadcasts.
    #[serde(default)]
    pub media: Vec<Media>,
}

/// The platform's address, version and time.
#[derive(Debug, Clone, Deserialize)]
pub struct PlatformAddress {
    /// Base URL.
    #[serde(deserialize_with = "address")]
    pub url: Url,
    /// Version of the program.
    pub version: String,
    /// World time, RFC 3339.
    pub now: String,
}

/// The gateway's address.
#[derive(Debug, Clone, Deserialize)]
pub struct GatewayAddress {
    /// Base URL.
    #[serde(deserialize_with = "address")]
    pub url: Url,
}

/// A Meta app: two pairs of id and secret, one for each login flow.
#[derive(Debug, Clone, Deserialize)]
pub struct App {
    /// Its name, which is also its key.
    pub name: String,
    /// App id for Facebook Login.
    pub meta_app_id: String,
    /// Signs webhooks of accounts that were onboarded by Facebook Login.
    pub meta_app_secret: String,
    /// App id for Instagram Login.
    pub instagram_app_id: String,
    /// Signs webhooks of accounts that were onboarded by Instagram Login.
    pub instagram_app_secret: String,
    /// `live` or `development`.
    #[serde(default)]
    pub mode: Option<String>,
    /// Where webhooks are delivered.
    #[serde(default)]
    pub callback_url: Option<String>,
    /// Where its login dialogs may send people back to.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Called when an owner disconnects the app.
    #[serde(default)]
    pub deauthorize_url: Option<String>,
    /// Called when an owner asks for deletion.
    #[serde(default)]
    pub data_deletion_url: Option<String>,
    /// Whether the callback has passed the handshake: `verified`, or what it is still.
    #[serde(default)]
    pub callback_state: Option<String>,
    /// Proven in the handshake.
    #[serde(default)]
    pub verify_token: Option<String>,
}

/// An account and every id it has.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// Without `@`.
    pub username: String,
    /// `business`, `creator` or `personal`.
    pub kind: String,
    /// The IG user id: `entry.id` of webhooks.
    #[serde(default)]
    pub ig_id: Option<String>,
    /// Its Instagram-scoped id towards itself: the id to answer self messages to.
    #[serde(default)]
    pub self_igsid: Option<String>,
    /// The linked Facebook Page.
    #[serde(default)]
    pub page_id: Option<String>,
    /// Its id as each app sees it (`id` of `/me`).
    #[serde(default)]
    pub app_scoped_ids: BTreeMap<String, String>,
    /// Its Instagram-scoped id as each other account sees it, keyed by `@username`.
    #[serde(default)]
    pub scoped_ids: BTreeMap<String, String>,
    /// Access tokens granted to apps.
    #[serde(default)]
    pub tokens: Vec<Token>,
}

/// Which login granted a token, and with it which host, secret and contract apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    /// Instagram API with Instagram Login.
    Instagram,
    /// Instagram API with Facebook Login.
    Facebook,
}

impl Flow {
    /// The word used in requests, files and flags.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Instagram => "instagram",
            Self::Facebook => "facebook",
        }
    }
}

/// An access token.
#[derive(Debug, Clone, Deserialize)]
pub struct Token {
    /// The app it was granted to.
    pub app: String,
    /// The login that granted it.
    pub flow: Flow,
    /// `user` or `page`, as the platform names it.
    #[serde(default)]
    pub kind: Option<String>,
    /// The token: test data, so it is shown.
    pub access_token: String,
    /// Permissions.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// World time of its end, RFC 3339.
    #[serde(default)]
    pub expires_at: Option<String>,
}

/// A post, reel, story or broadcast.
#[derive(Debug, Clone, Deserialize)]
pub struct Media {
    /// Media id.
    pub id: String,
    /// Username of its owner.
    pub account: String,
    /// Its text.
    #[serde(default)]
    pub caption: Option<String>,
    /// Its address on Instagram.
    #[serde(default)]
    pub permalink: Option<String>,
}

impl Account {
    /// Whether it can be connected to an app.
    pub fn is_professional(&self) -> bool {
        self.kind != "personal"
    }

    /// Its token of one login, for one app or for the first one that has any.
    pub fn token(&self, flow: Flow, app: Option<&str>) -> Option<&Token> {
        let of_flow = |token: &&Token| token.flow == flow && app.is_none_or(|app| token.app == app);
        // A Facebook login leaves a user token and a Page token; the Page's is the one that sends.
        let page = self
            .tokens
            .iter()
            .find(|token| of_flow(token) && token.kind.as_deref() == Some("page"));
        page.or_else(|| self.tokens.iter().find(of_flow))
    }
}

impl World {
    /// The account of this reference, with or without `@`.
    pub fn account(&self, reference: &str) -> Option<&Account> {
        let username = reference.trim_start_matches('@');
        self.accounts.iter().find(|account| account.username == username)
    }

    /// The only professional account, when there is exactly one.
    pub fn only_business(&self) -> Option<&Account> {
        let mut professionals = self.accounts.iter().filter(|account| account.is_professional());
        let first = professionals.next()?;
        professionals.next().is_none().then_some(first)
    }
}

/// Reads an address. (The `serde` feature of `url` would do the same for every crate of the tree.)
fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text = String::deserialize(deserializer)?;
    Url::parse(&text).map_err(|error| D::Error::custom(format!("`{text}` is no address: {error}")))
}
