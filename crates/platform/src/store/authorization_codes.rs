//! Authorization codes of both dialogs: single use, expiring.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, Tx};
use crate::domain::keys::GrantKey;

const INSERT: &str = "INSERT INTO authorization_codes (code, grant_id, redirect_uri, code_challenge, code_challenge_method, expires_at_ms) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const GET: &str = "SELECT grant_id, redirect_uri, code_challenge, code_challenge_method, expires_at_ms, used_at_ms FROM authorization_codes \
                   WHERE code = ?1";
const USE: &str = "UPDATE authorization_codes SET used_at_ms = ?2 WHERE code = ?1 AND used_at_ms IS NULL";

/// A code as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// What was granted.
    pub grant: GrantKey,
    /// Where the dialog was to lead.
    pub redirect_uri: String,
    /// PKCE.
    pub code_challenge: Option<String>,
    /// PKCE: `plain` or `S256`.
    pub code_challenge_method: Option<String>,
    /// ms of world time.
    pub expires_at_ms: i64,
    /// ms of world time.
    pub used_at_ms: Option<i64>,
}

/// Stores a code.
pub fn insert(tx: &Tx<'_>, code: &str, new: &AuthorizationCode) -> Result<(), StoreError> {
    tx.prepare_cached(INSERT)?.execute(params![
        code,
        new.grant.0,
        new.redirect_uri,
        new.code_challenge,
        new.code_challenge_method,
        new.expires_at_ms
    ])?;
    Ok(())
}

/// The code, used and expired ones included.
pub fn get(connection: &Connection, code: &str) -> Result<Option<AuthorizationCode>, StoreError> {
    let mut statement = connection.prepare_cached(GET)?;
    let found = statement
        .query_row([code], |row| {
            Ok(AuthorizationCode {
                grant: GrantKey(row.get(0)?),
                redirect_uri: row.get(1)?,
                code_challenge: row.get(2)?,
                code_challenge_method: row.get(3)?,
                expires_at_ms: row.get(4)?,
                used_at_ms: row.get(5)?,
            })
        })
        .optional()?;
    Ok(found)
}

/// Uses a code up; false when it was used before.
pub fn use_up(tx: &Tx<'_>, code: &str, now_ms: i64) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached(USE)?.execute(params![code, now_ms])? == 1)
}
