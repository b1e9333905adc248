//! Who is told about a notification, and the one reason why somebody is not (contract: webhooks §4.3, ids-and-objects "Access levels").

use selfsame_wire::events::{EventKind, Placement, STANDBY_FIELD};
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
    /// The app has Standard Access only where Advanced Access is needed.
    AdvancedAccessMissing(Vec<&'static str>),
    /// The app has Standard Access only, and the account holds no role on it.
    StandardAccessWithoutRole(Vec<&'static str>),
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
            Self::AdvancedAccessMissing(_) => "advanced_access_missing",
            Self::StandardAccessWithoutRole(_) => "standard_access_without_role",
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
                format!(
                    "@{username} is a personal account; webhooks exist for professional accounts only. Switch it to a business or creator account."
                )
            }
            Self::NotConnected => {
                format!(
                    "@{username} is connected to no app. Let the owner log in (/oauth/authorize), or POST /_sim/grants."
                )
            }
            Self::AppNotLive => format!(
                "App {app} is in development, so it gets no webhooks but the dashboard's Tests. Set its mode to live."
            ),
            Self::NoCallback => format!(
                "App {app} has no callback URL. Set one with --callback, PATCH /_sim/apps/{app}, or /{{app-id}}/subscriptions."
            ),
            Self::CallbackUnverified => format!(
                "The callback of app {app} has not answered the hub.challenge handshake: it must answer 200 and the challenge as its body. \
                 The handshake is repeated every second."
            ),
            Self::FieldNotSubscribedByApp => {
                format!("App {app} does not subscribe to {field}. Add it to the app's webhook fields.")
            }
            Self::NotInstalled => {
                format!(
                    "Webhooks of @{username} are not installed for app {app}. POST /me/subscribed_apps?subscribed_fields={field} with the account's token."
                )
            }
            Self::InstallDisabled => {
                format!(
                    "Webhooks of @{username} were disabled for app {app} after its callback had failed too long. POST /me/subscribed_apps again."
                )
            }
            Self::FieldNotSubscribedByAccount => {
                format!(
                    "The install of @{username} for app {app} leaves out {field}. POST /me/subscribed_apps with the whole list: it replaces the former one."
                )
            }
            Self::FieldNotInFlow => format!("Accounts connected through the {flow} login never get {field}."),
            Self::PermissionMissing(missing) => {
                format!(
                    "@{username} has not granted {} to app {app} ({flow} login). Let the owner log in again with it in scope.",
                    missing.join(", ")
                )
            }
            Self::AdvancedAccessMissing(names) => format!(
                "App {app} has Standard Access only to {}, and {field} webhooks need Advanced Access. \
                 Grant it on the dashboard, or PATCH /_sim/apps/{app} {{\"access\":{{\"*\":\"advanced\"}}}}.",
                names.join(", ")
            ),
            Self::StandardAccessWithoutRole(names) => format!(
                "App {app} has Standard Access only to {}, and @{username} holds no accepted role on it. \
                 Give @{username} a role (POST /_sim/roles, and accept the invitation), or the app Advanced Access.",
                names.join(", ")
            ),
            Self::MessageAccessDisabled => {
                format!(
                    "@{username} has switched off \"Allow access to messages\". The owner must switch it on in Instagram's settings."
                )
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
pub fn verdicts<'c>(
    account: &Account,
    kind: EventKind,
    connections: &'c [Connection],
    switches: &Switches,
) -> Vec<Verdict<'c>> {
    if !account.kind.is_professional() {
        return vec![Verdict {
            connection: None,
            suppression: Some(Suppression::PersonalAccount),
        }];
    }
    if connections.is_empty() {
        return vec![Verdict {
            connection: None,
            suppression: Some(Suppression::NotConnected),
        }];
    }
    let mut verdicts = Vec::with_capacity(connections.len());
    for (index, connection) in connections.iter().enumerate() {
        let of_same_app = |other: &&Connection| other.app == connection.app;
        let is_installed = connection.installed_fields.is_some();
        let app_is_installed = connections
            .iter()
            .filter(of_same_app)
            .any(|other| other.installed_fields.is_some());
        let is_first_of_app = !connections.iter().take(index).any(|other| other.app == connection.app);
        if is_installed || (!app_is_installed && is_first_of_app) {
            let suppression = judge(account, kind, connection, switches);
            verdicts.push(Verdict {
                connection: Some(connection),
                suppression,
            });
        }
    }
    verdicts
}

