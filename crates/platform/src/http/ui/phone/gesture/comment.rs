//! `POST /phone/@{me}/p/{media}/comment` — a comment, or with `parent` a reply to one.

use axum::extract::{Path, State};
use axum::response::Response;
use selfsame_ui::thread::Refused;

use crate::actions::PhoneComment;
use crate::http::App;
use crate::http::ui::fields::Fields;
use crate::http::ui::page::{PageError, done};
use crate::http::ui::phone::{paths, post};

/// Comments as the one who holds the phone.
pub(in crate::http::ui) async fn comment(
    State(app): State<App>,
    Path((me, media)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let text = fields.get("text").unwrap_or_default();
    let written = PhoneComment {
        author: me.clone(),
        media: media.clone(),
        text: text.clone(),
        parent: fields.filled("parent"),
    };
    let outcome = if text.trim().is_empty() {
        Err(PageError::refused("A comment needs a text."))
    } else {
        app.world.comment(written).await.map(drop).map_err(PageError::from)
    };
    match outcome {
        Ok(()) => done(fields.stays_on_page, &paths::post(me.trim_start_matches('@'), &media)),
        Err(PageError::Refused(why)) if !fields.stays_on_page => {
            post::refused_page(&app, &me, &media, Refused { why, text }).await
        }
        Err(error) => error.answer(fields.stays_on_page),
    }
}
