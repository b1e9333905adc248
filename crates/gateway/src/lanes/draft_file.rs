//! Notices that the draft's file has changed.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::automation::FILE_LIMIT_BYTES;

/// How many looks at the file's date and size go by before its content is compared too: some file
/// systems keep dates so coarsely that a second change is not seen.
const LOOKS_BETWEEN_READS: u32 = 10;

/// The file of the draft and what it was when it was read last.
#[derive(Debug)]
pub(super) struct DraftFile {
    path: PathBuf,
    seen: Option<Stamp>,
    text: Option<String>,
    looks: u32,
}

/// What changes when a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
}

/// What a look at the file found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// It is as it was.
    Unchanged,
    /// It holds this now.
    Changed(String),
    /// It cannot be read; the reason is for people.
    Unreadable(String),
}

impl DraftFile {
    /// Nothing has been read yet.
    pub(super) const fn new(path: PathBuf) -> Self {
        Self {
            path,
            seen: None,
            text: None,
            looks: 0,
        }
    }

    /// Where the file lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Looks whether the file has changed since the last look.
    pub(super) fn look(&mut self) -> Look {
        let stamp = match std::fs::metadata(&self.path) {
            Ok(metadata) => Stamp {
                modified: metadata.modified().ok(),
                length: metadata.len(),
            },
            Err(error) => return self.unreadable(&error.to_string()),
        };
        self.looks += 1;
        let is_due = self.looks >= LOOKS_BETWEEN_READS;
        if self.seen.as_ref() == Some(&stamp) && !is_due {
            return Look::Unchanged;
        }
        self.looks = 0;
        match read(&self.path) {
            Ok(text) => {
                self.seen = Some(stamp);
                if self.text.as_ref() == Some(&text) {
                    return Look::Unchanged;
                }
                self.text = Some(text.clone());
                Look::Changed(text)
            }
            Err(error) => self.unreadable(&error),
        }
    }

    fn unreadable(&mut self, reason: &str) -> Look {
        self.seen = None;
        self.text = None;
        Look::Unreadable(format!("{}: {reason}", self.path.display()))
    }
}

fn read(path: &Path) -> Result<String, String> {
    let mut file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(FILE_LIMIT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    file.by_ref()
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "the file is not UTF-8 text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_once_and_a_file_that_comes_back_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("automations.yaml");
        let mut file = DraftFile::new(path.clone());
        assert!(matches!(file.look(), Look::Unreadable(_)));
        std::fs::write(&path, "one").unwrap();
        assert_eq!(file.look(), Look::Changed("one".to_owned()));
        assert_eq!(file.look(), Look::Unchanged);
        std::fs::write(&path, "longer").unwrap();
        assert_eq!(file.look(), Look::Changed("longer".to_owned()));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(file.look(), Look::Unreadable(_)));
        std::fs::write(&path, "longer").unwrap();
        assert_eq!(file.look(), Look::Changed("longer".to_owned()));
    }

    #[test]
    fn a_change_that_leaves_date_and_size_alone_is_seen_within_ten_looks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("automations.yaml");
        std::fs::write(&path, "one").unwrap();
        let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
        let mut file = DraftFile::new(path.clone());
        assert_eq!(file.look(), Look::Changed("one".to_owned()));
        std::fs::write(&path, "two").unwrap();
        std::fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(modified)
            .unwrap();
        let changes = (0..LOOKS_BETWEEN_READS)
            .filter(|_| file.look() != Look::Unchanged)
            .count();
        assert_eq!(changes, 1);
    }
}
