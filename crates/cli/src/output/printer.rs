//! The only place that writes to standard output.

use std::fmt;
use std::io::{self, Write as _};

use serde::Serialize;
use serde_json::json;

use crate::exit::Exit;

/// Prints in the form that the caller asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printer {
    is_json: bool,
}

impl Printer {
    /// A printer of JSON, or of text.
    pub(crate) fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    /// Whether JSON was asked for.
    pub(crate) fn is_json(self) -> bool {
        self.is_json
    }

    /// Prints `json` when JSON was asked for, else the text that `text` makes; an empty list is no line.
    pub(crate) fn result<J: Serialize>(self, json: &J, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        if self.is_json {
            self.line(&serde_json::to_string(json)?)
        } else {
            match text().trim_end_matches('\n') {
                "" => Ok(()),
                text => self.line(text),
            }
        }
    }

    /// Prints bytes as they are.
    #[expect(clippy::unused_self, reason = "printing goes through the one printer")]
    pub(crate) fn bytes(self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Prints one line, or several; a reader that went away ends the program quietly.
    #[expect(clippy::unused_self, reason = "printing goes through the one printer")]
    pub(crate) fn line(self, text: &str) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// Adds to a text that is printed later.
pub(crate) fn append(text: &mut String, more: fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _infallible = fmt::Write::write_fmt(text, more);
}

/// A remark that belongs to no result, on standard error.
pub(crate) fn remark(text: &str) {
    // Standard error may be closed; there is nowhere else to say so.
    let _unwritable = writeln!(io::stderr().lock(), "{text}");
}

/// A command that failed: the chain of causes once, on standard error; as JSON when JSON was asked for.
pub(crate) fn failure(is_json: bool, exit: Exit, error: &anyhow::Error) {
    let mut message = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // Some errors already repeat their source.
        if !message.contains(&cause) {
            message.push_str(": ");
            message.push_str(&cause);
        }
    }
    if is_json {
        remark(&json!({"error": {"code": exit.name(), "message": message}}).to_string());
    } else {
        remark(&format!("selfsame: {message}"));
    }
}
