//! `POST /api/v1/accounts` — connects an account by a pasted token, and installs its webhooks.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::PageId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{AccountView, view_of_account};
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::request::ApiJson;
use crate::onboarding::NewToken;

/// A token to connect an account with. No `Debug`: it holds the token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectRequest {
    /// `instagram` or `facebook`.
    flow: String,
    /// An Instagram user token; or a Page token, or a Facebook user token that reaches the Page.
    access_token: String,
    /// Which Page, when a Facebook user token reaches several.
    page_id: Option<String>,
    /// What the token may do, if you know: then what is missing is named.
    scopes: Option<Vec<String>>,
}

/// Connects an account. Connecting it again replaces the token of the same login.
#[utoipa::path(post, path = "/api/v1/accounts", request_body = ConnectRequest,
    responses((status = 201, body = AccountView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn connect_account(
    State(app): State<App>,
    ApiJson(request): ApiJson<ConnectRequest>,
) -> Result<(StatusCode, Json<AccountView>), ApiError> {
    let flow = LoginFlow::from_name(&request.flow).ok_or_else(|| {
        let message = format!("`flow` is instagram or facebook, not {:?}", request.flow);
        ApiError::bad_request("invalid_value", message, Some("flow"))
    })?;
    if request.access_token.trim().is_empty() {
        let message = "`access_token` is empty";
        return Err(ApiError::bad_request("invalid_value", message, Some("access_token")));
    }
    let token = NewToken {
        scopes: request.scopes,
        ..NewToken::pasted(flow, &request.access_token)
    };
    let connected = app.onboarding.connect(token, request.page_id.map(PageId::new)).await?;
    let view = view_of_account(&app, connected.account).await?;
    Ok((StatusCode::CREATED, Json(view)))
}
