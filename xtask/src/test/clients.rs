//! Other people's programs that the tests run: node packages and a Python environment, with pinned versions, under `.tools/`.

use std::path::Path;

use anyhow::Context as _;

use crate::command::Run;
use crate::repository;

/// Where the pinned versions are written.
const NODE_FOLDER: &str = "crates/e2e/clients/node";
const PYTHON_REQUIREMENTS: &str = "crates/e2e/clients/python/requirements.txt";
/// Written after everything else, so that an installation that broke off is made anew.
const STAMP: &str = "installed";

/// Installs both unless the same versions are there.
///
/// # Errors
/// When a registry cannot be reached or a package does not install.
pub(super) fn prepare() -> anyhow::Result<()> {
    let tools = repository::root().join(".tools");
    node(&tools.join("node"))?;
    python(&tools.join("python"))
}

fn node(folder: &Path) -> anyhow::Result<()> {
    let source = repository::root().join(NODE_FOLDER);
    let lock = std::fs::read_to_string(source.join("package-lock.json")).context("no package-lock.json")?;
    install_once(folder, &lock, || {
        for name in ["package.json", "package-lock.json"] {
            std::fs::copy(source.join(name), folder.join(name))?;
        }
        Run::new("npm", &["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .inside(folder)
            .shown()
    })
}

fn python(folder: &Path) -> anyhow::Result<()> {
    let requirements = repository::root().join(PYTHON_REQUIREMENTS);
    let pinned = std::fs::read_to_string(&requirements).context("no requirements.txt")?;
    install_once(folder, &pinned, || {
        Run::new("python3", &["-m", "venv", &folder.to_string_lossy()]).shown()?;
        let pip = folder.join("bin/pip");
        Run::new(
            pip,
            &[
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
                &requirements.to_string_lossy(),
            ],
        )
        .shown()
    })
}

/// Runs `install` in an empty folder unless it was done for the same `versions`.
fn install_once(folder: &Path, versions: &str, install: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    let stamp = folder.join(STAMP);
    if std::fs::read_to_string(&stamp).is_ok_and(|present| present == versions) {
        return Ok(());
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    install()?;
    std::fs::write(stamp, versions)?;
    Ok(())
}
