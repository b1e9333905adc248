//! Apps and their app-level webhook subscription.

use rusqlite::{Connection, OptionalExtension, Row, params};
use selfsame_wire::ids::{InstagramAppId, MetaAppId};

use super::{StoreError, Tx};
use crate::domain::app::{App, AppMode, AppSubscription, CallbackState};
use crate::domain::keys::AppKey;

macro_rules! select_app {
    ($condition:literal) => {
        concat!(
            "SELECT a.id, a.name, a.meta_app_id, a.meta_app_secret, a.instagram_app_id, a.instagram_app_secret, a.mode, a.redirect_uris, ",
            "a.deauthorize_url, a.data_deletion_url, s.callback_url, s.verify_token, s.fields, s.include_values, s.state, s.handshake_error, ",
            "s.handshake_attempts, s.generation, a.standard_access, a.settings, ",
            "coalesce(json_extract(a.settings, '$.require_appsecret_proof'), 0) FROM apps a LEFT JOIN app_subscriptions s ON s.app_id = a.id ",
            $condition
        )
    };
}

const BY_KEY: &str = select_app!("WHERE a.id = ?1");
const BY_NAME: &str = select_app!("WHERE a.name = ?1");
const BY_ANY_ID: &str = select_app!("WHERE a.meta_app_id = ?1 OR a.instagram_app_id = ?1");
const ALL: &str = select_app!("ORDER BY a.id");
const UNVERIFIED: &str = select_app!("WHERE s.state = 'unverified' AND s.keep_trying = 1 ORDER BY a.id");
/// The feature behind the tag `HUMAN_AGENT`.
pub const HUMAN_AGENT_FEATURE: &str = "human_agent";
const SETTINGS: &str = "SELECT settings FROM apps WHERE id = ?1";
const INSERT: &str = "INSERT INTO apps (name, meta_app_id, meta_app_secret, instagram_app_id, instagram_app_secret, mode, redirect_uris, \
                      deauthorize_url, data_deletion_url, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const UPDATE: &str = "UPDATE apps SET meta_app_secret = ?2, instagram_app_secret = ?3, mode = ?4, redirect_uris = ?5, deauthorize_url = ?6, \
                      data_deletion_url = ?7, standard_access = ?8, settings = json_set(settings, '$.human_agent', json(?9), \
                      '$.require_appsecret_proof', json(?10)) WHERE id = ?1";
const PUT_CALLBACK: &str = "INSERT INTO app_subscriptions (app_id, callback_url, verify_token, fields, include_values, state, keep_trying) \
                            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (app_id) DO UPDATE SET callback_url = excluded.callback_url, \
                            verify_token = excluded.verify_token, fields = excluded.fields, include_values = excluded.include_values, \
                            state = excluded.state, keep_trying = excluded.keep_trying, handshake_error = NULL, handshake_attempts = 0, \
                            generation = generation + 1";
const PUT_FIELDS: &str = "UPDATE app_subscriptions SET fields = ?2 WHERE app_id = ?1";
const DELETE_CALLBACK: &str = "DELETE FROM app_subscriptions WHERE app_id = ?1";
const HANDSHAKE_PASSED: &str = "UPDATE app_subscriptions SET state = 'verified', handshake_error = NULL, verified_at_ms = ?3, \
                                handshake_attempts = handshake_attempts + 1 WHERE app_id = ?1 AND generation = ?2";
const HANDSHAKE_FAILED: &str = "UPDATE app_subscriptions SET handshake_error = ?3, handshake_attempts = handshake_attempts + 1 \
                                WHERE app_id = ?1 AND generation = ?2";

/// The app with this key.
pub fn by_key(connection: &Connection, key: AppKey) -> Result<Option<App>, StoreError> {
    one(connection, BY_KEY, params![key.0])
}

/// The app of this name.
pub fn by_name(connection: &Connection, name: &str) -> Result<Option<App>, StoreError> {
    one(connection, BY_NAME, params![name])
}

