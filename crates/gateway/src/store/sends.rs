//! The record of everything we say: the ledger's rows.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use selfsame_queue::JobId;
use selfsame_runtime::db::Tx;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::ids::{IgScopedId, IgUserId};

use super::StoreError;
use crate::inbox::recognise::{Call, CallWindow, Candidate, Said};
use crate::outbox::limits::CALL_TIMEOUT_MS;
use crate::outbox::pace::Class;
use crate::outbox::state::SendState;

/// Sends of one place that an echo is compared with; more can only pile up when nothing is ever settled.
const MOST_CANDIDATES: u32 = 500;

/// A send about to be recorded.
#[derive(Debug, Clone)]
pub struct NewSend<'a> {
    /// The event it answers.
    pub event_id: i64,
    /// Its place in the decision.
    pub step_index: i64,
    /// The send that it repeats, when somebody asked for it to be sent again.
    pub again_of: Option<i64>,
    /// Who says it.
    pub account: &'a IgUserId,
    /// To whom.
    pub person: &'a IgScopedId,
    /// The lane it is ordered in.
    pub lane: &'a str,
    /// Where its echo shows up; none for steps without one.
    pub place: Option<&'a str>,
    /// Whether it goes to the owner herself.
    pub own: bool,
    /// The media a public reply stands under, where known.
    pub media: Option<&'a str>,
    /// What it says.
    pub said: Option<&'a Said>,
    /// `typing`, `react`, … for steps that say nothing.
    pub kind: &'a str,
    /// JSON of the planned step.
    pub step: &'a str,
    /// Process time in milliseconds.
    pub created_at_ms: i64,
}

/// A send.
#[derive(Debug, Clone)]
pub struct SendRow {
    /// Its number.
    pub id: i64,
    /// The event it answers.
    pub event_id: Option<i64>,
    /// Its place in the decision.
    pub step_index: i64,
    /// Who says it.
    pub account: IgUserId,
    /// To whom.
    pub person: IgScopedId,
    /// The lane it is ordered in.
    pub lane: String,
    /// Where its echo shows up.
    pub place: Option<String>,
    /// Whether it goes to the owner herself.
    pub own: bool,
    /// The media a public reply stands under.
    pub media: Option<String>,
    /// What kind of thing it is.
    pub kind: String,
    /// What it says; see [`said`].
    pub said: Option<String>,
    /// JSON of the planned step.
    pub step: String,
    /// Where it stands.
    pub state: SendState,
    /// The message or comment it became.
    pub mid: Option<String>,
    /// Whom it reached, where Instagram told it to somebody who waits.
    pub recipient: Option<String>,
    /// Calls made so far, those not counted that Instagram refused because there were too many.
    pub attempts: u32,
    /// When it was recorded, process time.
    pub created_at_ms: i64,
    /// Its job, while it has a place in the lane.
    pub job_id: Option<JobId>,
    /// When its call began, process time.
    pub call_started_at_ms: Option<i64>,
    /// When its call began, world time.
    pub call_started_world_ms: Option<i64>,
    /// When its call ended or can have ended at the latest, world time.
    pub call_ended_world_ms: Option<i64>,
    /// When its call ended, process time.
    pub call_ended_at_ms: Option<i64>,
    /// Instagram's clock minus ours when its call began.
    pub call_skew_ms: Option<i64>,
    /// Until when (process time) whoever asked for it waits for its call to begin.
    pub call_before_ms: Option<i64>,
    /// Instagram's refusal, for whoever waits: see [`refusal`].
    pub refusal: Option<String>,
    /// Why it stands where it stands, for people.
    pub reason: Option<String>,
}

