//! How much waits where: the numbers of `GET /api/v1/status`, `/metrics` and `/readyz`.

use rusqlite::Connection;
use serde::Serialize;

use super::StoreError;
use crate::outbox::state::SendState;

use super::queues::{FORWARD, INBOX};
use super::{events, raw_deliveries, sends, settings};

/// The inbox in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct InboxStatus {
    /// Events that wait: bodies not split yet included.
    pub ready: i64,
    /// Events that are being decided.
    pub leased: i64,
    /// Events that were given up.
    pub dead: i64,
    /// Events set aside by the budget or the kill switch.
    pub parked: i64,
}

/// The outbox in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OutboxStatus {
    /// Sends that wait for their turn.
    pub ready: i64,
    /// Calls that run.
    pub calling: i64,
    /// Sends of which nobody knows whether they were accepted.
    pub in_doubt: i64,
    /// Sends that were in doubt for too long.
    pub parked: i64,
    /// Sends that were given up.
    pub dead: i64,
}

/// Events for somebody's own engine in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ForwardStatus {
    /// Events that wait to be handed over.
    pub ready: i64,
    /// Events that are being handed over.
    pub leased: i64,
    /// Jobs that could not be read. Events that nobody took are `failed` messages.
    pub dead: i64,
}

/// All of them, and the kill switch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Status {
    /// The inbox.
    pub inbox: InboxStatus,
    /// The outbox.
    pub outbox: OutboxStatus,
    /// What goes to your own engine.
    pub forward: ForwardStatus,
    /// Whether nothing is sent at all.
    pub kill_switch: bool,
}

/// Reads the numbers.
pub fn read(connection: &Connection) -> Result<Status, StoreError> {
    let inbox = INBOX.counts(connection)?;
    let forward = FORWARD.counts(connection)?;
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    Ok(Status {
        inbox: InboxStatus {
            ready: number(inbox.ready)
                .saturating_add(number(inbox.waiting))
                .saturating_add(raw_deliveries::count_unsplit(connection)?),
            leased: number(inbox.leased),
            dead: events::count_failed(connection)?,
            parked: events::count_parked(connection)?,
        },
        outbox: OutboxStatus {
            ready: sends::count(connection, SendState::Ready)?,
            calling: sends::count(connection, SendState::Calling)?,
            in_doubt: sends::count(connection, SendState::InDoubt)?,
            parked: sends::count(connection, SendState::Parked)?,
            dead: sends::count(connection, SendState::Failed)?,
        },
        forward: ForwardStatus {
            ready: number(forward.ready).saturating_add(number(forward.waiting)),
            leased: number(forward.leased),
            dead: number(forward.buried),
        },
        kill_switch: settings::kill_switch(connection)?,
    })
}
