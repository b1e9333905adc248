//! Whether there is any chaos at all, without asking the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::engine::{Struck, strike};
use super::rule::{Rule, Subject, Target};
use crate::store::{Durability, Failure, Store, StoreError, chaos};

/// Rules with what is left of them, and where the chance stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChaosState {
    /// Of the chance.
    pub seed: u64,
    /// Decisions made since the rules were set.
    pub counter: u64,
    /// In the order in which they are tried.
    pub rules: Vec<Rule>,
    /// Beside `rules`: their rows.
    pub row_ids: Vec<i64>,
    /// Beside `rules`: how often each may still strike; `None`: for ever.
    pub times_left: Vec<Option<u32>>,
}

/// Which targets have rules. Clones are the same board.
#[derive(Debug, Clone, Default)]
pub struct ChaosBoard(Arc<Armed>);

#[derive(Debug, Default)]
struct Armed {
    delivery: AtomicBool,
    graph: AtomicBool,
}

impl ChaosBoard {
    /// A board showing this state.
    pub fn new(state: &ChaosState) -> Self {
        let board = Self::default();
        board.show(state);
        board
    }

    /// Puts another state in force. The caller has stored it first.
    pub fn show(&self, state: &ChaosState) {
        let any = |target| state.rules.iter().any(|rule| rule.target == target);
        self.0.delivery.store(any(Target::Delivery), Ordering::Release);
        self.0.graph.store(any(Target::Graph), Ordering::Release);
    }

    /// A rule was added for this target.
    pub fn arm(&self, target: Target) {
        match target {
            Target::Delivery => self.0.delivery.store(true, Ordering::Release),
            Target::Graph => self.0.graph.store(true, Ordering::Release),
        }
    }

    /// Whether rules may strike there.
    pub fn is_armed(&self, target: Target) -> bool {
        match target {
            Target::Delivery => self.0.delivery.load(Ordering::Acquire),
            Target::Graph => self.0.graph.load(Ordering::Acquire),
        }
    }

    /// Decides about one subject, counts the decision and uses rules up, in one transaction.
    ///
    /// # Errors
    /// The store failed; nothing was decided.
    pub async fn strike(&self, store: &Store, subject: Subject) -> Result<Struck, StoreError> {
        if !self.is_armed(subject.target) {
            return Ok(Struck::default());
        }
        let decided = store
            .write(
                Durability::Relaxed,
                move |tx| -> Result<Struck, Failure<std::convert::Infallible>> {
                    let state = chaos::state(tx)?;
                    let struck = strike(&state.rules, &state.times_left, state.seed, state.counter, &subject);
                    let rows = struck
                        .rules
                        .iter()
                        .filter_map(|index| state.row_ids.get(*index).copied());
                    chaos::count(tx, state.counter.wrapping_add(1), rows)?;
                    Ok(struck)
                },
            )
            .await;
        Ok(decided?)
    }
}
