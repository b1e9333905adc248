//! Containers: media that an app prepares before it publishes them (contract: other-apis §6.7).
//!
//! Codes and limits are those of Meta's pages of publishing errors and of `/{IG_ID}/media`.

use super::keys::{AccountKey, ContainerKey};
use super::media_rules::essence;

/// How long a container can be published, ms.
pub const LIFE_MS: i64 = 24 * 60 * 60 * 1000;
/// Posts of an account in [`QUOTA_MS`].
pub const QUOTA: i64 = 100;
/// The quota's window, ms.
pub const QUOTA_MS: i64 = 24 * 60 * 60 * 1000;
/// Pictures and films of an album, at least.
pub const CHILDREN_MIN: usize = 2;
/// Pictures and films of an album, at most.
pub const CHILDREN_MAX: usize = 10;
/// Characters of a caption.
pub const CAPTION_CHARACTERS_MAX: usize = 2_200;
/// Hashtags of a caption.
pub const HASHTAGS_MAX: usize = 30;
/// `@` tags of a caption.
pub const TAGS_MAX: usize = 20;

const MEBIBYTE: usize = 1024 * 1024;
const IMAGE_TYPES: [&str; 2] = ["image/jpeg", "image/jpg"];
const VIDEO_TYPES: [&str; 2] = ["video/mp4", "video/quicktime"];

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
}

/// What became of the file of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// It is being fetched.
    Fetching,
    /// It can be published.
    Ready,
    /// It cannot be.
    Failed(FileFault),
}

/// Why a file cannot be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFault {
    /// -2/2207003
    TimedOut,
    /// 9004/2207052
    NotFetched,
    /// 36000/2207004
    ImageTooLarge,
    /// 36001/2207005
    ImageFormat,
    /// 352/2207026: the format, or the size, which Meta documents no code of its own for.
    VideoFormat,
}

impl FileFault {
    const ALL: [Self; 5] = [
        Self::TimedOut,
        Self::NotFetched,
        Self::ImageTooLarge,
        Self::ImageFormat,
        Self::VideoFormat,
    ];

    /// Code and subcode.
    pub const fn codes(self) -> (i64, i64) {
        match self {
            Self::TimedOut => (-2, 2_207_003),
            Self::NotFetched => (9_004, 2_207_052),
            Self::ImageTooLarge => (36_000, 2_207_004),
            Self::ImageFormat => (36_001, 2_207_005),
            Self::VideoFormat => (352, 2_207_026),
        }
    }

    /// The fault of that subcode.
    pub fn of_subcode(subcode: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.codes().1 == subcode)
    }
}

/// Largest file that a container takes, in bytes.
pub const fn file_bytes_max(kind: ContainerKind, is_video: bool) -> usize {
    match (is_video, kind) {
        (false, _) => 8 * MEBIBYTE,
        (true, ContainerKind::Stories) => 100 * MEBIBYTE,
        (true, _) => 300 * MEBIBYTE,
    }
}

/// Checks the type of a file; it may carry parameters.
pub fn check_file_type(is_video: bool, content_type: &str) -> Result<(), FileFault> {
    let found = essence(content_type);
    match is_video {
        false if !IMAGE_TYPES.contains(&found.as_str()) => Err(FileFault::ImageFormat),
        true if !VIDEO_TYPES.contains(&found.as_str()) => Err(FileFault::VideoFormat),
        _ => Ok(()),
    }
}

/// Whether a caption is within its limits.
pub fn is_caption_allowed(caption: &str) -> bool {
    let tags = |sign: char| caption.chars().filter(|character| *character == sign).count();
    caption.chars().count() <= CAPTION_CHARACTERS_MAX && tags('#') <= HASHTAGS_MAX && tags('@') <= TAGS_MAX
}

/// How far a container is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its file, or one of its children's, is being fetched.
    InProgress,
    /// It can be published.
    Finished,
    /// It cannot be published.
    Error(FileFault),
    /// Its day is over.
    Expired,
    /// It was published.
    Published,
}

