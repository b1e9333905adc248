//! `POST /_sim/media` — an account publishes a post, reel, story or live broadcast.

use axum::Json;
use axum::extract::State;
use selfsame_wire::ids::MediaId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::get_media::view_of_key;
use super::request::SimJson;
use crate::actions::PublishMedia;
use crate::domain::media::MediaAd;
use crate::domain::view::MediaView;
use crate::http::App;

/// Something to publish.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublishMediaRequest {
    /// The owner, with or without `@`.
    account: String,
    /// Text under it.
    caption: Option<String>,
    /// `FEED` (the default), `REELS`, `STORY`, `AD` or `LIVE`.
    media_product_type: Option<String>,
    /// A broadcast that runs until `POST /_sim/media/{id}/end_live`.
    live: Option<bool>,
    /// Where its picture or video lies.
    media_url: Option<String>,
    /// The ad that it is shown as.
    ad: Option<AdRequest>,
}

/// The ad behind media: comments under it carry these values.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdRequest {
    /// Its id.
    ad_id: String,
    /// Its title.
    ad_title: Option<String>,
    /// The media that it was made of.
    original_media_id: Option<String>,
}

/// Publishes media.
#[utoipa::path(post, path = "/_sim/media", request_body = PublishMediaRequest,
    responses((status = 200, body = MediaView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn publish_media(
    State(app): State<App>,
    SimJson(request): SimJson<PublishMediaRequest>,
) -> Result<Json<MediaView>, SimError> {
    let publish = PublishMedia {
        account: request.account,
        caption: request.caption,
        media_product_type: request.media_product_type,
        live: request.live.unwrap_or(false),
        media_url: request.media_url,
        ad: request.ad.map(|ad| MediaAd {
            ad_id: ad.ad_id,
            ad_title: ad.ad_title,
            original_media_id: ad.original_media_id.map(MediaId::new),
        }),
    };
    let key = app.world.publish_media(publish).await?;
    Ok(Json(view_of_key(&app, key).await?))
}
