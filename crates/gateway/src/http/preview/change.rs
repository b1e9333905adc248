//! `POST /preview/{token}/publish` and `/end` — what the owner decides.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::address::look_by_token;
use crate::http::App;
use crate::http::api::ApiError;
use crate::http::ui::PageError;

/// Publishes what she has just tried.
pub(super) async fn publish(State(app): State<App>, Path(token): Path<String>) -> Result<Response, PageError> {
    let look = look_by_token(&app, &token).await?;
    app.previews.publish(&look.row.id).await.map_err(|error| {
        let error = ApiError::from(error);
        PageError::for_guest(
            error.status(),
            error.message(),
            "What your customers get stays as it was.",
        )
    })?;
    Ok(Redirect::to(&format!("/preview/{token}")).into_response())
}

/// Ends the preview: the link opens nothing any more.
pub(super) async fn end(State(app): State<App>, Path(token): Path<String>) -> Result<Response, PageError> {
    let look = look_by_token(&app, &token).await?;
    app.previews.end(&look.row.id).await.map_err(ApiError::from)?;
    Ok(Redirect::to(&format!("/preview/{token}")).into_response())
}
