//! `selfsame man`: the manual, for `man` or as the Markdown of `docs/cli.md`.

use clap::CommandFactory as _;

use crate::arguments::{Arguments, ManArgs, ManFormat};
use crate::output::{Printer, markdown_reference};

pub(super) fn run(args: &ManArgs, printer: Printer) -> anyhow::Result<()> {
    match args.format {
        ManFormat::Markdown => printer.line(markdown_reference(&mut Arguments::command()).trim_end()),
        ManFormat::Roff => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
            printer.line(String::from_utf8(page)?.trim_end())
        }
    }
}
