//! Every test that `docs/fidelity.md` names exists.
//!
//! A row has three columns: the behaviour, its state, and tests in backticks. The name after the last `::` is the function.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};

use crate::repository;

/// The words of the second column.
const STATES: [&str; 3] = ["imitated", "approximated", "absent"];

/// Checks every row.
///
/// # Errors
/// When a row names no test although it must, names one that does not exist, or has an unknown state.
pub(super) fn check() -> anyhow::Result<()> {
    let path = repository::root().join("docs/fidelity.md");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let tests = test_functions()?;
    let mut broken = Vec::new();
    let mut n_rows = 0;
    for (number, line) in text.lines().enumerate() {
        let Some((behaviour, state, tests_named)) = row(line) else {
            continue;
        };
        n_rows += 1;
        let place = format!("docs/fidelity.md:{}: {behaviour}", number + 1);
        if !STATES.contains(&state) {
            broken.push(format!("{place}: `{state}` is none of {}", STATES.join(", ")));
        }
        let names: Vec<&str> = tests_named.split('`').skip(1).step_by(2).collect();
        if names.is_empty() && state != "absent" {
            broken.push(format!("{place}: names no test"));
        }
        for name in names {
            let function = name.rsplit("::").next().unwrap_or(name);
            if !tests.contains(function) {
                broken.push(format!("{place}: there is no test {name}"));
            }
        }
    }
    if n_rows == 0 {
        bail!("docs/fidelity.md has no rows");
    }
    if !broken.is_empty() {
        bail!("{}", broken.join("\n"));
    }
    eprintln!("{n_rows} rows of docs/fidelity.md: every named test exists");
    Ok(())
}

/// The three columns of a row; headings and rules are none.
fn row(line: &str) -> Option<(&str, &str, &str)> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let columns: Vec<&str> = inner.split(" | ").map(str::trim).collect();
    match columns.as_slice() {
        [behaviour, state, test] if *state != "state" && !state.starts_with("--") => Some((behaviour, state, test)),
        _ => None,
    }
}

/// The names of all functions that carry a test attribute.
fn test_functions() -> anyhow::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for file in repository::files(&["crates", "xtask"], &[".rs"])? {
        let mut is_test = false;
        for line in file.text.lines().map(str::trim) {
            if line.starts_with("#[") && line.contains("test") && !line.contains("cfg") {
                is_test = true;
            } else if let Some(name) = function_name(line) {
                // Inside `proptest!` the attribute may stand before the macro's own arguments.
                if is_test {
                    names.insert(name.to_owned());
                }
                is_test = false;
            }
        }
    }
    Ok(names)
}

fn function_name(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))?;
    rest.split(['(', '<']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_three_columns_and_a_heading_is_none() {
        assert_eq!(row("| a | imitated | `x::y` |"), Some(("a", "imitated", "`x::y`")));
        assert_eq!(row("| behaviour | state | test |"), None);
        assert_eq!(row("|---|---|---|"), None);
        assert_eq!(row("text"), None);
    }

    #[test]
    fn functions_are_found_by_name() {
        assert_eq!(function_name("async fn a_b(x: u8) {"), Some("a_b"));
        assert_eq!(function_name("let a = 1;"), None);
    }
}
