//! Lists: `{"data":[…]}`, oldest first, `limit` and `after` (design §6).

use serde::Serialize;
use utoipa::ToSchema;

use super::error::SimError;

/// Rows of a list when the caller names no number.
pub(crate) const LIMIT_DEFAULT: i64 = 1_000;
/// Rows of a list at most.
pub(crate) const LIMIT_MAX: i64 = 10_000;

/// A list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// Oldest first.
    pub(crate) data: Vec<T>,
}

/// The number of rows asked for.
pub(crate) fn limit(asked: Option<i64>) -> Result<i64, SimError> {
    match asked {
        None => Ok(LIMIT_DEFAULT),
        Some(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
        Some(_) => Err(SimError::bad_request(
            "invalid_value",
            format!("limit goes from 1 to {LIMIT_MAX}"),
            Some("limit"),
        )),
    }
}

/// A username as references give it, without its `@`.
pub(crate) fn without_at(reference: &str) -> &str {
    reference.strip_prefix('@').unwrap_or(reference)
}
