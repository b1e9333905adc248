//! What is wrong with an automations file, in the words of the person who writes it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file is not used; the version before it keeps running.
    Error,
    /// The file is used, but something in it will not do what it seems to say.
    Warning,
}

/// One problem and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// A stable word for programs, such as `unknown_key`.
    pub code: String,
    /// The line it stands on, from 1; 0 when it is about the whole file.
    pub line: u64,
    /// The column it stands at, from 1; 0 when it is about the whole file.
    pub column: u64,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(formatter, "line {}, column {}: ", self.line, self.column)?;
        }
        if self.severity == Severity::Warning {
            formatter.write_str("warning: ")?;
        }
        formatter.write_str(&self.message)
    }
}

/// The problems of a file, at least one of them an error, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.0.iter().enumerate() {
            if position > 0 {
                formatter.write_str("\n")?;
            }
            problem.fmt(formatter)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The known name that is nearest to a mistyped one, if any is near enough to be meant.
pub(super) fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let written = written.to_lowercase();
    known
        .iter()
        .map(|name| (distance(&written, name), *name))
        .filter(|(distance, name)| *distance <= (name.chars().count() / 3).max(1))
        .min()
        .map(|(_, name)| name)
}

/// The number of single-letter mistakes (a swap of neighbours is one) between two names.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let width = right.len() + 1;
    let mut rows = vec![(0..width).collect::<Vec<usize>>()];
    for (i, left_letter) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right_letter) in right.iter().enumerate() {
            let mut best = (rows[i][j] + usize::from(left_letter != right_letter))
                .min(rows[i][j + 1] + 1)
                .min(row[j] + 1);
            let swapped = i > 0 && j > 0 && left_letter == &right[j - 1] && &left[i - 1] == right_letter;
            if swapped {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_name_that_was_meant_is_found_and_a_stranger_is_not() {
        let known = ["text", "buttons", "quick_replies", "image"];
        for (written, meant) in [
            ("butons", Some("buttons")),
            ("Text", Some("text")),
            ("txet", Some("text")),
            ("quick_reply", Some("quick_replies")),
            ("imgae", Some("image")),
            ("video", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, &known), meant, "{written}");
        }
    }
}
