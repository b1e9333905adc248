//! The identity card of one account: each of its ids, and where that id appears.
//!
//! Self messaging puts several ids of the same account side by side in one event. Taking one for another is the mistake
//! that this card is for.

use serde::Serialize;

use super::{Account, World};

/// One id or token of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdentityLine {
    /// What it is called in Meta's documentation.
    pub name: String,
    /// The id itself.
    pub value: String,
    /// Where it appears and what it is good for.
    pub appears: String,
}

/// Every id of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdentityCard {
    /// Without `@`.
    pub username: String,
    /// `business`, `creator` or `personal`.
    pub kind: String,
    /// Its ids, the one that is most often wanted first.
    pub ids: Vec<IdentityLine>,
    /// Its tokens.
    pub tokens: Vec<IdentityLine>,
}

/// There is no such account, or none was named and several could be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownAccount {
    /// No account has this name.
    #[error("there is no account @{name}; {}", named(known))]
    Named {
        /// The name that was asked for.
        name: String,
        /// The names that exist, with `@`.
        known: Vec<String>,
    },
    /// Nobody was named and there is not exactly one professional account.
    #[error("{}", say_which(known))]
    Ambiguous {
        /// The names that exist, with `@`.
        known: Vec<String>,
    },
}

fn named(known: &[String]) -> String {
    if known.is_empty() {
        return "this world has none".to_owned();
    }
    format!("there are {}", known.join(", "))
}

fn say_which(known: &[String]) -> String {
    if known.is_empty() {
        return "there is no account in this world".to_owned();
    }
    format!(
        "there is not exactly one business account, so say which is meant (--as, --account, or its name after the command): {}",
        known.join(", ")
    )
}

impl World {
    /// The account that a command means: the named one, else the only professional one.
    ///
    /// # Errors
    /// When there is no such account, or several could be meant.
    pub fn meant_account(&self, reference: Option<&str>) -> Result<&Account, UnknownAccount> {
        let known = || {
            self.accounts
                .iter()
                .map(|account| format!("@{}", account.username))
                .collect()
        };
        match reference {
            Some(reference) => self.account(reference).ok_or_else(|| UnknownAccount::Named {
                name: reference.trim_start_matches('@').to_owned(),
                known: known(),
            }),
            None => self
                .only_business()
                .ok_or_else(|| UnknownAccount::Ambiguous { known: known() }),
        }
    }
}

impl IdentityCard {
    /// The card of `account`.
    pub fn of(account: &Account) -> Self {
        let mut ids = Vec::new();
        let mut line = |name: &str, value: &str, appears: &str| {
            ids.push(IdentityLine {
                name: name.to_owned(),
                value: value.to_owned(),
                appears: appears.to_owned(),
            });
        };
        if let Some(self_igsid) = &account.self_igsid {
            line(
                "self IGSID",
                self_igsid,
                "recipient.id of self messages and self taps, from.self_ig_scoped_id of own comments; \
                 answer self messages to it: POST /<self IGSID>/messages",
            );
        }
        if let Some(ig_id) = &account.ig_id {
            line(
                "IG user id",
                ig_id,
                "entry.id of every webhook, sender.id of self messages, recipient.id of other people's messages, \
                 user_id of /me; never a recipient of a send",
            );
        }
        for (app, id) in &account.app_scoped_ids {
            line(
                &format!("app-scoped id ({app})"),
                id,
                "id of /me and user_id of the Instagram login's token answer; never in webhooks, never a recipient",
            );
        }
        if let Some(page_id) = &account.page_id {
            line(
                "Page id",
                page_id,
                "/me/accounts and /<Page id>/messages of the Facebook login",
            );
        }
        for (other, id) in &account.scoped_ids {
            line(
                &format!("IGSID for {other}"),
                id,
                &format!("sender.id when this account writes to {other}; recipient.id when {other} answers"),
            );
        }
        let tokens = account
            .tokens
            .iter()
            .map(|token| IdentityLine {
                name: format!(
                    "{} token ({}, {})",
                    token.kind.as_deref().unwrap_or("access"),
                    token.flow.as_str(),
                    token.app
                ),
                value: token.access_token.clone(),
                appears: match token.flow {
                    super::Flow::Instagram => {
                        "graph.instagram.com; webhooks signed with the Instagram app secret".to_owned()
                    }
                    super::Flow::Facebook => "graph.facebook.com; webhooks signed with the Meta app secret".to_owned(),
                },
            })
            .collect();
        Self {
            username: account.username.clone(),
            kind: account.kind.clone(),
            ids,
            tokens,
        }
    }
}
