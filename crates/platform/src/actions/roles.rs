//! Roles on apps: a developer invites, the account accepts or declines; and whom an account shuts out.

use super::SetupRefusal;
use super::create_app::refuse;
use crate::domain::access::Role;
use crate::domain::account::Account;
use crate::domain::app::App;
use crate::store::{Durability, Failure, Tx, accounts, apps, blocks, roles};
use crate::world::World;

/// A role to give.
#[derive(Debug, Clone)]
pub struct GiveRole {
    /// App name.
    pub app: String,
    /// Account, with or without `@`.
    pub account: String,
    /// Which role.
    pub role: Role,
    /// Whether the account has accepted already; by default testers are invited and the others are not asked.
    pub accepted: Option<bool>,
}

/// How an account shuts another out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    /// No messages and comments in either direction.
    Blocked,
    /// Her comments stay unseen to the API.
    Restricted,
    /// Neither.
    Open,
}

impl World {
    /// Gives a role on an app, or invites to it.
    pub async fn give_role(&self, give: GiveRole) -> Result<(), Failure<SetupRefusal>> {
        self.store
            .write(Durability::Durable, move |tx| {
                let (app, account) = app_and_account(tx, &give.app, &give.account)?;
                let accepted = give.accepted.unwrap_or(!give.role.is_by_invitation());
                Ok(roles::put(tx, app.key, account.key, give.role, accepted)?)
            })
            .await
    }

    /// The account accepts its invitation.
    pub async fn accept_role(&self, app: String, account: String) -> Result<(), Failure<SetupRefusal>> {
        self.store
            .write(Durability::Durable, move |tx| {
                let (app, account) = app_and_account(tx, &app, &account)?;
                if roles::accept(tx, app.key, account.key)? {
                    return Ok(());
                }
                Err(no_role(app, account))
            })
            .await
    }

    /// The developer takes the role away, or the account declines the invitation.
    pub async fn remove_role(&self, app: String, account: String) -> Result<(), Failure<SetupRefusal>> {
        self.store
            .write(Durability::Durable, move |tx| {
                let (app, account) = app_and_account(tx, &app, &account)?;
                if roles::delete(tx, app.key, account.key)? {
                    return Ok(());
                }
                Err(no_role(app, account))
            })
            .await
    }

    /// An account blocks or restricts another, or takes it back.
    pub async fn shut_out(&self, by: String, other: String, how: Shut) -> Result<(), Failure<SetupRefusal>> {
        self.store
            .write(Durability::Durable, move |tx| {
                let (account, other) = (known(tx, "as", by)?, known(tx, "who", other)?);
                if account.key == other.key {
                    return refuse("who", format!("@{}", other.username), "somebody else than oneself");
                }
                match how {
                    Shut::Blocked => blocks::put(tx, account.key, other.key, false)?,
                    Shut::Restricted => blocks::put(tx, account.key, other.key, true)?,
                    Shut::Open => drop(blocks::delete(tx, account.key, other.key)?),
                }
                Ok(())
            })
            .await
    }
}

fn no_role(app: App, account: Account) -> Failure<SetupRefusal> {
    Failure::Refused(SetupRefusal::NoRole {
        username: account.username,
        app: app.name,
    })
}

fn app_and_account(tx: &Tx<'_>, app: &str, account: &str) -> Result<(App, Account), Failure<SetupRefusal>> {
    let Some(found) = apps::by_name(tx, app)? else {
        return Err(Failure::Refused(SetupRefusal::UnknownApp { name: app.to_owned() }));
    };
    Ok((found, known(tx, "account", account.to_owned())?))
}

fn known(tx: &Tx<'_>, field: &'static str, reference: String) -> Result<Account, Failure<SetupRefusal>> {
    accounts::by_username(tx, &reference)?.ok_or(Failure::Refused(SetupRefusal::UnknownAccount { field, reference }))
}
