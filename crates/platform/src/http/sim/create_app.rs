//! `POST /_sim/apps` — a developer makes an app.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use super::world_view::{AppView, one_app};
use crate::actions::CreateApp;
use crate::domain::access::AccessLevel;
use crate::domain::app::AppMode;
use crate::http::App;

/// An app to make; what is absent is chosen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateAppRequest {
    /// Unique name.
    name: String,
    /// `live` (the default) or `development`.
    #[schema(value_type = Option<String>)]
    mode: Option<AppMode>,
    /// Where notifications go; the handshake is tried at once, then every second until it passes.
    callback_url: Option<String>,
    /// Sent in the handshake.
    verify_token: Option<String>,
    /// App-level webhook fields; the dashboard's defaults when only a callback is given.
    fields: Option<Vec<String>>,
    /// Registered OAuth redirect URIs.
    redirect_uris: Option<Vec<String>>,
    /// Called when an owner disconnects the app.
    deauthorize_url: Option<String>,
    /// Called when an owner asks for deletion.
    data_deletion_url: Option<String>,
    /// Id in the Facebook login.
    meta_app_id: Option<String>,
    /// Secret of the Facebook login.
    meta_app_secret: Option<String>,
    /// Id in the Instagram login.
    instagram_app_id: Option<String>,
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

/// Makes an app.
#[utoipa::path(post, path = "/_sim/apps", request_body = CreateAppRequest,
    responses((status = 200, body = AppView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn create_app(
    State(app): State<App>,
    SimJson(request): SimJson<CreateAppRequest>,
) -> Result<Json<AppView>, SimError> {
    let create = CreateApp {
        name: request.name,
        mode: request.mode,
        callback_url: request.callback_url,
        verify_token: request.verify_token,
        fields: request.fields,
        redirect_uris: request.redirect_uris.unwrap_or_default(),
        deauthorize_url: request.deauthorize_url,
        data_deletion_url: request.data_deletion_url,
        meta_app_id: request.meta_app_id,
        meta_app_secret: request.meta_app_secret,
        instagram_app_id: request.instagram_app_id,
        instagram_app_secret: request.instagram_app_secret,
        access: request.access.unwrap_or_default(),
        human_agent: request.human_agent,
        require_appsecret_proof: request.require_appsecret_proof,
    };
    let key = app.world.create_app(create).await?;
    app.handshaker().try_first(key).await?;
    Ok(Json(one_app(&app, key).await?))
}
