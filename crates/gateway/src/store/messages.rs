//! What became of each owner's and person's message: the rows of `GET /api/v1/messages`.
//!
//! One row for each send, and one for each event that led to no send: every message ends visibly.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;

use super::StoreError;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MessageRow {
    /// `s…` for a send, `e…` for an event without one.
    pub id: String,
    /// Instagram user id of the account.
    pub account: Option<String>,
    /// Scoped id of the person.
    pub person: Option<String>,
    /// For sends: `ready`, `calling`, `sent`, `in_doubt`, `parked`, `failed`, `cancelled`, `sent_again`;
    /// for events: `answered` (an automation ran and had nothing to say), `forwarded` (to your own
    /// engine), `no_rule`, `parked`, `failed`.
    pub state: String,
    /// The message or comment that a send became.
    pub mid: Option<String>,
    /// The event that caused it, `e…`.
    pub cause_event: Option<String>,
    /// The mid or comment id of that event.
    pub cause_mid: Option<String>,
    /// `message`, `postback`, `comment`, …: what the person did.
    pub cause_kind: Option<String>,
    /// What she wrote or tapped.
    pub cause_text: Option<String>,
    /// `text`, `template`, `attachment`, `typing`, `react`; none for an event without a send.
    pub kind: Option<String>,
    /// What was said.
    pub text: Option<String>,
    /// Whether the owner herself is answered.
    pub own: bool,
    /// Why it is so, for people.
    pub reason: Option<String>,
    /// World time in milliseconds at which the cause happened.
    pub occurred_at_ms: i64,
}

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this state. `ours` lists what is otherwise left out: events taken for echoes of ours by
    /// what they say.
    pub state: Option<String>,
    /// Only this account, by Instagram user id.
    pub account: Option<String>,
    /// Only what this message or comment caused; costs no scan together with an account.
    pub cause_mid: Option<String>,
    /// Only rows after this event number and send number, see [`MessageRow::id`].
    pub after_event: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// Lists rows, oldest cause first. The rows of one event stand together.
