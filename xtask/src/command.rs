//! Running other programs.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

/// A command line in the repository's root; it is shown before it runs.
pub(crate) struct Run(Command);

impl Run {
    /// `program arguments…` in the repository's root.
    pub(crate) fn new(program: impl AsRef<OsStr>, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(crate::repository::root());
        Self(command)
    }

    /// The cargo that runs this program.
    pub(crate) fn cargo(arguments: &[&str]) -> Self {
        Self::new(env!("CARGO"), arguments)
    }

    /// In another folder.
    pub(crate) fn inside(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// With a variable set.
    pub(crate) fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Runs it with its output shown.
    ///
    /// # Errors
    /// When it cannot be started or does not succeed.
    pub(crate) fn shown(mut self) -> anyhow::Result<()> {
        eprintln!("$ {}", self.text());
        let status = self
            .0
            .status()
            .with_context(|| format!("cannot start `{}`", self.text()))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.text());
        }
        Ok(())
    }

    /// Runs it and returns its standard output.
    ///
    /// # Errors
    /// When it cannot be started or does not succeed.
    pub(crate) fn captured(mut self) -> anyhow::Result<String> {
        let output = self
            .0
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("cannot start `{}`", self.text()))?;
        if !output.status.success() {
            bail!("`{}` failed ({})", self.text(), output.status);
        }
        String::from_utf8(output.stdout).with_context(|| format!("`{}` did not print text", self.text()))
    }

    /// Whether it can be started and succeeds; its output is not shown.
    pub(crate) fn succeeds(mut self) -> bool {
        self.0
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    fn text(&self) -> String {
        let words = std::iter::once(self.0.get_program()).chain(self.0.get_args());
        words
            .map(|word| word.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
            .join(" ")
    }
}
