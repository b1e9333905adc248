//! Previews, and the events that belong to them.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::IgUserId;

use super::StoreError;

/// Rows of one preview's conversation that are read; a preview is a short talk.
const MOST_ROWS: u32 = 500;

/// Whether a preview is made up or happens in the owner's own thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PreviewMode {
    /// The engine alone; nothing is sent.
    Simulate,
    /// The answers go to the owner's own thread.
    Send,
}

impl PreviewMode {
    /// The name it is stored by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Simulate => "simulate",
            Self::Send => "send",
        }
    }

    fn from_name(name: &str) -> Self {
        if name == "send" { Self::Send } else { Self::Simulate }
    }
}

/// A preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewRow {
    /// Its name.
    pub id: String,
    /// Whose.
    pub account: IgUserId,
    /// Made up, or in her thread.
    pub mode: PreviewMode,
    /// Automations of its own; none: the account's draft.
    pub text: Option<String>,
    /// The automation it is about.
    pub automation: Option<String>,
    /// JSON of the gesture that is made by itself.
    pub gesture: Option<String>,
    /// Whether its page may publish.
    pub allow_publish: bool,
    /// Whether public replies are posted on a real account.
    pub post_replies: bool,
    /// Process time in milliseconds.
    pub created_at_ms: i64,
    /// World time in milliseconds.
    pub created_world_ms: i64,
    /// Process time in milliseconds.
    pub expires_at_ms: i64,
    /// Process time in milliseconds.
    pub ended_at_ms: Option<i64>,
    /// Whether its gesture was made.
    pub fed: bool,
    /// JSON of a made-up conversation.
    pub rehearsal: Option<String>,
    /// The version that its page published.
    pub published_id: Option<i64>,
}

impl PreviewRow {
    /// Whether its link works and it goes on.
    pub const fn is_open(&self, now_ms: i64) -> bool {
        self.ended_at_ms.is_none() && self.expires_at_ms > now_ms
    }

    /// Whether it is about automations: one of them, a file of them, or a gesture made up for them.
    pub const fn is_of_automations(&self) -> bool {
        self.text.is_some() || self.automation.is_some() || self.gesture.is_some()
    }
}

/// A static statement that reads whole rows.
macro_rules! select_previews {
    ($rest:literal) => {
        concat!(
            "SELECT id, account, mode, text, automation, gesture, allow_publish, post_replies, created_at_ms,
                created_world_ms, expires_at_ms, ended_at_ms, fed, rehearsal, published_id FROM previews ",
            $rest
        )
    };
}

/// Keeps a new preview.
pub fn insert(tx: &Tx<'_>, row: &PreviewRow) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO previews (id, account, mode, text, automation, gesture, allow_publish,
            post_replies, created_at_ms, created_world_ms, expires_at_ms, ended_at_ms, fed, rehearsal, published_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    tx.prepare_cached(SQL)?.execute(params![
        row.id,
        row.account.as_str(),
        row.mode.as_str(),
        row.text,
        row.automation,
        row.gesture,
        row.allow_publish,
        row.post_replies,
        row.created_at_ms,
        row.created_world_ms,
        row.expires_at_ms,
        row.ended_at_ms,
        row.fed,
        row.rehearsal,
        row.published_id,
    ])?;
    Ok(())
}

/// The preview of that name.
pub fn find(connection: &Connection, id: &str) -> Result<Option<PreviewRow>, StoreError> {
    const SQL: &str = select_previews!("WHERE id = ?1");
    Ok(connection.prepare_cached(SQL)?.query_row([id], read_row).optional()?)
}

