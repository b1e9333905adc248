//! A person or professional account appears, or changes its settings.

use std::collections::BTreeMap;

use super::SetupRefusal;
use super::create_app::refuse;
use crate::domain::access::Role;
use crate::domain::account::{Account, AccountKind, Page, Standing};
use crate::domain::identifiers;
use crate::domain::keys::AccountKey;
use crate::store::accounts::NewAccount;
use crate::store::{Durability, Failure, Tx, accounts, apps, roles};
use crate::world::World;

/// Longest username on Instagram.
const USERNAME_CHARACTERS_MAX: usize = 30;
/// An account to make. What is `None` is chosen.
#[derive(Debug, Clone, Default)]
pub struct CreateAccount {
    /// With or without `@`.
    pub username: String,
    /// Display name; the username unless given.
    pub name: Option<String>,
    /// Personal, unless a Page is asked for.
    pub kind: Option<AccountKind>,
    /// Whether a Facebook Page is linked.
    pub page: bool,
    /// Whether strangers see its posts; yes unless said otherwise.
    pub is_public: Option<bool>,
    /// "Allow access to messages"; yes unless said otherwise.
    pub message_access: Option<bool>,
    /// Role by app name.
    pub roles: BTreeMap<String, String>,
}

/// What to change on an account; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct ChangeAccount {
    /// Display name.
    pub name: Option<String>,
    /// Sort of account.
    pub kind: Option<AccountKind>,
    /// Links a Page or unlinks it.
    pub page: Option<bool>,
    /// Whether strangers see its posts.
    pub is_public: Option<bool>,
    /// "Allow access to messages".
    pub message_access: Option<bool>,
    /// What Instagram holds against it.
    pub standing: Option<Standing>,
    /// Role by app name; an empty name takes the role away.
    pub roles: BTreeMap<String, String>,
}

impl World {
    /// Makes an account.
    pub async fn create_account(&self, create: CreateAccount) -> Result<AccountKey, Failure<SetupRefusal>> {
        let (world, now_ms) = (self.clone(), self.clock.now_ms());
        self.store
            .write(Durability::Durable, move |tx| {
                world.create_account_in(tx, create, now_ms)
            })
            .await
    }

    /// [`World::create_account`] inside a transaction of the caller's.
    pub fn create_account_in(
        &self,
        tx: &Tx<'_>,
        create: CreateAccount,
        now_ms: i64,
    ) -> Result<AccountKey, Failure<SetupRefusal>> {
        let username = username(&create.username)?;
        let kind = create.kind.unwrap_or(if create.page {
            AccountKind::Business
        } else {
            AccountKind::Personal
        });
        if create.page && !kind.is_professional() {
            return Err(Failure::Refused(SetupRefusal::NotProfessional { username }));
        }
        let name = create.name.unwrap_or_else(|| username.clone());
        let professional = kind.is_professional();
        let new = NewAccount {
            username: username.clone(),
            name: name.clone(),
            kind,
            ig_id: professional.then(|| identifiers::ig_user_id(&self.random)),
            self_igsid: professional.then(|| identifiers::ig_scoped_id(&self.random)),
            page: create.page.then(|| Page {
                page_id: identifiers::page_id(&self.random),
                name,
            }),
            is_public: create.is_public.unwrap_or(true),
            message_access: create.message_access.unwrap_or(true),
        };
        let Some(key) = accounts::insert(tx, &new, now_ms)? else {
            return Err(Failure::Refused(SetupRefusal::Taken {
                field: "username",
                value: username,
            }));
        };
        put_roles(tx, key, &create.roles)?;
        Ok(key)
    }

    /// Changes an account. An account that was professional keeps its ids, in case it becomes professional again.
    pub async fn change_account(
        &self,
        reference: String,
        change: ChangeAccount,
    ) -> Result<AccountKey, Failure<SetupRefusal>> {
        let random = self.random.clone();
        self.store
            .write(Durability::Durable, move |tx| {
                let Some(mut account) = accounts::by_username(tx, &reference)? else {
                    return Err(Failure::Refused(SetupRefusal::UnknownAccount {
                        field: "username",
                        reference,
                    }));
                };
                if let Some(name) = change.name {
                    account.name = name;
                }
                if let Some(is_public) = change.is_public {
                    account.is_public = is_public;
                }
                if let Some(message_access) = change.message_access {
                    account.message_access = message_access;
                }
                if let Some(standing) = change.standing {
                    account.standing = standing;
                }
                if let Some(kind) = change.kind {
                    account.kind = kind;
                }
                if account.kind.is_professional() {
                    account.ig_id.get_or_insert_with(|| identifiers::ig_user_id(&random));
                    if account.self_igsid.is_none() {
                        accounts::insert_scoped_id(tx, account.key, account.key, &identifiers::ig_scoped_id(&random))?;
                    }
                }
                accounts::update(tx, &account)?;
                if let Some(wanted) = change.page {
                    change_page(tx, &account, wanted, || identifiers::page_id(&random))?;
                }
                put_roles(tx, account.key, &change.roles)?;
                Ok(account.key)
            })
            .await
    }
}

fn change_page(
    tx: &Tx<'_>,
    account: &Account,
    wanted: bool,
    mint: impl FnOnce() -> selfsame_wire::ids::PageId,
) -> Result<(), Failure<SetupRefusal>> {
    match (wanted, &account.page) {
        (true, None) if !account.kind.is_professional() => Err(Failure::Refused(SetupRefusal::NotProfessional {
            username: account.username.clone(),
        })),
        (true, None) => {
            accounts::put_page(
                tx,
                account.key,
                Some(&Page {
                    page_id: mint(),
                    name: account.name.clone(),
                }),
            )?;
            Ok(())
        }
        (false, Some(_)) => {
            accounts::put_page(tx, account.key, None)?;
            Ok(())
        }
        (true, Some(_)) | (false, None) => Ok(()),
    }
}

fn put_roles(tx: &Tx<'_>, account: AccountKey, wanted: &BTreeMap<String, String>) -> Result<(), Failure<SetupRefusal>> {
    for (app_name, role) in wanted {
        let Some(app) = apps::by_name(tx, app_name)? else {
            return Err(Failure::Refused(SetupRefusal::UnknownApp { name: app_name.clone() }));
        };
        if role.is_empty() {
            roles::delete(tx, app.key, account)?;
        } else if let Some(known) = Role::parse(role) {
            roles::put(tx, app.key, account, known, true)?;
        } else {
            let names = Role::ALL.map(Role::as_str).join(", ");
            return refuse("roles", role.clone(), &format!("one of {names}"));
        }
    }
    Ok(())
}

fn username(reference: &str) -> Result<String, Failure<SetupRefusal>> {
    let name = reference.strip_prefix('@').unwrap_or(reference);
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
    if name.is_empty() || name.len() > USERNAME_CHARACTERS_MAX || !name.chars().all(is_allowed) {
        return refuse(
            "username",
            reference.to_owned(),
            "1 to 30 of a-z, 0-9, full stop and underscore",
        );
    }
    Ok(name.to_owned())
}
