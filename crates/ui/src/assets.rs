//! The style sheet, the script and the icon, compiled in and addressed by a digest of their bytes.
//!
//! An address changes whenever its bytes change, so an answer may be cached for ever ([`CACHE_CONTROL`]).

use std::fmt::Write as _;

/// What to say about the caching of every asset.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// One embedded file.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    stem: &'static str,
    extension: &'static str,
    /// The media type to serve it with.
    pub content_type: &'static str,
    /// The bytes to serve.
    pub bytes: &'static [u8],
    digest: u64,
}

/// The one style sheet.
pub const STYLE: Asset = Asset::new(
    "selfsame",
    "css",
    "text/css; charset=utf-8",
    include_bytes!("../assets/selfsame.css"),
);
/// The one script; every page works without it.
pub const SCRIPT: Asset = Asset::new(
    "selfsame",
    "js",
    "text/javascript; charset=utf-8",
    include_bytes!("../assets/selfsame.js"),
);
/// The icon of the browser's tab, also the mark in the top bar.
pub const ICON: Asset = Asset::new(
    "favicon",
    "svg",
    "image/svg+xml",
    include_bytes!("../assets/favicon.svg"),
);

/// Every asset.
pub const ALL: [Asset; 3] = [STYLE, SCRIPT, ICON];

impl Asset {
    const fn new(
        stem: &'static str,
        extension: &'static str,
        content_type: &'static str,
        bytes: &'static [u8],
    ) -> Self {
        Self {
            stem,
            extension,
            content_type,
            bytes,
            digest: fnv1a(bytes),
        }
    }

    /// The file name under `/assets/`: stem, digest, extension.
    pub fn file_name(&self) -> String {
        format!("{}.{:016x}.{}", self.stem, self.digest, self.extension)
    }

    /// The path to link to.
    pub fn path(&self) -> String {
        format!("/assets/{}", self.file_name())
    }
}

/// Finds an asset by its file name; a name with an older digest is not found.
pub fn by_file_name(file_name: &str) -> Option<Asset> {
    ALL.into_iter().find(|asset| asset.file_name() == file_name)
}

/// A 64-bit digest that tells versions apart; it protects nothing.
pub(crate) const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut digest: u64 = 0xcbf2_9ce4_8422_2325;
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        digest = (digest ^ *first as u64).wrapping_mul(0x0100_0000_01b3);
        rest = tail;
    }
    digest
}

/// The digest of `text` in the short form used as a version in pages.
pub(crate) fn version_of(text: &str) -> String {
    let mut version = String::with_capacity(16);
    // Writing to a String cannot fail.
    let _infallible = write!(version, "{:016x}", fnv1a(text.as_bytes()));
    version
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_found_by_its_current_name_only() {
        assert!(by_file_name(&STYLE.file_name()).is_some());
        assert!(by_file_name("selfsame.0000000000000000.css").is_none());
        assert!(by_file_name("../Cargo.toml").is_none());
    }

    #[test]
    fn the_digest_is_the_published_fnv_1a() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        for asset in [STYLE, SCRIPT] {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("@import"));
        }
    }
}
