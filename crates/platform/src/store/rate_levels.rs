//! Levels of rate limits whose windows are long enough to outlive a restart.

use rusqlite::{Connection, params};

use super::{StoreError, Tx};
use crate::domain::keys::{AccountKey, AppKey};
use crate::domain::limits::Class;
use crate::rates::Level;

/// Levels kept at most.
const LEVELS_MAX: i64 = 100_000;
/// Stands for all accounts of an app.
const NO_ACCOUNT: i64 = 0;

const ALL: &str = "SELECT app_id, account_id, class, full_at_us FROM rate_levels WHERE full_at_us > ?1 LIMIT ?2";
const PUT: &str = "INSERT INTO rate_levels (app_id, account_id, class, full_at_us) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (app_id, account_id, class) DO UPDATE SET full_at_us = excluded.full_at_us";

/// Levels that still matter.
pub fn all(connection: &Connection, now_ms: i64) -> Result<Vec<Level>, StoreError> {
    let mut statement = connection.prepare_cached(ALL)?;
    let mut rows = statement.query(params![now_ms.saturating_mul(1000), LEVELS_MAX])?;
    let mut levels = Vec::new();
    while let Some(row) = rows.next()? {
        let (account, name): (i64, String) = (row.get(1)?, row.get(2)?);
        let class = Class::parse(&name).ok_or(StoreError::Corrupt {
            what: "class of calls",
            value: name,
        })?;
        let account = (account != NO_ACCOUNT).then_some(AccountKey(account));
        levels.push(((AppKey(row.get(0)?), account), class, row.get(3)?));
    }
    Ok(levels)
}

/// Saves levels.
pub fn put(tx: &Tx<'_>, levels: &[Level]) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(PUT)?;
    for ((app, account), class, full_at_us) in levels {
        let account = account.map_or(NO_ACCOUNT, |account| account.0);
        statement.execute(params![app.0, account, class.as_str(), full_at_us])?;
    }
    Ok(())
}
