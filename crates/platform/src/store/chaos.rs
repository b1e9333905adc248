//! Chaos rules, what is left of them, seed and counter.

use rusqlite::{Connection, params};

use super::{StoreError, Tx, settings};
use crate::chaos::{ChaosState, Rule};

const SEED: &str = "chaos.seed";
const COUNTER: &str = "chaos.counter";

const RULES: &str = "SELECT rule, times_left, id FROM chaos_rules ORDER BY id";
const CLEAR: &str = "DELETE FROM chaos_rules";
const APPEND: &str = "INSERT INTO chaos_rules (rule, times_left, magic) VALUES (?1, ?2, 1)";
/// Keeps what a person asked for from growing without end.
const FORGET_USED_MAGIC: &str = "DELETE FROM chaos_rules WHERE magic = 1 AND times_left = 0";
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
        state.row_ids.push(row.get(2)?);
    }
    Ok(state)
}

/// Replaces the rules; the counter begins anew.
pub fn replace(tx: &Tx<'_>, seed: u64, rules: &[Rule]) -> Result<(), StoreError> {
    settings::put(tx, SEED, &seed.to_string())?;
    settings::put(tx, COUNTER, "0")?;
    tx.prepare_cached(CLEAR)?.execute([])?;
    for (index, rule) in rules.iter().enumerate() {
        tx.prepare_cached(INSERT)?
            .execute(params![row_id(index), text_of(rule)?, rule.times])?;
    }
    Ok(())
}

/// Adds a rule that a person asked for in a message, behind the others. Those of before that are used up go.
pub fn append_magic(tx: &Tx<'_>, rule: &Rule) -> Result<(), StoreError> {
    tx.prepare_cached(FORGET_USED_MAGIC)?.execute([])?;
    tx.prepare_cached(APPEND)?
        .execute(params![text_of(rule)?, rule.times])?;
    Ok(())
}

/// Counts a decision and uses up the rules that struck, by their rows.
pub fn count(tx: &Tx<'_>, counter: u64, struck: impl Iterator<Item = i64>) -> Result<(), StoreError> {
    settings::put(tx, COUNTER, &counter.to_string())?;
    for row_id in struck {
        tx.prepare_cached(USE_UP)?.execute([row_id])?;
    }
    Ok(())
}

fn text_of(rule: &Rule) -> Result<String, StoreError> {
    serde_json::to_string(rule).map_err(|error| StoreError::Corrupt {
        what: "chaos rule",
        value: error.to_string(),
    })
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
