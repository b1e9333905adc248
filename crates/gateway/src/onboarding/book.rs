//! The accounts as the ledger asks for them.

use std::sync::Arc;

use rusqlite::Connection;
use selfsame_client::Caller;
use selfsame_runtime::db::Tx;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::{IgScopedId, IgUserId};

use crate::account_book::{AccountBook, BookedAccount};
use crate::sealing::Keyring;
use crate::store::StoreError;
use crate::store::accounts;

/// The connected accounts of the gateway's own database.
#[derive(Debug, Clone)]
pub struct KeptAccounts {
    keys: Arc<Keyring>,
}

impl KeptAccounts {
    /// Accounts whose tokens these keys open.
    pub const fn new(keys: Arc<Keyring>) -> Self {
        Self { keys }
    }
}

impl AccountBook for KeptAccounts {
    fn find(&self, connection: &Connection, account: &IgUserId) -> Result<Option<BookedAccount>, StoreError> {
        Ok(accounts::find(connection, account)?.map(|account| BookedAccount {
            ig_id: account.ig_id,
            username: account.username,
            name: account.name,
            self_igsid: account.self_igsid,
        }))
    }

    fn caller(
        &self,
        connection: &Connection,
        account: &IgUserId,
        flow: Option<LoginFlow>,
    ) -> Result<Option<Caller>, StoreError> {
        let Some(row) = accounts::working_token(connection, account, flow)? else {
            return Ok(None);
        };
        match self.keys.unseal(account, row.flow, &row.sealed) {
            Ok(token) => Ok(Some(Caller { flow: row.flow, token })),
            Err(error) => {
                tracing::error!(%account, flow = row.flow.name(), %error, "a token cannot be opened");
                Ok(None)
            }
        }
    }

    fn learn_self_igsid(&self, tx: &Tx<'_>, account: &IgUserId, self_igsid: &IgScopedId) -> Result<(), StoreError> {
        if accounts::learn_self_igsid(tx, account, self_igsid)? {
            tracing::info!(%account, %self_igsid, "the account's own scoped id was learned");
        }
        Ok(())
    }

    fn needs_reconnect(
        &self,
        tx: &Tx<'_>,
        account: &IgUserId,
        flow: LoginFlow,
        reason: &str,
    ) -> Result<(), StoreError> {
        if accounts::break_token(tx, account, flow, reason)? {
            tracing::warn!(%account, flow = flow.name(), reason, "the account must be connected again");
        }
        Ok(())
    }
}
