//! `selfsame completions`: a script for the shell.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::output::Printer;

pub(super) fn run(shell: Shell, printer: Printer) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "selfsame", &mut script);
    printer.line(String::from_utf8(script)?.trim_end())
}
