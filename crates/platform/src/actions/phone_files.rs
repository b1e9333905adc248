//! Files that a person sends from the phone: checked as the API's are, stored with their message, served at addresses that expire.

use bytes::Bytes;
use selfsame_runtime::random::Random;
use selfsame_wire::send::MediaKind;
use serde_json::Value;

use super::GestureRefusal;
use crate::domain::keys::AccountKey;
use crate::domain::media_rules::{kind_of, rule};
use crate::store::assets::{AssetFile, NewAsset, attachment};

/// Pictures in one message, as for apps (contract: send-api §5.2).
const PICTURES_MAX: usize = 10;
/// What a phone can choose, in words.
const TAKEN: &str =
    "PNG, JPEG or GIF pictures; MP4, MOV, WebM, OGG or AVI films; AAC, M4A or WAV recordings; PDF files";

/// A file as chosen.
#[derive(Debug, Clone)]
pub struct PhoneFile {
    /// Its name on the person's machine.
    pub name: String,
    /// As the browser says.
    pub content_type: String,
    /// The file.
    pub body: Bytes,
}

/// Files of one message.
#[derive(Debug, Clone, Default)]
pub struct PhoneFiles {
    /// Scheme and authority of their addresses.
    pub base: String,
    /// The files, in order.
    pub files: Vec<PhoneFile>,
}

/// A file to store, and how the message shows it.
pub(super) type ReadyFile = (NewAsset, Value);

impl PhoneFiles {
    /// Makes every file ready, or none.
    pub(super) fn ready(
        &self,
        random: &Random,
        account: AccountKey,
        now_ms: i64,
    ) -> Result<Vec<ReadyFile>, GestureRefusal> {
        let mut ready = Vec::with_capacity(self.files.len());
        for file in &self.files {
            let kind = kind(file)?;
            if self.files.len() > 1 && (kind != MediaKind::Image || self.files.len() > PICTURES_MAX) {
                return Err(GestureRefusal::MixedFiles { max: PICTURES_MAX });
            }
            let stored = AssetFile {
                kind,
                content_type: file.content_type.clone(),
                body: file.body.clone(),
            };
            let asset = NewAsset::new(random, account, None, stored, false, now_ms);
            let shown = attachment(&self.base, &asset.kind, &asset.asset_id, &asset.signature);
            ready.push((asset, shown));
        }
        Ok(ready)
    }
}

fn kind(file: &PhoneFile) -> Result<MediaKind, GestureRefusal> {
    let refused = |why: String| GestureRefusal::File {
        name: file.name.clone(),
        why,
    };
    let Some(kind) = kind_of(&file.content_type) else {
        let found = if file.content_type.is_empty() {
            "of no known type"
        } else {
            &file.content_type
        };
        return Err(refused(format!("it is {found}; a phone sends {TAKEN}")));
    };
    if file.body.is_empty() {
        return Err(refused("it is empty".to_owned()));
    }
    let size_bytes_max = rule(kind).size_bytes_max;
    if file.body.len() > size_bytes_max {
        let (mebibytes, what) = (size_bytes_max / (1024 * 1024), word(kind));
        return Err(refused(format!(
            "it has more than {mebibytes} MB, the most that a {what} may have"
        )));
    }
    Ok(kind)
}

const fn word(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "picture",
        MediaKind::Video => "film",
        MediaKind::Audio => "recording",
        MediaKind::File => "document",
    }
}
