//! `POST /phone/@{me}/t/@{other}/seen` — everything up to a message was seen.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{answer, mid_of};
use crate::actions::Seen;
use crate::http::App;
use crate::http::ui::fields::Fields;
use crate::http::ui::page::PageError;

/// Marks as seen by the one who holds the phone.
pub(in crate::http::ui) async fn seen(
    State(app): State<App>,
    Path((me, other)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let outcome = mark_seen(&app, &me, &fields).await;
    answer(&app, &me, &other, &fields, outcome).await
}

async fn mark_seen(app: &App, me: &str, fields: &Fields) -> Result<(), PageError> {
    app.world
        .seen(Seen {
            person: me.to_owned(),
            mid: mid_of(fields)?,
        })
        .await?;
    Ok(())
}
