//! `POST /_sim/dm` — a person writes a message on the phone.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::gesture::GestureAnswer;
use super::refer::ReferralRequest;
use super::request::SimJson;
use crate::actions::{Dm, DmAttachment, PhoneFiles};
use crate::http::App;

/// A message typed on the phone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DmRequest {
    /// Who writes, with or without `@`.
    #[serde(rename = "as")]
    sender: String,
    /// To whom; the same account for a self message.
    to: String,
    /// Text.
    text: Option<String>,
    /// One attachment.
    attachment: Option<AttachmentRequest>,
    /// The heart sticker.
    #[serde(default)]
    like_heart: bool,
    /// Mid of the message it answers inline.
    reply_to: Option<String>,
    /// Payload of the quick reply that was tapped.
    quick_reply: Option<String>,
    /// Media id of the story that it answers.
    story: Option<String>,
    /// The ad, shop or link that the person came from.
    referral: Option<ReferralRequest>,
}

/// An attachment that a person sends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttachmentRequest {
    /// `image`, `video`, `audio`, `file`, `share`, `ig_post`, `ig_reel`, `story_mention`, `ephemeral`, `unsupported`, …
    #[serde(rename = "type")]
    kind: String,
    /// Where it lies.
    url: Option<String>,
    /// Media id of the post, reel or story that it shares.
    media: Option<String>,
}

/// Writes a message as a person.
#[utoipa::path(post, path = "/_sim/dm", request_body = DmRequest,
    responses((status = 200, body = GestureAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn dm(
    State(app): State<App>,
    SimJson(request): SimJson<DmRequest>,
) -> Result<Json<GestureAnswer>, SimError> {
    let dm = Dm {
        sender: request.sender,
        recipient: request.to,
        text: request.text,
        attachment: request.attachment.map(|attachment| DmAttachment {
            kind: attachment.kind,
            url: attachment.url,
            media: attachment.media,
        }),
        files: PhoneFiles::default(),
        like_heart: request.like_heart,
        reply_to: request.reply_to,
        quick_reply: request.quick_reply,
        story: request.story,
        referral: request.referral.map(ReferralRequest::into_value),
    };
    Ok(Json(app.world.dm(dm).await?.into()))
}
