//! `PATCH /_sim/apps/{name}` — a developer changes an app.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::{SimJson, SimPath, present};
use super::world_view::{AppView, one_app};
use crate::actions::ChangeApp;
use crate::domain::access::AccessLevel;
use crate::domain::app::AppMode;
use crate::http::App;

#[expect(clippy::option_option, reason = "absent and null mean different things here")]
/// What to change; absent leaves, null removes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeAppRequest {
    /// `live` or `development`.
    #[schema(value_type = Option<String>)]
    mode: Option<AppMode>,
    /// Where notifications go; another one has to pass the handshake, null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    callback_url: Option<Option<String>>,
    /// Sent in the handshake.
    verify_token: Option<String>,
    /// App-level webhook fields.
    fields: Option<Vec<String>>,
    /// "Include values".
    include_values: Option<bool>,
    /// Registered OAuth redirect URIs.
    redirect_uris: Option<Vec<String>>,
    /// Called when an owner disconnects the app; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    deauthorize_url: Option<Option<String>>,
    /// Called when an owner asks for deletion; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    data_deletion_url: Option<Option<String>>,
    /// Secret of the Facebook login.
    meta_app_secret: Option<String>,
    /// Secret of the Instagram login.
    instagram_app_secret: Option<String>,
    /// `standard` or `advanced` by permission; `*` stands for every one.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    access: Option<BTreeMap<String, AccessLevel>>,
    /// Whether the app has the Human Agent feature.
    human_agent: Option<bool>,
    /// "Require App Secret": calls without `appsecret_proof` are refused.
    require_appsecret_proof: Option<bool>,
}

/// Changes an app.
#[utoipa::path(patch, path = "/_sim/apps/{name}", params(("name" = String, Path, description = "App name")), request_body = ChangeAppRequest,
    responses((status = 200, body = AppView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn change_app(
    State(app): State<App>,
    SimPath(name): SimPath<String>,
    SimJson(request): SimJson<ChangeAppRequest>,
) -> Result<Json<AppView>, SimError> {
    let change = ChangeApp {
        mode: request.mode,
        callback_url: request.callback_url,
        verify_token: request.verify_token,
        fields: request.fields,
        include_values: request.include_values,
        redirect_uris: request.redirect_uris,
        deauthorize_url: request.deauthorize_url,
        data_deletion_url: request.data_deletion_url,
        meta_app_secret: request.meta_app_secret,
        instagram_app_secret: request.instagram_app_secret,
        access: request.access.unwrap_or_default(),
        human_agent: request.human_agent,
        require_appsecret_proof: request.require_appsecret_proof,
    };
    let sets_callback = change.sets_callback();
    let key = app.world.change_app(name, change).await?;
    if sets_callback {
        app.handshaker().try_first(key).await?;
    }
    Ok(Json(one_app(&app, key).await?))
}
