//! What the gateway must be told before it opens.

use std::net::SocketAddr;
use std::path::PathBuf;

use selfsame_runtime::http::AdminToken;

use crate::forward::Target;

/// The id and the secret of one app registration at Meta.
///
/// No `Debug`: the secret signs webhooks and buys tokens.
#[derive(Clone)]
pub struct AppCredentials {
    /// The client id.
    pub id: String,
    /// The app secret.
    pub secret: String,
}

/// A further app secret that webhooks may be signed with: of another app on the same callback, or the
/// old one while a secret is being changed.
///
/// No `Debug`: it signs webhooks.
#[derive(Clone)]
pub struct NamedSecret {
    /// What it is called where it matched, and where it was tried.
    pub name: String,
    /// The secret.
    pub secret: String,
}

/// Configuration of the gateway, already merged from flags, environment and file.
#[derive(Clone)]
pub struct Config {
    /// The data folder; the database is `gateway.db` in it.
    pub data: PathBuf,
    /// Another database file, instead of the one in the data folder.
    pub database: Option<PathBuf>,
    /// Where to listen.
    pub bind: SocketAddr,
    /// The address that people and Meta reach us by, when it is not `bind`.
    pub public_url: Option<String>,
    /// Host names that pages and APIs also answer to.
    pub allow_hosts: Vec<String>,
    /// Origins that may show a preview's page in a frame, such as `https://provider.example`.
    pub preview_embedders: Vec<String>,
    /// The key of pages and APIs for callers that are not on this machine.
    pub admin_token: AdminToken,
    /// The Instagram app: Instagram login and the webhooks of accounts connected through it.
    pub instagram_app: AppCredentials,
    /// The Meta app: Facebook login and the webhooks of accounts connected through it.
    pub meta_app: AppCredentials,
    /// Further app secrets that webhooks may be signed with.
    pub extra_app_secrets: Vec<NamedSecret>,
    /// What `hub.verify_token` must be.
    pub verify_token: String,
    /// Base of the Graph API for Instagram login, such as `https://graph.instagram.com`.
    pub instagram_url: String,
    /// Base of the Graph API for Facebook login, such as `https://graph.facebook.com`.
    pub facebook_url: String,
    /// The automations file: the draft.
    pub automations: PathBuf,
    /// The keys that seal tokens, newest first, in place of those of `gateway.key` in the data folder.
    pub token_keys: Option<String>,
    /// Where events go in place of the automations, unless said otherwise for an account.
    pub forward: Option<Target>,
    /// Limits that have a sensible default.
    pub limits: Limits,
}

/// Fewest days that events and sends are kept. Instagram delivers again for 36 hours, and the rows are
/// what tells a repetition, and our own echo, from something new.
pub const EVENT_DAYS_MIN: u32 = 7;

/// Named limits. Every one has a default that suits a small business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Events of one account's self thread that may be answered within a minute of real time. Beyond
    /// it they are parked: the circuit breaker for loops with another app (design §4.3f).
    pub self_answers_per_minute: u32,
    /// How long a raw webhook body is kept after it was split, in hours of real time.
    pub raw_body_hours: u32,
    /// How long events and sends are kept after they ended, in days of real time; at least
    /// [`EVENT_DAYS_MIN`].
    pub event_days: u32,
    /// The shortest time between two calls of the reconciler, in milliseconds of real time. Instagram
    /// allows two calls a second for conversations.
    pub reconcile_pause_ms: u32,
    /// Largest webhook body that is accepted.
    pub webhook_body_bytes: usize,
    /// Calls to Instagram that may run at the same time.
    pub calls_at_once: usize,
    /// Whether accounts call no faster than Instagram documents. A house of one's own platform may do without.
    pub paced: bool,
    /// Events that may be offered to engines at the same time.
    pub forwards_at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            self_answers_per_minute: 60,
            raw_body_hours: 7 * 24,
            event_days: 90,
            reconcile_pause_ms: 500,
            webhook_body_bytes: 4 * 1024 * 1024,
            calls_at_once: 64,
            paced: true,
            forwards_at_once: 64,
        }
    }
}
