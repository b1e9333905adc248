//! Where the events of an account go, and in which shape.

use rusqlite::Connection;
use selfsame_wire::ids::IgUserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::store::StoreError;
use crate::store::forwards;

/// How events are presented to an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// As Instagram sent them.
    #[default]
    Meta,
    /// The same, but what the owner types or taps in her self thread looks like an ordinary event of a
    /// customer, for engines that drop echoes.
    Inbound,
}

impl Shape {
    /// The name it is stored by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Inbound => "inbound",
        }
    }

    /// The shape of that name; every other name is Meta's own.
    pub fn from_name(name: &str) -> Self {
        if name == "inbound" { Self::Inbound } else { Self::Meta }
    }
}

/// Who said where events go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SetBy {
    /// Whoever started the gateway, for every account. Private addresses are hers to use.
    Gateway,
    /// The API, for one account. The rules of `http` steps count.
    Account,
}

/// An engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its address, `http` or `https`.
    pub url: String,
    /// How events are presented to it.
    pub shape: Shape,
    /// Who said so.
    pub set_by: SetBy,
}

impl Target {
    /// The host, for people: addresses may carry secrets in their path.
    pub fn host(&self) -> String {
        url::Url::parse(&self.url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_else(|| "your engine".to_owned())
    }
}

/// Where the events of an account go: as was said for the account, else as was said for the gateway.
/// None: the automations answer.
pub fn target(
    connection: &Connection,
    account: &IgUserId,
    of_gateway: Option<&Target>,
) -> Result<Option<Target>, StoreError> {
    Ok(match forwards::find(connection, account)? {
        Some(row) => row.url.map(|url| Target {
            url,
            shape: row.shape,
            set_by: SetBy::Account,
        }),
        None => of_gateway.cloned(),
    })
}
