//! Connected accounts of the tests: one account, kept outside the gateway, so that it survives crashes.

use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use selfsame_client::Caller;
use selfsame_gateway::account_book::{AccountBook, BookedAccount};
use selfsame_gateway::store::StoreError;
use selfsame_runtime::db::Tx;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::{IgScopedId, IgUserId};
use selfsame_wire::secret::AccessToken;

/// The one account's Instagram user id.
pub(crate) const ACCOUNT: &str = "17841400000000001";
/// The account as seen by itself.
pub(crate) const SELF_IGSID: &str = "1500000000000001";

/// One connected account.
#[derive(Clone, Default)]
pub(crate) struct Book(Arc<Mutex<Page>>);

#[derive(Default)]
struct Page {
    self_igsid: Option<IgScopedId>,
    broken: Option<String>,
}

impl Book {
    /// With the self IGSID known from an earlier self message.
    pub(crate) fn knowing_self() -> Self {
        let book = Self::default();
        book.0.lock().unwrap().self_igsid = Some(IgScopedId::new(SELF_IGSID));
        book
    }

    /// What was learned.
    pub(crate) fn self_igsid(&self) -> Option<IgScopedId> {
        self.0.lock().unwrap().self_igsid.clone()
    }

    /// Why the account must be connected again.
    pub(crate) fn broken(&self) -> Option<String> {
        self.0.lock().unwrap().broken.clone()
    }
}

impl AccountBook for Book {
    fn find(&self, _: &Connection, account: &IgUserId) -> Result<Option<BookedAccount>, StoreError> {
        Ok((account.as_str() == ACCOUNT).then(|| BookedAccount {
            ig_id: IgUserId::new(ACCOUNT),
            username: "luna.coffee".to_owned(),
            name: None,
            self_igsid: self.self_igsid(),
        }))
    }

    fn caller(&self, _: &Connection, _: &IgUserId, _: Option<LoginFlow>) -> Result<Option<Caller>, StoreError> {
        let caller = Caller {
            flow: LoginFlow::Instagram,
            token: AccessToken::new("IGAAtest"),
        };
        Ok(self.broken().is_none().then_some(caller))
    }

    fn learn_self_igsid(&self, _: &Tx<'_>, _: &IgUserId, self_igsid: &IgScopedId) -> Result<(), StoreError> {
        self.0.lock().unwrap().self_igsid = Some(self_igsid.clone());
        Ok(())
    }

    fn needs_reconnect(&self, _: &Tx<'_>, _: &IgUserId, _: LoginFlow, reason: &str) -> Result<(), StoreError> {
        self.0.lock().unwrap().broken = Some(reason.to_owned());
        Ok(())
    }
}
