//! `POST /phone/@{me}/t/@{other}/unsend` — takes one's own message back.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{answer, mid_of};
use crate::actions::Unsend;
use crate::http::App;
use crate::http::ui::fields::Fields;
use crate::http::ui::page::PageError;

/// Unsends as the one who holds the phone.
pub(in crate::http::ui) async fn unsend(
    State(app): State<App>,
    Path((me, other)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let outcome = unsend_message(&app, &me, &fields).await;
    answer(&app, &me, &other, &fields, outcome).await
}

async fn unsend_message(app: &App, me: &str, fields: &Fields) -> Result<(), PageError> {
    app.world
        .unsend(Unsend {
            person: me.to_owned(),
            mid: mid_of(fields)?,
        })
        .await?;
    Ok(())
}
