//! From the recipient of a send to the person meant, with an answer for every wrong id that developers use.

use selfsame_wire::ids::IgScopedId;

use crate::domain::account::Account;
use crate::domain::caller::Caller;
use crate::domain::sending::{SendRuleBroken, Thing};
use crate::store::{Failure, Tx, accounts, apps, comments, grants, media, messages, threads};

/// The person that an id means to this account: the account itself for its self IGSID.
pub(super) fn resolve_recipient(
    tx: &Tx<'_>,
    caller: &Caller,
    id: &str,
) -> Result<(Account, IgScopedId), Failure<SendRuleBroken>> {
    let account = &caller.account;
    if account.self_igsid.as_ref().is_some_and(|igsid| igsid.as_str() == id) {
        return Ok((account.clone(), IgScopedId::new(id)));
    }
    match accounts::behind_scoped_id(tx, id)? {
        Some((seer, person)) if seer == account.key => {
            let person = accounts::by_key(tx, person)?.ok_or_else(|| unknown(id))?;
            Ok((person, IgScopedId::new(id)))
        }
        Some((_, person)) => {
            let right_id = accounts::scoped_id(tx, account.key, person)?.map(IgScopedId::into_string);
            let username = accounts::by_key(tx, person)?
                .map(|person| person.username)
                .unwrap_or_default();
            Err(Failure::Refused(SendRuleBroken::RecipientOfAnotherAccount {
                username,
                right_id,
            }))
        }
        None => Err(Failure::Refused(wrong_id(tx, caller, id)?)),
    }
}

/// What was used instead of an IGSID.
fn wrong_id(tx: &Tx<'_>, caller: &Caller, id: &str) -> Result<SendRuleBroken, Failure<SendRuleBroken>> {
    let self_igsid = caller
        .account
        .self_igsid
        .as_ref()
        .map(|igsid| igsid.as_str().to_owned());
    let own = caller.account.key;
    let seen = |person| -> Result<Option<String>, Failure<SendRuleBroken>> {
        Ok(accounts::scoped_id(tx, own, person)?.map(IgScopedId::into_string))
    };
    if let Some(other) = accounts::by_ig_id(tx, id)? {
        if other.key == own {
            return Ok(SendRuleBroken::RecipientIsIgId { self_igsid });
        }
        return Ok(SendRuleBroken::RecipientIsIgIdOfAnother {
            username: other.username,
            right_id: seen(other.key)?,
        });
    }
    if grants::behind_app_scoped_id(tx, id)?.is_some() {
        return Ok(SendRuleBroken::RecipientIsAppScopedId { self_igsid });
    }
    if accounts::by_page_id(tx, id)?.is_some() {
        return Ok(SendRuleBroken::RecipientIsPageId { self_igsid });
    }
    if threads::by_conversation(tx, id)?.is_some() {
        return Ok(SendRuleBroken::RecipientIsConversation);
    }
    if let Some(message) = messages::by_mid(tx, id)? {
        return Ok(thing(Thing::Message, seen(message.sender)?));
    }
    if let Some(comment) = comments::by_id(tx, id)? {
        return Ok(thing(Thing::Comment, seen(comment.author)?));
    }
    if let Some(media) = media::by_id(tx, id)? {
        return Ok(thing(Thing::Media, seen(media.owner)?));
    }
    if apps::by_any_id(tx, id)?.is_some() {
        return Ok(thing(Thing::App, None));
    }
    Ok(SendRuleBroken::RecipientUnknown { id: id.to_owned() })
}

fn thing(thing: Thing, right_id: Option<String>) -> SendRuleBroken {
    SendRuleBroken::RecipientIsThing { thing, right_id }
}

fn unknown(id: &str) -> Failure<SendRuleBroken> {
    Failure::Refused(SendRuleBroken::RecipientUnknown { id: id.to_owned() })
}
