//! Containers: media that an app prepares before it publishes them (contract: other-apis §6.7).

use super::keys::{AccountKey, ContainerKey};

/// How long a container can be published, ms.
pub const LIFE_MS: i64 = 24 * 60 * 60 * 1000;
/// Posts of an account in [`QUOTA_MS`].
pub const QUOTA: i64 = 100;
/// The quota's window, ms.
pub const QUOTA_MS: i64 = 24 * 60 * 60 * 1000;
/// Pictures and films of an album.
pub const CHILDREN_MAX: usize = 10;

/// What is to be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerKind {
    /// A picture.
    Image,
    /// A film inside an album.
    Video,
    /// A reel; a single film is one, too.
    Reels,
    /// A story.
    Stories,
    /// An album.
    Carousel,
}

impl ContainerKind {
    /// The name in `media_type` and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "IMAGE",
            Self::Video => "VIDEO",
            Self::Reels => "REELS",
            Self::Stories => "STORIES",
            Self::Carousel => "CAROUSEL",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::Image, Self::Video, Self::Reels, Self::Stories, Self::Carousel];
        all.into_iter().find(|kind| kind.as_str() == name)
    }

    /// `(media_product_type, media_type)` of what is published.
    pub const fn media_types(self, is_video: bool) -> (&'static str, &'static str) {
        let of_file = if is_video { "VIDEO" } else { "IMAGE" };
        match self {
            Self::Image => ("FEED", "IMAGE"),
            Self::Video | Self::Reels => ("REELS", "VIDEO"),
            Self::Stories => ("STORY", of_file),
            Self::Carousel => ("FEED", "CAROUSEL_ALBUM"),
        }
    }
}

/// A container as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Row key.
    pub key: ContainerKey,
    /// Graph id.
    pub container_id: String,
    /// Whose.
    pub account: AccountKey,
    /// What it becomes.
    pub kind: ContainerKind,
    /// Whether its file is a film.
    pub is_video: bool,
    /// Made for an album; not published alone.
    pub is_item: bool,
    /// Where the file lies.
    pub media_url: Option<String>,
    /// Text under the post.
    pub caption: Option<String>,
    /// Container ids of an album.
    pub children: Vec<String>,
    /// When it was published, ms of world time.
    pub published_at_ms: Option<i64>,
    /// ms of world time.
    pub created_at_ms: i64,
}

impl Container {
    /// `status_code`: files are not processed here, so a new container is finished at once.
    pub const fn status_code(&self, now_ms: i64) -> &'static str {
        if self.published_at_ms.is_some() {
            "PUBLISHED"
        } else if now_ms.saturating_sub(self.created_at_ms) >= LIFE_MS {
            "EXPIRED"
        } else {
            "FINISHED"
        }
    }
}
