//! `GET|POST|DELETE /_sim/blocks` — an account blocks or restricts another.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::actions::Shut;
use crate::http::App;
use crate::store::blocks;

/// Whom to shut out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockRequest {
    /// Who does it, with or without `@`.
    #[serde(rename = "as")]
    by: String,
    /// Whom, with or without `@`.
    who: String,
    /// `blocked` (the default) or `restricted`.
    kind: Option<String>,
}

/// A block to take back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnblockRequest {
    /// Who did it.
    #[serde(rename = "as")]
    by: String,
    /// Whom.
    who: String,
}

/// One account that shuts out another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Block)]
pub(crate) struct BlockView {
    /// Who, with `@`.
    #[serde(rename = "as")]
    by: String,
    /// Whom, with `@`.
    who: String,
    /// `blocked` or `restricted`.
    kind: &'static str,
}

/// Every block.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Blocks)]
pub(crate) struct BlocksView {
    /// By account.
    data: Vec<BlockView>,
}

/// Lists who shuts out whom.
#[utoipa::path(get, path = "/_sim/blocks", responses((status = 200, body = BlocksView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn list_blocks(State(app): State<App>) -> Result<Json<BlocksView>, SimError> {
    listed(&app).await
}

/// Blocks or restricts.
#[utoipa::path(post, path = "/_sim/blocks", request_body = BlockRequest,
    responses((status = 200, body = BlocksView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn block(
    State(app): State<App>,
    SimJson(request): SimJson<BlockRequest>,
) -> Result<Json<BlocksView>, SimError> {
    let how = match request.kind.as_deref() {
        None | Some("blocked") => Shut::Blocked,
        Some("restricted") => Shut::Restricted,
        Some(other) => {
            let words = format!("{other:?} is neither blocked nor restricted");
            return Err(SimError::bad_request("invalid_value", words, Some("kind")));
        }
    };
    app.world.shut_out(request.by, request.who, how).await?;
    listed(&app).await
}

/// Takes a block or restriction back.
#[utoipa::path(delete, path = "/_sim/blocks", request_body = UnblockRequest,
    responses((status = 200, body = BlocksView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn unblock(
    State(app): State<App>,
    SimJson(request): SimJson<UnblockRequest>,
) -> Result<Json<BlocksView>, SimError> {
    app.world.shut_out(request.by, request.who, Shut::Open).await?;
    listed(&app).await
}

async fn listed(app: &App) -> Result<Json<BlocksView>, SimError> {
    let blocks = app.world.store.read(blocks::all).await?;
    let view = |block: blocks::Block| BlockView {
        by: format!("@{}", block.username),
        who: format!("@{}", block.other),
        kind: if block.restricted { "restricted" } else { "blocked" },
    };
    Ok(Json(BlocksView {
        data: blocks.into_iter().map(view).collect(),
    }))
}
