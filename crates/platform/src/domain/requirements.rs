//! Who is told about a notification, and the one reason why somebody is not (contract: webhooks §4.3, ids-and-objects "Access levels").

use selfsame_wire::events::{EventKind, Placement};
use selfsame_wire::flow::LoginFlow;

use super::account::Account;
use super::app::AppMode;
use super::connection::Connection;
use crate::switches::Switches;

/// Why a notification is not sent. Each has its own code and remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suppression {
    /// The account is no professional account.
    PersonalAccount,
    /// The account is connected to no app.
    NotConnected,
    /// The app is in development.
    AppNotLive,
    /// The app has no callback.
    NoCallback,
    /// The callback has not passed the handshake.
    CallbackUnverified,
    /// The app does not subscribe to the field.
    FieldNotSubscribedByApp,
    /// Webhooks are not installed for the account.
    NotInstalled,
    /// The install was disabled because the callback failed too long.
    InstallDisabled,
    /// The account's install leaves the field out.
    FieldNotSubscribedByAccount,
    /// This login flow never gets the field.
    FieldNotInFlow,
    /// Permissions were not granted.
    PermissionMissing(Vec<&'static str>),
    /// The owner switched off access to her messages.
    MessageAccessDisabled,
    /// The media's owner is a private account.
    MediaOwnerNotPublic,
}

impl Suppression {
    /// Stable code, shown in `/_sim/deliveries` and on the phone.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PersonalAccount => "personal_account",
            Self::NotConnected => "not_connected",
            Self::AppNotLive => "app_not_live",
            Self::NoCallback => "no_callback",
            Self::CallbackUnverified => "callback_unverified",
            Self::FieldNotSubscribedByApp => "field_not_subscribed_by_app",
            Self::NotInstalled => "not_installed",
            Self::InstallDisabled => "install_disabled",
            Self::FieldNotSubscribedByAccount => "field_not_subscribed_by_account",
            Self::FieldNotInFlow => "field_not_in_flow",
            Self::PermissionMissing(_) => "permission_missing",
            Self::MessageAccessDisabled => "message_access_disabled",
            Self::MediaOwnerNotPublic => "media_owner_not_public",
        }
    }

    /// What happened and what to do about it, in the developer's words.
    pub fn remedy(&self, account: &Account, connection: Option<&Connection>, field: &str) -> String {
        let username = &account.username;
        let app = connection.map_or("", |connection| connection.app_name.as_str());
        let flow = connection.map_or("instagram", |connection| connection.flow.name());
        match self {
            Self::PersonalAccount => {
                format!("@{username} is a personal account; webhooks exist for professional accounts only. Switch it to a business or creator account.")
            }
            Self::NotConnected => {
                format!("@{username} is connected to no app. Let the owner log in (/oauth/authorize), or POST /_sim/grants.")
            }
            Self::AppNotLive => format!("App {app} is in development, so it gets no webhooks. Set its mode to live."),
            Self::NoCallback => format!("App {app} has no callback URL. Set one with --callback, PATCH /_sim/apps/{app}, or /{{app-id}}/subscriptions."),
            Self::CallbackUnverified => format!(
                "The callback of app {app} has not answered the hub.challenge handshake: it must answer 200 and the challenge as its body. \
                 The handshake is repeated every second."
            ),
            Self::FieldNotSubscribedByApp => format!("App {app} does not subscribe to {field}. Add it to the app's webhook fields."),
            Self::NotInstalled => {
                format!("Webhooks of @{username} are not installed for app {app}. POST /me/subscribed_apps?subscribed_fields={field} with the account's token.")
            }
            Self::InstallDisabled => {
                format!("Webhooks of @{username} were disabled for app {app} after its callback had failed too long. POST /me/subscribed_apps again.")
            }
            Self::FieldNotSubscribedByAccount => {
                format!("The install of @{username} for app {app} leaves out {field}. POST /me/subscribed_apps with the whole list: it replaces the former one.")
            }
            Self::FieldNotInFlow => format!("Accounts connected through the {flow} login never get {field}."),
            Self::PermissionMissing(missing) => {
                format!("@{username} has not granted {} to app {app} ({flow} login). Let the owner log in again with it in scope.", missing.join(", "))
            }
            Self::MessageAccessDisabled => {
                format!("@{username} has switched off \"Allow access to messages\". The owner must switch it on in Instagram's settings.")
            }
            Self::MediaOwnerNotPublic => format!("@{username} is private; comment webhooks need a public account."),
        }
    }
}

