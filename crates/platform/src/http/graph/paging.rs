//! Pages of an edge: opaque cursors, `next` absolute and only while there is more (contract: other-apis §6.1).

use selfsame_wire::mid;
use serde_json::{Map, Value, json};

use super::fields::Field;
use super::parameters::Parameters;
use super::render::Scope;

/// Items of a page unless asked otherwise.
const LIMIT_DEFAULT: usize = 25;
/// Items of a page at most.
const LIMIT_MAX: usize = 100;

/// Which page is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// Items wanted.
    pub(super) limit: usize,
    /// Row behind the `after` cursor.
    pub(super) after: Option<i64>,
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
            after: parameters.text("after").and_then(|cursor| decode(&cursor)),
            repeat,
        }
    }

    /// From the modifiers of a nested edge.
    pub(super) fn of_field(field: &Field) -> Self {
        Self {
            limit: clamp(field.limit),
            after: field.after.as_deref().and_then(decode),
            repeat: Vec::new(),
        }
    }

    /// The same with at most so many items.
    pub(super) fn at_most(mut self, items: usize) -> Self {
        self.limit = self.limit.min(items);
        self
    }

    /// One more than a page, to know whether there is a next one.
    pub(super) fn fetch_limit(&self) -> i64 {
        i64::try_from(self.limit.saturating_add(1)).unwrap_or(i64::MAX)
    }

    /// Writes a page from at most `limit + 1` items with their rows.
    pub(super) fn write(&self, scope: &Scope<'_>, path: &str, mut items: Vec<(i64, Value)>) -> Value {
        let has_next = items.len() > self.limit;
        items.truncate(self.limit);
        let mut page = Map::new();
        let first = items.first().map(|(row, _)| *row);
        let last = items.last().map(|(row, _)| *row);
        page.insert(
            "data".to_owned(),
            Value::Array(items.into_iter().map(|(_, item)| item).collect()),
        );
        if let (Some(first), Some(last)) = (first, last) {
            let after = encode(last);
            let mut paging = json!({"cursors": {"before": encode(first), "after": after}});
            if has_next && let Some(paging) = paging.as_object_mut() {
                paging.insert("next".to_owned(), self.next_url(scope, path, &after).into());
            }
            page.insert("paging".to_owned(), paging);
        }
        Value::Object(page)
    }

    fn next_url(&self, scope: &Scope<'_>, path: &str, after: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("access_token", &scope.caller.token.token);
        for (name, value) in &self.repeat {
            query.append_pair(name, value);
        }
        query
            .append_pair("limit", &self.limit.to_string())
            .append_pair("after", after);
        format!("{}/{path}?{}", scope.root, query.finish())
    }
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
