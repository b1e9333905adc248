//! Whether an app may reach a person at all: roles under Standard Access, and who blocked whom.

use selfsame_wire::flow::Feature;

use crate::domain::account::Account;
use crate::domain::caller::Caller;
use crate::domain::sending::SendRuleBroken;
use crate::store::{Failure, Tx, blocks, roles};
use crate::switches::Switches;

/// Refuses when the caller's app may not reach this other person, whatever she wrote (contract: ids-and-objects "Access levels",
/// send-api §5.6).
pub(super) fn check_reach(
    tx: &Tx<'_>,
    caller: &Caller,
    person: &Account,
    feature: Feature,
    switches: &Switches,
) -> Result<(), Failure<SendRuleBroken>> {
    let (flow, access) = (caller.flow(), &caller.access);
    if !access.reaches_everybody(feature, flow, &caller.scopes) && !roles::counts(tx, caller.app, person.key)? {
        return Err(Failure::Refused(SendRuleBroken::RecipientWithoutRole {
            username: person.username.clone(),
            app: caller.app_name.clone(),
            permissions: access.short_of_advanced(feature, flow, &caller.scopes),
        }));
    }
    if let Some(by) = blocks::between(tx, person.key, caller.account.key)? {
        return Err(Failure::Refused(SendRuleBroken::Blocked {
            by_account: by == caller.account.key,
            answer: switches.errors_blocked,
        }));
    }
    Ok(())
}
