//! The repository: where it is and which files it has.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The root folder.
pub(crate) fn root() -> &'static Path {
    // xtask lies directly below it.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// A file below some folders, with its text.
pub(crate) struct SourceFile {
    /// Path from the root, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

/// Every text file with one of these endings below the folders, in order. Build output and tools are not below them.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn files(folders: &[&str], endings: &[&str]) -> anyhow::Result<Vec<SourceFile>> {
    let mut paths = Vec::new();
    for folder in folders {
        let start = root().join(folder);
        if start.is_file() {
            paths.push(start);
        } else if start.is_dir() {
            collect(&start, endings, &mut paths)?;
        }
    }
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let below = path.strip_prefix(root()).unwrap_or(&path);
            Ok(SourceFile {
                path: below.to_string_lossy().replace('\\', "/"),
                text,
            })
        })
        .collect()
}

fn collect(folder: &Path, endings: &[&str], paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if path.is_dir() {
            if !matches!(name.as_str(), "target" | "node_modules" | ".venv" | "__pycache__") {
                collect(&path, endings, paths)?;
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            paths.push(path);
        }
    }
    Ok(())
}
