//! A developer makes an app, or changes its settings.

use std::collections::BTreeMap;

use selfsame_wire::events;
use selfsame_wire::ids::{InstagramAppId, MetaAppId};
use url::Url;

use super::SetupRefusal;
use super::grant_access::{is_permission, permissions};
use crate::domain::access::AccessLevel;
use crate::domain::app::{App, AppMode};
use crate::domain::identifiers;
use crate::domain::keys::AppKey;
use crate::store::apps::{NewApp, NewCallback};
use crate::store::{Durability, Failure, Tx, apps};
use crate::world::World;

/// Fields the dashboard subscribes an app to unless told otherwise (contract: webhooks §4.3).
pub const DEFAULT_FIELDS: [&str; 8] = [
    "comments",
    "live_comments",
    "message_reactions",
    "messages",
    "messaging_optins",
    "messaging_postbacks",
    "messaging_referral",
    "messaging_seen",
];
const VERIFY_TOKEN_BYTES: usize = 12;
/// Stands for every permission in levels of access.
const EVERY_PERMISSION: &str = "*";

/// An app to make. What is `None` is chosen.
#[derive(Debug, Clone, Default)]
pub struct CreateApp {
    /// Unique name.
    pub name: String,
    /// Published unless said otherwise.
    pub mode: Option<AppMode>,
    /// Where notifications go.
    pub callback_url: Option<String>,
    /// Sent in the handshake.
    pub verify_token: Option<String>,
    /// App-level fields; the dashboard's defaults when only a callback is given.
    pub fields: Option<Vec<String>>,
    /// Registered OAuth redirect URIs.
    pub redirect_uris: Vec<String>,
    /// Called when an owner disconnects the app.
    pub deauthorize_url: Option<String>,
    /// Called when an owner asks for deletion.
    pub data_deletion_url: Option<String>,
    /// Id in the Facebook login.
    pub meta_app_id: Option<String>,
    /// Secret of the Facebook login.
    pub meta_app_secret: Option<String>,
    /// Id in the Instagram login.
    pub instagram_app_id: Option<String>,
    /// Secret of the Instagram login.
    pub instagram_app_secret: Option<String>,
    /// Level of access by permission, `*` for every one; Advanced unless said otherwise.
    pub access: BTreeMap<String, AccessLevel>,
    /// Whether the app has the Human Agent feature; yes unless said otherwise.
    pub human_agent: Option<bool>,
    /// Whether calls need `appsecret_proof`; no unless said otherwise.
    pub require_appsecret_proof: Option<bool>,
}

/// What to change on an app; `None` leaves it, an inner `None` removes it.
#[derive(Debug, Clone, Default)]
pub struct ChangeApp {
    /// Published or not.
    pub mode: Option<AppMode>,
    /// Where notifications go.
    pub callback_url: Option<Option<String>>,
    /// Sent in the handshake.
    pub verify_token: Option<String>,
    /// App-level fields.
    pub fields: Option<Vec<String>>,
    /// "Include values".
    pub include_values: Option<bool>,
    /// Registered OAuth redirect URIs.
    pub redirect_uris: Option<Vec<String>>,
    /// Called when an owner disconnects the app.
    pub deauthorize_url: Option<Option<String>>,
    /// Called when an owner asks for deletion.
    pub data_deletion_url: Option<Option<String>>,
    /// Secret of the Facebook login.
    pub meta_app_secret: Option<String>,
    /// Secret of the Instagram login.
    pub instagram_app_secret: Option<String>,
    /// Level of access by permission, `*` for every one.
    pub access: BTreeMap<String, AccessLevel>,
    /// Whether the app has the Human Agent feature.
    pub human_agent: Option<bool>,
    /// Whether calls need `appsecret_proof`.
    pub require_appsecret_proof: Option<bool>,
}

impl ChangeApp {
    /// Whether the callback has to pass the handshake anew.
    pub fn sets_callback(&self) -> bool {
        self.callback_url.is_some() || self.verify_token.is_some() || self.include_values.is_some()
    }
}

impl World {
    /// Makes an app. Its callback, if given, then has to pass the handshake.
    pub async fn create_app(&self, create: CreateApp) -> Result<AppKey, Failure<SetupRefusal>> {
        let (world, now_ms) = (self.clone(), self.clock.now_ms());
        let key = self
            .store
            .write(Durability::Durable, move |tx| world.create_app_in(tx, create, now_ms))
            .await?;
        self.deliveries.ring();
        Ok(key)
    }