impl Status {
    /// `status_code`
    pub const fn code(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Finished => "FINISHED",
            Self::Error(_) => "ERROR",
            Self::Expired => "EXPIRED",
            Self::Published => "PUBLISHED",
        }
    }

    /// `status`
    pub fn words(self) -> String {
        match self {
            Self::InProgress => "In Progress: Media is still being processed.".to_owned(),
            Self::Finished => "Finished: Media has been uploaded and it is ready to be published.".to_owned(),
            Self::Error(fault) => format!("Error: Media upload has failed with error code {}", fault.codes().1),
            Self::Expired => "Expired: Media was not published within 24 hours and can no longer be.".to_owned(),
            Self::Published => "Published: Media has been published.".to_owned(),
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
    /// What became of the file.
    pub file: FileState,
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
    /// `(media_product_type, media_type)` of what it becomes.
    pub const fn media_types(&self) -> (&'static str, &'static str) {
        let of_file = if self.is_video { "VIDEO" } else { "IMAGE" };
        match self.kind {
            ContainerKind::Image => ("FEED", "IMAGE"),
            ContainerKind::Video if self.is_item => ("FEED", "VIDEO"),
            ContainerKind::Video | ContainerKind::Reels => ("REELS", "VIDEO"),
            ContainerKind::Stories => ("STORY", of_file),
            ContainerKind::Carousel => ("FEED", "CAROUSEL_ALBUM"),
        }
    }

    /// How far it is: an album is as far as the child that is worst off.
    pub fn status(&self, children: &[Self], now_ms: i64) -> Status {
        if self.published_at_ms.is_some() {
            return Status::Published;
        }
        let all = || std::iter::once(self).chain(children);
        if all().any(|one| now_ms.saturating_sub(one.created_at_ms) >= LIFE_MS) {
            return Status::Expired;
        }
        let failed = all().find_map(|one| match one.file {
            FileState::Failed(fault) => Some(fault),
            FileState::Fetching | FileState::Ready => None,
        });
        match failed {
            Some(fault) => Status::Error(fault),
            None if all().any(|one| one.file == FileState::Fetching) => Status::InProgress,
            None => Status::Finished,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(file: FileState, created_at_ms: i64) -> Container {
        Container {
            key: ContainerKey(1),
            container_id: "1".to_owned(),
            account: AccountKey(1),
            kind: ContainerKind::Image,
            is_video: false,
            is_item: false,
            media_url: None,
            file,
            caption: None,
            children: Vec::new(),
            published_at_ms: None,
            created_at_ms,
        }
    }

    #[test]
    fn an_album_is_as_far_as_the_child_that_is_worst_off() {
        use FileState::{Failed, Fetching, Ready};
        let fault = FileFault::VideoFormat;
        let rows: &[(&[FileState], i64, Status)] = &[
            (&[], 0, Status::Finished),
            (&[Ready, Ready], 0, Status::Finished),
            (&[Ready, Fetching], 0, Status::InProgress),
            (&[Fetching, Failed(fault)], 0, Status::Error(fault)),
            (&[Ready, Ready], LIFE_MS - 1, Status::Finished),
            (&[Ready, Failed(fault)], LIFE_MS, Status::Expired),
        ];
        for (children, now_ms, expected) in rows {
            let children: Vec<Container> = children.iter().map(|file| container(*file, 0)).collect();
            let found = container(Ready, 0).status(&children, *now_ms);
            assert_eq!(found, *expected, "{children:?}");
        }
        let mut published = container(Ready, 0);
        published.published_at_ms = Some(1);
        assert_eq!(published.status(&[], LIFE_MS * 2), Status::Published);
    }

    #[test]
    fn files_and_captions_have_the_documented_limits() {
        assert_eq!(check_file_type(false, "image/JPEG; q=1"), Ok(()));
        assert_eq!(check_file_type(false, "image/png"), Err(FileFault::ImageFormat));
        assert_eq!(check_file_type(true, "video/quicktime"), Ok(()));
        assert_eq!(check_file_type(true, "video/webm"), Err(FileFault::VideoFormat));
        for (caption, is_allowed) in [
            ("x".repeat(2_200), true),
            ("\u{e9}".repeat(2_200), true),
            ("x".repeat(2_201), false),
            ("#a ".repeat(30), true),
            ("#a ".repeat(31), false),
            ("@a ".repeat(20), true),
            ("@a ".repeat(21), false),
        ] {
            assert_eq!(is_caption_allowed(&caption), is_allowed, "{} characters", caption.len());
        }
        for fault in FileFault::ALL {
            assert_eq!(FileFault::of_subcode(fault.codes().1), Some(fault));
        }
    }
}
