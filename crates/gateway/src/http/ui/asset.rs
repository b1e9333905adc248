//! `GET /assets/{file}` — the style sheet, the script and the icon, cached for ever under names that
//! change with them.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use selfsame_ui::assets;

/// Serves one embedded file.
pub(super) async fn asset(Path(file): Path<String>) -> Response {
    let Some(asset) = assets::by_file_name(&file) else {
        return (StatusCode::NOT_FOUND, "There is no such file.").into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, assets::CACHE_CONTROL),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, asset.bytes).into_response()
}
