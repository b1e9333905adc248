//! Where a preview stands: worked out from what is stored, so that a restart changes nothing.

use jiff::Timestamp;
use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;

use super::transcript::{self, Line};
use super::workings::Previews;
use crate::automation::{Gesture, Rehearsal};
use crate::store::accounts::{self, Account, Mode, SelfMode};
use crate::store::previews::{self, PreviewMode, PreviewRow, TalkRow};
use crate::store::{StoreError, ledger_accounts, settings};

/// Where a preview stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PreviewState {
    /// The engine talked to itself; it may go on.
    Simulated,
    /// Instagram has not yet told the address of the owner's own thread.
    WaitingForFirstSelfMessage,
    /// The owner is to do something.
    WaitingForOwner,
    /// An answer is on its way, or an automation waits.
    Running,
    /// Everything was said, or the preview has ended.
    Done,
}

/// One decision of a preview's conversation.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TracedDecision {
    /// The event (`e…`, as in `GET /api/v1/messages`), or the turn of a made-up conversation (`t…`).
    pub id: String,
    /// What was done.
    #[schema(required)]
    pub said: Option<String>,
    /// What it came to.
    pub state: String,
    /// Lane, version, automation, and notes for people.
    #[schema(value_type = Object)]
    pub trace: Value,
}

/// A preview, whole.
#[derive(Debug, Clone)]
pub struct Look {
    /// What was asked for.
    pub row: PreviewRow,
    /// Whose.
    pub account: Account,
    /// Where it stands.
    pub state: PreviewState,
    /// Whether its link works.
    pub is_open: bool,
    /// What it waits for, for people.
    pub reason: Option<String>,
    /// What was done and said.
    pub lines: Vec<Line>,
    /// Why.
    pub traces: Vec<TracedDecision>,
    /// What the owner is to do.
    pub next: Option<Gesture>,
    /// Until when an automation waits in a made-up conversation, world time.
    pub waits_until: Option<Timestamp>,
}

impl Previews {
    /// Reads a preview. `None`: there is none of this name, or its account is gone.
    ///
    /// # Errors
    /// The store failed.
    pub async fn look(&self, id: &str) -> Result<Option<Look>, StoreError> {
        let (wanted, now_ms) = (id.to_owned(), self.process.now().as_millis());
        let found = self
            .database
            .read(move |connection| Facts::read(connection, &wanted))
            .await
            .map_err(StoreError::from)?;
        Ok(found.map(|facts| self.see(facts, now_ms)))
    }

    fn see(&self, facts: Facts, now_ms: i64) -> Look {
        let Facts {
            row,
            account,
            rows,
            waits,
            thread_open,
            stopped,
        } = facts;
        let gesture: Option<Gesture> = row.gesture.as_deref().and_then(|json| serde_json::from_str(json).ok());
        let is_open = row.is_open(now_ms);
        let next = self.next_gesture(&row, gesture.as_ref());
        if row.mode == PreviewMode::Simulate {
            let rehearsal: Rehearsal = row
                .rehearsal
                .as_deref()
                .and_then(|json| serde_json::from_str(json).ok())
                .unwrap_or_default();
            return Look {
                state: if is_open {
                    PreviewState::Simulated
                } else {
                    PreviewState::Done
                },
                is_open,
                reason: None,
                lines: transcript::of_turns(&rehearsal.turns),
                traces: traces_of_turns(&rehearsal),
                next,
                waits_until: rehearsal.waits_until(),
                row,
                account,
            };
        }
        let under_way = waits
            || rows
                .iter()
                .filter_map(|row| row.send.as_ref())
                .any(|send| matches!(send.state.as_str(), "ready" | "calling" | "in_doubt"));
        let state = if !is_open {
            PreviewState::Done
        } else if !thread_open {
            PreviewState::WaitingForFirstSelfMessage
        } else if !row.fed || under_way {
            PreviewState::Running
        } else if rows.iter().all(|row| row.event_state == "no_rule") {
            // Also after the first “hi”, which only opens the thread.
            PreviewState::WaitingForOwner
        } else {
            PreviewState::Done
        };
        let reason = reason_of(state, &account, stopped, row.fed);
        Look {
            state,
            is_open,
            reason,
            lines: transcript::of_talk(&rows, gesture.as_ref()),
            traces: traces_of_talk(&rows),
            next,
            waits_until: None,
            row,
            account,
        }
    }

