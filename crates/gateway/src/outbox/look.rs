//! Looks for sends in doubt on Instagram: messages on the conversations edge (which never lists the
//! self thread), public replies on the comment's replies edge (design §4.3d, §4.3e).
//!
//! Finding one settles it. Not finding one proves nothing, so it stays in doubt.

use futures_util::future::join_all;
use jiff::Timestamp;
use selfsame_client::{CallFailure, Caller};
use selfsame_runtime::db::Durability;

use crate::automation::PlannedStep;
use crate::inbox::recognise::{CallWindow, Clocks, Echo, Said, is_within};
use crate::store::StoreError;
use crate::store::ledger_accounts;
use crate::store::sends::{self, SendRow};

use super::limits::{CHECKS_AFTER_MS, UPKEEP_BATCH};
use super::pace::Class;
use super::settle;
use super::worker::Outbox;

/// Something the account said, as an edge lists it.
struct Listed {
    mid: String,
    text: Option<String>,
    created_at: Option<Timestamp>,
}

/// An unsettled send with what is needed to look for it.
struct Wanted {
    send: SendRow,
    step: PlannedStep,
    caller: Caller,
    skew_ms: Option<i64>,
}

impl Outbox {
    /// Looks for the unsettled sends whose time for it has come. Answers how many were looked for.
    pub async fn look_once(&self) -> Result<usize, StoreError> {
        let now_ms = self.process.now().as_millis();
        let accounts = std::sync::Arc::clone(&self.accounts);
        let wanted: Vec<Wanted> = self
            .database
            .read(move |connection| {
                let mut wanted = Vec::new();
                for send in sends::list_to_check(connection, now_ms, UPKEEP_BATCH)? {
                    let Some(caller) = accounts.caller(connection, &send.account, None)? else {
                        continue;
                    };
                    let Ok(step) = serde_json::from_str(&send.step) else {
                        continue;
                    };
                    let skew_ms = ledger_accounts::load(connection, &send.account)?.skew_ms;
                    wanted.push(Wanted {
                        send,
                        step,
                        caller,
                        skew_ms,
                    });
                }
                Ok::<_, StoreError>(wanted)
            })
            .await
            .map_err(StoreError::from)?;
        // An account that may not look yet is looked for in a later round.
        let may_look = |one: &Wanted| {
            let pace = self.pace.as_ref();
            pace.is_none_or(|pace| pace.begin(&one.send.account, Class::Conversation, now_ms).is_ok())
        };
        let looks: Vec<_> = wanted.into_iter().filter(may_look).map(|one| self.look(one)).collect();
        let n_looked = looks.len();
        // At the same time: an Instagram that hangs does not hold back the upkeep of a hundred doubts one after the other.
        for looked in join_all(looks).await {
            looked?;
        }
        Ok(n_looked)
    }

    async fn look(&self, wanted: Wanted) -> Result<(), StoreError> {
        let listed = self.list(&wanted).await.unwrap_or_else(|error| {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                send.id = wanted.send.id,
                "an edge was not read"
            );
            Vec::new()
        });
        self.conclude(wanted, listed).await
    }

    async fn list(&self, wanted: &Wanted) -> Result<Vec<Listed>, CallFailure> {
        match &wanted.step {
            PlannedStep::Reply { comment_id, .. } => {
                let replies = self.client.list_comment_replies(&wanted.caller, comment_id).await?;
                let is_ours = |from: &Option<selfsame_wire::ids::ParticipantId>| {
                    from.as_ref().is_none_or(|from| from.is_account(&wanted.send.account))
                };
                Ok(replies
                    .into_iter()
                    .filter(|reply| is_ours(&reply.from))
                    .map(|reply| Listed {
                        mid: reply.id.into_string(),
                        text: reply.text,
                        created_at: reply.created_at,
                    })
                    .collect())
            }
            PlannedStep::Send { .. } | PlannedStep::Relay { .. } if !wanted.send.own => {
                let Some(conversation) = self
                    .client
                    .find_conversation(&wanted.caller, &wanted.send.person)
                    .await?
                else {
                    return Ok(Vec::new());
                };
                let messages = self.client.list_messages(&wanted.caller, &conversation).await?;
                Ok(messages
                    .into_iter()
                    .filter(|message| {
                        message
                            .from
                            .as_ref()
                            .is_some_and(|from| !from.is_person(&wanted.send.person))
                    })
                    .map(|message| Listed {
                        mid: message.mid.into_string(),
                        text: message.text,
                        created_at: message.created_at,
                    })
                    .collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Settles the send if one of the listed fits it and is no other send's; else says when to look
    /// again.
    async fn conclude(&self, wanted: Wanted, listed: Vec<Listed>) -> Result<(), StoreError> {
        let now_ms = self.process.now().as_millis();
        let settled = self
            .database
            .write(Durability::Relaxed, move |tx| {
                let Some(send) = sends::find(tx, wanted.send.id)?.filter(|send| send.state.is_unsettled()) else {
                    return Ok::<_, StoreError>(false);
                };
                let clocks = Clocks {
                    now_ms,
                    skew_ms: wanted.skew_ms,
                };
                for one in listed {
                    if fits(&send, &one, clocks) && sends::find_by_mid(tx, &send.account, &one.mid)?.is_none() {
                        let edge = if matches!(wanted.step, PlannedStep::Reply { .. }) {
                            "replies"
                        } else {
                            "conversations"
                        };
                        settle::by_edge(tx, send.id, &one.mid, edge)?;
                        return Ok(true);
                    }
                }
                let since = send.call_ended_at_ms.unwrap_or(now_ms);
                let next = CHECKS_AFTER_MS
                    .iter()
                    .map(|after| since.saturating_add(*after))
                    .find(|at| *at > now_ms);
                sends::set_next_check(tx, send.id, next)?;
                Ok(false)
            })
            .await
            .map_err(StoreError::from)?;
        if settled {
            self.outbox_bell.ring();
        }
        Ok(())
    }
}

/// Whether something listed could be this send: the same words, within its call.
fn fits(send: &SendRow, listed: &Listed, clocks: Clocks) -> bool {
    let said = sends::said(&send.kind, send.said.as_deref());
    let seen = listed
        .text
        .clone()
        .filter(|text| !text.is_empty())
        .map_or(Said::Nothing, Said::Text);
    let Some(created_ms) = listed.created_at.map(Timestamp::as_millisecond) else {
        return false;
    };
    let started_ms = send.call_started_world_ms.unwrap_or_default();
    let window = CallWindow {
        started_ms,
        ended_ms: send.call_ended_world_ms.unwrap_or(started_ms),
        skew_ms: send.call_skew_ms,
    };
    let echo = Echo {
        said: seen.clone(),
        said_at_ms: Some(created_ms..=created_ms.saturating_add(999)),
        received_at_ms: clocks.now_ms,
        received_world_ms: created_ms,
        media: None,
    };
    said.could_echo_as(&seen) && is_within(&echo, window, clocks)
}
