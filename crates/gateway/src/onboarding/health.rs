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

/// For whom Instagram has ever delivered something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arrived {
    /// For nobody.
    #[default]
    Nothing,
    /// For other accounts only.
    ForOthers,
    /// For the account.
    ForIt,
}

/// What was seen of an account besides its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// The owner has written to herself.
    pub self_thread_open: bool,
    /// What Instagram has delivered.
    pub arrived: Arrived,
    /// A webhook was refused because its signature fits none of the app secrets.
    pub signatures_failed: bool,
}

/// Looks at an account.
pub fn health_of(account: &Account, tokens: &[TokenRow], seen: Seen, now: Timestamp) -> Health {
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
    if seen.self_thread_open || account.self_igsid.is_some() {
        findings.push(good("self_thread", "the self thread is open"));
    } else {
        findings.push(warning(
            "self_thread",
            "the account has not written to itself yet",
            "open Instagram as this account, search for its own name and send \"hi\"",
        ));
    }
    let is_installed = tokens.iter().any(|token| token.subscribed_fields.is_some());
    if is_installed && seen.arrived != Arrived::ForIt && now.duration_since(account.connected_at) > SILENT_FOR {
        findings.push(why_silent(seen));
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

/// Why nothing has ever arrived, as far as it can be told. No call tells an app whether it is live, so that is
/// only said where nothing else explains the silence, and as what it is: a guess.
fn why_silent(seen: Seen) -> Finding {
    if seen.signatures_failed {
        return bad(
            "wrong_secret",
            "nothing that arrived counted: webhooks were refused, because their signature fits none of the app secrets",
            "compare the app secrets with the App Dashboard (the Instagram login has its own); /studio/signatures \
             tells which were tried, and the signature lab what a secret makes of a body",
        );
    }
    if seen.arrived == Arrived::ForOthers {
        return warning(
            "nothing_arrived",
            "nothing has ever arrived for this account, though it has for others: the app delivers and its callback \
             works",
            "has this account's owner a role on the app, or the app advanced access to the permissions? Install the \
             webhooks again from this page; then write to yourself",
        );
    }
    warning(
        "app_not_live",
        "webhooks are installed, and nothing has ever arrived for anybody. Instagram tells no program whether an app \
         is live; since nothing else explains the silence, it probably is not, or its callback is not verified",
        "is the app published (Live) in the App Dashboard, its callback verified, and the permissions of \
         advanced access where the owner has no role on the app? Then write to yourself",
    )
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

#[cfg(test)]
mod tests {
    use selfsame_wire::ids::{IgScopedId, IgUserId};

    use super::*;

    fn account() -> Account {
        Account {
            ig_id: IgUserId::new("17"),
            username: "luna.coffee".to_owned(),
            name: None,
            account_type: None,
            profile_picture_url: None,
            app_scoped_id: None,
            self_igsid: Some(IgScopedId::new("5")),
            page_id: None,
            mode: Mode::Live,
            self_mode: SelfMode::Always,
            connected_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn token() -> TokenRow {
        let texts = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        TokenRow {
            account: IgUserId::new("17"),
            flow: LoginFlow::Instagram,
            sealed: Vec::new(),
            scopes: texts(&[
                "instagram_business_basic",
                "instagram_business_manage_messages",
                "instagram_business_manage_comments",
            ]),
            obtained_at: Timestamp::UNIX_EPOCH,
            expires_at: Some(now() + SignedDuration::from_hours(24 * 50)),
            broken: None,
            subscribed_fields: texts(&["messages", "messaging_postbacks", "comments"]),
            webhook_error: None,
        }
    }

    fn now() -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24)
    }

    const ARRIVED: Seen = Seen {
        self_thread_open: true,
        arrived: Arrived::ForIt,
        signatures_failed: false,
    };

    #[test]
    fn a_healthy_account_has_nothing_to_mend() {
        let health = health_of(&account(), &[token()], ARRIVED, now());
        assert_eq!(health.level, FindingLevel::Good, "{health:?}");
        assert!(health.findings.iter().all(|finding| finding.remedy.is_empty()));
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table, one row a cause")]
    fn every_cause_is_named_with_its_remedy() {
        use FindingLevel::{Bad, Warning};
        let scopes = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let silent = Seen {
            arrived: Arrived::ForOthers,
            ..ARRIVED
        };
        for (code, level, text, remedy, account, tokens, seen) in [
            ("token", Bad, "no token", "connect", account(), vec![], ARRIVED),
            (
                "needs_reconnect",
                Bad,
                "changed her password",
                "connect the account again",
                account(),
                vec![TokenRow {
                    broken: Some("the owner changed her password (190/460)".to_owned()),
                    ..token()
                }],
                ARRIVED,
            ),
            (
                "token",
                Bad,
                "has expired",
                "connect the account again",
                account(),
                vec![TokenRow {
                    expires_at: Some(now()),
                    ..token()
                }],
                ARRIVED,
            ),
            (
                "token",
                Warning,
                "ends at",
                "should have been refreshed",
                account(),
                vec![TokenRow {
                    expires_at: Some(now() + SignedDuration::from_hours(24)),
                    ..token()
                }],
                ARRIVED,
            ),
            (
                "scope_missing",
                Bad,
                "messages: the Instagram login lacks instagram_business_manage_messages",
                "leave every permission on",
                account(),
                vec![TokenRow {
                    scopes: scopes(&["instagram_business_basic", "instagram_business_manage_comments"]),
                    ..token()
                }],
                ARRIVED,
            ),
            (
                "scope_missing",
                Bad,
                "comments: the Instagram login lacks instagram_business_manage_comments",
                "leave every permission on",
                account(),
                vec![TokenRow {
                    scopes: scopes(&["instagram_business_basic", "instagram_business_manage_messages"]),
                    ..token()
                }],
                ARRIVED,
            ),
            (
                "webhooks",
                Bad,
                "not installed",
                "install",
                account(),
                vec![TokenRow {
                    subscribed_fields: None,
                    ..token()
                }],
                ARRIVED,
            ),
            (
                "webhooks",
                Bad,
                "not installed: no",
                "install them again",
                account(),
                vec![TokenRow {
                    webhook_error: Some("no".to_owned()),
                    ..token()
                }],
                ARRIVED,
            ),
            (
                "webhooks",
                Warning,
                "lack messaging_postbacks, comments",
                "permissions are missing",
                account(),
                vec![TokenRow {
                    subscribed_fields: scopes(&["messages"]),
                    ..token()
                }],
                ARRIVED,
            ),
            (
                "self_thread",
                Warning,
                "not written to itself",
                "send \"hi\"",
                Account {
                    self_igsid: None,
                    ..account()
                },
                vec![token()],
                Seen {
                    self_thread_open: false,
                    ..ARRIVED
                },
            ),
            (
                "wrong_secret",
                Bad,
                "fits none of the app secrets",
                "compare the app secrets",
                account(),
                vec![token()],
                Seen {
                    signatures_failed: true,
                    ..silent
                },
            ),
            (
                "nothing_arrived",
                Warning,
                "though it has for others",
                "a role on the app",
                account(),
                vec![token()],
                silent,
            ),
            (
                "app_not_live",
                Warning,
                "tells no program whether an app is live",
                "App Dashboard",
                account(),
                vec![token()],
                Seen {
                    arrived: Arrived::Nothing,
                    ..silent
                },
            ),
            (
                "preview_only",
                Warning,
                "nobody but the owner",
                "mode to live",
                Account {
                    mode: Mode::PreviewOnly,
                    ..account()
                },
                vec![token()],
                ARRIVED,
            ),
            (
                "self_off",
                Warning,
                "not answered",
                "self mode",
                Account {
                    self_mode: SelfMode::Off,
                    ..account()
                },
                vec![token()],
                ARRIVED,
            ),
        ] {
            let health = health_of(&account, &tokens, seen, now());
            let wrong: Vec<&Finding> = health
                .findings
                .iter()
                .filter(|finding| finding.level != FindingLevel::Good)
                .collect();
            assert_eq!(wrong.len(), 1, "{code}: one cause, one finding: {wrong:?}");
            let found = wrong.first().unwrap();
            assert_eq!((found.code.as_str(), found.level, health.level), (code, level, level));
            assert!(found.text.contains(text), "{code}: {}", found.text);
            assert!(found.remedy.contains(remedy), "{code}: {}", found.remedy);
        }
    }
}
