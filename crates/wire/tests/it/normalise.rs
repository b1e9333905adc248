//! Who spoke, in which thread.

use selfsame_wire::ids::{IgScopedId, IgUserId};
use selfsame_wire::webhook::{AccountIds, AccountResolution, Incoming, Normalised, Side, parse};

const IG: &str = "17841400000000001";
const SELF_IGSID: &str = "8100000000000001";
const PERSON: &str = "1500000000000001";

fn account(self_igsid: Option<&str>) -> AccountIds {
    AccountIds {
        ig_user_id: IgUserId::new(IG),
        self_igsid: self_igsid.map(IgScopedId::new),
    }
}

fn messaging(sender: &str, recipient: &str, rest: &str) -> Incoming {
    let body = format!(
        r#"{{"object":"instagram","entry":[{{"id":"{IG}","messaging":[{{"sender":{{"id":"{sender}"}},"recipient":{{"id":"{recipient}"}},{rest}}}]}}]}}"#
    );
    parse(body.as_bytes()).events.remove(0)
}

fn comment(from: &str) -> Incoming {
    let body = format!(
        r#"{{"object":"instagram","entry":[{{"id":"{IG}","changes":[{{"field":"comments","value":{{"id":"c","from":{from}}}}}]}}]}}"#
    );
    parse(body.as_bytes()).events.remove(0)
}

fn summary(seen: &Normalised) -> (bool, bool, Option<&str>, Side) {
    (
        seen.is_self,
        seen.is_echo,
        seen.person.as_ref().map(IgScopedId::as_str),
        seen.side,
    )
}

#[test]
fn an_ordinary_message_is_from_its_sender() {
    let seen = messaging(PERSON, IG, r#""message":{"mid":"m"}"#).normalise(&account(Some(SELF_IGSID)));
    assert_eq!(summary(&seen), (false, false, Some(PERSON), Side::Person));
    assert_eq!(seen.learned_self_igsid, None);
}

#[test]
fn an_ordinary_echo_belongs_to_the_thread_of_its_recipient() {
    let seen = messaging(IG, PERSON, r#""message":{"mid":"m","is_echo":true}"#).normalise(&account(Some(SELF_IGSID)));
    assert_eq!(summary(&seen), (false, true, Some(PERSON), Side::Account));
}

#[test]
fn the_flag_in_the_message_or_beside_the_payload_or_the_stored_id_makes_it_self() {
    let flagged = messaging(IG, SELF_IGSID, r#""message":{"mid":"m","is_echo":true,"is_self":true}"#);
    assert!(flagged.normalise(&account(None)).is_self);
    let beside = messaging(IG, SELF_IGSID, r#""is_self":true,"message":{"mid":"m","is_echo":true}"#);
    assert!(beside.normalise(&account(None)).is_self);
    let by_ids = messaging(IG, SELF_IGSID, r#""message":{"mid":"m","is_echo":true}"#);
    assert!(!by_ids.normalise(&account(None)).is_self);
    assert!(by_ids.normalise(&account(Some(SELF_IGSID))).is_self);
}

#[test]
fn a_second_event_addressed_from_the_self_igsid_is_of_the_self_thread_too() {
    let seen = messaging(SELF_IGSID, IG, r#""message":{"mid":"m"}"#).normalise(&account(Some(SELF_IGSID)));
    assert_eq!(summary(&seen), (true, false, Some(SELF_IGSID), Side::Person));
}

#[test]
fn a_self_tap_is_the_persons_and_answers_go_to_the_recipient() {
    let seen = messaging(IG, SELF_IGSID, r#""is_self":true,"postback":{"payload":"P"}"#).normalise(&account(None));
    assert_eq!(summary(&seen), (true, false, Some(SELF_IGSID), Side::Person));
    assert_eq!(seen.learned_self_igsid, Some(IgScopedId::new(SELF_IGSID)));
}

#[test]
fn the_accounts_own_id_is_never_a_person() {
    let seen = messaging(IG, IG, r#""is_self":true,"postback":{"payload":"P"}"#).normalise(&account(None));
    assert_eq!(seen.person, None);
    assert_eq!(seen.learned_self_igsid, None);
}

#[test]
fn an_own_comment_needs_the_accounts_id_and_the_scoped_id() {
    let own = comment(&format!(r#"{{"id":"{IG}","self_ig_scoped_id":"{SELF_IGSID}"}}"#)).normalise(&account(None));
    assert_eq!(summary(&own), (true, false, Some(SELF_IGSID), Side::Person));
    let unflagged = comment(&format!(r#"{{"id":"{IG}"}}"#)).normalise(&account(None));
    assert_eq!(summary(&unflagged), (false, false, None, Side::Account));
    let foreign = comment(&format!(r#"{{"id":"{PERSON}","self_ig_scoped_id":"{PERSON}"}}"#)).normalise(&account(None));
    assert_eq!(summary(&foreign), (false, false, Some(PERSON), Side::Person));
    assert_eq!(foreign.learned_self_igsid, None);
}

#[test]
fn an_unknown_entry_resolves_by_sender_only_for_self_events() {
    let known = |id: &IgUserId| id.as_str() == "99";
    let tap = messaging("99", SELF_IGSID, r#""is_self":true,"postback":{"payload":"P"}"#);
    assert_eq!(
        tap.resolve_account(known),
        AccountResolution::Drift(IgUserId::new("99"))
    );
    let message = messaging("99", SELF_IGSID, r#""message":{"mid":"m"}"#);
    assert_eq!(message.resolve_account(known), AccountResolution::Unknown);
    let entry_wins = tap.resolve_account(|id| id.as_str() == IG || id.as_str() == "99");
    assert_eq!(entry_wins, AccountResolution::Entry(IgUserId::new(IG)));
}
