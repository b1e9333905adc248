//! The order of a test run: what can be told quickly first, the one summary last.

use std::time::Instant;

use clap::Args;

use crate::command::Run;
use crate::repository;

use super::clients::{self, Registry};
use super::machine;

/// The features of `e2e` that need more than Rust: a browser, other people's clients, the release binary.
const WHOLE: &str = "selfsame-e2e/browser,selfsame-e2e/clients,selfsame-e2e/process";

/// `cargo xtask test`.
#[derive(Args)]
pub(crate) struct TestArgs {
    /// Only what needs nothing but Rust: no browser, no clients, no release build
    #[arg(long)]
    plain: bool,
    /// Only tests whose name contains this
    filter: Option<String>,
}

/// Runs the tests.
///
/// # Errors
/// When the machine cannot be prepared, something does not build, or a test fails.
pub(crate) fn run(args: &TestArgs) -> anyhow::Result<()> {
    let mut features: Vec<&str> = Vec::new();
    let mut unreachable = Vec::new();
    if !args.plain {
        machine::prepare()?;
        unreachable = clients::prepare()?;
        // The tests of the real binary run what a user runs; it is built once, here.
        Run::cargo(&["build", "--release", "--locked", "--package", "selfsame-cli"]).shown()?;
        features.extend(["--features", WHOLE]);
    }
    let binary = repository::root().join("target/release/selfsame");
    let binary = target_folder().map_or(binary, |folder| folder.join("release/selfsame"));
    if args.filter.is_none() {
        Run::cargo(&["test", "--workspace", "--doc", "--quiet", "--locked"]).shown()?;
    }
    let filter: Vec<&str> = args.filter.as_deref().into_iter().collect();
    let outcome = if Run::cargo(&["nextest", "--version"]).succeeds() {
        with_nextest(&features, &filter, &unreachable, &binary)
    } else {
        eprintln!("cargo-nextest is not installed; running cargo test, one test at a time");
        with_cargo_test(&features, &filter, &unreachable, &binary)
    };
    // Last, where it is seen.
    for registry in unreachable {
        eprintln!("{}", registry.left_out());
    }
    outcome
}

fn with_nextest(
    features: &[&str],
    filter: &[&str],
    unreachable: &[Registry],
    binary: &std::path::Path,
) -> anyhow::Result<()> {
    let nextest = ["nextest", "run", "--workspace", "--locked"];
    let left_in: Vec<String> = unreachable
        .iter()
        .map(|registry| format!("not test(/^{}/)", registry.tests()))
        .collect();
    let left_in = left_in.join(" and ");
    let expression: &[&str] = if left_in.is_empty() { &[] } else { &["-E", &left_in] };
    Run::cargo(&[&nextest, features, expression, filter].concat())
        .variable("SELFSAME_BINARY", binary)
        .shown()
}

/// The same tests without nextest, closed by the same kind of line.
#[expect(
    clippy::disallowed_methods,
    reason = "how long the tests take on this machine is real time"
)]
fn with_cargo_test(
    features: &[&str],
    filter: &[&str],
    unreachable: &[Registry],
    binary: &std::path::Path,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let test = [
        "test",
        "--workspace",
        "--locked",
        "--lib",
        "--bins",
        "--tests",
        "--no-fail-fast",
    ];
    let mut threads = vec!["--", "--test-threads", "1"];
    for registry in unreachable {
        threads.extend(["--skip", registry.tests()]);
    }
    let output = Run::cargo(&[&test, features, filter, &threads].concat())
        .variable("SELFSAME_BINARY", binary)
        .captured();
    let output = output?;
    let (passed, ignored) = output
        .lines()
        .filter_map(counts)
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    eprintln!("{output}");
    let seconds = began.elapsed().as_secs_f32();
    eprintln!("     Summary [{seconds:>8.3}s] {passed} tests run: {passed} passed, {ignored} skipped");
    Ok(())
}

/// Passed and ignored tests of a line `test result: ok. 3 passed; 0 failed; 0 ignored; …`.
fn counts(line: &str) -> Option<(u64, u64)> {
    let rest = line.trim().strip_prefix("test result: ")?;
    let number = |word: &str| {
        let before = rest.split(word).next()?;
        before
            .rsplit([' ', ';'])
            .find(|part| !part.is_empty())?
            .parse::<u64>()
            .ok()
    };
    Some((number(" passed")?, number(" ignored")?))
}

#[expect(
    clippy::disallowed_methods,
    reason = "where cargo builds to is told by the environment alone"
)]
fn target_folder() -> Option<std::path::PathBuf> {
    std::env::var_os("CARGO_TARGET_DIR").map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_cargo_test_are_counted() {
        let line = "test result: ok. 31 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.43s";
        assert_eq!(counts(line), Some((31, 2)));
        assert_eq!(counts("running 3 tests"), None);
    }
}
