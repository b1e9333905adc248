//! The address of a preview's page, and the preview that an address names.

use axum::http::{HeaderMap, StatusCode};

use crate::http::App;
use crate::http::connect::address::public_base;
use crate::http::ui::PageError;
use crate::previews::{LinkError, Look};
use crate::store::previews::PreviewRow;

/// The address of a preview's page.
pub(in crate::http) fn link_of(app: &App, headers: &HeaderMap, row: &PreviewRow) -> String {
    let token = app.previews.links.token(&row.id, row.expires_at_ms);
    format!("{}/preview/{token}", public_base(app, headers))
}

/// The preview that a token opens.
pub(super) async fn look_by_token(app: &App, token: &str) -> Result<Look, PageError> {
    let now_ms = app.process.now().as_millis();
    let id = app
        .previews
        .links
        .open_token(token, now_ms)
        .map_err(|error| match error {
            LinkError::Forged => gone(
                StatusCode::NOT_FOUND,
                "This link is not complete, or it was not made here.",
            ),
            LinkError::Expired => gone(StatusCode::GONE, "This link has expired."),
        })?;
    let look = app.previews.look(id).await?;
    look.filter(|look| look.is_open)
        .ok_or_else(|| gone(StatusCode::GONE, "This preview has ended."))
}

fn gone(status: StatusCode, headline: &str) -> PageError {
    PageError::for_guest(status, headline, "Ask whoever gave it to you for a new one.")
}