/// A static statement that reads whole rows.
macro_rules! select_sends {
    ($rest:literal) => {
        concat!(
            "SELECT id, event_id, step_index, account, person, lane, place, own, media, kind, said, step, state,
                mid, recipient, attempts, created_at_ms, job_id, call_started_at_ms, call_started_world_ms, call_ended_world_ms,
                call_ended_at_ms, call_skew_ms, call_before_ms, refusal, reason FROM sends ",
            $rest
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<SendRow> {
    let state: String = row.get("state")?;
    Ok(SendRow {
        id: row.get("id")?,
        event_id: row.get("event_id")?,
        step_index: row.get("step_index")?,
        account: IgUserId::new(row.get::<_, String>("account")?),
        person: IgScopedId::new(row.get::<_, String>("person")?),
        lane: row.get("lane")?,
        place: row.get("place")?,
        own: row.get("own")?,
        media: row.get("media")?,
        kind: row.get("kind")?,
        said: row.get("said")?,
        step: row.get("step")?,
        // A state of a newer program would have been refused with its schema; unsettled is the safe reading.
        state: SendState::from_name(&state).unwrap_or(SendState::Parked),
        mid: row.get("mid")?,
        recipient: row.get("recipient")?,
        attempts: row.get("attempts")?,
        created_at_ms: row.get("created_at_ms")?,
        job_id: row.get("job_id")?,
        call_started_at_ms: row.get("call_started_at_ms")?,
        call_started_world_ms: row.get("call_started_world_ms")?,
        call_ended_world_ms: row.get("call_ended_world_ms")?,
        call_ended_at_ms: row.get("call_ended_at_ms")?,
        call_skew_ms: row.get("call_skew_ms")?,
        call_before_ms: row.get("call_before_ms")?,
        refusal: row.get("refusal")?,
        reason: row.get("reason")?,
    })
}

/// What a stored kind and text say.
pub fn said(kind: &str, text: Option<&str>) -> Said {
    let text = text.map(str::to_owned);
    match kind {
        "text" => text.map_or(Said::Nothing, Said::Text),
        "template" => Said::Template { text },
        "attachment" => text.map_or(Said::Nothing, |kind| Said::Attachment { kind }),
        _ => Said::Nothing,
    }
}

/// Records a send that is ready to be made.
pub fn insert(tx: &Tx<'_>, send: &NewSend<'_>) -> Result<i64, StoreError> {
    const SQL: &str = "INSERT INTO sends (event_id, step_index, again_of, account, person, lane, place, own, media,
        kind, said, step, state, created_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'ready', ?13)";
    let (kind, said) = match send.said {
        Some(Said::Text(text)) => ("text", Some(text.as_str())),
        Some(Said::Template { text }) => ("template", text.as_deref()),
        Some(Said::Attachment { kind }) => ("attachment", Some(kind.as_str())),
        Some(Said::Nothing) | None => (send.kind, None),
    };
    tx.prepare_cached(SQL)?.execute(params![
        send.event_id,
        send.step_index,
        send.again_of,
        send.account.as_str(),
        send.person.as_str(),
        send.lane,
        send.place,
        send.own,
        send.media,
        kind,
        said,
        send.step,
        send.created_at_ms,
    ])?;
    Ok(tx.last_insert_rowid())
}

/// Says until when (process time) whoever asked for a send waits for its call to begin.
pub fn set_call_before(tx: &Tx<'_>, id: i64, call_before_ms: i64) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE sends SET call_before_ms = ?2 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![id, call_before_ms])?;
    Ok(())
}

/// Keeps Instagram's refusal of a send that somebody waits for.
pub fn keep_refusal(tx: &Tx<'_>, id: i64, error: &GraphError) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE sends SET refusal = ?2 WHERE id = ?1";
    let refusal = serde_json::json!({"status": error.http_status, "body": error.to_body()});
    tx.prepare_cached(SQL)?.execute(params![id, refusal.to_string()])?;
    Ok(())
}

/// Keeps whom a send reached that somebody waits for.
pub fn keep_recipient(tx: &Tx<'_>, id: i64, recipient: &str) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE sends SET recipient = ?2 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![id, recipient])?;
    Ok(())
}

/// The last call was refused because there were too many: it does not count as a try.
pub fn uncount_call(tx: &Tx<'_>, id: i64) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE sends SET attempts = max(attempts - 1, 0) WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute([id])?;
    Ok(())
}

/// Reads a kept refusal.
pub fn refusal(kept: &str) -> Option<GraphError> {
    let kept: serde_json::Value = serde_json::from_str(kept).ok()?;
    let status = u16::try_from(kept.get("status")?.as_u64()?).ok()?;
    GraphError::parse(kept.get("body")?.to_string().as_bytes(), status)
}

/// The sends that a request became, in order.
pub fn list_of_event(connection: &Connection, event_id: i64) -> Result<Vec<SendRow>, StoreError> {
    const SQL: &str = select_sends!("WHERE event_id = ?1 AND again_of IS NULL ORDER BY step_index");
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([event_id], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Ties a send to its place in the lane.
pub fn set_job(tx: &Tx<'_>, id: i64, job_id: Option<JobId>) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE sends SET job_id = ?2 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![id, job_id])?;
    Ok(())
}

/// One send.
pub fn find(connection: &Connection, id: i64) -> Result<Option<SendRow>, StoreError> {
    const SQL: &str = select_sends!("WHERE id = ?1");
    Ok(connection.prepare_cached(SQL)?.query_row([id], from_row).optional()?)
}

/// The send that a job stands for.
pub fn find_by_job(connection: &Connection, job_id: JobId) -> Result<Option<SendRow>, StoreError> {
    const SQL: &str = select_sends!("WHERE job_id = ?1");
    Ok(connection
        .prepare_cached(SQL)?
        .query_row([job_id], from_row)
        .optional()?)
}

/// The clocks at the beginning of a call.
#[derive(Debug, Clone, Copy)]
pub struct CallStart {
    /// Process time in milliseconds.
    pub started_at_ms: i64,
    /// When the lease ends, process time in milliseconds.
    pub deadline_ms: i64,
    /// World time in milliseconds.
    pub started_world_ms: i64,
    /// Instagram's clock minus ours, milliseconds.
    pub skew_ms: Option<i64>,
    /// Which rate limit it counts for.
    pub class: Class,
}

/// A call begins. The commit that contains this is durable, and comes before the call.
pub fn begin_call(tx: &Tx<'_>, id: i64, start: CallStart) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE sends SET state = 'calling', attempts = attempts + 1, reason = NULL,
        call_started_at_ms = ?2, call_deadline_ms = ?3, call_started_world_ms = ?4, call_skew_ms = ?5,
        call_ended_at_ms = NULL, call_ended_world_ms = NULL, rate_class = ?6 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![
        id,
        start.started_at_ms,
        start.deadline_ms,
        start.started_world_ms,
        start.skew_ms,
        start.class.as_str(),
    ])?;
    Ok(())
}

/// The calls that still count for a rate limit: whose, which, and when they began (process time).
pub fn list_counting(
    connection: &Connection,
    second_ago_ms: i64,
    hour_ago_ms: i64,
    limit: u32,
) -> Result<Vec<(IgUserId, Class, i64)>, StoreError> {
    // By the second: only the newest rows can be so young.
    const NEWEST: &str = "SELECT account, rate_class, call_started_at_ms FROM
        (SELECT * FROM sends ORDER BY id DESC LIMIT ?2)
        WHERE call_started_at_ms > ?1 AND rate_class IS NOT NULL AND rate_class <> 'private_reply'";
    const BY_THE_HOUR: &str = "SELECT account, rate_class, call_started_at_ms FROM sends
        WHERE rate_class = 'private_reply' AND call_started_at_ms > ?1 LIMIT ?2";
    let mut counting = Vec::new();
    for (sql, since_ms) in [(NEWEST, second_ago_ms), (BY_THE_HOUR, hour_ago_ms)] {
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![since_ms, limit], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?))
        })?;
        for row in rows {
            let (account, class, began_ms) = row?;
            if let Some(class) = Class::from_name(&class) {
                counting.push((IgUserId::new(account), class, began_ms));
            }
        }
    }
    Ok(counting)
}

