//! Files that only their user may read, replaced whole.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Replaces a file whole: readers see the old or the new content, and after a crash one of the two. The file is private to its user.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path
        .file_name()
        .and_then(OsStr::to_str)
        .ok_or(io::ErrorKind::InvalidInput)?;
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let result = write_and_rename(&temporary, path, bytes);
    if result.is_err() {
        // The cause is reported; a left-over temporary file is overwritten by the next attempt.
        let _removed = fs::remove_file(&temporary);
    }
    result
}

fn write_and_rename(temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private_options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, path)?;
    sync_folder(path.parent())
}

/// Makes a rename durable where folders can be synced.
#[cfg(unix)]
fn sync_folder(folder: Option<&Path>) -> io::Result<()> {
    match folder {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on unix")]
fn sync_folder(_folder: Option<&Path>) -> io::Result<()> {
    Ok(())
}

/// Options that make files readable by their user only, where files have modes.
pub(super) fn private_options() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "modes are a unix matter"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

pub(super) fn make_private_folder(path: &Path, may_exist: bool) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(may_exist).create(path)
}