/// The app with this Meta app id or Instagram app id.
pub fn by_any_id(connection: &Connection, id: &str) -> Result<Option<App>, StoreError> {
    one(connection, BY_ANY_ID, params![id])
}

/// Every app, oldest first.
pub fn all(connection: &Connection) -> Result<Vec<App>, StoreError> {
    many(connection, ALL)
}

/// Apps whose callback still has to pass its handshake.
pub fn awaiting_handshake(connection: &Connection) -> Result<Vec<App>, StoreError> {
    many(connection, UNVERIFIED)
}

/// Whether the app has a feature such as `human_agent`; features are granted unless the app's settings deny them.
pub fn has_feature(connection: &Connection, app: AppKey, feature: &str) -> Result<bool, StoreError> {
    let settings: Option<String> = connection
        .prepare_cached(SETTINGS)?
        .query_row([app.0], |row| row.get(0))
        .optional()?;
    settings.map_or(Ok(false), |text| feature_in(text, feature))
}

fn feature_in(settings: String, feature: &str) -> Result<bool, StoreError> {
    let value: serde_json::Value = serde_json::from_str(&settings).map_err(|_| StoreError::Corrupt {
        what: "app settings",
        value: settings,
    })?;
    Ok(value.get(feature).and_then(serde_json::Value::as_bool).unwrap_or(true))
}

/// A new app with its ids and secrets.
#[derive(Debug, Clone)]
pub struct NewApp {
    /// Unique name.
    pub name: String,
    /// Id in the Facebook login.
    pub meta_app_id: MetaAppId,
    /// Secret of the Facebook login.
    pub meta_app_secret: String,
    /// Id in the Instagram login.
    pub instagram_app_id: InstagramAppId,
    /// Secret of the Instagram login.
    pub instagram_app_secret: String,
    /// Published or not.
    pub mode: AppMode,
    /// Registered OAuth redirect URIs.
    pub redirect_uris: Vec<String>,
}

/// Inserts an app. `Ok(None)` when its name or one of its ids is taken.
pub fn insert(tx: &Tx<'_>, new: &NewApp, now_ms: i64) -> Result<Option<AppKey>, StoreError> {
    let taken = by_name(tx, &new.name)?.is_some()
        || by_any_id(tx, new.meta_app_id.as_str())?.is_some()
        || by_any_id(tx, new.instagram_app_id.as_str())?.is_some();
    if taken {
        return Ok(None);
    }
    let none: Option<&str> = None;
    let key = tx.prepare_cached(INSERT)?.insert(params![
        new.name,
        new.meta_app_id.as_str(),
        new.meta_app_secret,
        new.instagram_app_id.as_str(),
        new.instagram_app_secret,
        new.mode.as_str(),
        json_list(&new.redirect_uris),
        none,
        none,
        now_ms
    ])?;
    Ok(Some(AppKey(key)))
}

/// Stores the changeable parts of an app: secrets, mode, redirect URIs, deauthorize and deletion URLs, access levels, Human Agent, Require App Secret.
pub fn update(tx: &Tx<'_>, app: &App) -> Result<(), StoreError> {
    tx.identities_changed();
    tx.prepare_cached(UPDATE)?.execute(params![
        app.key.0,
        app.meta_app_secret,
        app.instagram_app_secret,
        app.mode.as_str(),
        json_list(&app.redirect_uris),
        app.deauthorize_url,
        app.data_deletion_url,
        json_list(&app.standard_access),
        if app.human_agent { "true" } else { "false" },
        if app.require_appsecret_proof { "true" } else { "false" }
    ])?;
    Ok(())
}

/// A callback to set on an app.
#[derive(Debug, Clone)]
pub struct NewCallback {
    /// Where notifications go.
    pub callback_url: String,
    /// Sent in the handshake.
    pub verify_token: String,
    /// Subscribed fields.
    pub fields: Vec<String>,
    /// "Include values".
    pub include_values: bool,
    /// True when the caller has just done the handshake itself (`/{app-id}/subscriptions`); false leaves it to the worker.
    pub verified: bool,
}

