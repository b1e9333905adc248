//! `DELETE /_sim/grants` — an owner disconnects her account from an app, and may ask for the deletion of her data.

use axum::Json;
use axum::extract::State;
use selfsame_wire::flow::LoginFlow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::http::App;
use crate::http::oauth::{CalledBack, Disconnection, disconnect};

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

impl From<CalledBack> for CallbackView {
    fn from(called: CalledBack) -> Self {
        Self {
            kind: called.kind,
            flow: called.flow.name(),
            url: called.answer.url,
            status: called.answer.status,
            error: called.answer.error,
            response_body: called.answer.body,
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
    let ending = Disconnection {
        app: request.app,
        account: request.account,
        flow: request.flow,
        deletes_data: request.data_deletion,
    };
    let called = disconnect(&app, ending).await?;
    Ok(Json(RevokeAnswer {
        revoked: true,
        callbacks: called.into_iter().map(CallbackView::from).collect(),
    }))
}
