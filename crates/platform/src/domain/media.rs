//! Media and comments.

use selfsame_wire::ids::{CommentId, MediaId};

use super::keys::{AccountKey, AppKey, CommentKey, MediaKey};
use super::message::Origin;

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
    /// Whether people may comment.
    pub comments_enabled: bool,
    /// Whether this is a live broadcast.
    pub is_live: bool,
    /// End of the broadcast, ms of world time.
    pub live_ended_at_ms: Option<i64>,
    /// ms of world time.
    pub created_at_ms: i64,
}

impl Media {
    /// Whether this is a broadcast that still runs.
    pub fn is_broadcasting(&self) -> bool {
        self.is_live && self.live_ended_at_ms.is_none()
    }

    /// Its address on Instagram.
    pub fn permalink(&self) -> String {
        let folder = if self.media_product_type == "REELS" {
            "reel"
        } else {
            "p"
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
    /// ms of world time.
    pub created_at_ms: i64,
}
