//! Set-up and checks: `cargo xtask test` and `cargo xtask ci [job]`.
//!
//! Anything with logic is here, in Rust; `.ci/run` only calls these two.

#![expect(clippy::print_stderr, reason = "a tool of the developers that speaks to a terminal")]

mod ci;
mod command;
mod repository;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "xtask", about = "Set-up and checks of selfsame")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Prepare the machine if needed, build, and run every test
    Test(test::TestArgs),
    /// Every check that is not a test; or one of them
    Ci(ci::CiArgs),
    /// Write the generated files again
    Generate,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Test(args) => test::run(&args),
        Task::Ci(args) => ci::run(&args),
        Task::Generate => ci::generate(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The chain of causes; a backtrace of a check says nothing.
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
