//! Files that are made from the program itself, so that they cannot say anything else.

use anyhow::{Context as _, bail};

use crate::command::Run;
use crate::repository;

/// Each file with the arguments of `selfsame` that print it.
const GENERATED: &[(&str, &[&str])] = &[
    ("docs/cli.md", &["man", "--format", "markdown"]),
    ("docs/automations.schema.json", &["automations", "schema"]),
];

/// Compares them with what the program prints now.
///
/// # Errors
/// When a file differs or is missing.
pub(super) fn check() -> anyhow::Result<()> {
    for (path, arguments) in GENERATED {
        // The release build is the one that the tests of the real binary use: CI builds it once.
        let wanted = printed(&["--release"], arguments)?;
        let present = std::fs::read_to_string(repository::root().join(path)).unwrap_or_default();
        if present != wanted {
            bail!("{path} is not what the program prints; run `cargo xtask generate`");
        }
    }
    eprintln!("{} generated files are up to date", GENERATED.len());
    Ok(())
}

/// Writes them.
///
/// # Errors
/// When the program does not run or a file cannot be written.
pub(crate) fn generate() -> anyhow::Result<()> {
    for (path, arguments) in GENERATED {
        let file = repository::root().join(path);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&file, printed(&[], arguments)?).with_context(|| format!("cannot write {path}"))?;
        eprintln!("wrote {path}");
    }
    Ok(())
}

fn printed(profile: &[&str], arguments: &[&str]) -> anyhow::Result<String> {
    let run = ["run", "--quiet"];
    let program = ["--package", "selfsame-cli", "--bin", "selfsame", "--"];
    Run::cargo(&[&run, profile, &program, arguments].concat()).captured()
}
