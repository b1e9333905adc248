//! `POST /phone/@{me}/t/@{other}/send` — a text, a heart, or media by its address.

use axum::extract::{Path, State};
use axum::response::Response;

use super::answer;
use crate::actions::{Dm, DmAttachment};
use crate::http::App;
use crate::http::ui::fields::Fields;
use crate::http::ui::page::PageError;

/// Sends as the one who holds the phone.
pub(in crate::http::ui) async fn send(
    State(app): State<App>,
    Path((me, other)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let attachment = fields.filled("attachment_url").map(|url| DmAttachment {
        kind: fields.filled("attachment_type").unwrap_or_else(|| "image".to_owned()),
        url: Some(url),
    });
    let dm = Dm {
        sender: me.clone(),
        recipient: other.clone(),
        text: fields.filled("text"),
        attachment,
        like_heart: fields.filled("like_heart").is_some(),
        reply_to: fields.filled("reply_to"),
        quick_reply: fields.get("quick_reply"),
    };
    let outcome = app.world.dm(dm).await.map(drop).map_err(PageError::from);
    answer(&app, &me, &other, &fields, outcome).await
}
