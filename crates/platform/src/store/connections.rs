//! Connections of an account: who could be told about it, with everything that decides whether they are.

use rusqlite::{Connection as Sqlite, params};
use selfsame_wire::ids::MetaAppId;

use super::StoreError;
use super::apps::list_from_json;
use super::grants::flow_from_name;
use crate::domain::access::Access;
use crate::domain::app::AppMode;
use crate::domain::connection::Connection;
use crate::domain::keys::{AccountKey, AppKey};

pub(super) const OF_ACCOUNT: &str = "SELECT p.id, p.name, g.flow, p.mode, g.scopes, i.fields, i.disabled_at_ms IS NOT NULL, s.fields, s.include_values, s.state, p.meta_app_id, \
                          p.standard_access, r.accepted = 1 AND r.role <> 'analytics' \
                          FROM grants g JOIN apps p ON p.id = g.app_id \
                          LEFT JOIN installs i ON i.app_id = g.app_id AND i.account_id = g.account_id AND i.flow = g.flow \
                          LEFT JOIN app_subscriptions s ON s.app_id = g.app_id \
                          LEFT JOIN app_roles r ON r.app_id = g.app_id AND r.account_id = g.account_id \
                          WHERE g.account_id = ?1 AND g.revoked_at_ms IS NULL ORDER BY g.app_id, g.flow DESC";

/// Every connection of an account that was not revoked.
pub fn of_account(connection: &Sqlite, account: AccountKey) -> Result<Vec<Connection>, StoreError> {
    let mut statement = connection.prepare_cached(OF_ACCOUNT)?;
    let mut rows = statement.query(params![account.0])?;
    let mut connections = Vec::new();
    while let Some(row) = rows.next()? {
        let mode: String = row.get(3)?;
        let state: Option<String> = row.get(9)?;
        let mode = AppMode::parse(&mode).ok_or(StoreError::Corrupt {
            what: "app mode",
            value: mode,
        })?;
        connections.push(Connection {
            app: AppKey(row.get(0)?),
            app_name: row.get(1)?,
            meta_app_id: MetaAppId::new(row.get::<_, String>(10)?),
            stands_by: false,
            flow: flow_from_name(row.get(2)?)?,
            mode,
            scopes: list_from_json("scopes", row.get(4)?)?,
            access: Access {
                standard: list_from_json("standard access", row.get(11)?)?,
                in_development: mode == AppMode::Development,
                has_role: row.get::<_, Option<bool>>(12)?.unwrap_or(false),
            },
            installed_fields: row
                .get::<_, Option<String>>(5)?
                .map(|text| list_from_json("install fields", text))
                .transpose()?,
            disabled: row.get(6)?,
            app_fields: row
                .get::<_, Option<String>>(7)?
                .map(|text| list_from_json("app fields", text))
                .transpose()?,
            include_values: row.get::<_, Option<bool>>(8)?.unwrap_or(true),
            callback_verified: state.as_deref() == Some("verified"),
        });
    }
    Ok(connections)
}
