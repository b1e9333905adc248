//! Other people's programs that the tests run: node packages and a Python environment, with pinned versions, under `.tools/`.
//!
//! When a registry cannot be reached, and only then, the tests of its packages are left out, and the output says so.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::command::Run;
use crate::repository;

/// Where the pinned versions are written.
const NODE_FOLDER: &str = "crates/e2e/clients/node";
const PYTHON_REQUIREMENTS: &str = "crates/e2e/clients/python/requirements.txt";
/// Written after everything else, so that an installation that broke off is made anew.
const STAMP: &str = "installed";

/// A registry of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Registry {
    Npm,
    PyPi,
}

impl Registry {
    const ALL: [Self; 2] = [Self::Npm, Self::PyPi];

    const fn name(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::PyPi => "PyPI",
        }
    }

    /// The module of `e2e` whose tests run packages from here.
    pub(super) const fn tests(self) -> &'static str {
        match self {
            Self::Npm => "clients::node::",
            Self::PyPi => "clients::python::",
        }
    }

    fn folder(self) -> PathBuf {
        let folder = match self {
            Self::Npm => "node",
            Self::PyPi => "python",
        };
        repository::root().join(".tools").join(folder)
    }

    fn install(self) -> anyhow::Result<()> {
        match self {
            Self::Npm => node(&self.folder()),
            Self::PyPi => python(&self.folder()),
        }
    }

    /// Whether the registry answers at all. Asked only after an installation has failed.
    fn answers(self) -> bool {
        match self {
            Self::Npm => Run::new("npm", &["view", "express", "version", "--prefer-online"]).succeeds(),
            Self::PyPi => {
                let folder = self.folder();
                let probe = folder.join("probe");
                let arguments = ["download", "--quiet", "--no-deps", "--no-cache-dir", "--dest"];
                Run::new(
                    folder.join("bin/pip"),
                    &[&arguments[..], &[&probe.to_string_lossy(), "flask"]].concat(),
                )
                .succeeds()
            }
        }
    }

    /// The line that says what did not run.
    pub(super) fn left_out(self) -> String {
        format!(
            "SKIPPED: no test of `{}` runs, because {} cannot be reached and its pinned packages are not under .tools yet",
            self.tests(),
            self.name()
        )
    }
}

/// Installs everything unless the same versions are there. Answers the registries that cannot be reached.
///
/// # Errors
/// When a package does not install although its registry answers.
pub(super) fn prepare() -> anyhow::Result<Vec<Registry>> {
    let mut unreachable = Vec::new();
    for registry in Registry::ALL {
        let Err(error) = registry.install() else { continue };
        if registry.answers() {
            return Err(error);
        }
        eprintln!("{error:#}");
        unreachable.push(registry);
    }
    Ok(unreachable)
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
