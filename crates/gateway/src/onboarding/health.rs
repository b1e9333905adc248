//! Why something would not work for an account, and what to do about it.

use jiff::{SignedDuration, Timestamp};
use selfsame_wire::flow::LoginFlow;
use serde::Serialize;

use super::connect::FEATURES;
use crate::store::accounts::{Account, Mode, SelfMode, TokenRow};

/// A token that ends within this is worth a warning.
const ENDS_SOON: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The fields without which automations hear nothing.
const NEEDED_FIELDS: [&str; 3] = ["messages", "messaging_postbacks", "comments"];

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingLevel {
    /// Works.
    Good,
    /// Works, but not for long or not wholly.
    Warning,
    /// Does not work.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Finding {
    /// A stable word for programs, such as `token`.
    pub code: String,
    /// How bad it is.
    pub level: FindingLevel,
    /// What is the matter.
    pub text: String,
    /// What to do about it; empty when nothing is wrong.
    pub remedy: String,
}

/// The state of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Health {
    /// The worst of the findings.
    pub level: FindingLevel,
    /// What was looked at, in the order of the way to the first answer.
    pub findings: Vec<Finding>,
}

/// How long after connecting an account silence is worth a remark.
const SILENT_FOR: SignedDuration = SignedDuration::from_mins(10);

/// Looks at an account. `self_thread_open`: the owner has written to herself; `has_arrived`: Instagram
/// has delivered something for it.
pub fn health_of(
    account: &Account,
    tokens: &[TokenRow],
    self_thread_open: bool,
    has_arrived: bool,
    now: Timestamp,
) -> Health {
    let mut findings = Vec::new();
    if tokens.is_empty() {
        findings.push(bad("token", "there is no token", "connect the account"));
    }
    for token in tokens {
        look_at_token(token, now, &mut findings);
        look_at_scopes(token, &mut findings);
        look_at_webhooks(token, &mut findings);
    }
    if tokens.iter().filter(|token| token.subscribed_fields.is_some()).count() > 1 {
        findings.push(good(
            "two_logins",
            "connected through both logins: Instagram delivers every event twice, and each is answered once",
        ));
    }
    if self_thread_open || account.self_igsid.is_some() {
        findings.push(good("self_thread", "the self thread is open"));
    } else {
        findings.push(warning(
            "self_thread",
            "the account has not written to itself yet",
            "open Instagram as this account, search for its own name and send \"hi\"",
        ));
    }
    let is_installed = tokens.iter().any(|token| token.subscribed_fields.is_some());
    if is_installed && !has_arrived && now.duration_since(account.connected_at) > SILENT_FOR {
        findings.push(warning(
            "app_not_live",
            "webhooks are installed, and nothing has ever arrived",
            "is the app published (Live) in the App Dashboard, its callback verified, and the permissions of \
             advanced access where the owner has no role on the app? Then write to yourself",
        ));
    }
    if account.mode == Mode::PreviewOnly {
        findings.push(warning(
            "preview_only",
            "nobody but the owner is answered",
            "set the account's mode to live when the automations are ready",
        ));
    }
    if account.self_mode == SelfMode::Off {
        findings.push(warning(
            "self_off",
            "the owner's own messages are not answered",
            "set the account's self mode to always, or open a preview",
        ));
    }
    let level = findings
        .iter()
        .map(|finding| finding.level)
        .max()
        .unwrap_or(FindingLevel::Good);
    Health { level, findings }
}

fn look_at_token(token: &TokenRow, now: Timestamp, findings: &mut Vec<Finding>) {
    let flow = name_of(token.flow);
    if let Some(reason) = &token.broken {
        findings.push(bad(
            "needs_reconnect",
            &format!("the token of the {flow} does not work: {reason}"),
            "connect the account again",
        ));
        return;
    }
    match token.expires_at {
        Some(end) if end <= now => findings.push(bad(
            "token",
            &format!("the token of the {flow} has expired"),
            "connect the account again",
        )),
        Some(end) if end.duration_since(now) < ENDS_SOON => findings.push(warning(
            "token",
            &format!("the token of the {flow} ends at {end}"),
            "it should have been refreshed; see the log, or connect the account again",
        )),
        Some(end) => findings.push(good("token", &format!("the token of the {flow} lives until {end}"))),
        None => findings.push(good("token", &format!("the token of the {flow} works"))),
    }
}

fn look_at_scopes(token: &TokenRow, findings: &mut Vec<Finding>) {
    let flow = name_of(token.flow);
    let Some(scopes) = &token.scopes else {
        findings.push(good(
            "scopes",
            &format!("the permissions of the {flow} are not known: the token was pasted"),
        ));
        return;
    };
    for (feature, what) in FEATURES {
        let missing = feature.permissions(token.flow).missing_from(scopes);
        if missing.is_empty() {
            findings.push(good("scopes", &format!("{what}: permitted through the {flow}")));
        } else {
            findings.push(bad(
                "scope_missing",
                &format!("{what}: the {flow} lacks {}", missing.join(", ")),
                "connect the account again and leave every permission on",
            ));
        }
    }
}

fn look_at_webhooks(token: &TokenRow, findings: &mut Vec<Finding>) {
    let flow = name_of(token.flow);
    match (&token.subscribed_fields, &token.webhook_error) {
        (_, Some(error)) => findings.push(bad(
            "webhooks",
            &format!("webhooks of the {flow} are not installed: {error}"),
            "install them again from this page; is the app live, with a verified callback?",
        )),
        (None, None) => findings.push(bad(
            "webhooks",
            &format!("webhooks of the {flow} are not installed"),
            "install them from this page",
        )),
        (Some(fields), None) => {
            let missing: Vec<&str> = NEEDED_FIELDS
                .into_iter()
                .filter(|needed| !fields.iter().any(|field| field == needed))
                .collect();
            if missing.is_empty() {
                findings.push(good("webhooks", &format!("webhooks of the {flow} are installed")));
            } else {
                findings.push(warning(
                    "webhooks",
                    &format!("webhooks of the {flow} lack {}", missing.join(", ")),
                    "their permissions are missing; connect the account again",
                ));
            }
        }
    }
}

pub(crate) const fn name_of(flow: LoginFlow) -> &'static str {
    match flow {
        LoginFlow::Instagram => "Instagram login",
        LoginFlow::Facebook => "Facebook login",
    }
}

impl Finding {
    pub(crate) fn good(code: &str, text: &str) -> Self {
        good(code, text)
    }

    pub(crate) fn warning(code: &str, text: &str, remedy: &str) -> Self {
        warning(code, text, remedy)
    }

    pub(crate) fn bad(code: &str, text: &str, remedy: &str) -> Self {
        bad(code, text, remedy)
    }
}

fn good(code: &str, text: &str) -> Finding {
    finding(code, FindingLevel::Good, text, "")
}

fn warning(code: &str, text: &str, remedy: &str) -> Finding {
    finding(code, FindingLevel::Warning, text, remedy)
}

fn bad(code: &str, text: &str, remedy: &str) -> Finding {
    finding(code, FindingLevel::Bad, text, remedy)
}

fn finding(code: &str, level: FindingLevel, text: &str, remedy: &str) -> Finding {
    Finding {
        code: code.to_owned(),
        level,
        text: text.to_owned(),
        remedy: remedy.to_owned(),
    }
}