/// Previews, newest first, of an account or of all.
pub fn list(connection: &Connection, account: Option<&str>, limit: u32) -> Result<Vec<PreviewRow>, StoreError> {
    const OF_ONE: &str = select_previews!("WHERE account = ?1 ORDER BY created_at_ms DESC, id LIMIT ?2");
    const OF_ALL: &str = select_previews!("ORDER BY created_at_ms DESC, id LIMIT ?1");
    let rows = if let Some(account) = account {
        let mut statement = connection.prepare_cached(OF_ONE)?;
        statement
            .query_map(params![account, limit], read_row)?
            .collect::<rusqlite::Result<_>>()
    } else {
        let mut statement = connection.prepare_cached(OF_ALL)?;
        statement.query_map([limit], read_row)?.collect::<rusqlite::Result<_>>()
    };
    Ok(rows?)
}

/// Every open preview in an owner's own thread, oldest first.
pub fn list_open_sends(connection: &Connection, now_ms: i64) -> Result<Vec<PreviewRow>, StoreError> {
    const SQL: &str = select_previews!(
        "WHERE mode = 'send' AND ended_at_ms IS NULL AND expires_at_ms > ?1 ORDER BY created_at_ms, id"
    );
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([now_ms], read_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The open previews whose gesture is still to be made.
pub fn list_unfed(connection: &Connection, now_ms: i64, limit: u32) -> Result<Vec<PreviewRow>, StoreError> {
    const SQL: &str = select_previews!(
        "WHERE fed = 0 AND ended_at_ms IS NULL AND expires_at_ms > ?1 ORDER BY expires_at_ms LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![now_ms, limit], read_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether the account has an open preview in its owner's own thread.
pub fn is_open_for(connection: &Connection, account: &IgUserId, now_ms: i64) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM previews
        WHERE account = ?1 AND mode = 'send' AND expires_at_ms > ?2 AND ended_at_ms IS NULL LIMIT 1";
    Ok(connection
        .prepare_cached(SQL)?
        .exists(params![account.as_str(), now_ms])?)
}

/// How many open previews an account has.
pub fn count_open(connection: &Connection, account: &IgUserId, now_ms: i64) -> Result<u32, StoreError> {
    const SQL: &str = "SELECT count(*) FROM previews
        WHERE account = ?1 AND expires_at_ms > ?2 AND ended_at_ms IS NULL";
    Ok(connection
        .prepare_cached(SQL)?
        .query_row(params![account.as_str(), now_ms], |row| row.get(0))?)
}

/// Notes that the gesture was made.
pub fn set_fed(tx: &Tx<'_>, id: &str) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE previews SET fed = 1 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute([id])?;
    Ok(())
}

/// Keeps a made-up conversation.
pub fn set_rehearsal(tx: &Tx<'_>, id: &str, rehearsal: &str) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE previews SET rehearsal = ?2 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![id, rehearsal])?;
    Ok(())
}

/// Ends a preview. Answers whether it went on until now.
pub fn end(tx: &Tx<'_>, id: &str, now_ms: i64) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE previews SET ended_at_ms = ?2 WHERE id = ?1 AND ended_at_ms IS NULL";
    Ok(tx.prepare_cached(SQL)?.execute(params![id, now_ms])? > 0)
}

/// Notes what its page published.
pub fn set_published(tx: &Tx<'_>, id: &str, published_id: i64) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE previews SET published_id = ?2 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![id, published_id])?;
    Ok(())
}

/// Whether an event belongs to an open preview that is about automations.
pub fn is_of_automations(connection: &Connection, event_id: i64, now_ms: i64) -> Result<bool, StoreError> {
    const SQL: &str = select_previews!("WHERE id = (SELECT preview FROM preview_events WHERE event_id = ?1)");
    let row = connection
        .prepare_cached(SQL)?
        .query_row([event_id], read_row)
        .optional()?;
    Ok(row.is_some_and(|row| row.is_open(now_ms) && row.is_of_automations()))
}

/// Forgets previews whose link ended before then (process time). Answers how many.
pub fn forget_before(tx: &Tx<'_>, before_ms: i64) -> Result<usize, StoreError> {
    const EVENTS: &str =
        "DELETE FROM preview_events WHERE preview IN (SELECT id FROM previews WHERE expires_at_ms < ?1)";
    const PREVIEWS: &str = "DELETE FROM previews WHERE expires_at_ms < ?1";
    tx.prepare_cached(EVENTS)?.execute([before_ms])?;
    Ok(tx.prepare_cached(PREVIEWS)?.execute([before_ms])?)
}

/// Says that an event belongs to a preview. An event belongs to one.
pub fn attach(tx: &Tx<'_>, id: &str, event_id: i64) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO preview_events (event_id, preview) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    tx.prepare_cached(SQL)?.execute(params![event_id, id])?;
    Ok(())
}

/// One event of a preview with one of its sends, or without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TalkRow {
    /// The event.
    pub event_id: i64,
    /// What the person did.
    pub kind: String,
    /// What she wrote or tapped.
    pub said: Option<String>,
    /// World time in milliseconds.
    pub occurred_at_ms: i64,
    /// What the event came to.
    pub event_state: String,
    /// Why.
    pub event_reason: Option<String>,
    /// JSON of the trace.
    pub trace: Option<String>,
    /// The send.
    pub send: Option<TalkSend>,
}

/// One thing that was said in a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TalkSend {
    /// Its number.
    pub id: i64,
    /// JSON of the planned step.
    pub step: String,
    /// Where it stands.
    pub state: String,
    /// Why.
    pub reason: Option<String>,
    /// The message it became.
    pub mid: Option<String>,
    /// When its call ended, world time in milliseconds.
    pub ended_world_ms: Option<i64>,
}

/// The conversation of a preview, oldest first.
pub fn talk(connection: &Connection, id: &str) -> Result<Vec<TalkRow>, StoreError> {
    const SQL: &str = "SELECT e.id AS event_id, e.kind, e.said, e.occurred_at_ms, e.state AS event_state,
            e.reason AS event_reason, e.trace, s.id AS send_id, s.step, s.state AS send_state,
            s.reason AS send_reason, s.mid, s.call_ended_world_ms
        FROM preview_events p JOIN events e ON e.id = p.event_id LEFT JOIN sends s ON s.event_id = e.id
        WHERE p.preview = ?1 ORDER BY p.event_id, s.id LIMIT ?2";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![id, MOST_ROWS], |row| {
        let send_id: Option<i64> = row.get("send_id")?;
        let send = match send_id {
            None => None,
            Some(id) => Some(TalkSend {
                id,
                step: row.get("step")?,
                state: row.get("send_state")?,
                reason: row.get("send_reason")?,
                mid: row.get("mid")?,
                ended_world_ms: row.get("call_ended_world_ms")?,
            }),
        };
        Ok(TalkRow {
            event_id: row.get("event_id")?,
            kind: row.get("kind")?,
            said: row.get("said")?,
            occurred_at_ms: row.get("occurred_at_ms")?,
            event_state: row.get("event_state")?,
            event_reason: row.get("event_reason")?,
            trace: row.get("trace")?,
            send,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether an automation still waits in a preview's conversation, for a time, an answer or a call.
pub fn waits(connection: &Connection, id: &str) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM runs r JOIN preview_events p ON p.event_id = r.event_id
        WHERE p.preview = ?1 LIMIT 1";
    Ok(connection.prepare_cached(SQL)?.exists([id])?)
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<PreviewRow> {
    Ok(PreviewRow {
        id: row.get("id")?,
        account: IgUserId::new(row.get::<_, String>("account")?),
        mode: PreviewMode::from_name(&row.get::<_, String>("mode")?),
        text: row.get("text")?,
        automation: row.get("automation")?,
        gesture: row.get("gesture")?,
        allow_publish: row.get("allow_publish")?,
        post_replies: row.get("post_replies")?,
        created_at_ms: row.get("created_at_ms")?,
        created_world_ms: row.get("created_world_ms")?,
        expires_at_ms: row.get("expires_at_ms")?,
        ended_at_ms: row.get("ended_at_ms")?,
        fed: row.get("fed")?,
        rehearsal: row.get("rehearsal")?,
        published_id: row.get("published_id")?,
    })
}
