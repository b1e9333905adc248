//! `POST /phone/@{me}/t/@{other}/send` — a text, a heart, files or media by its address, a share, a reply to a story.

use axum::extract::{Path, State};
use axum::response::Response;

use super::answer;
use crate::actions::{Dm, DmAttachment, PhoneFiles};
use crate::http::ui::fields::Fields;
use crate::http::ui::page::PageError;
use crate::http::{App, PublicBase};

/// Sends as the one who holds the phone.
pub(in crate::http::ui) async fn send(
    State(app): State<App>,
    Path((me, other)): Path<(String, String)>,
    base: PublicBase,
    fields: Fields,
) -> Response {
    let dm = Dm {
        sender: me.clone(),
        recipient: other.clone(),
        text: fields.filled("text"),
        attachment: attachment(&fields),
        files: PhoneFiles {
            base: base.to_string(),
            files: fields.files.clone(),
        },
        like_heart: fields.filled("like_heart").is_some(),
        reply_to: fields.filled("reply_to"),
        quick_reply: fields.get("quick_reply"),
        story: fields.filled("story"),
        referral: None,
    };
    let outcome = app.world.dm(dm).await.map(drop).map_err(PageError::from);
    answer(&app, &me, &other, &fields, outcome).await
}

/// Media by its address, a share by the id of what is shared, or something that has neither.
fn attachment(fields: &Fields) -> Option<DmAttachment> {
    let (url, media) = (fields.filled("attachment_url"), fields.filled("attachment_media"));
    let kind = fields.filled("attachment_type");
    let has_no_content = kind
        .as_deref()
        .is_some_and(|kind| matches!(kind, "ephemeral" | "unsupported"));
    (url.is_some() || media.is_some() || has_no_content).then(|| DmAttachment {
        kind: kind.unwrap_or_else(|| if media.is_some() { "share" } else { "image" }.to_owned()),
        url,
        media,
    })
}
