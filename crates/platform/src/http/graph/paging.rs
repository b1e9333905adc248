//! Pages of an edge: opaque cursors in both directions, `next` and `previous` absolute and only while there is more that way
//! (contract: other-apis §6.1).

use selfsame_wire::mid;
use serde_json::{Map, Value, json};

use super::fields::{Field, written};
use super::parameters::Parameters;
use super::render::Scope;
use crate::store::Slice;

/// Items of a page unless asked otherwise.
const LIMIT_DEFAULT: usize = 25;
/// Items of a page at most.
const LIMIT_MAX: usize = 100;

/// Which page is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// Items wanted.
    pub(super) limit: usize,
    /// Where it lies.
    pub(super) slice: Slice,
    /// Other parameters that the next page repeats.
    repeat: Vec<(String, String)>,
}

impl Page {
    /// From the parameters of a call.
    pub(super) fn of_call(parameters: &Parameters) -> Self {
        let repeat = parameters
            .values
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "after" | "before" | "limit" | "access_token"))
            .filter_map(|(name, _)| Some((name.clone(), parameters.text(name)?)))
            .collect();
        Self {
            limit: clamp(parameters.text("limit").and_then(|text| text.parse().ok())),
            slice: slice(
                parameters.text("after").as_deref(),
                parameters.text("before").as_deref(),
            ),
            repeat,
        }
    }

    /// From the modifiers of a nested edge.
    pub(super) fn of_field(field: &Field) -> Self {
        Self {
            limit: clamp(field.limit),
            slice: slice(field.after.as_deref(), field.before.as_deref()),
            repeat: if field.nested.is_empty() {
                Vec::new()
            } else {
                vec![("fields".to_owned(), written(&field.nested))]
            },
        }
    }

    /// The same with at most so many items.
    pub(super) fn at_most(mut self, items: usize) -> Self {
        self.limit = self.limit.min(items);
        self
    }

    /// One more than a page, to know whether there is another one in that direction.
    pub(super) fn fetch_limit(&self) -> i64 {
        i64::try_from(self.limit.saturating_add(1)).unwrap_or(i64::MAX)
    }

    /// Where the page begins, and how much to fetch, in a list that is read by counting: its first row is 1.
    pub(super) fn rows(&self) -> (i64, i64) {
        match self.slice {
            Slice::First => (0, self.fetch_limit()),
            Slice::After(row) => (row.max(0), self.fetch_limit()),
            Slice::Before(row) => {
                let in_front = row.saturating_sub(1).max(0);
                let limit = self.fetch_limit().min(in_front);
                (in_front.saturating_sub(limit), limit)
            }
        }
    }

    /// Writes a page from at most `limit + 1` items with their rows, in the order of the list.
    pub(super) fn write(&self, scope: &Scope<'_>, path: &str, mut items: Vec<(i64, Value)>) -> Value {
        let has_more = items.len() > self.limit;
        let (has_previous, has_next) = match self.slice {
            Slice::First => (false, has_more),
            Slice::After(_) => (true, has_more),
            Slice::Before(_) => (has_more, true),
        };
        match self.slice {
            Slice::First | Slice::After(_) => items.truncate(self.limit),
            Slice::Before(_) => drop(items.drain(..items.len().saturating_sub(self.limit))),
        }
        let mut page = Map::new();
        let first = items.first().map(|(row, _)| *row);
        let last = items.last().map(|(row, _)| *row);
        page.insert(
            "data".to_owned(),
            Value::Array(items.into_iter().map(|(_, item)| item).collect()),
        );
        if let (Some(first), Some(last)) = (first, last) {
            let (before, after) = (encode(first), encode(last));
            let mut paging = Map::new();
            paging.insert("cursors".to_owned(), json!({"before": before, "after": after}));
            if has_next {
                paging.insert("next".to_owned(), self.url(scope, path, ("after", &after)).into());
            }
            if has_previous {
                paging.insert("previous".to_owned(), self.url(scope, path, ("before", &before)).into());
            }
            page.insert("paging".to_owned(), paging.into());
        }
        Value::Object(page)
    }

    fn url(&self, scope: &Scope<'_>, path: &str, (name_of_cursor, cursor): (&str, &str)) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("access_token", &scope.caller.token.token);
        for (name, value) in &self.repeat {
            query.append_pair(name, value);
        }
        query
            .append_pair("limit", &self.limit.to_string())
            .append_pair(name_of_cursor, cursor);
        format!("{}/{path}?{}", scope.root, query.finish())
    }
}

fn slice(after: Option<&str>, before: Option<&str>) -> Slice {
    let before = || before.and_then(decode).map(Slice::Before);
    after
        .and_then(decode)
        .map(Slice::After)
        .or_else(before)
        .unwrap_or_default()
}

fn clamp(limit: Option<usize>) -> usize {
    limit.filter(|limit| *limit > 0).unwrap_or(LIMIT_DEFAULT).min(LIMIT_MAX)
}

fn encode(row: i64) -> String {
    mid::encode(format!("cursor:{row}").as_bytes())
}

fn decode(cursor: &str) -> Option<i64> {
    let plain = mid::decode(cursor)?;
    std::str::from_utf8(&plain).ok()?.strip_prefix("cursor:")?.parse().ok()
}
