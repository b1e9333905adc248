//! Licences, banned crates and sources: `cargo deny` with the rules of `deny.toml`.
//!
//! Its advisories are left out: they are a database on the network that changes while our code does not.

use std::path::{Path, PathBuf};

use crate::command::Run;
use crate::repository;

/// The version that the rules are written for.
const VERSION: &str = "0.20.2";

/// Checks every package of the tree, tests and build scripts included. Installs the tool under `.tools/` when it is absent, which
/// takes three minutes of one core; without crates.io there is no tool, and the output says so.
///
/// # Errors
/// When a package breaks a rule, or the tool does not build.
pub(super) fn check() -> anyhow::Result<()> {
    let folder = repository::root().join(format!(".tools/cargo-deny-{VERSION}"));
    let tool = program(&folder);
    if !tool.is_file()
        && let Err(error) = install(&folder)
    {
        if registry_answers() {
            return Err(error);
        }
        eprintln!(
            "{error:#}\nSKIPPED: licences, bans and sources, because crates.io cannot be reached and cargo-deny {VERSION} is not under .tools yet"
        );
        return Ok(());
    }
    Run::new(
        tool,
        &[
            "--locked",
            "--all-features",
            "check",
            "--hide-inclusion-graph",
            "bans",
            "licenses",
            "sources",
        ],
    )
    .shown()
}

fn program(folder: &Path) -> PathBuf {
    folder
        .join("bin")
        .join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX))
}

fn install(folder: &Path) -> anyhow::Result<()> {
    let folder = folder.to_string_lossy();
    Run::cargo(&[
        "install",
        "cargo-deny",
        "--version",
        VERSION,
        "--locked",
        "--root",
        &folder,
    ])
    .shown()
}

fn registry_answers() -> bool {
    Run::cargo(&["info", "cargo-deny", "--registry", "crates-io"]).succeeds()
}
