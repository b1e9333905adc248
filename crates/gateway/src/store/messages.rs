//! What became of each owner's and person's message: the rows of `GET /api/v1/messages`.
//!
//! One row for each send, and one for each event that led to no send: every message ends visibly.

use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};
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

/// A statement over the columns that [`from_row`] reads; `$from` joins `events e` and `sends s`.
macro_rules! rows {
    ($from:literal) => {
        concat!(
            "SELECT e.id AS event_id, e.account, e.person, e.kind AS cause_kind, e.subject, e.said AS cause_text,
            e.own, e.state AS event_state, e.reason AS event_reason, e.occurred_at_ms,
            s.id AS send_id, s.state AS send_state, s.mid, s.reason AS send_reason, s.kind, s.said ",
            $from
        )
    };
}

/// Everything, in the order of events.
const ALL: &str = rows!(
    "FROM events e LEFT JOIN sends s ON s.event_id = e.id
        WHERE e.id > ?1 AND +e.state IN ('answered', 'forwarded', 'no_rule', 'parked', 'failed')
        ORDER BY e.id, s.id LIMIT ?2"
);

/// What an account's events came to.
const OF_ACCOUNT: &str = rows!(
    "FROM events e LEFT JOIN sends s ON s.event_id = e.id
        WHERE e.account = ?1 AND e.id > ?2 AND +e.state IN ('answered', 'forwarded', 'no_rule', 'parked', 'failed')
          AND (?3 IS NULL OR ifnull(s.state, e.state) = ?3)
        ORDER BY e.id, s.id LIMIT ?4"
);

/// Sends in a state.
const SENDS_IN_STATE: &str = rows!(
    "FROM sends s CROSS JOIN events e ON e.id = s.event_id
        WHERE s.state = ?1 AND s.event_id > ?2 AND (?3 IS NULL OR +e.account = ?3)
          AND +e.state IN ('answered', 'forwarded', 'no_rule', 'parked', 'failed')
        ORDER BY s.event_id, s.id LIMIT ?4"
);

/// Events in a state that led to no send. Most answered ones did; those that did not are
/// [`SILENT_EVENTS`].
const EVENTS_IN_STATE: &str = rows!(
    "FROM events e LEFT JOIN sends s ON s.event_id = e.id
        WHERE e.state = ?1 AND e.id > ?2 AND (?3 IS NULL OR +e.account = ?3) AND s.id IS NULL
        ORDER BY e.id LIMIT ?4"
);

/// Answered events whose automation had nothing to say.
const SILENT_EVENTS: &str = rows!(
    "FROM events e LEFT JOIN sends s ON s.event_id = e.id
        WHERE e.silent = 1 AND +e.state = ?1 AND e.id > ?2 AND (?3 IS NULL OR +e.account = ?3) AND s.id IS NULL
        ORDER BY e.id LIMIT ?4"
);

/// What one message or comment caused.
const CAUSED_BY: &str = rows!(
    "FROM events e LEFT JOIN sends s ON s.event_id = e.id
        WHERE e.account = ?1 AND e.subject = ?2 AND e.id > ?3
          AND (+e.state IN ('answered', 'forwarded', 'no_rule', 'parked', 'failed')
               OR (?4 = 'ours' AND +e.state = 'ours'))
          AND (?4 IS NULL OR ifnull(s.state, e.state) = ?4)
        ORDER BY e.id, s.id LIMIT ?5"
);

/// The newest events with what they came to.
const NEWEST: &str = rows!(
    "FROM events e LEFT JOIN sends s ON s.event_id = e.id
        WHERE +e.state IN ('answered', 'forwarded', 'no_rule', 'parked', 'failed')
        ORDER BY e.id DESC, s.id LIMIT ?1"
);

/// What one event came to.
const OF_EVENT: &str = rows!("FROM events e LEFT JOIN sends s ON s.event_id = e.id WHERE e.id = ?1 ORDER BY s.id");

/// Lists rows, oldest cause first. The rows of one event stand together.
pub fn list(connection: &Connection, filter: &Filter) -> Result<Vec<MessageRow>, StoreError> {
    let (after, limit) = (filter.after_event.unwrap_or(0), filter.limit);
    let found = match (&filter.account, &filter.cause_mid, filter.state.as_deref()) {
        (Some(account), Some(cause_mid), state) => {
            rows(connection, CAUSED_BY, params![account, cause_mid, after, state, limit])
        }
        // Most rows of an account are in these states, so its own events are the shorter way to them.
        (Some(account), None, None | Some("sent" | "no_rule" | "forwarded")) => {
            rows(connection, OF_ACCOUNT, params![account, after, filter.state, limit])
        }
        (account, _, Some(state)) => {
            let events_sql = if state == "answered" {
                SILENT_EVENTS
            } else {
                EVENTS_IN_STATE
            };
            let wanted = params![state, after, account, limit];
            let mut found = rows(connection, SENDS_IN_STATE, wanted)?;
            found.extend(rows(connection, events_sql, wanted)?);
            // Each part is in order, and an event stands in one of them only.
            found.sort_by_key(|row| row.event_id);
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            Ok(found)
        }
        (None, _, None) => rows(connection, ALL, params![after, limit]),
    }?;
    Ok(found.into_iter().map(|row| row.message).collect())
}

/// The rows of one event, and the JSON of its trace.
pub type FoundMessage = (Vec<MessageRow>, Option<String>);

/// The newest rows, newest cause first.
pub fn list_newest(connection: &Connection, limit: u32) -> Result<Vec<MessageRow>, StoreError> {
    let found = rows(connection, NEWEST, params![limit])?;
    Ok(found.into_iter().map(|row| row.message).collect())
}

