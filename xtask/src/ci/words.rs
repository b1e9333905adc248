//! Words that do not belong into the repository: places on one developer's machine, unfinished work.

use anyhow::bail;

use crate::repository;

/// Each with the reason. They are put together from halves, so that this file does not contain them.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("/work", "/", "a place on one machine"),
    ("/ro", "ot/", "a place on one machine"),
    ("/ho", "me/", "a place on one machine"),
    ("TO", "DO", "unfinished work belongs into an issue"),
    ("FIX", "ME", "unfinished work belongs into an issue"),
    ("#[ign", "ore", "a test that does not run is none"),
    ("todo", "!(", "unfinished work"),
    ("unimplemen", "ted!(", "unfinished work"),
];

/// Looks through every text of the repository.
///
/// # Errors
/// When one of the words is found; all places are named.
pub(super) fn check() -> anyhow::Result<()> {
    let folders = [
        "crates",
        "xtask",
        "docs",
        ".ci",
        ".config",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "Cargo.toml",
    ];
    let endings = [
        ".rs", ".md", ".toml", ".sql", ".yaml", ".json", ".js", ".mjs", ".py", ".css", "run",
    ];
    let files = repository::files(&folders, &endings)?;
    let mut found = Vec::new();
    for file in &files {
        for (number, line) in file.text.lines().enumerate() {
            for (first, second, reason) in FORBIDDEN {
                if line.contains(&format!("{first}{second}")) {
                    found.push(format!("{}:{}: {first}{second}: {reason}", file.path, number + 1));
                }
            }
        }
    }
    if !found.is_empty() {
        bail!("words that do not belong here:\n  {}", found.join("\n  "));
    }
    eprintln!("{} files: no forbidden word", files.len());
    Ok(())
}
