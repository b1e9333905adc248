//! Keeps Instagram tokens alive: each is refreshed before its 60 days are over.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use selfsame_client::Caller;
use selfsame_runtime::db::Durability;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::ErrorClass;
use selfsame_wire::secret::AccessToken;
use tokio_util::sync::CancellationToken;

use super::connect::{Onboarding, explain};
use crate::store::StoreError;
use crate::store::accounts::{self, TokenRow};

/// How long before its end a token is refreshed.
pub const REFRESH_BEFORE: SignedDuration = SignedDuration::from_hours(10 * 24);
/// Instagram refreshes no token younger than this (contract, login §2.5).
const YOUNGEST: SignedDuration = SignedDuration::from_hours(24);
/// How long to wait before a look at the tokens when nothing is known to be due, real time.
const LOOK_EVERY: Duration = Duration::from_hours(1);
/// How long to wait after a refresh failed, real time.
const RETRY_AFTER: Duration = Duration::from_mins(5);

/// What a look at the tokens came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RefreshOutcome {
    /// Tokens that live on.
    pub refreshed: usize,
    /// Tokens that are dead; their accounts must be reconnected.
    pub broken: usize,
    /// Tokens that could not be refreshed now, and will be tried again.
    pub failed: usize,
}

impl Onboarding {
    /// Refreshes the tokens whose time has come.
    pub async fn refresh_once(&self) -> Result<RefreshOutcome, StoreError> {
        let rows = self
            .database
            .read(accounts::all_tokens)
            .await
            .map_err(StoreError::from)?;
        let now = self.clock.now();
        let mut outcome = RefreshOutcome::default();
        for row in rows {
            if has_ended(&row, now) {
                self.break_row(&row, "the token has expired; connect the account again")
                    .await?;
                outcome.broken += 1;
            } else if is_due(&row, now) {
                self.refresh(row, now, &mut outcome).await?;
            }
        }
        Ok(outcome)
    }

    /// Refreshes tokens until shutdown. World time that jumps is noticed at once.
    pub async fn keep_tokens_alive(self, stop: CancellationToken) {
        let mut jumps = self.clock.changes();
        loop {
            let pause = match self.refresh_once().await {
                Ok(outcome) if outcome.failed > 0 => RETRY_AFTER,
                Ok(_) => LOOK_EVERY,
                Err(error) => {
                    tracing::error!(%error, "the tokens cannot be looked at");
                    RETRY_AFTER
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
                jumped = jumps.changed() => {
                    if jumped.is_err() {
                        return;
                    }
                }
            }
        }
    }

    async fn refresh(&self, row: TokenRow, now: Timestamp, outcome: &mut RefreshOutcome) -> Result<(), StoreError> {
        let caller = match self.credentials.open(&row) {
            Ok(caller) => caller,
            Err(error) => {
                self.break_row(&row, &error.to_string()).await?;
                outcome.broken += 1;
                return Ok(());
            }
        };
        match self.client.refresh_token(&caller.token).await {
            Ok(fresh) => {
                let caller = Caller {
                    flow: row.flow,
                    token: AccessToken::new(fresh.access_token.as_str()),
                };
                let Ok(sealed) = self.credentials.seal(&row.account, &caller) else {
                    outcome.failed += 1;
                    return Ok(());
                };
                let expires_at = fresh
                    .expires_in_s
                    .and_then(|life| now.checked_add(SignedDuration::from_secs(life)).ok());
                let row = TokenRow {
                    sealed,
                    obtained_at: now,
                    expires_at,
                    ..row
                };
                let write = self
                    .database
                    .write(Durability::Durable, move |tx| accounts::keep_token(tx, &row));
                write.await.map_err(StoreError::from)?;
                outcome.refreshed += 1;
            }
            Err(failure) if failure.class() == ErrorClass::Reauth => {
                let reason = failure
                    .graph_error()
                    .map_or_else(|| explain(&failure), super::credentials::reason_of);
                self.break_row(&row, &reason).await?;
                outcome.broken += 1;
            }
            Err(failure) => {
                tracing::warn!(account = %row.account, reason = explain(&failure), "a token could not be refreshed; it will be tried again");
                outcome.failed += 1;
            }
        }
        Ok(())
    }

    async fn break_row(&self, row: &TokenRow, reason: &str) -> Result<(), StoreError> {
        tracing::warn!(account = %row.account, flow = row.flow.name(), reason, "an account must be connected again");
        let (account, flow, reason) = (row.account.clone(), row.flow, reason.to_owned());
        let write = self.database.write(Durability::Durable, move |tx| {
            accounts::break_token(tx, &account, flow, &reason)
        });
        write.await.map_err(StoreError::from)?;
        Ok(())
    }
}

fn has_ended(row: &TokenRow, now: Timestamp) -> bool {
    row.broken.is_none() && row.expires_at.is_some_and(|end| end <= now)
}

/// Page tokens do not end of themselves; only Instagram's are refreshed. When a token ends that was handed over without a word about it,
/// Instagram says with the first refresh, so that is made as soon as it may be.
fn is_due(row: &TokenRow, now: Timestamp) -> bool {
    row.broken.is_none()
        && row.flow == LoginFlow::Instagram
        && row
            .expires_at
            .is_none_or(|end| end.duration_since(now) < REFRESH_BEFORE)
        && now.duration_since(row.obtained_at) >= YOUNGEST
}
