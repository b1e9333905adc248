//! The path of a Graph call: an optional version, then segments. Doubled and trailing slashes do not matter.

use percent_encoding::percent_decode_str;

/// Version that unversioned calls get: the oldest one available (contract: other-apis §6.1).
const UNVERSIONED: &str = "v21.0";
/// Versions before it have ended.
const OLDEST_MAJOR: u16 = 21;
/// Names of edges without underscores, as clients generated from Meta's older reference write them: they mean the same.
const SYNONYMS: [(&str, &str); 8] = [
    ("messageattachments", "message_attachments"),
    ("mediapublish", "media_publish"),
    ("contentpublishinglimit", "content_publishing_limit"),
    ("livemedia", "live_media"),
    ("passthreadcontrol", "pass_thread_control"),
    ("takethreadcontrol", "take_thread_control"),
    ("requestthreadcontrol", "request_thread_control"),
    ("releasethreadcontrol", "release_thread_control"),
];

/// A Graph path taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GraphPath {
    /// The version that answers.
    pub(super) version: String,
    /// The version in the path, when it is no longer live: the oldest live one answers in its place.
    pub(super) retired: Option<String>,
    /// Decoded segments after the version.
    pub(super) segments: Vec<String>,
}

impl GraphPath {
    /// Takes a path apart.
    pub(super) fn parse(path: &str) -> Self {
        let mut segments: Vec<String> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        let version = if segments.first().is_some_and(|first| is_version(first)) {
            Some(segments.remove(0))
        } else {
            None
        };
        let (version, retired) = match version {
            Some(version) if major(&version) < OLDEST_MAJOR => (UNVERSIONED.to_owned(), Some(version)),
            Some(version) => (version, None),
            None => (UNVERSIONED.to_owned(), None),
        };
        Self {
            version,
            retired,
            segments,
        }
    }

    /// The segments as text slices, for matching.
    pub(super) fn as_strs(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }
}

/// The edge that a name means.
pub(super) fn edge_meant(name: &str) -> &str {
    SYNONYMS
        .iter()
        .find(|(synonym, _)| *synonym == name)
        .map_or(name, |(_, edge)| edge)
}

/// The first number of a version.
fn major(version: &str) -> u16 {
    let number = version.trim_start_matches('v').split('.').next().unwrap_or_default();
    number.parse().unwrap_or_default()
}

/// `v` and two numbers, as in `v24.0`.
fn is_version(segment: &str) -> bool {
    let Some((major, minor)) = segment.strip_prefix('v').and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number(major) && is_number(minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_slashes_are_taken_off() {
        let cases = [
            ("/v24.0/me/messages", "v24.0", vec!["me", "messages"]),
            ("/v2.6/me/messages/", UNVERSIONED, vec!["me", "messages"]),
            ("/v20.0/me", UNVERSIONED, vec!["me"]),
            ("/v26.0/me", "v26.0", vec!["me"]),
            ("//me//messages", UNVERSIONED, vec!["me", "messages"]),
            ("/v24.0/", "v24.0", vec![]),
            ("/", UNVERSIONED, vec![]),
            ("/v24/me", UNVERSIONED, vec!["v24", "me"]),
            ("/aWdf%20x", UNVERSIONED, vec!["aWdf x"]),
        ];
        for (path, version, segments) in cases {
            let parsed = GraphPath::parse(path);
            assert_eq!(
                (parsed.version.as_str(), parsed.as_strs()),
                (version, segments),
                "{path}"
            );
        }
    }
}