/// The clocks at the end of a call, or at the latest moment it can have ended.
#[derive(Debug, Clone, Copy)]
pub struct CallEnd {
    /// Process time in milliseconds.
    pub ended_at_ms: i64,
    /// World time in milliseconds.
    pub ended_world_ms: i64,
}

/// The call ended, and the send goes to `state`. `mid` is set when Instagram told it.
pub fn end_call(
    tx: &Tx<'_>,
    id: i64,
    state: SendState,
    mid: Option<&str>,
    reason: Option<&str>,
    end: CallEnd,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE sends SET state = ?2, mid = coalesce(?3, mid), reason = ?4,
        call_ended_at_ms = ?5, call_ended_world_ms = ?6 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![
        id,
        state.as_str(),
        mid,
        reason,
        end.ended_at_ms,
        end.ended_world_ms,
    ])?;
    Ok(())
}

/// Moves a send to another state, with the reason for people.
pub fn set_state(tx: &Tx<'_>, id: i64, state: SendState, reason: Option<&str>) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE sends SET state = ?2, reason = ?3 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![id, state.as_str(), reason])?;
    Ok(())
}

/// Something other than the call's answer told that the send was accepted, and under which mid.
pub fn settle(tx: &Tx<'_>, id: i64, mid: Option<&str>, echo_seen: bool, reason: &str) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE sends SET state = 'sent', mid = coalesce(?2, mid), echo_seen = max(echo_seen, ?3),
        reason = ?4, next_check_at_ms = NULL WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![id, mid, echo_seen, reason])?;
    Ok(())
}

