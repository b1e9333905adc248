//! Reads YAML into a [`Document`], and says what is wrong with it in the writer's own words.

use serde_saphyr::{Error as YamlError, MessageFormatter as _, UserMessageFormatter};

use super::document::Document;
use super::problem::{Problem, Severity, nearest};

/// The largest automations file that is read, in bytes.
pub const FILE_LIMIT_BYTES: usize = 16 * 1024 * 1024;
/// The most YAML nodes that one file may hold: room for about a hundred thousand automations.
const NODE_LIMIT: usize = 4_000_000;

/// Reads the text of an automations file.
pub(super) fn read(text: &str) -> Result<Document, Problem> {
    if text.len() > FILE_LIMIT_BYTES {
        return Err(Problem {
            severity: Severity::Error,
            code: "file_too_large".to_owned(),
            line: 0,
            column: 0,
            message: format!("the file has {} bytes; at most {FILE_LIMIT_BYTES} are read", text.len()),
        });
    }
    let mut budget = serde_saphyr::Budget::default();
    budget.max_nodes = NODE_LIMIT;
    budget.max_events = NODE_LIMIT.saturating_mul(2);
    let options = serde_saphyr::options! {
        budget: Some(budget),
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| problem_of(&error))
}

fn problem_of(error: &YamlError) -> Problem {
    let error = error.without_snippet();
    let (line, column) = error
        .location()
        .map_or((0, 0), |location| (location.line(), location.column()));
    let (code, message) = describe(error);
    Problem {
        severity: Severity::Error,
        code: code.to_owned(),
        line,
        column,
        message,
    }
}

fn describe(error: &YamlError) -> (&'static str, String) {
    match error {
        YamlError::SerdeUnknownField { field, expected, .. } => {
            ("unknown_key", unknown("key", field, expected))
        }
        YamlError::SerdeUnknownVariant { variant, expected, .. } => {
            let what = if expected.contains(&"send") {
                "step"
            } else if expected.contains(&"postback") {
                "trigger"
            } else {
                "value"
            };
            ("unknown_key", unknown(what, variant, expected))
        }
        YamlError::SerdeMissingField { field, .. } => {
            ("missing_key", format!("`{field}` is missing here"))
        }
        YamlError::DuplicateMappingKey { key: Some(key), .. } => {
            ("duplicate_key", format!("`{key}` is written twice here"))
        }
        YamlError::Unexpected { expected, .. } => {
            ("wrong_type", format!("expected {} here", in_plain_words(expected)))
        }
        YamlError::SerdeInvalidType { unexpected, expected, .. } => (
            "wrong_type",
            format!("expected {}, found {unexpected}", in_plain_words(expected)),
        ),
        YamlError::ExternallyTaggedEnumExpectedScalarOrMapping { .. }
        | YamlError::ExpectedStringKeyForExternallyTaggedEnum { .. } => (
            "wrong_type",
            "expected one name with its value, such as `send: { text: \"…\" }`".to_owned(),
        ),
        YamlError::ExpectedMappingEndAfterEnumVariantValue { .. } => (
            "two_in_one",
            "only one is possible here; start the second on a line of its own with `-` (a step), or in an automation of its own (a trigger)".to_owned(),
        ),
        YamlError::NullIntoString { .. } => (
            "wrong_type",
            "expected a text, found nothing; for an empty text write \"\"".to_owned(),
        ),
        YamlError::MultipleDocuments { .. } => (
            "two_documents",
            "the file holds a second YAML document after `---`; put all automations into one list".to_owned(),
        ),
        YamlError::Eof { .. } => {
            ("empty", "the file is empty; it needs a list called `automations`".to_owned())
        }
        other => ("yaml", UserMessageFormatter.format_message(other).into_owned()),
    }
}

fn unknown(what: &str, written: &str, expected: &[&str]) -> String {
    let known = expected.join(", ");
    match nearest(written, expected) {
        Some(meant) => format!("unknown {what} `{written}`; did you mean `{meant}`? Known here: {known}"),
        None => format!("unknown {what} `{written}`; known here: {known}"),
    }
}

/// Serde names Rust types; the writer of a YAML file has never seen one.
fn in_plain_words(expected: &str) -> String {
    match expected {
        "a sequence" | "sequence start" => "a list (lines that start with `-`)".to_owned(),
        "a map" | "mapping start" => "a block of `key: value` lines".to_owned(),
        "a string" | "string scalar" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        other if other.starts_with("struct ") => "a block of `key: value` lines".to_owned(),
        other => other.to_owned(),
    }
}