    /// [`World::create_app`] inside a transaction of the caller's.
    pub fn create_app_in(&self, tx: &Tx<'_>, create: CreateApp, now_ms: i64) -> Result<AppKey, Failure<SetupRefusal>> {
        if create.name.trim().is_empty() {
            return refuse("name", create.name, "a name of at least one character");
        }
        for (field, url) in [
            ("callback_url", &create.callback_url),
            ("deauthorize_url", &create.deauthorize_url),
            ("data_deletion_url", &create.data_deletion_url),
        ] {
            check_url(field, url.as_deref())?;
        }
        for uri in &create.redirect_uris {
            check_url("redirect_uris", Some(uri))?;
        }
        let random = &self.random;
        let new = NewApp {
            name: create.name,
            meta_app_id: create
                .meta_app_id
                .map_or_else(|| identifiers::meta_app_id(random), MetaAppId::new),
            meta_app_secret: create
                .meta_app_secret
                .unwrap_or_else(|| identifiers::app_secret(random)),
            instagram_app_id: create
                .instagram_app_id
                .map_or_else(|| identifiers::instagram_app_id(random), InstagramAppId::new),
            instagram_app_secret: create
                .instagram_app_secret
                .unwrap_or_else(|| identifiers::app_secret(random)),
            mode: create.mode.unwrap_or(AppMode::Live),
            redirect_uris: create.redirect_uris,
        };
        let Some(key) = apps::insert(tx, &new, now_ms)? else {
            return Err(Failure::Refused(taken(tx, &new)?));
        };
        if let Some(mut app) = apps::by_key(tx, key)? {
            app.deauthorize_url = create.deauthorize_url;
            app.data_deletion_url = create.data_deletion_url;
            app.require_appsecret_proof = create.require_appsecret_proof.unwrap_or(false);
            change_access(&mut app, &create.access, create.human_agent)?;
            apps::update(tx, &app)?;
        }
        match create.callback_url {
            Some(callback_url) => {
                let fields = create.fields.unwrap_or_else(default_fields);
                check_fields("fields", &fields)?;
                let new = NewCallback {
                    callback_url,
                    verify_token: create.verify_token.unwrap_or_else(|| random.hex(VERIFY_TOKEN_BYTES)),
                    fields,
                    include_values: true,
                    verified: false,
                };
                apps::put_callback(tx, key, &new)?;
            }
            None if create.fields.is_some() => {
                return Err(Failure::Refused(SetupRefusal::NoCallback { field: "fields" }));
            }
            None if create.verify_token.is_some() => {
                return Err(Failure::Refused(SetupRefusal::NoCallback { field: "verify_token" }));
            }
            None => {}
        }
        Ok(key)
    }

    /// Changes an app. Another callback or verify token has to pass the handshake again.
    pub async fn change_app(&self, name: String, change: ChangeApp) -> Result<AppKey, Failure<SetupRefusal>> {
        let random = self.random.clone();
        let key = self
            .store
            .write(Durability::Durable, move |tx| {
                let Some(mut app) = apps::by_name(tx, &name)? else {
                    return Err(Failure::Refused(SetupRefusal::UnknownApp { name }));
                };
                change_settings(tx, &mut app, &change)?;
                change_callback(tx, &app, change, || random.hex(VERIFY_TOKEN_BYTES))?;
                Ok(app.key)
            })
            .await?;
        self.deliveries.ring();
        Ok(key)
    }
}

fn change_settings(tx: &Tx<'_>, app: &mut App, change: &ChangeApp) -> Result<(), Failure<SetupRefusal>> {
    if let Some(mode) = change.mode {
        app.mode = mode;
    }
    if let Some(uris) = &change.redirect_uris {
        for uri in uris {
            check_url("redirect_uris", Some(uri))?;
        }
        app.redirect_uris.clone_from(uris);
    }
    if let Some(url) = &change.deauthorize_url {
        check_url("deauthorize_url", url.as_deref())?;
        app.deauthorize_url.clone_from(url);
    }
    if let Some(url) = &change.data_deletion_url {
        check_url("data_deletion_url", url.as_deref())?;
        app.data_deletion_url.clone_from(url);
    }
    if let Some(secret) = &change.meta_app_secret {
        app.meta_app_secret.clone_from(secret);
    }
    if let Some(secret) = &change.instagram_app_secret {
        app.instagram_app_secret.clone_from(secret);
    }
    if let Some(required) = change.require_appsecret_proof {
        app.require_appsecret_proof = required;
    }
    change_access(app, &change.access, change.human_agent)?;
    apps::update(tx, app)?;
    Ok(())
}

