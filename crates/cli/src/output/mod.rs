//! What the commands print: text for people, or one JSON document.

mod banner;
mod printer;
mod reference;
mod rows;

pub(crate) use banner::{banner, ready_line};
pub(crate) use printer::{Printer, append, failure, remark};
pub(crate) use reference::markdown_reference;
pub(crate) use rows::{rows, word};
