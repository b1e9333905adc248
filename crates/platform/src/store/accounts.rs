//! Accounts, Pages and scoped ids.

use rusqlite::{Connection, OptionalExtension, Row, params};
use selfsame_wire::ids::{IgScopedId, IgUserId, PageId};

use super::{StoreError, Tx};
use crate::domain::account::{Account, AccountKind, Page, Standing};
use crate::domain::keys::AccountKey;

macro_rules! select_account {
    ($condition:literal) => {
        concat!(
            "SELECT a.id, a.username, a.name, a.kind, a.ig_id, s.igsid, p.page_id, p.name, a.is_public, a.message_access, a.created_at_ms, a.standing ",
            "FROM accounts a LEFT JOIN pages p ON p.account_id = a.id ",
            "LEFT JOIN scoped_ids s ON s.account_id = a.id AND s.person_id = a.id ",
            $condition
        )
    };
}

pub(super) const BY_KEY: &str = select_account!("WHERE a.id = ?1");
pub(super) const BY_USERNAME: &str = select_account!("WHERE a.username = ?1");
const BY_IG_ID: &str = select_account!("WHERE a.ig_id = ?1");
const BY_PAGE_ID: &str = select_account!("WHERE p.page_id = ?1");
const ALL: &str = select_account!("ORDER BY a.id");
const INSERT: &str = "INSERT INTO accounts (username, name, kind, ig_id, is_public, message_access, created_at_ms) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const UPDATE: &str = "UPDATE accounts SET name = ?2, kind = ?3, ig_id = ?4, is_public = ?5, message_access = ?6, standing = ?7 WHERE id = ?1";
const INSERT_PAGE: &str = "INSERT INTO pages (page_id, account_id, name) VALUES (?1, ?2, ?3)";
const DELETE_PAGE: &str = "DELETE FROM pages WHERE account_id = ?1";
pub(super) const SCOPED_ID: &str = "SELECT igsid FROM scoped_ids WHERE account_id = ?1 AND person_id = ?2";
const INSERT_SCOPED_ID: &str = "INSERT INTO scoped_ids (account_id, person_id, igsid) VALUES (?1, ?2, ?3)";
pub(super) const PERSON_OF: &str = "SELECT account_id, person_id FROM scoped_ids WHERE igsid = ?1";
pub(super) const SCOPED_IDS_OF_PERSON: &str =
    "SELECT account_id, igsid FROM scoped_ids WHERE person_id = ?1 ORDER BY account_id";

/// The account with this key.
pub fn by_key(connection: &Connection, key: AccountKey) -> Result<Option<Account>, StoreError> {
    one(connection, BY_KEY, params![key.0])
}

/// The account with this username, given with or without `@`.
pub fn by_username(connection: &Connection, username: &str) -> Result<Option<Account>, StoreError> {
    one(
        connection,
        BY_USERNAME,
        params![username.strip_prefix('@').unwrap_or(username)],
    )
}

/// The professional account with this IG id.
pub fn by_ig_id(connection: &Connection, ig_id: &str) -> Result<Option<Account>, StoreError> {
    one(connection, BY_IG_ID, params![ig_id])
}

/// The professional account linked to this Page.
pub fn by_page_id(connection: &Connection, page_id: &str) -> Result<Option<Account>, StoreError> {
    one(connection, BY_PAGE_ID, params![page_id])
}

/// Every account, oldest first.
pub fn all(connection: &Connection) -> Result<Vec<Account>, StoreError> {
    let mut statement = connection.prepare_cached(ALL)?;
    let mut rows = statement.query([])?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next()? {
        accounts.push(account(row)?);
    }
    Ok(accounts)
}

/// A new account with its ids.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Without `@`.
    pub username: String,
    /// Display name.
    pub name: String,
    /// Sort of account.
    pub kind: AccountKind,
    /// For professional accounts.
    pub ig_id: Option<IgUserId>,
    /// For professional accounts: itself as a person.
    pub self_igsid: Option<IgScopedId>,
    /// The linked Page, if any.
    pub page: Option<Page>,
    /// Whether strangers see its posts.
    pub is_public: bool,
    /// "Allow access to messages".
    pub message_access: bool,
}

