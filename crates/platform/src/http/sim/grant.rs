//! `POST /_sim/grants` — an owner connects her account to an app without the dialog.

use axum::Json;
use axum::extract::State;
use selfsame_wire::flow::LoginFlow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::actions::GrantAccess;
use crate::domain::view::rfc3339;
use crate::http::App;

/// A connection to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantRequest {
    /// App name.
    app: String,
    /// The account, with or without `@`.
    account: String,
    /// `instagram` or `facebook`.
    #[schema(value_type = String)]
    flow: LoginFlow,
    /// Permissions; every one that the flow has unless given.
    scopes: Option<Vec<String>>,
    /// Webhook fields to install for the account; nothing is installed unless given.
    fields: Option<Vec<String>>,
    /// The text of the token, to know it beforehand.
    access_token: Option<String>,
}

/// The token that calls the Graph API.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GrantAnswer {
    /// Instagram user token, or Page token.
    access_token: String,
    /// RFC 3339; null: never.
    #[schema(required)]
    expires_at: Option<String>,
    /// Granted permissions.
    scopes: Vec<String>,
}

/// Connects an account to an app.
#[utoipa::path(post, path = "/_sim/grants", request_body = GrantRequest,
    responses((status = 200, body = GrantAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn grant(
    State(app): State<App>,
    SimJson(request): SimJson<GrantRequest>,
) -> Result<Json<GrantAnswer>, SimError> {
    let granted = app
        .world
        .grant_access(GrantAccess {
            app: request.app,
            account: request.account,
            flow: request.flow,
            scopes: request.scopes,
            fields: request.fields,
            access_token: request.access_token,
        })
        .await?;
    Ok(Json(GrantAnswer {
        access_token: granted.access_token,
        expires_at: granted.expires_at_ms.map(rfc3339),
        scopes: granted.scopes,
    }))
}
