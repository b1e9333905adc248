//! Licences, banned crates and sources, by the rules of `deny.toml` over `cargo metadata`.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::command::Run;
use crate::repository;

/// The one registry that crates may come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks every package of the tree.
///
/// # Errors
/// When a package breaks a rule; all of them are named.
pub(super) fn check() -> anyhow::Result<()> {
    let rules: toml::Table = std::fs::read_to_string(repository::root().join("deny.toml"))?.parse()?;
    let allowed: BTreeSet<String> = strings(rules.get("licenses").and_then(|licenses| licenses.get("allow")));
    let banned: BTreeSet<String> = rules
        .get("bans")
        .and_then(|bans| bans.get("deny"))
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|ban| ban.get("name").and_then(toml::Value::as_str).map(ToOwned::to_owned))
        .collect();
    if allowed.is_empty() || banned.is_empty() {
        bail!("deny.toml has no licenses.allow or no bans.deny");
    }
    let metadata: Value = serde_json::from_str(
        &Run::cargo(&["metadata", "--format-version", "1", "--locked", "--all-features"]).captured()?,
    )?;
    let packages = metadata
        .get("packages")
        .and_then(Value::as_array)
        .context("cargo metadata lists no packages")?;
    let mut broken = Vec::new();
    for package in packages {
        let word = |name: &str| package.get(name).and_then(Value::as_str);
        let name = word("name").unwrap_or_default();
        match word("source") {
            // A member of the workspace has no source.
            None | Some(REGISTRY) => {}
            Some(source) => broken.push(format!("{name} comes from {source}")),
        }
        if banned.contains(name) {
            broken.push(format!("{name} is banned"));
        }
        match word("license") {
            None => broken.push(format!("{name} names no licence")),
            Some(expression) if !is_allowed(expression, &allowed) => {
                broken.push(format!("{name} is licensed as {expression}"));
            }
            Some(_) => {}
        }
    }
    if !broken.is_empty() {
        bail!("deny.toml forbids:\n  {}", broken.join("\n  "));
    }
    eprintln!(
        "{} packages: licences, bans and sources as deny.toml allows",
        packages.len()
    );
    Ok(())
}

fn strings(list: Option<&toml::Value>) -> BTreeSet<String> {
    list.and_then(toml::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(ToOwned::to_owned))
        .collect()
}

/// Whether an SPDX expression can be satisfied with allowed licences. `/` is the old way to write `OR`.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut position = 0;
    let satisfied = any_of(&words, &mut position, allowed);
    satisfied && position == words.len()
}

fn any_of(words: &[&str], position: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut satisfied = all_of(words, position, allowed);
    while words.get(*position) == Some(&"OR") {
        *position += 1;
        satisfied |= all_of(words, position, allowed);
    }
    satisfied
}

fn all_of(words: &[&str], position: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut satisfied = one(words, position, allowed);
    while words.get(*position) == Some(&"AND") {
        *position += 1;
        satisfied &= one(words, position, allowed);
    }
    satisfied
}

fn one(words: &[&str], position: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let Some(word) = words.get(*position) else {
        return false;
    };
    *position += 1;
    if *word == "(" {
        let satisfied = any_of(words, position, allowed);
        *position += 1;
        return satisfied;
    }
    let mut license = (*word).to_owned();
    if let (Some(&"WITH"), Some(exception)) = (words.get(*position), words.get(*position + 1)) {
        license = format!("{license} WITH {exception}");
        *position += 2;
    }
    allowed.contains(&license)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_follow_spdx() {
        let allowed: BTreeSet<String> = ["MIT", "Apache-2.0 WITH LLVM-exception", "ISC"]
            .map(ToOwned::to_owned)
            .into();
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(GPL-3.0 OR MIT) AND ISC",
            "Apache-2.0 WITH LLVM-exception OR X",
        ] {
            assert!(is_allowed(good, &allowed), "{good}");
        }
        for bad in [
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "Apache-2.0",
            "(MIT OR X) AND Y",
            "",
            "MIT ISC",
        ] {
            assert!(!is_allowed(bad, &allowed), "{bad}");
        }
    }
}
