//! Chaos rules, what is left of them, seed and counter.

use rusqlite::{Connection, params};

use super::{StoreError, Tx, settings};
use crate::chaos::{ChaosState, Rule};

const SEED: &str = "chaos.seed";
const COUNTER: &str = "chaos.counter";

const RULES: &str = "SELECT rule, times_left FROM chaos_rules ORDER BY id";
const CLEAR: &str = "DELETE FROM chaos_rules";
const INSERT: &str = "INSERT INTO chaos_rules (id, rule, times_left) VALUES (?1, ?2, ?3)";
const USE_UP: &str = "UPDATE chaos_rules SET times_left = times_left - 1 WHERE id = ?1 AND times_left > 0";

/// Rules, seed and counter as they stand.
pub fn state(connection: &Connection) -> Result<ChaosState, StoreError> {
    let mut state = ChaosState {
        seed: number(connection, SEED)?,
        counter: number(connection, COUNTER)?,
        ..ChaosState::default()
    };
    let mut statement = connection.prepare_cached(RULES)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        let rule: Rule = serde_json::from_str(&text).map_err(|_| StoreError::Corrupt {
            what: "chaos rule",
            value: text,
        })?;
        state.rules.push(rule);
        state.times_left.push(row.get(1)?);
    }
    Ok(state)
}

/// Replaces the rules; the counter begins anew.
pub fn replace(tx: &Tx<'_>, seed: u64, rules: &[Rule]) -> Result<(), StoreError> {
    settings::put(tx, SEED, &seed.to_string())?;
    settings::put(tx, COUNTER, "0")?;
    tx.prepare_cached(CLEAR)?.execute([])?;
    for (index, rule) in rules.iter().enumerate() {
        let text = serde_json::to_string(rule).map_err(|error| StoreError::Corrupt {
            what: "chaos rule",
            value: error.to_string(),
        })?;
        tx.prepare_cached(INSERT)?
            .execute(params![row_id(index), text, rule.times])?;
    }
    Ok(())
}

/// Counts a decision and uses up the rules that struck.
pub fn count(tx: &Tx<'_>, counter: u64, struck: &[usize]) -> Result<(), StoreError> {
    settings::put(tx, COUNTER, &counter.to_string())?;
    for index in struck {
        tx.prepare_cached(USE_UP)?.execute([row_id(*index)])?;
    }
    Ok(())
}

fn row_id(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1)
}

fn number(connection: &Connection, name: &'static str) -> Result<u64, StoreError> {
    let Some(text) = settings::get(connection, name)? else {
        return Ok(0);
    };
    text.parse().map_err(|_| StoreError::Corrupt {
        what: "chaos number",
        value: text,
    })
}
