//! Checking an automations file without a running gateway.

use std::path::{Path, PathBuf};

use selfsame_gateway::automation::{self, AutomationSummary, Library, Problem, Problems};
use serde::Serialize;

/// A file that would be taken, with what in it will not do what it seems to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValidFile {
    /// Its automations, in the order of the file.
    pub automations: Vec<ListedAutomation>,
    /// Remarks that do not stop it.
    pub warnings: Vec<Problem>,
}

/// One automation of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedAutomation {
    /// Its name.
    pub name: String,
    /// The line it starts on.
    pub line: u64,
    /// What starts it.
    pub condition: String,
    /// The accounts it is for; empty: all.
    pub accounts: Vec<String>,
}

/// Why a file would not be taken.
#[derive(Debug, thiserror::Error)]
pub enum ValidationError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It has mistakes.
    #[error("{}", with_path(.path, .problems))]
    Mistaken {
        /// The file.
        path: PathBuf,
        /// Each with its line and column.
        problems: Problems,
    },
}

/// Reads and compiles the file as the gateway would.
///
/// # Errors
/// When it cannot be read or has mistakes.
pub fn validate(path: &Path) -> Result<ValidFile, ValidationError> {
    let text = std::fs::read_to_string(path).map_err(|source| ValidationError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let library = Library::compile(&text).map_err(|problems| ValidationError::Mistaken {
        path: path.to_owned(),
        problems,
    })?;
    let automations = library.automations().into_iter().map(ListedAutomation::from).collect();
    Ok(ValidFile {
        automations,
        warnings: library.warnings().to_vec(),
    })
}

/// The JSON Schema of the file, for editors.
pub fn schema() -> serde_json::Value {
    automation::schema()
}

impl From<AutomationSummary> for ListedAutomation {
    fn from(summary: AutomationSummary) -> Self {
        let AutomationSummary {
            name,
            line,
            condition,
            accounts,
        } = summary;
        Self {
            name,
            line,
            condition,
            accounts,
        }
    }
}

fn with_path(path: &Path, problems: &Problems) -> String {
    let lines: Vec<String> = problems
        .0
        .iter()
        .map(|problem| format!("{}: {problem}", path.display()))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("automations.yaml");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn the_demo_automations_have_no_mistakes_and_no_warnings() {
        let (_folder, path) = written(include_str!("house/automations.yaml"));
        let valid = validate(&path).unwrap();
        let names: Vec<&str> = valid
            .automations
            .iter()
            .map(|automation| automation.name.as_str())
            .collect();
        assert_eq!(
            (names, valid.warnings),
            (vec!["menu", "coffee", "comment to DM"], Vec::new())
        );
    }

    #[test]
    fn a_mistake_is_told_with_file_line_and_column() {
        let (_folder, path) =
            written("automations:\n  - name: a\n    whne: { postback: X }\n    do: [ { send: { text: hi } } ]\n");
        let message = validate(&path).unwrap_err().to_string();
        assert!(message.contains("automations.yaml: line 3, column "), "{message}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let message = validate(Path::new("/nonexistent/a.yaml")).unwrap_err().to_string();
        assert!(message.contains("/nonexistent/a.yaml"), "{message}");
    }
}
