//! What the ledger has learned about Instagram, per account.

use rusqlite::{Connection, OptionalExtension as _, params};
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::IgUserId;

use super::StoreError;
use crate::inbox::recognise::EchoMids;

/// How messages to the self thread are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SelfSendForm {
    /// The documented one: `/{SELF_IGSID}/messages`, no recipient.
    #[default]
    Path,
    /// `/{IG_ID}/messages` with a recipient, for hosts that do not know the other.
    Standard,
}

/// What is known about one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerAccount {
    /// How to send to the self thread.
    pub self_send_form: SelfSendForm,
    /// Whether the owner has written to herself; before, Instagram refuses to send there.
    pub self_thread_open: bool,
    /// Whether echoes of our sends carry the mid that the send was answered with.
    pub echo_mids: EchoMids,
    /// Instagram's clock minus ours, newest, milliseconds.
    pub skew_ms: Option<i64>,
    /// Nothing is called before this moment of world time, in milliseconds: Instagram asked for a pause.
    pub held_until_ms: i64,
    /// Refusals for calling too often, in a row.
    pub n_throttled: u32,
}

impl Default for LedgerAccount {
    fn default() -> Self {
        Self {
            self_send_form: SelfSendForm::Path,
            self_thread_open: false,
            echo_mids: EchoMids::Unknown,
            skew_ms: None,
            held_until_ms: 0,
            n_throttled: 0,
        }
    }
}

/// What is known; the defaults for an account that nothing was learned about.
pub fn load(connection: &Connection, account: &IgUserId) -> Result<LedgerAccount, StoreError> {
    const SQL: &str = "SELECT self_send_form, self_thread_open, echo_mids, skew_ms, held_until_ms, n_throttled
        FROM ledger_accounts WHERE account = ?1";
    let found = connection.prepare_cached(SQL)?.query_row([account.as_str()], |row| {
        let form: String = row.get(0)?;
        let mids: String = row.get(2)?;
        Ok(LedgerAccount {
            self_send_form: if form == "standard" {
                SelfSendForm::Standard
            } else {
                SelfSendForm::Path
            },
            self_thread_open: row.get(1)?,
            echo_mids: match mids.as_str() {
                "same" => EchoMids::Same,
                "different" => EchoMids::Different,
                _ => EchoMids::Unknown,
            },
            skew_ms: row.get(3)?,
            held_until_ms: row.get(4)?,
            n_throttled: row.get(5)?,
        })
    });
    Ok(found.optional()?.unwrap_or_default())
}

/// Remembers how echoes of this account's sends name themselves.
pub fn learn_echo_mids(tx: &Tx<'_>, account: &IgUserId, mids: EchoMids) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO ledger_accounts (account, echo_mids) VALUES (?1, ?2)
        ON CONFLICT (account) DO UPDATE SET echo_mids = excluded.echo_mids";
    let name = match mids {
        EchoMids::Unknown => "unknown",
        EchoMids::Same => "same",
        EchoMids::Different => "different",
    };
    tx.prepare_cached(SQL)?.execute(params![account.as_str(), name])?;
    Ok(())
}

/// Remembers that the owner has written to herself.
pub fn open_self_thread(tx: &Tx<'_>, account: &IgUserId) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO ledger_accounts (account, self_thread_open) VALUES (?1, 1)
        ON CONFLICT (account) DO UPDATE SET self_thread_open = 1";
    tx.prepare_cached(SQL)?.execute([account.as_str()])?;
    Ok(())
}

/// Remembers that this account's host takes self messages in the standard form only.
pub fn use_standard_form(tx: &Tx<'_>, account: &IgUserId) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO ledger_accounts (account, self_send_form) VALUES (?1, 'standard')
        ON CONFLICT (account) DO UPDATE SET self_send_form = 'standard'";
    tx.prepare_cached(SQL)?.execute([account.as_str()])?;
    Ok(())
}

/// Remembers Instagram's clock minus ours, milliseconds.
pub fn learn_skew(tx: &Tx<'_>, account: &IgUserId, skew_ms: i64) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO ledger_accounts (account, skew_ms) VALUES (?1, ?2)
        ON CONFLICT (account) DO UPDATE SET skew_ms = excluded.skew_ms";
    tx.prepare_cached(SQL)?.execute(params![account.as_str(), skew_ms])?;
    Ok(())
}

/// Calls nothing for this account before a moment of world time, in milliseconds.
pub fn hold(tx: &Tx<'_>, account: &IgUserId, until_ms: i64, n_throttled: u32) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO ledger_accounts (account, held_until_ms, n_throttled) VALUES (?1, ?2, ?3)
        ON CONFLICT (account) DO UPDATE SET held_until_ms = max(held_until_ms, excluded.held_until_ms),
            n_throttled = excluded.n_throttled";
    tx.prepare_cached(SQL)?
        .execute(params![account.as_str(), until_ms, n_throttled])?;
    Ok(())
}
