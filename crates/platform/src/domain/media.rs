//! Media and comments.

use selfsame_wire::ids::{CommentId, MediaId};

use super::keys::{AccountKey, AppKey, CommentKey, MediaKey};
use super::message::Origin;

/// How long a story lives, ms.
pub const STORY_LIFE_MS: i64 = 24 * 60 * 60 * 1000;

/// The ad that media is shown as.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MediaAd {
    /// Its id.
    pub ad_id: String,
    /// Its title.
    pub ad_title: Option<String>,
    /// The media that it was made of.
    pub original_media_id: Option<MediaId>,
}

/// A post, reel, story or live broadcast as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Media {
    /// Row key.
    pub key: MediaKey,
    /// Graph id.
    pub media_id: MediaId,
    /// Who published it.
    pub owner: AccountKey,
    /// `FEED`, `REELS`, `STORY`, `AD`, `LIVE`.
    pub media_product_type: String,
    /// `IMAGE`, `VIDEO`, `CAROUSEL_ALBUM`.
    pub media_type: String,
    /// Text under the post.
    pub caption: Option<String>,
    /// Last part of the permalink.
    pub shortcode: String,
    /// Where the picture lies, if anywhere.
    pub media_url: Option<String>,
    /// Graph ids of an album's children.
    pub children: Vec<MediaId>,
    /// The ad that it is shown as.
    pub ad: Option<MediaAd>,
    /// Whether people may comment.
    pub comments_enabled: bool,
    /// Whether this is a live broadcast.
    pub is_live: bool,
    /// End of the broadcast, ms of world time.
    pub live_ended_at_ms: Option<i64>,
    /// How many like it.
    pub like_count: i64,
    /// ms of world time.
    pub created_at_ms: i64,
}

impl Media {
    /// Whether this is a broadcast that still runs.
    pub fn is_broadcasting(&self) -> bool {
        self.is_live && self.live_ended_at_ms.is_none()
    }

    /// Whether this is a story.
    pub fn is_story(&self) -> bool {
        self.media_product_type == "STORY"
    }

    /// Whether it moves.
    pub fn is_video(&self) -> bool {
        self.media_type == "VIDEO"
    }

    /// Whether this is a story whose day is over.
    pub fn has_expired(&self, now_ms: i64) -> bool {
        self.is_story() && now_ms.saturating_sub(self.created_at_ms) >= STORY_LIFE_MS
    }

    /// Where its picture lies; its address on Instagram when it has none.
    pub fn url(&self) -> String {
        self.media_url.clone().unwrap_or_else(|| self.permalink())
    }

    /// Its address on Instagram.
    pub fn permalink(&self) -> String {
        let folder = match self.media_product_type.as_str() {
            "REELS" => "reel",
            "STORY" => "stories",
            _ => "p",
        };
        format!("https://www.instagram.com/{folder}/{}/", self.shortcode)
    }
}

/// A comment as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Row key.
    pub key: CommentKey,
    /// Graph id.
    pub comment_id: CommentId,
    /// Under which media.
    pub media: MediaKey,
    /// Who wrote it.
    pub author: AccountKey,
    /// The comment it answers.
    pub parent: Option<CommentKey>,
    /// Graph id of the comment it answers.
    pub parent_id: Option<CommentId>,
    /// Phone or API.
    pub origin: Origin,
    /// The app, for `origin` API.
    pub app: Option<AppKey>,
    /// Text as typed.
    pub text: String,
    /// Hidden by the owner.
    pub hidden: bool,
    /// Whether a private reply was sent.
    pub private_replied: bool,
    /// How many like it.
    pub like_count: i64,
    /// ms of world time.
    pub created_at_ms: i64,
}
