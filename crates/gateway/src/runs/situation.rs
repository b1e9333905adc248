//! What is known of a thread before an event of it is decided.

use jiff::Timestamp;
use rusqlite::Connection;
use selfsame_wire::ids::{IgScopedId, IgUserId};

use crate::automation::Situation;
use crate::store::accounts::{self, Mode, SelfMode};
use crate::store::{StoreError, previews, runs, threads};

/// Said of an owner's message to an account that answers her only in previews.
const NO_PREVIEW: &str = "no preview is open, and the owner is answered only while one is (self mode session): \
    make a preview and open its link, or open the account's page";

/// Reads the situation of a thread. `now_ms` is process time, for open previews.
pub fn situation(
    connection: &Connection,
    account: &IgUserId,
    person: &IgScopedId,
    own: bool,
    now: Timestamp,
    now_ms: i64,
) -> Result<Situation, StoreError> {
    let thread = threads::load(connection, account, person)?;
    let question = runs::question(connection, account, person)?.and_then(|row| serde_json::from_str(&row.run).ok());
    let paused = thread.paused.filter(|(_, until_ms)| {
        // The self thread is never taken over: there the owner's writing is what is answered.
        !own && until_ms.is_none_or(|until_ms| now.as_millisecond() < until_ms)
    });
    let silenced = match silenced_account(connection, account, own, now_ms)? {
        Some(reason) => Some(reason),
        None => paused.map(|(reason, _)| reason),
    };
    Ok(Situation {
        withheld: None,
        silenced,
        replies_shown_only: None,
        variables: thread.variables,
        question,
    })
}

/// Why an account does not answer this kind of person: everybody else in preview, its owner when that is
/// switched off. `now_ms` is process time.
pub fn silenced_account(
    connection: &Connection,
    account: &IgUserId,
    own: bool,
    now_ms: i64,
) -> Result<Option<String>, StoreError> {
    let Some(row) = accounts::find(connection, account)? else {
        return Ok(None);
    };
    let reason = match (own, row.mode, row.self_mode) {
        (false, Mode::PreviewOnly, _) => "the account is in preview: nobody but its owner is answered",
        (true, _, SelfMode::Off) => "the owner's own messages are not answered (self mode off)",
        (true, _, SelfMode::Session)
            if accounts::preview_until_ms(connection, account)? <= now_ms
                && !previews::is_open_for(connection, account, now_ms)? =>
        {
            NO_PREVIEW
        }
        _ => return Ok(None),
    };
    Ok(Some(reason.to_owned()))
}
