//! Which crate may depend on which, and which folder may use which library: the invariants of `docs/architecture.md`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::command::Run;
use crate::repository::{self, SourceFile};

/// Each of our crates with the ones of ours that it may depend on, tests aside.
const ARROWS: &[(&str, &[&str])] = &[
    ("selfsame-wire", &[]),
    ("selfsame-runtime", &[]),
    ("selfsame-ui", &[]),
    ("selfsame-queue", &["selfsame-runtime"]),
    ("selfsame-client", &["selfsame-wire"]),
    (
        "selfsame-platform",
        &["selfsame-wire", "selfsame-queue", "selfsame-runtime", "selfsame-ui"],
    ),
    (
        "selfsame-gateway",
        &[
            "selfsame-wire",
            "selfsame-queue",
            "selfsame-runtime",
            "selfsame-ui",
            "selfsame-client",
        ],
    ),
    (
        "selfsame-workbench",
        &[
            "selfsame-platform",
            "selfsame-gateway",
            "selfsame-client",
            "selfsame-runtime",
            "selfsame-wire",
        ],
    ),
    ("selfsame-cli", &["selfsame-workbench"]),
];

/// The crates that only test or check; nobody may depend on them.
const OUTSIDE: &[&str] = &["selfsame-e2e", "selfsame-bench", "xtask"];

/// Pure folders, and what they may not name: they take values and the time, and return values.
const PURE_FOLDERS: &[&str] = &["crates/platform/src/domain/", "crates/gateway/src/automation/"];
const IMPURE_CRATES: &[&str] = &[
    "axum",
    "rusqlite",
    "reqwest",
    "hyper",
    "tokio",
    "selfsame_runtime::clock",
    "selfsame_runtime::db",
    "selfsame_runtime::http",
];

/// What speaks to the database. Passing a connection on to the store is not speaking.
const STATEMENTS: &[&str] = &[
    "\"SELECT ",
    "\"INSERT ",
    "\"UPDATE ",
    "\"DELETE FROM",
    "\"CREATE TABLE",
    ".prepare_cached(",
    ".query_row(",
    ".query_map(",
    ".execute_batch(",
];

/// Checks all of them.
///
/// # Errors
/// When an arrow points the wrong way; all of them are named.
pub(super) fn check() -> anyhow::Result<()> {
    let mut broken = dependencies()?;
    let sources = repository::files(&["crates"], &[".rs"])?;
    for file in &sources {
        broken.extend(imports(file));
    }
    if !broken.is_empty() {
        bail!("arrows that point the wrong way:\n  {}", broken.join("\n  "));
    }
    eprintln!(
        "{} crates, {} files: every arrow points down",
        ARROWS.len(),
        sources.len()
    );
    Ok(())
}

/// Dependencies of our crates on each other, tests aside.
fn dependencies() -> anyhow::Result<Vec<String>> {
    let metadata: Value = serde_json::from_str(
        &Run::cargo(&["metadata", "--format-version", "1", "--no-deps", "--offline"]).captured()?,
    )?;
    let packages = metadata
        .get("packages")
        .and_then(Value::as_array)
        .context("cargo metadata lists no packages")?;
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let ours: BTreeSet<&str> = packages
        .iter()
        .filter_map(|package| package.get("name").and_then(Value::as_str))
        .collect();
    let mut broken = Vec::new();
    for package in packages {
        let name = package.get("name").and_then(Value::as_str).unwrap_or_default();
        if OUTSIDE.contains(&name) {
            continue;
        }
        let Some(allowed) = allowed.get(name) else {
            broken.push(format!("{name} has no place in the list of arrows"));
            continue;
        };
        let dependencies = package
            .get("dependencies")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for dependency in dependencies {
            let is_for_tests = dependency.get("kind").and_then(Value::as_str) == Some("dev");
            let target = dependency.get("name").and_then(Value::as_str).unwrap_or_default();
            if ours.contains(target) && !is_for_tests && !allowed.contains(&target) {
                broken.push(format!("{name} depends on {target}"));
            }
        }
    }
    Ok(broken)
}

/// What one file names that its folder may not.
fn imports(file: &SourceFile) -> Vec<String> {
    let mut broken = Vec::new();
    let path = file.path.as_str();
    let is_half = path.starts_with("crates/platform/src/") || path.starts_with("crates/gateway/src/");
    let code = without_comments(&file.text);
    let names = |library: &str| mentions(&code, library);
    if PURE_FOLDERS.iter().any(|folder| path.starts_with(folder)) {
        for library in IMPURE_CRATES {
            if names(library) {
                broken.push(format!("{path} names {library}, and its folder is pure"));
            }
        }
    }
    if is_half && !path.contains("/http/") && !is_root(path) && names("axum") {
        broken.push(format!("{path} names axum outside http/"));
    }
    let may_speak_sql =
        path.contains("/store/") || path.starts_with("crates/queue/") || path.starts_with("crates/runtime/src/db/");
    if !path.contains("/tests/") && !path.contains("/benches/") && !path.starts_with("crates/e2e/") && !may_speak_sql {
        for statement in STATEMENTS {
            if code.contains(statement) {
                broken.push(format!("{path} speaks SQL ({statement}) outside store/ and queue/"));
            }
        }
    }
    broken
}

/// The files that put a half together: they may name its router.
fn is_root(path: &str) -> bool {
    matches!(
        path,
        "crates/platform/src/platform.rs"
            | "crates/gateway/src/gateway.rs"
            | "crates/gateway/src/lib.rs"
            | "crates/platform/src/lib.rs"
    )
}

fn without_comments(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whether `library::` or `use library` appears as a path of its own.
fn mentions(code: &str, library: &str) -> bool {
    code.match_indices(library).any(|(start, found)| {
        let before = code[..start].chars().next_back();
        let after = &code[start + found.len()..];
        let stands_alone = before.is_none_or(|before| !before.is_alphanumeric() && before != '_' && before != ':');
        stands_alone && (after.starts_with("::") || after.starts_with(';') || after.starts_with(" as "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn the_arrows_of_the_house_hold() {
        check().unwrap();
    }

    #[test]
    fn a_pure_folder_that_names_a_server_is_found() {
        assert_eq!(
            imports(&file("crates/platform/src/domain/a.rs", "use axum::Json;")).len(),
            2
        );
        assert!(imports(&file("crates/platform/src/domain/a.rs", "// axum::Json\nuse crate::a;")).is_empty());
    }

    #[test]
    fn sql_outside_the_store_is_found() {
        assert_eq!(
            imports(&file("crates/gateway/src/inbox/a.rs", "let a = \"SELECT 1\";")).len(),
            1
        );
        assert!(
            imports(&file(
                "crates/gateway/src/store/a.rs",
                "use rusqlite::Row; let a = \"SELECT 1\";"
            ))
            .is_empty()
        );
    }

    #[test]
    fn a_name_inside_another_name_is_not_it() {
        assert!(!mentions("use my_axum::X;", "axum"));
        assert!(mentions("use axum::X;", "axum"));
    }
}
