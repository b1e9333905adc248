//! Connecting accounts: from a token to a profile, webhooks and a sealed row; and keeping tokens alive.

mod book;
mod connect;
mod credentials;
mod health;
mod refresh;

pub use book::KeptAccounts;
pub(crate) use connect::explain;
pub use connect::{Connected, NewToken, OnboardError, Onboarding, PageChoice, missing_scopes};
pub(crate) use credentials::reason_of;
pub use credentials::{CredentialError, Credentials};
pub(crate) use health::name_of;
pub use health::{Arrived, Finding, FindingLevel, Health, Seen, health_of};
pub use refresh::{REFRESH_BEFORE, RefreshOutcome};