/// The echo of a send was seen.
pub fn see_echo(tx: &Tx<'_>, id: i64) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE sends SET echo_seen = 1 WHERE id = ?1 AND echo_seen = 0";
    tx.prepare_cached(SQL)?.execute([id])?;
    Ok(())
}

/// The send that became this message or comment. Asked for every echo.
pub fn find_by_mid(connection: &Connection, account: &IgUserId, mid: &str) -> Result<Option<i64>, StoreError> {
    const SQL: &str = "SELECT id FROM sends WHERE account = ?1 AND mid = ?2 LIMIT 1";
    Ok(connection
        .prepare_cached(SQL)?
        .query_row(params![account.as_str(), mid], |row| row.get(0))
        .optional()?)
}

/// An answered send whose echo is still to come, with the mid it was answered with.
#[derive(Debug, Clone)]
pub struct Answered {
    /// As a candidate; what is known of other echoes is not known here and false.
    pub candidate: Candidate,
    /// The mid it was answered with.
    pub mid: Option<String>,
}

/// The sends of a place whose fate an echo may tell: called just now, in doubt, or parked.
pub fn list_unsettled(connection: &Connection, place: &str) -> Result<Vec<Candidate>, StoreError> {
    const SQL: &str = "SELECT id, kind, said, media, state, call_started_at_ms, call_deadline_ms,
        call_started_world_ms, call_ended_world_ms, call_skew_ms FROM sends
        WHERE place = ?1 AND state IN ('calling', 'in_doubt', 'parked', 'sent_again') ORDER BY id DESC LIMIT ?2";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![place, MOST_CANDIDATES], |row| {
        let state: String = row.get("state")?;
        let call = if state == SendState::Calling.as_str() {
            Call::Running {
                started_at_ms: row.get("call_started_at_ms")?,
                deadline_ms: row.get("call_deadline_ms")?,
            }
        } else {
            Call::InDoubt
        };
        candidate(row, call)
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Answered sends of a place without an echo yet, whose call touches the given stretch of world time.
pub fn list_without_echo(
    connection: &Connection,
    place: &str,
    from_world_ms: i64,
    until_world_ms: i64,
) -> Result<Vec<Answered>, StoreError> {
    const SQL: &str = "SELECT id, kind, said, media, mid, call_ended_at_ms, call_deadline_ms,
        call_started_world_ms, call_ended_world_ms, call_skew_ms FROM sends
        WHERE place = ?1 AND state = 'sent' AND echo_seen = 0 AND call_started_world_ms BETWEEN ?2 AND ?3
        ORDER BY call_started_world_ms DESC LIMIT ?4";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![place, from_world_ms, until_world_ms, MOST_CANDIDATES], |row| {
        let ended_at_ms: Option<i64> = row.get("call_ended_at_ms")?;
        let call = Call::Answered {
            ended_at_ms: ended_at_ms.unwrap_or(0),
            own_echo_waits: false,
            sends_have_no_echo: false,
        };
        Ok(Answered {
            candidate: candidate(row, call)?,
            mid: row.get("mid")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// When the call of the oldest send of the place ended that was answered and never echoed, process time in
/// milliseconds; none: there is none.
pub fn oldest_without_echo_ms(connection: &Connection, place: &str) -> Result<Option<i64>, StoreError> {
    const SQL: &str = "SELECT call_ended_at_ms FROM sends
        WHERE place = ?1 AND state = 'sent' AND echo_seen = 0 ORDER BY call_started_world_ms LIMIT 1";
    let found = connection.prepare_cached(SQL)?.query_row([place], |row| row.get(0));
    Ok(found.optional()?.flatten())
}

fn candidate(row: &Row<'_>, call: Call) -> rusqlite::Result<Candidate> {
    let kind: String = row.get("kind")?;
    let text: Option<String> = row.get("said")?;
    let started_ms: Option<i64> = row.get("call_started_world_ms")?;
    let ended_ms: Option<i64> = row.get("call_ended_world_ms")?;
    let started_ms = started_ms.unwrap_or(0);
    let window = CallWindow {
        started_ms,
        // A call without an end has outlived its lease; the lease bounds it.
        ended_ms: ended_ms.unwrap_or_else(|| started_ms.saturating_add(CALL_TIMEOUT_MS)),
        skew_ms: row.get("call_skew_ms")?,
    };
    Ok(Candidate {
        send_id: row.get("id")?,
        said: said(&kind, text.as_deref()),
        media: row.get("media")?,
        window,
        call,
    })
}

/// Sends in doubt since before `before_ms` (process time): they have blocked their lanes long enough.
pub fn list_overdue_doubts(connection: &Connection, before_ms: i64, limit: u32) -> Result<Vec<SendRow>, StoreError> {
    const SQL: &str =
        select_sends!("WHERE state = 'in_doubt' AND ifnull(call_ended_at_ms, 0) <= ?1 ORDER BY id LIMIT ?2");
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![before_ms, limit], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// When the oldest send in doubt will have blocked its lane for long enough, less the wait; process time.
pub fn oldest_doubt_ms(connection: &Connection) -> Result<Option<i64>, StoreError> {
    const SQL: &str = "SELECT min(ifnull(call_ended_at_ms, 0)) FROM sends WHERE state = 'in_doubt'";
    Ok(connection.prepare_cached(SQL)?.query_row([], |row| row.get(0))?)
}

/// Unsettled sends that are to be looked for on Instagram at `now_ms` (process time).
pub fn list_to_check(connection: &Connection, now_ms: i64, limit: u32) -> Result<Vec<SendRow>, StoreError> {
    const SQL: &str = select_sends!(
        "WHERE state IN ('in_doubt', 'parked', 'sent_again') AND next_check_at_ms <= ?1 ORDER BY id LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![now_ms, limit], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Says when to look for a send on Instagram again; none: never.
pub fn set_next_check(tx: &Tx<'_>, id: i64, at_ms: Option<i64>) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE sends SET next_check_at_ms = ?2 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![id, at_ms])?;
    Ok(())
}

/// Sends that answer an event and were not called yet.
pub fn list_ready_of_event(connection: &Connection, event_id: i64) -> Result<Vec<SendRow>, StoreError> {
    const SQL: &str = select_sends!("WHERE event_id = ?1 AND state = 'ready' ORDER BY id");
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([event_id], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many sends are in a state.
pub fn count(connection: &Connection, state: SendState) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT count(*) FROM sends WHERE state = ?1";
    Ok(connection
        .prepare_cached(SQL)?
        .query_row([state.as_str()], |row| row.get(0))?)
}
