//! An owner disconnects her account from an app: on her phone, and through `/_sim`.

use selfsame_wire::flow::LoginFlow;

use super::callbacks::{CallbackAnswer, tell_data_deletion, tell_deauthorized};
use crate::actions::SetupRefusal;
use crate::http::App;
use crate::store::Failure;

/// What an owner ends.
#[derive(Debug, Clone)]
pub(crate) struct Disconnection {
    /// App name.
    pub(crate) app: String,
    /// The account, with or without `@`.
    pub(crate) account: String,
    /// Only this login; both unless given.
    pub(crate) flow: Option<LoginFlow>,
    /// Also asks for the deletion of her data.
    pub(crate) deletes_data: bool,
}

/// One callback of the app that was called.
#[derive(Debug, Clone)]
pub(crate) struct CalledBack {
    /// `deauthorize` or `data_deletion`.
    pub(crate) kind: &'static str,
    /// Through which login the app was connected.
    pub(crate) flow: LoginFlow,
    /// What came of it.
    pub(crate) answer: CallbackAnswer,
}

/// Ends the connection: its tokens die, its webhooks are uninstalled, the app's callbacks are called. An app without callbacks is
/// told nothing.
pub(crate) async fn disconnect(app: &App, ending: Disconnection) -> Result<Vec<CalledBack>, Failure<SetupRefusal>> {
    let revoked = app.world.revoke_access(ending.app, ending.account, ending.flow).await?;
    let mut called = Vec::new();
    for (developer_app, account, flow) in revoked {
        let told = tell_deauthorized(app, developer_app, account, flow).await?;
        called.extend(told.map(|answer| CalledBack {
            kind: "deauthorize",
            flow,
            answer,
        }));
        if ending.deletes_data {
            let told = tell_data_deletion(app, developer_app, account, flow).await?;
            called.extend(told.map(|answer| CalledBack {
                kind: "data_deletion",
                flow,
                answer,
            }));
        }
    }
    Ok(called)
}