/// The first requirement that a connection does not meet: the app's side, then the account's, then the permissions.
fn judge(account: &Account, kind: EventKind, connection: &Connection, switches: &Switches) -> Option<Suppression> {
    let spec = kind.spec()?;
    let needed = if connection.stands_by {
        STANDBY_FIELD
    } else {
        spec.field
    };
    let delivers_to_role = switches.webhooks_development_delivers_to_roles && connection.access.has_role;
    if connection.mode == AppMode::Development && !delivers_to_role {
        return Some(Suppression::AppNotLive);
    }
    let Some(app_fields) = &connection.app_fields else {
        return Some(Suppression::NoCallback);
    };
    if !connection.callback_verified {
        return Some(Suppression::CallbackUnverified);
    }
    if !app_fields.iter().any(|field| field == needed) {
        return Some(Suppression::FieldNotSubscribedByApp);
    }
    let Some(installed) = &connection.installed_fields else {
        return Some(Suppression::NotInstalled);
    };
    if connection.disabled {
        return Some(Suppression::InstallDisabled);
    }
    // On the Page edge any field enables the events of the linked account (contract: login-facebook §3.7).
    let filters = switches.webhooks_account_fields && !installed_by_page_vocabulary(connection.flow, installed);
    if filters && !installed.iter().any(|field| field == needed) {
        return Some(Suppression::FieldNotSubscribedByAccount);
    }
    if !spec.flows.contains(&connection.flow) {
        return Some(Suppression::FieldNotInFlow);
    }
    let missing = spec
        .feature
        .permissions(connection.flow)
        .missing_from(&connection.scopes);
    if !missing.is_empty() {
        return Some(Suppression::PermissionMissing(missing));
    }
    if let Some(suppression) = access(kind, connection, switches) {
        return Some(suppression);
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

/// The level of access that a webhook needs. In development the role has been asked for already.
fn access(kind: EventKind, connection: &Connection, switches: &Switches) -> Option<Suppression> {
    let feature = kind.spec()?.feature;
    let access = &connection.access;
    let is_everybodys = access.reaches_everybody(feature, connection.flow, &connection.scopes);
    if is_everybodys || connection.mode == AppMode::Development {
        return None;
    }
    let short = access.short_of_advanced(feature, connection.flow, &connection.scopes);
    let needs_advanced = if matches!(kind, EventKind::Comment | EventKind::LiveComment) {
        switches.webhooks_comments_need_advanced_access
    } else {
        switches.webhooks_messages_need_advanced_access
    };
    match (needs_advanced, access.has_role) {
        (true, _) => Some(Suppression::AdvancedAccessMissing(short)),
        (false, false) => Some(Suppression::StandardAccessWithoutRole(short)),
        (false, true) => None,
    }
}

/// Whether a Page was subscribed with fields of the object `page` only, such as `feed`.
fn installed_by_page_vocabulary(flow: LoginFlow, installed: &[String]) -> bool {
    let known = selfsame_wire::events::subscribable_fields();
    flow == LoginFlow::Facebook
        && !installed.is_empty()
        && !installed.iter().any(|field| known.contains(&field.as_str()))
}

#[cfg(test)]
mod tests {
    use selfsame_wire::ids::{IgScopedId, IgUserId};

    use super::*;
    use crate::domain::access::Access;
    use crate::domain::account::AccountKind;
    use crate::domain::keys::{AccountKey, AppKey};

    fn account() -> Account {
        Account {
            key: AccountKey(1),
            username: "luna.coffee".to_owned(),
            name: "Luna".to_owned(),
            kind: AccountKind::Business,
            ig_id: Some(IgUserId::new("17841400000000001")),
            self_igsid: Some(IgScopedId::new("1500000000000001")),
            page: None,
            is_public: true,
            message_access: true,
            standing: crate::domain::account::Standing::Good,
            created_at_ms: 0,
        }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn connection(flow: LoginFlow) -> Connection {
        let all = names(&["messages", "messaging_postbacks", "comments", "mentions"]);
        let scopes = match flow {
            LoginFlow::Instagram => [
                "instagram_business_basic",
                "instagram_business_manage_messages",
                "instagram_business_manage_comments",
                "",
            ],
            LoginFlow::Facebook => [
                "instagram_basic",
                "instagram_manage_messages",
                "instagram_manage_comments",
                "pages_read_engagement",
            ],
        };
        Connection {
            app: AppKey(1),
            app_name: "demo".to_owned(),
            meta_app_id: selfsame_wire::ids::MetaAppId::new("1"),
            stands_by: false,
            flow,
            mode: AppMode::Live,
            scopes: names(&scopes),
            access: Access::default(),
            installed_fields: Some(all.clone()),
            disabled: false,
            app_fields: Some(all),
            include_values: true,
            callback_verified: true,
        }
    }

    /// Codes of every verdict; `told` for those that are.
    fn codes(account: &Account, kind: EventKind, connections: &[Connection]) -> Vec<&'static str> {
        verdicts(account, kind, connections, &Switches::default())
            .iter()
            .map(|verdict| verdict.suppression.as_ref().map_or("told", Suppression::code))
            .collect()
    }

    #[test]
    fn each_unmet_requirement_has_its_own_code_whatever_else_is_met() {
        type Break = fn(&mut Account, &mut Connection);
        let rows: &[(EventKind, Break, &str)] = &[
            (EventKind::Message, |_, _| {}, "told"),
            (EventKind::Comment, |_, _| {}, "told"),
            (
                EventKind::Message,
                |account, _| account.kind = AccountKind::Personal,
                "personal_account",
            ),
            (
                EventKind::Message,
                |_, connection| connection.mode = AppMode::Development,
                "app_not_live",
            ),
            (
                EventKind::Message,
                |_, connection| connection.app_fields = None,
                "no_callback",
            ),
            (
                EventKind::Message,
                |_, connection| connection.callback_verified = false,
                "callback_unverified",
            ),
            (
                EventKind::Message,
                |_, connection| connection.app_fields = Some(names(&["comments"])),
                "field_not_subscribed_by_app",
            ),
            (
                EventKind::Message,
                |_, connection| connection.installed_fields = None,
                "not_installed",
            ),
            (
                EventKind::Message,
                |_, connection| connection.disabled = true,
                "install_disabled",
            ),
            (
                EventKind::Message,
                |_, connection| connection.installed_fields = Some(names(&["comments"])),
                "field_not_subscribed_by_account",
            ),
            (EventKind::Mention, |_, _| {}, "field_not_in_flow"),
            (
                EventKind::Message,
                |_, connection| connection.scopes.clear(),
                "permission_missing",
            ),
            (
                EventKind::Message,
                |account, _| account.message_access = false,
                "message_access_disabled",
            ),
            (EventKind::Comment, |account, _| account.message_access = false, "told"),
            (
                EventKind::Comment,
                |account, _| account.is_public = false,
                "media_owner_not_public",
            ),
            (EventKind::Message, |account, _| account.is_public = false, "told"),
        ];
        for (kind, break_it, expected) in rows {
            let (mut account, mut connection) = (account(), connection(LoginFlow::Instagram));
            break_it(&mut account, &mut connection);
            assert_eq!(codes(&account, *kind, &[connection]), [*expected], "{kind:?}");
        }
        assert_eq!(codes(&account(), EventKind::Message, &[]), ["not_connected"]);
    }

    type Turn = fn(&mut Switches);
    /// Kind, permissions at Standard Access, in development, has a role, switches, what becomes of it.
    type Row<'r> = (EventKind, &'r [&'r str], bool, bool, Turn, &'r str);

    /// contract/ids-and-objects "Access levels".
    #[test]
    fn levels_of_access_modes_and_roles_decide_who_is_told() {
        let messages = ["instagram_business_manage_messages"].as_slice();
        let comments = ["instagram_business_manage_comments"].as_slice();
        let as_stated: Turn = |_| {};
        let rows: &[Row<'_>] = &[
            (EventKind::Message, &[], false, false, as_stated, "told"),
            (EventKind::Comment, &[], false, false, as_stated, "told"),
            (EventKind::Message, messages, false, true, as_stated, "told"),
            (
                EventKind::Message,
                messages,
                false,
                false,
                as_stated,
                "standard_access_without_role",
            ),
            (
                EventKind::Postback,
                messages,
                false,
                false,
                as_stated,
                "standard_access_without_role",
            ),
            (EventKind::Comment, messages, false, false, as_stated, "told"),
            (
                EventKind::Comment,
                comments,
                false,
                true,
                as_stated,
                "advanced_access_missing",
            ),
            (
                EventKind::LiveComment,
                comments,
                false,
                true,
                as_stated,
                "advanced_access_missing",
            ),
            (EventKind::Message, comments, false, false, as_stated, "told"),
            (
                EventKind::Comment,
                comments,
                false,
                true,
                |switches| switches.webhooks_comments_need_advanced_access = false,
                "told",
            ),
            (
                EventKind::Message,
                messages,
                false,
                true,
                |switches| switches.webhooks_messages_need_advanced_access = true,
                "advanced_access_missing",
            ),
            (EventKind::Message, &[], true, true, as_stated, "app_not_live"),
            (
                EventKind::Message,
                &[],
                true,
                true,
                |switches| switches.webhooks_development_delivers_to_roles = true,
                "told",
            ),
            (
                EventKind::Message,
                &[],
                true,
                false,
                |switches| switches.webhooks_development_delivers_to_roles = true,
                "app_not_live",
            ),
        ];
        for (kind, standard, in_development, has_role, turn, expected) in rows {
            let mut connection = connection(LoginFlow::Instagram);
            if let (Some(app), Some(installed)) = (&mut connection.app_fields, &mut connection.installed_fields) {
                app.push("live_comments".to_owned());
                installed.push("live_comments".to_owned());
            }
            connection.access = Access {
                standard: names(standard),
                in_development: *in_development,
                has_role: *has_role,
            };
            if *in_development {
                connection.mode = AppMode::Development;
            }
            let mut switches = Switches::default();
            turn(&mut switches);
            let connections = [connection];
            let found = verdicts(&account(), *kind, &connections, &switches);
            let code = found[0].suppression.as_ref().map_or("told", Suppression::code);
            assert_eq!(code, *expected, "{kind:?} {standard:?} {in_development} {has_role}");
        }
    }

    #[test]
    fn every_reason_says_what_to_do() {
        let reasons = [
            Suppression::PersonalAccount,
            Suppression::NotConnected,
            Suppression::AppNotLive,
            Suppression::NoCallback,
            Suppression::CallbackUnverified,
            Suppression::FieldNotSubscribedByApp,
            Suppression::NotInstalled,
            Suppression::InstallDisabled,
            Suppression::FieldNotSubscribedByAccount,
            Suppression::FieldNotInFlow,
            Suppression::PermissionMissing(vec!["instagram_basic"]),
            Suppression::AdvancedAccessMissing(vec!["instagram_basic"]),
            Suppression::StandardAccessWithoutRole(vec!["instagram_basic"]),
            Suppression::MessageAccessDisabled,
            Suppression::MediaOwnerNotPublic,
        ];
        let connection = connection(LoginFlow::Facebook);
        let codes: std::collections::BTreeSet<_> = reasons.iter().map(Suppression::code).collect();
        assert_eq!(codes.len(), reasons.len());
        for reason in reasons {
            assert!(
                reason.remedy(&account(), Some(&connection), "messages").len() > 30,
                "{}",
                reason.code()
            );
        }
    }

    #[test]
    fn both_flows_are_told_and_a_flow_without_install_says_nothing_beside_an_installed_one() {
        let both = [connection(LoginFlow::Instagram), connection(LoginFlow::Facebook)];
        assert_eq!(codes(&account(), EventKind::Message, &both), ["told", "told"]);
        let mut one = both.clone();
        one[1].installed_fields = None;
        assert_eq!(codes(&account(), EventKind::Message, &one), ["told"]);
        let mut none = one.clone();
        none[0].installed_fields = None;
        assert_eq!(codes(&account(), EventKind::Message, &none), ["not_installed"]);
    }

    #[test]
    fn any_page_field_enables_the_linked_account() {
        let mut page = connection(LoginFlow::Facebook);
        page.installed_fields = Some(names(&["feed"]));
        assert_eq!(codes(&account(), EventKind::Message, &[page.clone()]), ["told"]);
        page.flow = LoginFlow::Instagram;
        assert_eq!(
            codes(&account(), EventKind::Message, &[page]),
            ["field_not_subscribed_by_account"]
        );
    }

    #[test]
    fn the_switch_for_account_fields_widens_to_the_apps() {
        let mut narrow = connection(LoginFlow::Instagram);
        narrow.installed_fields = Some(names(&["comments"]));
        let switches = Switches {
            webhooks_account_fields: false,
            ..Switches::default()
        };
        let connections = [narrow];
        let found = verdicts(&account(), EventKind::Message, &connections, &switches);
        assert_eq!(found[0].suppression, None);
    }
}
