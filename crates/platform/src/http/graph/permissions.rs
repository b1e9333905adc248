//! `GET /me/permissions`, `DELETE /me/permissions[/{permission}]` — what the user allowed (contract: login-facebook §3.4).

use std::convert::Infallible;

use selfsame_wire::graph_error::GraphError;
use serde_json::{Value, json};

use super::call::{Call, Outcome};
use super::refusal::GraphRefusal;
use crate::actions::APP_REMOVED_SUBCODE;
use crate::domain::caller::Caller;
use crate::http::oauth::tell_deauthorized;
use crate::store::grants::Grant;
use crate::store::{Durability, Failure, StoreError, grants};

/// The grant behind the token.
pub(super) async fn of(call: &Call, caller: &Caller) -> Result<Grant, GraphRefusal> {
    let key = caller.token.grant;
    let found = call
        .app
        .world
        .store
        .read(move |connection| grants::grant_by_key(connection, key))
        .await?;
    found.ok_or_else(|| {
        StoreError::Corrupt {
            what: "grant",
            value: key.to_string(),
        }
        .into()
    })
}

/// Lists granted and declined permissions.
pub(super) fn list(_caller: &Caller, grant: &Grant) -> Value {
    let row = |permission: &String, status: &str| json!({"permission": permission, "status": status});
    let granted = grant.scopes.iter().map(|permission| row(permission, "granted"));
    let declined = grant.declined.iter().map(|permission| row(permission, "declined"));
    json!({"data": granted.chain(declined).collect::<Vec<_>>()})
}

/// Takes one permission back, or all of them, which removes the app.
pub(super) async fn remove(call: &Call, caller: &Caller, permission: Option<&str>) -> Outcome {
    let grant = of(call, caller).await?;
    let now_ms = call.app.world.clock.now_ms();
    let one = permission
        .map(str::to_owned)
        .or_else(|| call.parameters.text("permission"));
    if let Some(name) = &one
        && !grant.scopes.contains(name)
    {
        let error = GraphError::invalid_parameter(caller.flow(), "Invalid parameter");
        return Err(GraphRefusal::new(
            error,
            format!("the permission {name:?} is not granted"),
        ));
    }
    let removes_app = one.is_none();
    let revoked = grant.clone();
    let stored = call
        .app
        .world
        .store
        .write(Durability::Durable, move |tx| -> Result<(), Failure<Infallible>> {
            match one {
                None => {
                    grants::revoke(tx, revoked.key, APP_REMOVED_SUBCODE, now_ms)?;
                    grants::delete_install(tx, revoked.app, revoked.account, revoked.flow)?;
                }
                Some(name) => {
                    let scopes: Vec<String> = revoked.scopes.iter().filter(|scope| **scope != name).cloned().collect();
                    let mut declined = revoked.declined.clone();
                    declined.push(name);
                    grants::put_scopes(tx, revoked.key, &scopes, &declined)?;
                }
            }
            Ok(())
        });
    stored.await.map_err(StoreError::from)?;
    if removes_app {
        tell_deauthorized(&call.app, grant.app, grant.account, grant.flow).await?;
    }
    Ok(json!({"success": true}))
}