    /// What starts the automation that a preview is about; else what starts the first of all.
    fn next_gesture(&self, row: &PreviewRow, gesture: Option<&Gesture>) -> Option<Gesture> {
        if gesture.is_some() {
            return gesture.cloned();
        }
        let library = self.library_of(&row.account, row.text.as_deref()).ok()?;
        match &row.automation {
            Some(name) => library.example_of(name).flatten(),
            None => library.first_example(),
        }
    }
}

/// What is stored of a preview.
struct Facts {
    row: PreviewRow,
    account: Account,
    rows: Vec<TalkRow>,
    waits: bool,
    thread_open: bool,
    stopped: bool,
}

impl Facts {
    fn read(connection: &Connection, id: &str) -> Result<Option<Self>, StoreError> {
        let Some(row) = previews::find(connection, id)? else {
            return Ok(None);
        };
        let Some(account) = accounts::find(connection, &row.account)? else {
            return Ok(None);
        };
        let thread_open =
            account.self_igsid.is_some() && ledger_accounts::load(connection, &account.ig_id)?.self_thread_open;
        Ok(Some(Self {
            rows: previews::talk(connection, id)?,
            waits: previews::waits(connection, id)?,
            thread_open,
            stopped: settings::kill_switch(connection)?,
            row,
            account,
        }))
    }
}

fn reason_of(state: PreviewState, account: &Account, stopped: bool, fed: bool) -> Option<String> {
    Some(match state {
        PreviewState::Done | PreviewState::Simulated => return None,
        _ if stopped => "the kill switch is on: nothing is answered until it is turned off".to_owned(),
        _ if account.self_mode == SelfMode::Off => {
            "the account never answers its owner (self mode off): change that on its page".to_owned()
        }
        PreviewState::WaitingForFirstSelfMessage => format!(
            "Instagram tells the address of @{}'s own thread with her first message to herself",
            account.username
        ),
        PreviewState::Running if !fed => "the budget of answers a minute is used up; it goes on by itself".to_owned(),
        PreviewState::WaitingForOwner | PreviewState::Running => return None,
    })
}

fn traces_of_turns(rehearsal: &Rehearsal) -> Vec<TracedDecision> {
    rehearsal
        .turns
        .iter()
        .enumerate()
        .map(|(number, turn)| TracedDecision {
            id: format!("t{number}"),
            said: turn.gesture.as_ref().and_then(Gesture::said).map(str::to_owned),
            state: serde_json::to_value(&turn.outcome)
                .ok()
                .and_then(|outcome| outcome.get("outcome").and_then(Value::as_str).map(str::to_owned))
                .unwrap_or_default(),
            trace: serde_json::to_value(&turn.trace).unwrap_or_default(),
        })
        .collect()
}

fn traces_of_talk(rows: &[TalkRow]) -> Vec<TracedDecision> {
    let mut traces: Vec<TracedDecision> = Vec::new();
    for row in rows {
        let id = format!("e{}", row.event_id);
        if traces.last().is_some_and(|last| last.id == id) {
            continue;
        }
        traces.push(TracedDecision {
            id,
            said: row.said.clone(),
            state: row.event_state.clone(),
            trace: row
                .trace
                .as_deref()
                .and_then(|trace| serde_json::from_str(trace).ok())
                .unwrap_or_default(),
        });
    }
    traces
}

impl Look {
    /// Whether customers are answered at all.
    pub fn customers_are_answered(&self) -> bool {
        self.account.mode == Mode::Live
    }
}
