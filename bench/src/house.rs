//! A gateway in a temporary folder, with one account that nobody has given a token.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;
use selfsame_client::Caller;
use selfsame_client::transport::Transport;
use selfsame_gateway::Gateway;
use selfsame_gateway::account_book::{AccountBook, BookedAccount};
use selfsame_gateway::config::{AppCredentials, Config, Limits};
use selfsame_gateway::store::StoreError;
use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::db::Tx;
use selfsame_runtime::http::AdminToken;
use selfsame_runtime::random::Random;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::{IgScopedId, IgUserId};
use tempfile::TempDir;

use crate::webhooks::{ACCOUNT, SECRET};

/// The folder of a gateway that is being measured.
pub struct House {
    /// Removed when the benchmark ends.
    pub folder: TempDir,
    /// The gateway.
    pub gateway: Gateway,
}

impl House {
    /// Opens a new gateway. It knows the account of [`crate::webhooks`] and has no automations.
    pub async fn open() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let app = AppCredentials {
            id: "1".to_owned(),
            secret: SECRET.to_owned(),
        };
        let config = Config {
            data: folder.path().to_owned(),
            database: None,
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: None,
            allow_hosts: Vec::new(),
            preview_embedders: Vec::new(),
            admin_token: AdminToken::new(Random::system().hex(32)),
            instagram_app: app.clone(),
            meta_app: app,
            verify_token: "unused".to_owned(),
            // Nobody listens there: nothing in a benchmark of intake is to be sent.
            instagram_url: "http://127.0.0.1:9".to_owned(),
            facebook_url: "http://127.0.0.1:9".to_owned(),
            automations: folder.path().join("automations.yaml"),
            extra_app_secrets: Vec::new(),
            token_keys: None,
            forward: None,
            // The limits that Instagram documents per account would be all that is measured.
            limits: Limits {
                paced: false,
                ..Limits::default()
            },
        };
        let gateway = Gateway::open_over(
            config,
            WorldClock::real(),
            ProcessClock::real(),
            Random::system(),
            Transport::network(),
            Arc::new(OneAccount),
        )
        .await?;
        Ok(Self { folder, gateway })
    }
}

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    let now: Timestamp = WorldClock::real().now();
    now.as_millisecond()
}

/// Knows one account and forgets what it is told.
struct OneAccount;

impl AccountBook for OneAccount {
    fn find(&self, _connection: &Connection, account: &IgUserId) -> Result<Option<BookedAccount>, StoreError> {
        Ok((account.as_str() == ACCOUNT).then(|| BookedAccount {
            ig_id: account.clone(),
            username: "luna.coffee".to_owned(),
            name: None,
            self_igsid: None,
        }))
    }

    fn caller(
        &self,
        _connection: &Connection,
        _account: &IgUserId,
        _flow: Option<LoginFlow>,
    ) -> Result<Option<Caller>, StoreError> {
        Ok(None)
    }

    fn learn_self_igsid(&self, _tx: &Tx<'_>, _account: &IgUserId, _self_igsid: &IgScopedId) -> Result<(), StoreError> {
        Ok(())
    }

    fn needs_reconnect(
        &self,
        _tx: &Tx<'_>,
        _account: &IgUserId,
        _flow: LoginFlow,
        _reason: &str,
    ) -> Result<(), StoreError> {
        Ok(())
    }
}
