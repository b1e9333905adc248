//! `POST /phone/@{me}/t/@{other}/tap` — a button of a message.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{answer, mid_of};
use crate::actions::{Tap, TapTarget};
use crate::http::App;
use crate::http::ui::fields::Fields;
use crate::http::ui::page::PageError;

/// Taps as the one who holds the phone.
pub(in crate::http::ui) async fn tap(
    State(app): State<App>,
    Path((me, other)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let outcome = tap_button(&app, &me, &fields).await;
    answer(&app, &me, &other, &fields, outcome).await
}

async fn tap_button(app: &App, me: &str, fields: &Fields) -> Result<(), PageError> {
    let button = fields.filled("button").ok_or_else(|| PageError::refused("The form names no button."))?;
    let target = TapTarget::Button { mid: mid_of(fields)?, button };
    app.world.tap(Tap { person: me.to_owned(), target }).await?;
    Ok(())
}
