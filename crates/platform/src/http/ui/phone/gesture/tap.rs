//! `POST /phone/@{me}/t/@{other}/tap` — a button of a message, an ice breaker, or a menu item.

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
    let outcome = tap_something(&app, &me, &other, &fields).await;
    answer(&app, &me, &other, &fields, outcome).await
}

async fn tap_something(app: &App, me: &str, other: &str, fields: &Fields) -> Result<(), PageError> {
    let target = target(other, fields)?;
    app.world
        .tap(Tap {
            person: me.to_owned(),
            target,
        })
        .await?;
    Ok(())
}

fn target(other: &str, fields: &Fields) -> Result<TapTarget, PageError> {
    if let Some(title) = fields.filled("ice_breaker") {
        return Ok(TapTarget::IceBreaker {
            to: other.to_owned(),
            title,
        });
    }
    if let Some(title) = fields.filled("menu") {
        return Ok(TapTarget::Menu {
            to: other.to_owned(),
            title,
        });
    }
    let button = fields
        .filled("button")
        .ok_or_else(|| PageError::refused("The form names no button."))?;
    Ok(TapTarget::Button {
        mid: mid_of(fields)?,
        button,
    })
}
