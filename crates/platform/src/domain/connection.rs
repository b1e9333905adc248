//! Connections: how one account is connected to one app through one login flow, as far as webhooks care.

use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::MetaAppId;

use super::access::Access;
use super::app::AppMode;
use super::keys::AppKey;

/// One possible receiver of an account's notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each a reason of its own"
)]
pub struct Connection {
    /// The app.
    pub app: AppKey,
    /// Name of the app, for reasons shown to people.
    pub app_name: String,
    /// Its Meta app id, by which thread control names it.
    pub meta_app_id: MetaAppId,
    /// Whether another app owns the thread that is told about.
    pub stands_by: bool,
    /// Through which login.
    pub flow: LoginFlow,
    /// Published or not.
    pub mode: AppMode,
    /// Granted permissions; empty when the grant was revoked.
    pub scopes: Vec<String>,
    /// How far the app may go with them.
    pub access: Access,
    /// Fields of the account's install; `None` when webhooks are not installed for the account.
    pub installed_fields: Option<Vec<String>>,
    /// Whether the install was disabled because the callback failed too long.
    pub disabled: bool,
    /// App-level fields; `None` when no callback is configured.
    pub app_fields: Option<Vec<String>>,
    /// "Include values" of the app-level subscription.
    pub include_values: bool,
    /// Whether the callback passed the handshake.
    pub callback_verified: bool,
}
