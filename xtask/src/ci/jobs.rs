//! The list of jobs and the order in which they run: the quick ones first.

use std::time::Instant;

use clap::{Args, ValueEnum};

use super::{arrows, deny, fidelity, generated, words};
use crate::command::Run;

/// `cargo xtask ci`.
#[derive(Args)]
pub(crate) struct CiArgs {
    /// Only this job
    job: Option<Job>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Job {
    /// Formatting
    Fmt,
    /// Which crate and folder may use what
    Arrows,
    /// Words that do not belong into the repository
    Words,
    /// The tests that docs/fidelity.md names exist
    Fidelity,
    /// Licences, banned crates, sources
    Deny,
    /// Lints, all targets and features
    Clippy,
    /// Documentation with private items
    Docs,
    /// Generated files are up to date
    Generated,
}

/// Runs one job, or all of them.
///
/// # Errors
/// The first job that fails.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a job takes on this machine is real time"
)]
pub(crate) fn run(args: &CiArgs) -> anyhow::Result<()> {
    for job in Job::value_variants() {
        if args.job.is_some_and(|only| only != *job) {
            continue;
        }
        let name = job
            .to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default();
        let began = Instant::now();
        job.run()
            .map_err(|error| error.context(format!("ci job `{name}` failed; run it alone: cargo xtask ci {name}")))?;
        eprintln!("ci: {name} passed in {:.1} s", began.elapsed().as_secs_f32());
    }
    Ok(())
}

impl Job {
    fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Fmt => Run::cargo(&["fmt", "--all", "--check"]).shown(),
            Self::Arrows => arrows::check(),
            Self::Words => words::check(),
            Self::Deny => deny::check(),
            Self::Fidelity => fidelity::check(),
            Self::Clippy => Run::cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--all-features",
                "--",
                "-D",
                "warnings",
            ])
            .shown(),
            Self::Docs => Run::cargo(&[
                "doc",
                "--workspace",
                "--all-features",
                "--no-deps",
                "--document-private-items",
            ])
            .variable("RUSTDOCFLAGS", "-D warnings")
            .shown(),
            Self::Generated => generated::check(),
        }
    }
}
