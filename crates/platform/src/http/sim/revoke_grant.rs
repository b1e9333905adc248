//! `DELETE /_sim/grants` — an owner disconnects her account from an app, and may ask for the deletion of her data.

use axum::Json;
use axum::extract::State;
use selfsame_wire::flow::LoginFlow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::http::App;
use crate::http::oauth::{CallbackAnswer, tell_data_deletion, tell_deauthorized};

/// A connection to end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeRequest {
    /// App name.
    app: String,
    /// The account, with or without `@`.
    account: String,
    /// Only this login; both unless given.
    #[schema(value_type = Option<String>)]
    flow: Option<LoginFlow>,
    /// Also asks for the deletion of her data.
    #[serde(default)]
    data_deletion: bool,
}

/// Done, and what the app's callbacks answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RevokeAnswer {
    /// Always true.
    revoked: bool,
    /// Callbacks that were called.
    callbacks: Vec<CallbackView>,
}

/// One callback of the app.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Callback)]
struct CallbackView {
    /// `deauthorize` or `data_deletion`.
    kind: &'static str,
    /// `instagram` or `facebook`.
    flow: &'static str,
    /// Where it was sent.
    url: String,
    /// HTTP status, if there was an answer.
    #[schema(required)]
    status: Option<u16>,
    /// Why there was none.
    #[schema(required)]
    error: Option<String>,
    /// The answer's body.
    response_body: String,
}

impl CallbackView {
    fn new(kind: &'static str, flow: LoginFlow, answer: CallbackAnswer) -> Self {
        Self {
            kind,
            flow: flow.name(),
            url: answer.url,
            status: answer.status,
            error: answer.error,
            response_body: answer.body,
        }
    }
}

/// Disconnects an account from an app: its tokens die, its webhooks are uninstalled, the app's callbacks are called.
#[utoipa::path(delete, path = "/_sim/grants", request_body = RevokeRequest,
    responses((status = 200, body = RevokeAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn revoke_grant(
    State(app): State<App>,
    SimJson(request): SimJson<RevokeRequest>,
) -> Result<Json<RevokeAnswer>, SimError> {
    let revoked = app
        .world
        .revoke_access(request.app, request.account, request.flow)
        .await?;
    let mut callbacks = Vec::new();
    for (developer_app, account, flow) in revoked {
        let told = tell_deauthorized(&app, developer_app, account, flow).await?;
        callbacks.extend(told.map(|answer| CallbackView::new("deauthorize", flow, answer)));
        if request.data_deletion {
            let told = tell_data_deletion(&app, developer_app, account, flow).await?;
            callbacks.extend(told.map(|answer| CallbackView::new("data_deletion", flow, answer)));
        }
    }
    Ok(Json(RevokeAnswer {
        revoked: true,
        callbacks,
    }))
}
