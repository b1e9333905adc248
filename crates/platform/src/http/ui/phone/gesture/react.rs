//! `POST /phone/@{me}/t/@{other}/react` — a reaction; an empty `emoji` takes it back.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{answer, mid_of};
use crate::actions::React;
use crate::http::App;
use crate::http::ui::fields::Fields;
use crate::http::ui::page::PageError;

/// Reacts as the one who holds the phone.
pub(in crate::http::ui) async fn react(
    State(app): State<App>,
    Path((me, other)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let outcome = react_to(&app, &me, &fields).await;
    answer(&app, &me, &other, &fields, outcome).await
}

async fn react_to(app: &App, me: &str, fields: &Fields) -> Result<(), PageError> {
    let react = React {
        person: me.to_owned(),
        mid: mid_of(fields)?,
        reaction: fields.filled("emoji"),
    };
    app.world.react(react).await?;
    Ok(())
}
