//! The token that a call for an account uses.

use std::sync::Arc;

use selfsame_client::Caller;
use selfsame_runtime::db::{Database, Durability};
use selfsame_runtime::random::Random;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::ids::IgUserId;

use crate::sealing::{Keyring, SealingError};
use crate::store::StoreError;
use crate::store::accounts::{self, TokenRow};

/// Why there is no token for a call.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// It was never connected, or was disconnected, or must be reconnected.
    #[error("no working token; connect the account again")]
    NoWorkingToken,
    /// The key file has changed.
    #[error("the token cannot be opened")]
    Sealing(#[from] SealingError),
    /// The database failed.
    #[error("the token cannot be read")]
    Store(#[source] StoreError),
}

/// Opens tokens. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Credentials {
    database: Database,
    keys: Arc<Keyring>,
    random: Random,
}

impl Credentials {
    /// Opens tokens of this database with these keys.
    pub fn new(database: Database, keys: Arc<Keyring>, random: Random) -> Self {
        Self { database, keys, random }
    }

    /// On whose behalf to call for an account.
    pub async fn caller_for(&self, account: &IgUserId) -> Result<Caller, CredentialError> {
        let wanted = account.clone();
        let row = self
            .database
            .read(move |connection| accounts::working_token(connection, &wanted, None))
            .await
            .map_err(|error| CredentialError::Store(StoreError::from(error)))?
            .ok_or(CredentialError::NoWorkingToken)?;
        self.open(&row)
    }

    /// Opens a token.
    pub fn open(&self, row: &TokenRow) -> Result<Caller, CredentialError> {
        let token = self.keys.unseal(&row.account, row.flow, &row.sealed)?;
        Ok(Caller { flow: row.flow, token })
    }

    /// Seals a token.
    pub(super) fn seal(&self, account: &IgUserId, caller: &Caller) -> Result<Vec<u8>, SealingError> {
        self.keys.seal(account, caller.flow, &caller.token, &self.random)
    }

    /// Seals a token for one browser session, to travel through the browser.
    pub fn seal_for_session(&self, session: &str, caller: &Caller) -> Result<Vec<u8>, SealingError> {
        self.seal(&session_as_account(session), caller)
    }

    /// Opens a token that was sealed for this browser session.
    pub fn unseal_for_session(&self, session: &str, flow: LoginFlow, sealed: &[u8]) -> Result<Caller, SealingError> {
        let token = self.keys.unseal(&session_as_account(session), flow, sealed)?;
        Ok(Caller { flow, token })
    }

    /// Marks the token of a call as not working any more. Call when Graph answers 190 or 102.
    pub async fn broke(&self, account: &IgUserId, caller: &Caller, error: &GraphError) -> Result<(), StoreError> {
        let (account, flow, reason) = (account.clone(), caller.flow, reason_of(error));
        let write = self.database.write(Durability::Durable, move |tx| {
            accounts::break_token(tx, &account, flow, &reason)
        });
        write.await.map_err(StoreError::from)?;
        Ok(())
    }

    /// Seals anew what was sealed with an older key. Answers how many tokens that were.
    pub async fn rotate(&self) -> Result<usize, CredentialError> {
        let rows = self
            .database
            .read(accounts::all_tokens)
            .await
            .map_err(|error| CredentialError::Store(StoreError::from(error)))?;
        let mut count = 0;
        for row in rows.into_iter().filter(|row| self.keys.is_outdated(&row.sealed)) {
            let Ok(caller) = self.open(&row) else {
                tracing::warn!(account = %row.account, flow = row.flow.name(), "a token cannot be opened with the keys of the key file; reconnect the account");
                continue;
            };
            let sealed = self.seal(&row.account, &caller)?;
            let write = self.database.write(Durability::Durable, move |tx| {
                accounts::reseal_token(tx, &row.account, row.flow, &sealed)
            });
            write
                .await
                .map_err(|error| CredentialError::Store(StoreError::from(error)))?;
            count += 1;
        }
        Ok(count)
    }
}

/// A name that no account has: what is sealed for a session never opens as an account's token.
fn session_as_account(session: &str) -> IgUserId {
    IgUserId::new(format!("session {session}"))
}

/// What a token error means, in words for the person who must reconnect (contract, errors §7.3).
pub(crate) fn reason_of(error: &GraphError) -> String {
    let meaning = match error.subcode {
        Some(458) => "the owner removed the app on Instagram",
        Some(459) => "Instagram asks the owner to log in and pass a check",
        Some(460) => "the owner changed her password",
        Some(461) => "the owner logged out",
        Some(463) => "the token has expired",
        Some(464) => "the owner's account is not confirmed",
        Some(467) => "the token is invalid: logged out, password changed, or app removed",
        Some(492) => "the owner lost her role on the Page",
        _ => "Instagram does not accept the token any more",
    };
    match error.subcode {
        Some(subcode) => format!("{meaning} ({}/{subcode})", error.code),
        None => format!("{meaning} ({})", error.code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_subcode_of_a_broken_token_says_what_happened() {
        for (code, subcode, expected) in [
            (190, Some(458), "the owner removed the app on Instagram (190/458)"),
            (
                190,
                Some(459),
                "Instagram asks the owner to log in and pass a check (190/459)",
            ),
            (190, Some(460), "the owner changed her password (190/460)"),
            (190, Some(461), "the owner logged out (190/461)"),
            (190, Some(463), "the token has expired (190/463)"),
            (190, Some(464), "the owner's account is not confirmed (190/464)"),
            (
                190,
                Some(467),
                "the token is invalid: logged out, password changed, or app removed (190/467)",
            ),
            (190, Some(492), "the owner lost her role on the Page (190/492)"),
            (190, None, "Instagram does not accept the token any more (190)"),
            (190, Some(1), "Instagram does not accept the token any more (190/1)"),
            (102, None, "Instagram does not accept the token any more (102)"),
        ] {
            let mut error = GraphError::on(LoginFlow::Instagram, code, "the wording changes");
            error.subcode = subcode;
            assert_eq!(reason_of(&error), expected);
        }
    }
}