/// Inserts an account. `Ok(None)` when the username is taken.
pub fn insert(tx: &Tx<'_>, new: &NewAccount, now_ms: i64) -> Result<Option<AccountKey>, StoreError> {
    tx.identities_changed();
    if by_username(tx, &new.username)?.is_some() {
        return Ok(None);
    }
    let key = AccountKey(tx.prepare_cached(INSERT)?.insert(params![
        new.username,
        new.name,
        new.kind.as_str(),
        new.ig_id.as_ref().map(IgUserId::as_str),
        new.is_public,
        new.message_access,
        now_ms
    ])?);
    if let Some(page) = &new.page {
        put_page(tx, key, Some(page))?;
    }
    if let Some(igsid) = &new.self_igsid {
        insert_scoped_id(tx, key, key, igsid)?;
    }
    Ok(Some(key))
}

/// Stores the changeable parts of an account: name, kind, IG id, visibility, message access, standing.
pub fn update(tx: &Tx<'_>, account: &Account) -> Result<(), StoreError> {
    tx.identities_changed();
    tx.prepare_cached(UPDATE)?.execute(params![
        account.key.0,
        account.name,
        account.kind.as_str(),
        account.ig_id.as_ref().map(IgUserId::as_str),
        account.is_public,
        account.message_access,
        (account.standing != Standing::Good).then(|| account.standing.as_str())
    ])?;
    Ok(())
}

/// Links an account to a Page, or to none.
pub fn put_page(tx: &Tx<'_>, account: AccountKey, page: Option<&Page>) -> Result<(), StoreError> {
    tx.identities_changed();
    tx.prepare_cached(DELETE_PAGE)?.execute([account.0])?;
    if let Some(page) = page {
        tx.prepare_cached(INSERT_PAGE)?
            .execute(params![page.page_id.as_str(), account.0, page.name])?;
    }
    Ok(())
}

/// `person` as `account` sees it, if they ever met.
pub fn scoped_id(
    connection: &Connection,
    account: AccountKey,
    person: AccountKey,
) -> Result<Option<IgScopedId>, StoreError> {
    let igsid: Option<String> = connection
        .prepare_cached(SCOPED_ID)?
        .query_row(params![account.0, person.0], |row| row.get(0))
        .optional()?;
    Ok(igsid.map(IgScopedId::new))
}

/// Fixes how `account` sees `person`.
pub fn insert_scoped_id(
    tx: &Tx<'_>,
    account: AccountKey,
    person: AccountKey,
    igsid: &IgScopedId,
) -> Result<(), StoreError> {
    if account == person {
        tx.identities_changed();
    }
    tx.prepare_cached(INSERT_SCOPED_ID)?
        .execute(params![account.0, person.0, igsid.as_str()])?;
    Ok(())
}

/// Whose id this is: (the account that sees, the person seen).
pub fn behind_scoped_id(connection: &Connection, igsid: &str) -> Result<Option<(AccountKey, AccountKey)>, StoreError> {
    Ok(connection
        .prepare_cached(PERSON_OF)?
        .query_row([igsid], |row| Ok((AccountKey(row.get(0)?), AccountKey(row.get(1)?))))
        .optional()?)
}

/// Every id under which this person is seen: (by which account, id).
pub fn scoped_ids_of_person(
    connection: &Connection,
    person: AccountKey,
) -> Result<Vec<(AccountKey, IgScopedId)>, StoreError> {
    let mut statement = connection.prepare_cached(SCOPED_IDS_OF_PERSON)?;
    let rows = statement.query_map([person.0], |row| {
        Ok((AccountKey(row.get(0)?), IgScopedId::new(row.get::<_, String>(1)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn one(
    connection: &Connection,
    sql: &'static str,
    params: &[&dyn rusqlite::ToSql],
) -> Result<Option<Account>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(account).transpose()
}

fn account(row: &Row<'_>) -> Result<Account, StoreError> {
    let kind: String = row.get(3)?;
    let page_id: Option<String> = row.get(6)?;
    let page_name: Option<String> = row.get(7)?;
    Ok(Account {
        key: AccountKey(row.get(0)?),
        username: row.get(1)?,
        name: row.get(2)?,
        kind: AccountKind::parse(&kind).ok_or(StoreError::Corrupt {
            what: "account kind",
            value: kind,
        })?,
        ig_id: row.get::<_, Option<String>>(4)?.map(IgUserId::new),
        self_igsid: row.get::<_, Option<String>>(5)?.map(IgScopedId::new),
        page: page_id.map(|id| Page {
            page_id: PageId::new(id),
            name: page_name.unwrap_or_default(),
        }),
        is_public: row.get(8)?,
        message_access: row.get(9)?,
        standing: match row.get::<_, Option<String>>(11)? {
            None => Standing::Good,
            Some(name) => Standing::parse(&name).ok_or(StoreError::Corrupt {
                what: "standing",
                value: name,
            })?,
        },
        created_at_ms: row.get(10)?,
    })
}
