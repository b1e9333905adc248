//! Types and sizes of media in messages (contract: send-api §5.2).

use selfsame_wire::send::MediaKind;

const MEBIBYTE: usize = 1024 * 1024;

/// What a kind of media may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaRule {
    /// Accepted content types, lower case.
    pub content_types: &'static [&'static str],
    /// Largest file.
    pub size_bytes_max: usize,
}

/// The rule of a kind.
pub const fn rule(kind: MediaKind) -> MediaRule {
    match kind {
        MediaKind::Image => MediaRule {
            content_types: &["image/png", "image/jpeg", "image/gif"],
            size_bytes_max: 8 * MEBIBYTE,
        },
        MediaKind::Audio => MediaRule {
            content_types: &[
                "audio/aac",
                "audio/m4a",
                "audio/x-m4a",
                "audio/mp4",
                "audio/wav",
                "audio/x-wav",
                "audio/wave",
                "video/mp4",
            ],
            size_bytes_max: 25 * MEBIBYTE,
        },
        MediaKind::Video => MediaRule {
            content_types: &[
                "video/mp4",
                "video/ogg",
                "video/x-msvideo",
                "video/avi",
                "video/quicktime",
                "video/webm",
            ],
            size_bytes_max: 25 * MEBIBYTE,
        },
        MediaKind::File => MediaRule {
            content_types: &["application/pdf"],
            size_bytes_max: 25 * MEBIBYTE,
        },
    }
}

/// The kind that takes files of this content type; a film before a recording, which may be `video/mp4` too.
pub fn kind_of(content_type: &str) -> Option<MediaKind> {
    let found = essence(content_type);
    [MediaKind::Image, MediaKind::Video, MediaKind::Audio, MediaKind::File]
        .into_iter()
        .find(|kind| rule(*kind).content_types.contains(&found.as_str()))
}

/// A content type without its parameters, lower case.
pub(super) fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaRefusal {
    /// 100/2018047
    #[error("the file is {found:?}; {kind} takes {accepted}")]
    WrongType {
        /// What it is.
        found: String,
        /// What was promised.
        kind: &'static str,
        /// What would do.
        accepted: String,
    },
    /// 100/2018109
    #[error("the file has more than {max} bytes, the limit of {kind}")]
    TooLarge {
        /// What was promised.
        kind: &'static str,
        /// The limit in bytes.
        max: usize,
    },
}

/// Checks a file; its content type may carry parameters.
pub fn check(kind: MediaKind, content_type: &str, size_bytes: usize) -> Result<(), MediaRefusal> {
    let rule = rule(kind);
    let found = essence(content_type);
    if !rule.content_types.contains(&found.as_str()) {
        return Err(MediaRefusal::WrongType {
            found,
            kind: kind.name(),
            accepted: rule.content_types.join(", "),
        });
    }
    if size_bytes > rule.size_bytes_max {
        return Err(MediaRefusal::TooLarge {
            kind: kind.name(),
            max: rule.size_bytes_max,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_type_tells_the_kind() {
        for (content_type, kind) in [
            ("image/gif", Some(MediaKind::Image)),
            ("video/mp4; codecs=avc1", Some(MediaKind::Video)),
            ("AUDIO/WAV", Some(MediaKind::Audio)),
            ("application/pdf", Some(MediaKind::File)),
            ("image/webp", None),
            ("", None),
        ] {
            assert_eq!(kind_of(content_type), kind, "{content_type}");
        }
    }

    #[test]
    fn types_and_sizes_of_the_contract() {
        assert_eq!(check(MediaKind::Image, "image/PNG; q=1", 8 * MEBIBYTE), Ok(()));
        assert!(matches!(
            check(MediaKind::Image, "image/png", 8 * MEBIBYTE + 1),
            Err(MediaRefusal::TooLarge { .. })
        ));
        assert!(matches!(
            check(MediaKind::Image, "text/html", 1),
            Err(MediaRefusal::WrongType { .. })
        ));
        assert_eq!(check(MediaKind::Video, "video/quicktime", 25 * MEBIBYTE), Ok(()));
        assert_eq!(check(MediaKind::File, "application/pdf", 1), Ok(()));
        assert!(matches!(
            check(MediaKind::File, "application/zip", 1),
            Err(MediaRefusal::WrongType { .. })
        ));
    }
}