pub fn list(connection: &Connection, filter: &Filter) -> Result<Vec<MessageRow>, StoreError> {
    const SQL: &str =
        "SELECT e.id AS event_id, e.account, e.person, e.kind AS cause_kind, e.subject, e.said AS cause_text,
            e.own, e.state AS event_state, e.reason AS event_reason, e.occurred_at_ms,
            s.id AS send_id, s.state AS send_state, s.mid, s.reason AS send_reason, s.kind, s.said
        FROM events e LEFT JOIN sends s ON s.event_id = e.id
        WHERE e.id > ?1
          AND (e.state IN ('answered', 'forwarded', 'no_rule', 'parked', 'failed') OR (?3 = 'ours' AND e.state = 'ours'))
          AND (?2 IS NULL OR e.account = ?2)
          AND (?3 IS NULL OR ifnull(s.state, e.state) = ?3)
        ORDER BY e.id, s.id LIMIT ?4";
    if let (Some(account), Some(cause_mid)) = (&filter.account, &filter.cause_mid) {
        return list_caused_by(connection, account, cause_mid, filter);
    }
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(
        params![
            filter.after_event.unwrap_or(0),
            filter.account,
            filter.state,
            filter.limit
        ],
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What one message or comment caused, found by its index.
fn list_caused_by(
    connection: &Connection,
    account: &str,
    cause_mid: &str,
    filter: &Filter,
) -> Result<Vec<MessageRow>, StoreError> {
    const SQL: &str =
        "SELECT e.id AS event_id, e.account, e.person, e.kind AS cause_kind, e.subject, e.said AS cause_text,
            e.own, e.state AS event_state, e.reason AS event_reason, e.occurred_at_ms,
            s.id AS send_id, s.state AS send_state, s.mid, s.reason AS send_reason, s.kind, s.said
        FROM events e LEFT JOIN sends s ON s.event_id = e.id
        WHERE e.account = ?1 AND e.subject = ?2 AND e.id > ?3
          AND (e.state IN ('answered', 'no_rule', 'parked', 'failed') OR (?4 = 'ours' AND e.state = 'ours'))
          AND (?4 IS NULL OR ifnull(s.state, e.state) = ?4)
        ORDER BY e.id, s.id LIMIT ?5";
    let mut statement = connection.prepare_cached(SQL)?;
    let after = filter.after_event.unwrap_or(0);
    let rows = statement.query_map(params![account, cause_mid, after, filter.state, filter.limit], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The rows of one event, and the JSON of its trace.
pub type FoundMessage = (Vec<MessageRow>, Option<String>);

/// The newest rows, newest cause first.
pub fn list_newest(connection: &Connection, limit: u32) -> Result<Vec<MessageRow>, StoreError> {
    const SQL: &str =
        "SELECT e.id AS event_id, e.account, e.person, e.kind AS cause_kind, e.subject, e.said AS cause_text,
            e.own, e.state AS event_state, e.reason AS event_reason, e.occurred_at_ms,
            s.id AS send_id, s.state AS send_state, s.mid, s.reason AS send_reason, s.kind, s.said
        FROM events e LEFT JOIN sends s ON s.event_id = e.id
        WHERE e.state IN ('answered', 'forwarded', 'no_rule', 'parked', 'failed')
        ORDER BY e.id DESC, s.id LIMIT ?1";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([limit], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every row of the event that `id` (`e…` or `s…`) belongs to, with the JSON of its trace; `None`:
/// there is no such event.
pub fn find(connection: &Connection, id: &str) -> Result<Option<FoundMessage>, StoreError> {
    const EVENT_OF_SEND: &str = "SELECT event_id FROM sends WHERE id = ?1 AND event_id IS NOT NULL";
    const TRACE: &str = "SELECT trace FROM events WHERE id = ?1";
    const ROWS: &str =
        "SELECT e.id AS event_id, e.account, e.person, e.kind AS cause_kind, e.subject, e.said AS cause_text,
            e.own, e.state AS event_state, e.reason AS event_reason, e.occurred_at_ms,
            s.id AS send_id, s.state AS send_state, s.mid, s.reason AS send_reason, s.kind, s.said
        FROM events e LEFT JOIN sends s ON s.event_id = e.id WHERE e.id = ?1 ORDER BY s.id";
    let number = |digits: &str| digits.parse::<i64>().ok();
    let event_id = match id.split_at_checked(1) {
        Some(("e", digits)) => number(digits),
        Some(("s", digits)) => match number(digits) {
            Some(send) => connection
                .prepare_cached(EVENT_OF_SEND)?
                .query_row([send], |row| row.get(0))
                .optional()?,
            None => None,
        },
        _ => None,
    };
    let Some(event_id) = event_id else { return Ok(None) };
    let trace: Option<Option<String>> = connection
        .prepare_cached(TRACE)?
        .query_row([event_id], |row| row.get(0))
        .optional()?;
    let Some(trace) = trace else { return Ok(None) };
    let mut statement = connection.prepare_cached(ROWS)?;
    let rows = statement
        .query_map([event_id], from_row)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some((rows, trace)))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    let event_id: i64 = row.get("event_id")?;
    let send_id: Option<i64> = row.get("send_id")?;
    let send_state: Option<String> = row.get("send_state")?;
    let event_state: String = row.get("event_state")?;
    let (send_reason, event_reason): (Option<String>, Option<String>) =
        (row.get("send_reason")?, row.get("event_reason")?);
    Ok(MessageRow {
        id: send_id.map_or_else(|| format!("e{event_id}"), |id| format!("s{id}")),
        account: row.get("account")?,
        person: row.get("person")?,
        state: send_state.unwrap_or(event_state),
        mid: row.get("mid")?,
        cause_event: Some(format!("e{event_id}")),
        cause_mid: row.get("subject")?,
        cause_kind: row.get("cause_kind")?,
        cause_text: row.get("cause_text")?,
        kind: row.get("kind")?,
        text: row.get("said")?,
        own: row.get("own")?,
        reason: if send_id.is_some() { send_reason } else { event_reason },
        occurred_at_ms: row.get("occurred_at_ms")?,
    })
}
