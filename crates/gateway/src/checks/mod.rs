//! Looks at everything that answering depends on, and says what is wrong and what to do: the
//! configuration, the files, the store, every account; and, when asked to be live, the callback as
//! Instagram would call it, the clocks, the app's subscription and every token.

mod account;
mod callback;
mod configuration;

use selfsame_client::GraphClient;
use selfsame_runtime::clock::WorldClock;
use selfsame_runtime::db::Database;
use selfsame_runtime::random::Random;
use serde::Serialize;
use utoipa::ToSchema;

use crate::config::Config;
use crate::onboarding::{Credentials, Finding, FindingLevel};
use crate::store::StoreError;
use crate::store::accounts;

pub use account::{known_health, live_findings};

/// Accounts that are looked at, live or not.
const ACCOUNTS_MAX: usize = 1_000;
/// Accounts whose tokens are tried, live.
const LIVE_ACCOUNTS_MAX: usize = 20;

/// What checks need.
#[derive(Clone, Copy)]
pub struct Checker<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The database.
    pub database: &'a Database,
    /// The way to Instagram.
    pub client: &'a GraphClient,
    /// Opens tokens.
    pub credentials: &'a Credentials,
    /// World time.
    pub world: &'a WorldClock,
    /// For challenges.
    pub random: &'a Random,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckReport {
    /// The worst of it.
    pub level: FindingLevel,
    /// Each thing that was looked at.
    pub checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// What it is about: `configuration`, `files`, `store`, `callback`, `clock`, `app`, or `@username`.
    pub about: String,
    /// A stable word for programs, such as `verify_token`.
    pub code: String,
    /// How bad it is.
    pub level: FindingLevel,
    /// What is the matter.
    pub text: String,
    /// What to do about it; empty when nothing is wrong.
    pub remedy: String,
}

impl Check {
    fn of(about: &str, finding: Finding) -> Self {
        Self {
            about: about.to_owned(),
            code: finding.code,
            level: finding.level,
            text: finding.text,
            remedy: finding.remedy,
        }
    }
}

/// Looks at everything.
pub async fn check(checker: Checker<'_>, live: bool) -> Result<CheckReport, StoreError> {
    let mut checks = configuration::checks(checker.config);
    checks.push(store(checker).await);
    let connected = checker.database.read(accounts::list).await.map_err(StoreError::from)?;
    if connected.is_empty() {
        let finding = Finding::warning(
            "accounts",
            "no account is connected",
            "open /connect, or run `selfsame accounts add --token-stdin`",
        );
        checks.push(Check::of("accounts", finding));
    }
    if live {
        checks.extend(callback::checks(checker).await);
    }
    for (position, account) in connected.iter().take(ACCOUNTS_MAX).enumerate() {
        let about = format!("@{}", account.username);
        let mut findings = known_health(checker, account).await?.findings;
        if live && position < LIVE_ACCOUNTS_MAX {
            findings.extend(live_findings(checker, account).await?);
        }
        checks.extend(findings.into_iter().map(|finding| Check::of(&about, finding)));
    }
    if live && connected.len() > LIVE_ACCOUNTS_MAX {
        let text = format!(
            "the tokens of the first {LIVE_ACCOUNTS_MAX} of {} accounts were tried",
            connected.len()
        );
        let remedy = "GET /api/v1/accounts/{id}/health?live=true tries those of one account";
        checks.push(Check::of("accounts", Finding::warning("accounts", &text, remedy)));
    }
    let level = checks.iter().map(|check| check.level).max();
    Ok(CheckReport {
        level: level.unwrap_or(FindingLevel::Good),
        checks,
    })
}

async fn store(checker: Checker<'_>) -> Check {
    let written = checker
        .database
        .write(selfsame_runtime::db::Durability::Durable, |_tx| Ok::<_, StoreError>(()))
        .await
        .map_err(StoreError::from);
    let finding = match written {
        Ok(()) => Finding::good("store", "the database takes writes"),
        Err(error) => Finding::bad(
            "store",
            &format!("the database takes no writes: {error}"),
            "is the disk full, or read-only? Webhooks are answered 503 until it is repaired, and delivered again",
        ),
    };
    Check::of("store", finding)
}
