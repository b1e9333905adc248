//! `GET /api/v1/messages` — what became of each message, oldest first.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::App;
use crate::http::api::accounts::find_account;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::request::ApiQuery;
use crate::outbox::state::{EventState, SendState};
use crate::store::messages::{self, Filter, MessageRow};

/// Rows of a page unless told otherwise.
const LIMIT: u32 = 1000;
/// Rows of a page at most.
const LIMIT_MAX: u32 = 10_000;

/// What to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Only this state; `dead` means `failed`.
    state: Option<String>,
    /// Only this account: a username or any id of it.
    account: Option<String>,
    /// Only what this message or comment caused; `account` must be given too.
    cause_mid: Option<String>,
    /// Only what was caused later than this event (`next` of the page before).
    after: Option<String>,
    /// Rows of a page, 1000 unless told, at most 10000. All rows of one event stand on one page.
    limit: Option<u32>,
}

/// A page of rows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessagePage {
    /// The rows, oldest cause first.
    data: Vec<MessageRow>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What became of each message.
#[utoipa::path(get, path = "/api/v1/messages", params(ListQuery),
    responses((status = 200, body = MessagePage), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn list_messages(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<MessagePage>, ApiError> {
    let limit = query.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX);
    let after_event = query.after.as_deref().map(event_number).transpose()?;
    if query.cause_mid.is_some() && query.account.is_none() {
        let message = "`cause_mid` needs `account`: ids of messages are looked up per account".to_owned();
        return Err(ApiError::bad_request("invalid_query", message, Some("account")));
    }
    let state = query.state.map(as_listed);
    if let Some(state) = state.as_deref().filter(|state| !is_state(state)) {
        let message = format!("no message is ever in the state {state:?}: see docs/ledger.md for those there are");
        return Err(ApiError::bad_request("invalid_query", message, Some("state")));
    }
    let account = match &query.account {
        Some(name) => Some(find_account(&app, name).await?.ig_id.into_string()),
        None => None,
    };
    let filter = Filter {
        state,
        account,
        cause_mid: query.cause_mid,
        after_event,
        limit: limit + 1,
    };
    let mut data = app
        .database
        .read(move |connection| messages::list(connection, &filter))
        .await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let next = if data.len() > limit {
        keep_whole_events(&mut data, limit)
    } else {
        None
    };
    Ok(Json(MessagePage { data, next }))
}

/// The state by which rows are listed: `GET /api/v1/status` counts as `dead` what has failed.
fn as_listed(state: String) -> String {
    if state == "dead" {
        EventState::Failed.as_str().to_owned()
    } else {
        state
    }
}

/// Whether rows of the list can be in that state; what `GET /api/v1/status` counts under other names is no mistake either.
fn is_state(name: &str) -> bool {
    let of_events = [
        EventState::Answered,
        EventState::Forwarded,
        EventState::NoRule,
        EventState::Parked,
        EventState::Failed,
        EventState::Ours,
    ];
    name == "leased" || SendState::from_name(name).is_some() || of_events.iter().any(|state| state.as_str() == name)
}

/// Cuts the page where an event ends, and answers the last event that stands on it. An event that
/// alone fills a page is cut: its further rows are on nobody's next page, but in its own view.
fn keep_whole_events(data: &mut Vec<MessageRow>, limit: usize) -> Option<String> {
    let cut_event = data.get(limit)?.cause_event.clone();
    let whole = data
        .iter()
        .position(|row| row.cause_event == cut_event)
        .unwrap_or(limit);
    data.truncate(if whole > 0 { whole } else { limit });
    data.last()?.cause_event.clone()
}

fn event_number(after: &str) -> Result<i64, ApiError> {
    after
        .strip_prefix('e')
        .unwrap_or(after)
        .parse()
        .map_err(|_not_a_number| {
            ApiError::bad_request(
                "invalid_query",
                format!("`after` is the `next` of an earlier page, such as e12, not {after:?}"),
                Some("after"),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_that_the_status_counts_can_be_listed() {
        for state in ["ready", "leased", "calling", "in_doubt", "parked", "dead"] {
            assert!(is_state(&as_listed(state.to_owned())), "{state}");
        }
        assert_eq!(as_listed("dead".to_owned()), SendState::Failed.as_str());
    }

    fn row(event: i64, send: i64) -> MessageRow {
        MessageRow {
            id: format!("s{send}"),
            account: None,
            person: None,
            state: "sent".to_owned(),
            mid: None,
            cause_event: Some(format!("e{event}")),
            cause_mid: None,
            cause_kind: None,
            cause_text: None,
            kind: None,
            text: None,
            own: true,
            reason: None,
            occurred_at_ms: 0,
        }
    }

    #[test]
    fn a_page_ends_where_an_event_ends() {
        let mut data = vec![row(1, 1), row(1, 2), row(2, 3), row(2, 4), row(2, 5)];
        assert_eq!(keep_whole_events(&mut data, 4).as_deref(), Some("e1"));
        assert_eq!(data.len(), 2);
    }

    #[test]
    fn an_event_larger_than_a_page_does_not_stop_the_listing() {
        let mut data = vec![row(1, 1), row(1, 2), row(1, 3)];
        assert_eq!(keep_whole_events(&mut data, 2).as_deref(), Some("e1"));
        assert_eq!(data.len(), 2);
    }
}