/// One receiver, or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict<'c> {
    /// The connection judged; `None` when the account has none.
    pub connection: Option<&'c Connection>,
    /// `None`: told.
    pub suppression: Option<Suppression>,
}

/// Judges every connection of an account: each told connection, and for each app that is told through none, its one reason.
///
/// A login flow through which webhooks are not installed says nothing as long as the other one is installed.
pub fn verdicts<'c>(account: &Account, kind: EventKind, connections: &'c [Connection], switches: &Switches) -> Vec<Verdict<'c>> {
    if !account.kind.is_professional() {
        return vec![Verdict { connection: None, suppression: Some(Suppression::PersonalAccount) }];
    }
    if connections.is_empty() {
        return vec![Verdict { connection: None, suppression: Some(Suppression::NotConnected) }];
    }
    let mut verdicts = Vec::with_capacity(connections.len());
    for (index, connection) in connections.iter().enumerate() {
        let of_same_app = |other: &&Connection| other.app == connection.app;
        let is_installed = connection.installed_fields.is_some();
        let app_is_installed = connections.iter().filter(of_same_app).any(|other| other.installed_fields.is_some());
        let is_first_of_app = !connections.iter().take(index).any(|other| other.app == connection.app);
        if is_installed || (!app_is_installed && is_first_of_app) {
            let suppression = judge(account, kind, connection, switches);
            verdicts.push(Verdict { connection: Some(connection), suppression });
        }
    }
    verdicts
}

/// The first requirement that a connection does not meet: the app's side, then the account's, then the permissions.
fn judge(account: &Account, kind: EventKind, connection: &Connection, switches: &Switches) -> Option<Suppression> {
    let spec = kind.spec()?;
    if connection.mode == AppMode::Development && !switches.webhooks_development_delivers_to_roles {
        return Some(Suppression::AppNotLive);
    }
    let Some(app_fields) = &connection.app_fields else { return Some(Suppression::NoCallback) };
    if !connection.callback_verified {
        return Some(Suppression::CallbackUnverified);
    }
    if !app_fields.iter().any(|field| field == spec.field) {
        return Some(Suppression::FieldNotSubscribedByApp);
    }
    let Some(installed) = &connection.installed_fields else { return Some(Suppression::NotInstalled) };
    if connection.disabled {
        return Some(Suppression::InstallDisabled);
    }
    // On the Page edge any field enables the events of the linked account (contract: login-facebook §3.7).
    let filters = switches.webhooks_account_fields && !installed_by_page_vocabulary(connection.flow, installed);
    if filters && !installed.iter().any(|field| field == spec.field) {
        return Some(Suppression::FieldNotSubscribedByAccount);
    }
    if !spec.flows.contains(&connection.flow) {
        return Some(Suppression::FieldNotInFlow);
    }
    let missing = spec.feature.permissions(connection.flow).missing_from(&connection.scopes);
    if !missing.is_empty() {
        return Some(Suppression::PermissionMissing(missing));
    }
    if spec.placement == Placement::Messaging && !account.message_access {
        return Some(Suppression::MessageAccessDisabled);
    }
    let is_comment = matches!(kind, EventKind::Comment | EventKind::LiveComment);
    if is_comment && switches.webhooks_comments_need_public_account && !account.is_public {
        return Some(Suppression::MediaOwnerNotPublic);
    }
    None
}

/// Whether a Page was subscribed with fields of the object `page` only, such as `feed`.
fn installed_by_page_vocabulary(flow: LoginFlow, installed: &[String]) -> bool {
    let known = selfsame_wire::events::subscribable_fields();
    flow == LoginFlow::Facebook && !installed.is_empty() && !installed.iter().any(|field| known.contains(&field.as_str()))
}