/// Sets levels of access and the Human Agent feature.
fn change_access(
    app: &mut App,
    levels: &BTreeMap<String, AccessLevel>,
    human_agent: Option<bool>,
) -> Result<(), Failure<SetupRefusal>> {
    if let Some(human_agent) = human_agent {
        app.human_agent = human_agent;
    }
    // `*` sorts before every name, so that a name beside it makes the exception.
    for (name, level) in levels {
        let names = if name == EVERY_PERMISSION {
            permissions()
        } else if is_permission(name) {
            vec![name.clone()]
        } else {
            return refuse(
                "access",
                name.clone(),
                &format!("* or one of {}", permissions().join(", ")),
            );
        };
        app.standard_access.retain(|standard| !names.contains(standard));
        if *level == AccessLevel::Standard {
            app.standard_access.extend(names);
        }
    }
    app.standard_access.sort_unstable();
    Ok(())
}

fn change_callback(
    tx: &Tx<'_>,
    app: &App,
    change: ChangeApp,
    mint_token: impl FnOnce() -> String,
) -> Result<(), Failure<SetupRefusal>> {
    if let Some(fields) = &change.fields {
        check_fields("fields", fields)?;
    }
    if matches!(change.callback_url, Some(None)) {
        apps::delete_callback(tx, app.key)?;
        return Ok(());
    }
    if change.sets_callback() {
        let before = app.subscription.as_ref();
        let callback_url = match (change.callback_url.flatten(), before) {
            (Some(url), _) => {
                check_url("callback_url", Some(&url))?;
                url
            }
            (None, Some(before)) => before.callback_url.clone(),
            (None, None) => return Err(Failure::Refused(SetupRefusal::NoCallback { field: "verify_token" })),
        };
        let new = NewCallback {
            callback_url,
            verify_token: change
                .verify_token
                .or_else(|| before.map(|before| before.verify_token.clone()))
                .unwrap_or_else(mint_token),
            fields: change
                .fields
                .or_else(|| before.map(|before| before.fields.clone()))
                .unwrap_or_else(default_fields),
            include_values: change
                .include_values
                .or_else(|| before.map(|before| before.include_values))
                .unwrap_or(true),
            verified: false,
        };
        apps::put_callback(tx, app.key, &new)?;
    } else if let Some(fields) = change.fields
        && !apps::put_fields(tx, app.key, &fields)?
    {
        return Err(Failure::Refused(SetupRefusal::NoCallback { field: "fields" }));
    }
    Ok(())
}

fn taken(tx: &Tx<'_>, new: &NewApp) -> Result<SetupRefusal, Failure<SetupRefusal>> {
    let (field, value) = if apps::by_name(tx, &new.name)?.is_some() {
        ("name", new.name.clone())
    } else if apps::by_any_id(tx, new.meta_app_id.as_str())?.is_some() {
        ("meta_app_id", new.meta_app_id.as_str().to_owned())
    } else {
        ("instagram_app_id", new.instagram_app_id.as_str().to_owned())
    };
    Ok(SetupRefusal::Taken { field, value })
}

fn default_fields() -> Vec<String> {
    DEFAULT_FIELDS.map(str::to_owned).to_vec()
}

/// Refuses names that no webhook carries.
pub(super) fn check_fields(field: &'static str, names: &[String]) -> Result<(), Failure<SetupRefusal>> {
    let known = events::subscribable_fields();
    match names.iter().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(unknown) => refuse(field, unknown.clone(), &format!("one of {}", known.join(", "))),
    }
}

fn check_url(field: &'static str, url: Option<&str>) -> Result<(), Failure<SetupRefusal>> {
    let Some(text) = url else { return Ok(()) };
    match Url::parse(text) {
        Ok(url) if url.has_host() => Ok(()),
        _ => refuse(field, text.to_owned(), "an absolute URL"),
    }
}

/// The refusal of one value.
pub(super) fn refuse<T>(field: &'static str, value: String, rule: &str) -> Result<T, Failure<SetupRefusal>> {
    Err(Failure::Refused(SetupRefusal::Invalid {
        field,
        value,
        rule: rule.to_owned(),
    }))
}
