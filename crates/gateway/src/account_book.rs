//! What the ledger needs to know of connected accounts.
//!
//! Onboarding owns their table and the key that opens their tokens; the ledger only asks. Being a
//! trait, it lets the ledger's tests run without onboarding.

use rusqlite::Connection;
use selfsame_client::Caller;
use selfsame_runtime::db::Tx;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::{IgScopedId, IgUserId};

use crate::store::StoreError;

/// A connected account, as far as the ledger cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedAccount {
    /// The account: `entry.id` of its webhooks.
    pub ig_id: IgUserId,
    /// Its username, without `@`.
    pub username: String,
    /// Its display name.
    pub name: Option<String>,
    /// The account as seen by itself, once learned.
    pub self_igsid: Option<IgScopedId>,
}

/// Connected accounts. All methods run inside somebody's transaction or read.
pub trait AccountBook: Send + Sync {
    /// The account of that id, if it is connected.
    fn find(&self, connection: &Connection, account: &IgUserId) -> Result<Option<BookedAccount>, StoreError>;

    /// On whose behalf to call Instagram, through this login where one is given; none when the account has no
    /// usable token.
    fn caller(
        &self,
        connection: &Connection,
        account: &IgUserId,
        flow: Option<LoginFlow>,
    ) -> Result<Option<Caller>, StoreError>;

    /// Remembers the account as seen by itself.
    fn learn_self_igsid(&self, tx: &Tx<'_>, account: &IgUserId, self_igsid: &IgScopedId) -> Result<(), StoreError>;

    /// Instagram refused the account's token of this login: its owner must log in again. The reason is for people.
    fn needs_reconnect(&self, tx: &Tx<'_>, account: &IgUserId, flow: LoginFlow, reason: &str)
    -> Result<(), StoreError>;
}
