//! `POST /_sim/tap` — a person taps a button, an ice breaker or a menu item.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::gesture::GestureAnswer;
use super::request::SimJson;
use crate::actions::{Tap, TapTarget};
use crate::http::App;

/// A tap: `{as,mid,button}`, or `{as,to,ice_breaker}`, or `{as,to,menu}`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TapRequest {
    /// Who taps, with or without `@`.
    #[serde(rename = "as")]
    person: String,
    /// The message whose button is tapped.
    mid: Option<String>,
    /// Title or index (from 0) of the button.
    #[schema(value_type = Option<Object>)]
    button: Option<ButtonReference>,
    /// The account whose ice breaker or menu item is tapped.
    to: Option<String>,
    /// Question of the ice breaker.
    ice_breaker: Option<String>,
    /// Title of the menu item.
    menu: Option<String>,
}

/// A title or an index.
#[derive(Debug, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub(crate) struct ButtonReference(String);

impl TryFrom<serde_json::Value> for ButtonReference {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, Self::Error> {
        match value {
            serde_json::Value::String(title) => Ok(Self(title)),
            serde_json::Value::Number(index) if index.is_u64() => Ok(Self(index.to_string())),
            _ => Err("a button is named by its title or by its index from 0"),
        }
    }
}

/// Taps as a person.
#[utoipa::path(post, path = "/_sim/tap", request_body = TapRequest,
    responses((status = 200, body = GestureAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn tap(
    State(app): State<App>,
    SimJson(request): SimJson<TapRequest>,
) -> Result<Json<GestureAnswer>, SimError> {
    let target = match (
        request.mid,
        request.button,
        request.to,
        request.ice_breaker,
        request.menu,
    ) {
        (Some(mid), Some(ButtonReference(button)), None, None, None) => TapTarget::Button { mid, button },
        (None, None, Some(to), Some(title), None) => TapTarget::IceBreaker { to, title },
        (None, None, Some(to), None, Some(title)) => TapTarget::Menu { to, title },
        (mid, button, ..) => {
            let field = if mid.is_some() || button.is_none() {
                "button"
            } else {
                "mid"
            };
            return Err(SimError::bad_request(
                "invalid_combination",
                "a tap is {as,mid,button}, {as,to,ice_breaker} or {as,to,menu}",
                Some(field),
            ));
        }
    };
    let tap = Tap {
        person: request.person,
        target,
    };
    Ok(Json(app.world.tap(tap).await?.into()))
}
