//! One account: what is known of it, and what its tokens are good for at this moment.

use selfsame_client::{AppCredentials, CallFailure, Caller};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::secret::AppSecret;

use super::Checker;
use crate::onboarding::{Arrived, Finding, Health, Seen, explain, health_of, name_of};
use crate::store::accounts::{self, Account, TokenRow};
use crate::store::{StoreError, arrivals, failed_signatures, ledger_accounts};

/// The owner has turned off access to messages for connected tools (contract, errors).
const MESSAGES_ACCESS_OFF: i64 = 2_534_041;

/// What is known of an account without asking Instagram.
pub async fn known_health(checker: Checker<'_>, account: &Account) -> Result<Health, StoreError> {
    let ig_id = account.ig_id.clone();
    let (tokens, seen) = checker
        .database
        .read(move |connection| {
            let seen = Seen {
                self_thread_open: ledger_accounts::load(connection, &ig_id)?.self_thread_open,
                arrived: if arrivals::has_any(connection, &ig_id)? {
                    Arrived::ForIt
                } else if arrivals::has_any_of_anybody(connection)? {
                    Arrived::ForOthers
                } else {
                    Arrived::Nothing
                },
                signatures_failed: failed_signatures::has_any(connection)?,
            };
            Ok::<_, StoreError>((accounts::tokens(connection, &ig_id)?, seen))
        })
        .await
        .map_err(StoreError::from)?;
    Ok(health_of(account, &tokens, seen, checker.world.now()))
}

/// What the tokens of an account are good for: a few calls for each.
pub async fn live_findings(checker: Checker<'_>, account: &Account) -> Result<Vec<Finding>, StoreError> {
    let ig_id = account.ig_id.clone();
    let tokens = checker
        .database
        .read(move |connection| accounts::tokens(connection, &ig_id))
        .await
        .map_err(StoreError::from)?;
    let mut findings = Vec::new();
    for token in tokens.iter().filter(|token| token.broken.is_none()) {
        match checker.credentials.open(token) {
            Ok(caller) => try_token(checker, account, token, &caller, &mut findings).await,
            Err(error) => findings.push(Finding::bad(
                "token_sealed",
                &format!("the token of the {} cannot be opened: {error}", name_of(token.flow)),
                "bring back the key that sealed it (gateway.key or --token-keys), or connect the account again",
            )),
        }
    }
    Ok(findings)
}

async fn try_token(
    checker: Checker<'_>,
    account: &Account,
    token: &TokenRow,
    caller: &Caller,
    findings: &mut Vec<Finding>,
) {
    let flow = name_of(token.flow);
    let answered = match token.flow {
        LoginFlow::Instagram => checker
            .client
            .get_instagram_profile(caller)
            .await
            .map(|profile| profile.ig_user_id == account.ig_id),
        LoginFlow::Facebook => checker
            .client
            .get_page_profile(caller)
            .await
            .map(|profile| profile.ig_user_id.as_ref() == Some(&account.ig_id)),
    };
    match answered {
        Ok(true) => findings.push(Finding::good(
            "token_live",
            &format!("Instagram accepts the token of the {flow}"),
        )),
        Ok(false) => findings.push(Finding::bad(
            "token_live",
            &format!("the token of the {flow} belongs to another account now"),
            "link the Page to this account again, or connect the account again",
        )),
        Err(failure) => {
            let text = format!(
                "Instagram does not accept the token of the {flow}: {}",
                explain(&failure)
            );
            findings.push(Finding::bad("token_live", &text, "connect the account again"));
            return;
        }
    }
    if token.flow == LoginFlow::Facebook {
        findings.extend(debug(checker, caller).await);
    }
    findings.push(installed(checker, token, caller).await);
    findings.push(messages_access(checker, caller).await);
}

async fn debug(checker: Checker<'_>, caller: &Caller) -> Option<Finding> {
    let app = &checker.config.meta_app;
    let credentials = AppCredentials {
        client_id: app.id.clone(),
        client_secret: AppSecret::new(app.secret.clone()),
    };
    match checker.client.debug_token(&credentials, &caller.token).await {
        Ok(facts) if !facts.is_valid => Some(Finding::bad(
            "token_debug",
            &format!(
                "Meta calls the Page token invalid: {}",
                facts.error.unwrap_or_else(|| "no reason is told".to_owned())
            ),
            "connect the account again",
        )),
        Ok(facts) if facts.app_id.as_ref().is_some_and(|id| *id != app.id) => Some(Finding::bad(
            "token_debug",
            "the Page token was granted to another app",
            "connect the account again through this gateway's Facebook login",
        )),
        Ok(facts) => Some(Finding::good(
            "token_debug",
            &format!("the Page token may do: {}", facts.scopes.join(", ")),
        )),
        Err(failure) => Some(Finding::warning(
            "token_debug",
            &format!("the Page token could not be looked at: {}", explain(&failure)),
            "compare --meta-app-id and --meta-app-secret with the App Dashboard",
        )),
    }
}

async fn installed(checker: Checker<'_>, token: &TokenRow, caller: &Caller) -> Finding {
    let flow = name_of(token.flow);
    let app_id = match token.flow {
        LoginFlow::Instagram => &checker.config.instagram_app.id,
        LoginFlow::Facebook => &checker.config.meta_app.id,
    };
    let remedy = "install them again: POST /api/v1/accounts/{id}/webhooks, or the account's page";
    match checker.client.get_subscribed_fields(caller, app_id).await {
        Ok(None) => Finding::bad(
            "webhooks_live",
            &format!("Instagram has no webhooks installed for the {flow}"),
            remedy,
        ),
        Ok(Some(fields)) if !fields.iter().any(|field| field == "messages") => Finding::bad(
            "webhooks_live",
            &format!("the webhooks of the {flow} do not include messages"),
            remedy,
        ),
        Ok(Some(fields)) => Finding::good(
            "webhooks_live",
            &format!("Instagram delivers {} for the {flow}", fields.join(", ")),
        ),
        Err(failure) => Finding::warning(
            "webhooks_live",
            &format!(
                "Instagram does not tell the webhooks of the {flow}: {}",
                explain(&failure)
            ),
            "try again later",
        ),
    }
}

async fn messages_access(checker: Checker<'_>, caller: &Caller) -> Finding {
    let flow = name_of(caller.flow);
    match checker.client.list_conversations(caller, None).await {
        Ok(_) => Finding::good("messages_access", &format!("messages can be read through the {flow}")),
        Err(failure) if is_access_off(&failure) => Finding::bad(
            "messages_access",
            "the owner has turned off access to messages for connected tools",
            "in the Instagram app of this account: Settings → Messages and story replies → Message controls → \
             Connected tools → Allow access to messages",
        ),
        Err(failure) => Finding::warning(
            "messages_access",
            &format!("messages cannot be read through the {flow}: {}", explain(&failure)),
            "does the token have the permission for messages, and the app the access it needs?",
        ),
    }
}

fn is_access_off(failure: &CallFailure) -> bool {
    failure
        .graph_error()
        .is_some_and(|error| error.subcode == Some(MESSAGES_ACCESS_OFF))
}
