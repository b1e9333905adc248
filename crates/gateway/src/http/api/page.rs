//! Pages of lists: `limit` rows after `after`, oldest first. `after` is the `next` of the page before, so
//! that rows which come or go meanwhile neither repeat nor hide others.

use serde::Deserialize;

use super::error::ApiError;

/// Rows of a page unless told otherwise.
const LIMIT: u32 = 100;
/// Rows of a page at most.
const LIMIT_MAX: u32 = 1_000;

/// Which page of a list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows of a page, 100 unless told, at most 1000.
    limit: Option<u32>,
}

impl PageQuery {
    /// How many rows.
    pub(super) fn limit(&self) -> u32 {
        self.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX)
    }

    /// After which number; 0 at the beginning.
    pub(super) fn after_number(&self) -> Result<i64, ApiError> {
        number_after(self.after.as_deref())
    }

    /// Before which number, for lists that begin with the newest.
    pub(super) fn before_number(&self) -> Result<i64, ApiError> {
        match self.after {
            Some(_) => self.after_number(),
            None => Ok(i64::MAX),
        }
    }

    /// After which row.
    pub(super) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }
}

/// Reads `after` where rows are numbered.
pub(super) fn number_after(after: Option<&str>) -> Result<i64, ApiError> {
    let Some(after) = after else { return Ok(0) };
    after.parse().map_err(|_not_a_number| {
        let message = format!("`after` is the `next` of an earlier page, not {after:?}");
        ApiError::bad_request("invalid_query", message, Some("after"))
    })
}

/// Cuts one row too many away, and answers the `next` of this page when there was one.
pub(super) fn cut<T>(rows: &mut Vec<T>, limit: u32, name_of: impl Fn(&T) -> String) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    rows.last().map(name_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_begins_after_the_last_row_of_this_one() {
        let mut rows = vec![1, 2, 3];
        assert_eq!(cut(&mut rows, 2, ToString::to_string).as_deref(), Some("2"));
        assert_eq!(rows, [1, 2]);
        assert_eq!(cut(&mut rows, 2, ToString::to_string), None);
    }

    #[test]
    fn a_limit_is_kept_within_its_bounds() {
        let query = |limit| PageQuery { after: None, limit };
        assert_eq!(query(Some(0)).limit(), 1);
        assert_eq!(query(Some(1_000_000)).limit(), LIMIT_MAX);
        assert_eq!(query(None).limit(), LIMIT);
        assert!(number_after(Some("x")).is_err());
    }
}