/// Every row of the event that `id` (`e…` or `s…`) belongs to, with the JSON of its trace; `None`:
/// there is no such event.
pub fn find(connection: &Connection, id: &str) -> Result<Option<FoundMessage>, StoreError> {
    const EVENT_OF_SEND: &str = "SELECT event_id FROM sends WHERE id = ?1 AND event_id IS NOT NULL";
    const TRACE: &str = "SELECT trace FROM events WHERE id = ?1";
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
    let found = rows(connection, OF_EVENT, params![event_id])?;
    Ok(Some((found.into_iter().map(|row| row.message).collect(), trace)))
}

/// A row with the number of its event.
struct Numbered {
    event_id: i64,
    message: MessageRow,
}

fn rows(connection: &Connection, sql: &str, wanted: &[&dyn ToSql]) -> Result<Vec<Numbered>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map(wanted, |row| {
        Ok(Numbered {
            event_id: row.get("event_id")?,
            message: from_row(row)?,
        })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema::MIGRATIONS;

    fn migrated() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        for migration in MIGRATIONS {
            connection.execute_batch(migration.sql).unwrap();
        }
        connection
    }

    fn plan(connection: &Connection, sql: &str) -> Vec<String> {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let nothing = vec![rusqlite::types::Null; statement.parameter_count()];
        let steps = statement.query_map(rusqlite::params_from_iter(nothing), |row| row.get("detail"));
        steps.unwrap().collect::<rusqlite::Result<_>>().unwrap()
    }

    /// Whether a step walks a table or sorts more than the rows of one event.
    fn is_long(step: &str) -> bool {
        step.starts_with("SCAN") || step.contains("AUTOMATIC") || step.contains("TEMP B-TREE FOR ORDER BY")
    }

    #[test]
    fn a_page_begins_where_the_one_before_ended_however_long_the_history_is() {
        let connection = migrated();
        for (name, sql, index) in [
            ("all", ALL, "INTEGER PRIMARY KEY (rowid>?)"),
            ("of account", OF_ACCOUNT, "events_by_account (account=? AND id>?)"),
            (
                "sends in state",
                SENDS_IN_STATE,
                "sends_by_state (state=? AND event_id>?)",
            ),
            ("events in state", EVENTS_IN_STATE, "events_by_state (state=? AND id>?)"),
            ("silent events", SILENT_EVENTS, "events_silent (id>?)"),
            ("caused by", CAUSED_BY, "events_by_subject (account=? AND subject=?"),
        ] {
            let steps = plan(&connection, sql);
            assert!(steps.iter().any(|step| step.contains(index)), "{name}: {steps:?}");
            assert!(!steps.iter().any(|step| is_long(step)), "{name}: {steps:?}");
        }
    }

    #[test]
    fn the_check_for_long_walks_can_fail() {
        let connection = migrated();
        let steps = plan(
            &connection,
            "SELECT id FROM events WHERE said = ?1 ORDER BY decided_at_ms",
        );
        assert_eq!(steps.iter().filter(|step| is_long(step)).count(), 2, "{steps:?}");
    }

    /// Events 1 to 4 and their sends: two of the first, none of the second, one of each other.
    fn history() -> Connection {
        let connection = migrated();
        for (id, account, state, silent) in [
            (1, "17", "answered", 0),
            (2, "17", "answered", 1),
            (3, "18", "answered", 0),
            (4, "17", "parked", 0),
            (5, "17", "ours", 0),
        ] {
            let sql = "INSERT INTO events (id, delivery_id, position, account, kind, own, occurred_at_ms, state,
                decided_at_ms, silent) VALUES (?1, 1, ?1, ?2, 'message', 0, 0, ?3, 0, ?4)";
            connection.execute(sql, params![id, account, state, silent]).unwrap();
        }
        for (id, event, account, state) in [(1, 1, "17", "sent"), (2, 1, "17", "parked"), (3, 3, "18", "sent")] {
            let sql = "INSERT INTO sends (id, event_id, step_index, account, person, lane, own, kind, step, state,
                created_at_ms) VALUES (?1, ?2, ?1, ?3, '9', 'x', 0, 'text', '{}', ?4, 0)";
            connection.execute(sql, params![id, event, account, state]).unwrap();
        }
        connection
    }

    fn listed(state: Option<&str>, account: Option<&str>, after: i64, limit: u32) -> Vec<String> {
        let filter = Filter {
            state: state.map(str::to_owned),
            account: account.map(str::to_owned),
            cause_mid: None,
            after_event: Some(after),
            limit,
        };
        let rows = list(&history(), &filter).unwrap();
        rows.into_iter().map(|row| row.id).collect()
    }

    #[test]
    fn rows_are_listed_by_state_and_account_in_the_order_of_their_events() {
        for (state, account, after, limit, expected) in [
            (None, None, 0, 9, &["s1", "s2", "e2", "s3", "e4"][..]),
            (None, None, 1, 2, &["e2", "s3"]),
            (None, Some("17"), 0, 9, &["s1", "s2", "e2", "e4"]),
            (Some("sent"), None, 0, 9, &["s1", "s3"]),
            (Some("sent"), Some("18"), 0, 9, &["s3"]),
            (Some("parked"), None, 0, 9, &["s2", "e4"]),
            (Some("parked"), None, 1, 9, &["e4"]),
            (Some("parked"), Some("18"), 0, 9, &[]),
            (Some("parked"), None, 0, 1, &["s2"]),
            (Some("answered"), None, 0, 9, &["e2"]),
            (Some("answered"), Some("18"), 0, 9, &[]),
            (Some("ours"), None, 0, 9, &["e5"]),
            (Some("nonsense"), None, 0, 9, &[]),
        ] {
            assert_eq!(
                listed(state, account, after, limit),
                expected,
                "{state:?} {account:?} {after}"
            );
        }
    }
}
