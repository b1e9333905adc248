//! `POST /phone/@{me}/t/@{other}/edit` — another text for one's own message.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{answer, mid_of};
use crate::actions::EditMessage;
use crate::http::App;
use crate::http::ui::fields::Fields;
use crate::http::ui::page::PageError;

/// Edits as the one who holds the phone.
pub(in crate::http::ui) async fn edit(
    State(app): State<App>,
    Path((me, other)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let outcome = edit_message(&app, &me, &fields).await;
    answer(&app, &me, &other, &fields, outcome).await
}

async fn edit_message(app: &App, me: &str, fields: &Fields) -> Result<(), PageError> {
    let text = fields
        .filled("text")
        .ok_or_else(|| PageError::refused("An edited message needs a text."))?;
    app.world
        .edit(EditMessage {
            person: me.to_owned(),
            mid: mid_of(fields)?,
            text,
        })
        .await?;
    Ok(())
}