/// Sets the callback of an app; a new generation starts, so handshakes under way cannot verify it.
pub fn put_callback(tx: &Tx<'_>, app: AppKey, new: &NewCallback) -> Result<(), StoreError> {
    tx.prepare_cached(PUT_CALLBACK)?.execute(params![
        app.0,
        new.callback_url,
        new.verify_token,
        json_list(&new.fields),
        new.include_values,
        if new.verified { "verified" } else { "unverified" },
        !new.verified
    ])?;
    Ok(())
}

/// Replaces the app-level fields without touching the callback. False when no callback is set.
pub fn put_fields(tx: &Tx<'_>, app: AppKey, fields: &[String]) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached(PUT_FIELDS)?
        .execute(params![app.0, json_list(fields)])?
        == 1)
}

/// Removes the callback.
pub fn delete_callback(tx: &Tx<'_>, app: AppKey) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached(DELETE_CALLBACK)?.execute([app.0])? == 1)
}

/// Records a handshake that passed; false when the callback was changed meanwhile.
pub fn handshake_passed(tx: &Tx<'_>, app: AppKey, generation: i64, now_ms: i64) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached(HANDSHAKE_PASSED)?
        .execute(params![app.0, generation, now_ms])?
        == 1)
}

/// Records a handshake that failed, in words for the developer.
pub fn handshake_failed(tx: &Tx<'_>, app: AppKey, generation: i64, error: &str) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached(HANDSHAKE_FAILED)?
        .execute(params![app.0, generation, error])?
        == 1)
}

pub(crate) fn json_list(names: &[String]) -> String {
    serde_json::Value::from(names.to_vec()).to_string()
}

pub(crate) fn list_from_json(what: &'static str, text: String) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(&text).map_err(|_| StoreError::Corrupt { what, value: text })
}

fn one(connection: &Connection, sql: &'static str, params: &[&dyn rusqlite::ToSql]) -> Result<Option<App>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(app).transpose()
}

fn many(connection: &Connection, sql: &'static str) -> Result<Vec<App>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut apps = Vec::new();
    while let Some(row) = rows.next()? {
        apps.push(app(row)?);
    }
    Ok(apps)
}

fn app(row: &Row<'_>) -> Result<App, StoreError> {
    let mode: String = row.get(6)?;
    Ok(App {
        key: AppKey(row.get(0)?),
        name: row.get(1)?,
        meta_app_id: MetaAppId::new(row.get::<_, String>(2)?),
        meta_app_secret: row.get(3)?,
        instagram_app_id: InstagramAppId::new(row.get::<_, String>(4)?),
        instagram_app_secret: row.get(5)?,
        mode: AppMode::parse(&mode).ok_or(StoreError::Corrupt {
            what: "app mode",
            value: mode,
        })?,
        redirect_uris: list_from_json("redirect URIs", row.get(7)?)?,
        deauthorize_url: row.get(8)?,
        data_deletion_url: row.get(9)?,
        standard_access: list_from_json("standard access", row.get(18)?)?,
        human_agent: feature_in(row.get(19)?, HUMAN_AGENT_FEATURE)?,
        require_appsecret_proof: row.get(20)?,
        subscription: subscription(row)?,
    })
}

fn subscription(row: &Row<'_>) -> Result<Option<AppSubscription>, StoreError> {
    let Some(callback_url) = row.get::<_, Option<String>>(10)? else {
        return Ok(None);
    };
    let state: String = row.get(14)?;
    let state = if state == "verified" {
        CallbackState::Verified
    } else {
        CallbackState::Unverified {
            attempts: row.get(16)?,
            last_error: row.get(15)?,
        }
    };
    Ok(Some(AppSubscription {
        callback_url,
        verify_token: row.get(11)?,
        fields: list_from_json("app fields", row.get(12)?)?,
        include_values: row.get(13)?,
        state,
        generation: row.get(17)?,
    }))
}
