//! Apps and their webhook subscription.

use selfsame_wire::ids::{InstagramAppId, MetaAppId};

use super::keys::AppKey;

/// Whether the app is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppMode {
    /// Published: webhooks flow.
    Live,
    /// In development: webhooks do not flow, except dashboard tests.
    Development,
}

impl AppMode {
    /// The name in the database and in `/_sim`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Development => "development",
        }
    }

    /// The mode with this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "live" => Some(Self::Live),
            "development" => Some(Self::Development),
            _ => None,
        }
    }
}

/// A developer app: one app with two identities, one per login flow.
///
/// Secrets here are test data of a local world and are shown on purpose (design §8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Row key.
    pub key: AppKey,
    /// Unique name.
    pub name: String,
    /// Id in the Facebook login and in `/{app-id}/subscriptions`.
    pub meta_app_id: MetaAppId,
    /// Signs webhooks of accounts connected through the Facebook login.
    pub meta_app_secret: String,
    /// Id in the Instagram login.
    pub instagram_app_id: InstagramAppId,
    /// Signs webhooks of accounts connected through the Instagram login.
    pub instagram_app_secret: String,
    /// Published or not.
    pub mode: AppMode,
    /// Registered OAuth redirect URIs, compared exactly.
    pub redirect_uris: Vec<String>,
    /// Called with a `signed_request` when an owner disconnects the app.
    pub deauthorize_url: Option<String>,
    /// Called with a `signed_request` when an owner asks for deletion.
    pub data_deletion_url: Option<String>,
    /// Permissions at Standard Access; the app has Advanced Access to the others.
    pub standard_access: Vec<String>,
    /// Whether the app has the Human Agent feature.
    pub human_agent: bool,
    /// "Require App Secret": calls without `appsecret_proof` are refused.
    pub require_appsecret_proof: bool,
    /// The callback and its fields, if configured.
    pub subscription: Option<AppSubscription>,
}

/// App-level subscription to the object `instagram`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSubscription {
    /// Where notifications go.
    pub callback_url: String,
    /// Sent in the handshake.
    pub verify_token: String,
    /// Subscribed field names.
    pub fields: Vec<String>,
    /// "Include values": off sends `changed_fields` instead of `changes`.
    pub include_values: bool,
    /// What is known about the callback.
    pub state: CallbackState,
    /// Changes whenever URL or token change, so that a late handshake cannot verify another URL.
    pub generation: i64,
}

/// Result of the `hub.challenge` handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackState {
    /// Passed: status 200 and the body equal to the challenge.
    Verified,
    /// Not passed yet, with the last failure in the words shown to the developer.
    Unverified {
        /// How often it was tried.
        attempts: i64,
        /// Why the last try failed; `None` before the first.
        last_error: Option<String>,
    },
}
