//! The published self-messaging blocks, placeholders filled and nothing added.

use std::collections::BTreeMap;

use selfsame_wire::ids::{IgScopedId, IgUserId, MessageId, ParticipantId};
use selfsame_wire::webhook::{AccountIds, AccountResolution, Event, Side, parse};
use serde_json::Value;

const IG: &str = "17841400000000001";
const SELF_IGSID: &str = "8100000000000001";

fn account() -> AccountIds {
    AccountIds {
        ig_user_id: IgUserId::new(IG),
        self_igsid: None,
    }
}

fn fill(block: &str) -> String {
    let placeholders = BTreeMap::from([
        ("<YOUR_APP_USERS_IG_USER_ID>", IG),
        ("<YOUR_ACCOUNT_ID>", IG),
        ("<IG_ID>", IG),
        ("<INSTAGRAM_SCOPED_ID>", SELF_IGSID),
        ("<YOUR_SCOPED_ID>", SELF_IGSID),
        ("<SELF_IGSID>", SELF_IGSID),
        ("<MESSAGE_ID>", "mid-1"),
        ("<MID>", "mid-1"),
        ("<MESSAGE_TEXT>", "menu"),
        ("<COMMENT_TEXT>", "menu"),
        ("<TEXT>", "menu"),
        ("<USERNAME>", "luna.coffee"),
        ("<COMMENT_ID>", "17870000000000001"),
        ("<MEDIA_ID>", "17910000000000001"),
    ]);
    let filled = placeholders
        .iter()
        .fold(block.to_owned(), |text, (name, value)| text.replace(name, value));
    assert!(!filled.contains('<'), "{filled}");
    filled
}

#[test]
fn the_echo_block_is_a_self_message() {
    for block in [
        include_str!("../../fixtures/documented/seed_self_echo.json"),
        include_str!("../../fixtures/documented/self_echo.json"),
    ] {
        let delivery = parse(fill(block).as_bytes());
        let [incoming] = delivery.events.as_slice() else {
            panic!("{delivery:?}")
        };
        let Event::Message(message) = &incoming.event else {
            panic!("{incoming:?}")
        };
        assert_eq!(message.mid, MessageId::new("mid-1"));
        assert_eq!(message.text.as_deref(), Some("menu"));
        let seen = incoming.normalise(&account());
        assert!(seen.is_self && seen.is_echo);
        assert_eq!(seen.person, Some(IgScopedId::new(SELF_IGSID)));
        assert_eq!(seen.learned_self_igsid, Some(IgScopedId::new(SELF_IGSID)));
        assert_eq!(
            seen.side,
            Side::Account,
            "only the ledger knows whether the owner typed it"
        );
    }
}

#[test]
fn the_postback_block_is_a_tap_of_the_owner_whatever_its_entry_id() {
    for block in [
        include_str!("../../fixtures/documented/seed_self_postback.json"),
        include_str!("../../fixtures/documented/self_postback.json"),
    ] {
        let delivery = parse(fill(block).as_bytes());
        let [incoming] = delivery.events.as_slice() else {
            panic!("{delivery:?}")
        };
        let Event::Postback(postback) = &incoming.event else {
            panic!("{incoming:?}")
        };
        assert_eq!(postback.payload.as_deref(), Some("DEVELOPER_DEFINED_PAYLOAD"));
        let seen = incoming.normalise(&account());
        assert!(seen.is_self && !seen.is_echo);
        assert_eq!(seen.side, Side::Person);
        assert_eq!(seen.person, Some(IgScopedId::new(SELF_IGSID)));
    }
}

#[test]
fn the_foreign_entry_id_of_the_postback_block_resolves_by_sender_as_drift() {
    let block = include_str!("../../fixtures/documented/seed_self_postback.json");
    let delivery = parse(fill(block).as_bytes());
    let is_known = |id: &IgUserId| id.as_str() == IG;
    assert_eq!(
        delivery.events[0].resolve_account(is_known),
        AccountResolution::Drift(IgUserId::new(IG))
    );
}

#[test]
fn the_comment_block_is_the_owners_own_comment() {
    for block in [
        include_str!("../../fixtures/documented/seed_self_comment.json"),
        include_str!("../../fixtures/documented/self_comment.json"),
    ] {
        let delivery = parse(fill(block).as_bytes());
        let [incoming] = delivery.events.as_slice() else {
            panic!("{delivery:?}")
        };
        let Event::Comment(comment) = &incoming.event else {
            panic!("{incoming:?}")
        };
        let author = comment.from.as_ref().unwrap();
        assert_eq!(author.id, Some(ParticipantId::new(IG)));
        let seen = incoming.normalise(&account());
        assert!(seen.is_self);
        assert_eq!(seen.person, Some(IgScopedId::new(SELF_IGSID)));
        assert_eq!(seen.learned_self_igsid, Some(IgScopedId::new(SELF_IGSID)));
    }
}

/// Does `whole` contain every member of `block`, recursively and in the same order?
fn contains_in_order(whole: &Value, block: &Value) -> bool {
    match (whole, block) {
        (Value::Object(whole), Value::Object(block)) => {
            let mut names = whole.keys();
            block
                .iter()
                .all(|(name, member)| names.any(|known| known == name) && contains_in_order(&whole[name], member))
        }
        (Value::Array(whole), Value::Array(block)) => {
            whole.len() == block.len()
                && whole
                    .iter()
                    .zip(block)
                    .all(|(whole, block)| contains_in_order(whole, block))
        }
        (whole, block) => block.is_string() || block.is_number() || whole == block,
    }
}

#[test]
fn what_is_emitted_contains_each_published_block_in_the_same_key_order() {
    let pairs = [
        (include_str!("../../fixtures/wire/self_echo.json"), "seed_self_echo"),
        (
            include_str!("../../fixtures/wire/self_postback.json"),
            "seed_self_postback",
        ),
        (
            include_str!("../../fixtures/wire/self_comment.json"),
            "seed_self_comment",
        ),
    ];
    let blocks = BTreeMap::from([
        (
            "seed_self_echo",
            include_str!("../../fixtures/documented/seed_self_echo.json"),
        ),
        (
            "seed_self_postback",
            include_str!("../../fixtures/documented/seed_self_postback.json"),
        ),
        (
            "seed_self_comment",
            include_str!("../../fixtures/documented/seed_self_comment.json"),
        ),
    ]);
    for (emitted, name) in pairs {
        let emitted: Value = serde_json::from_str(emitted).unwrap();
        let block: Value = serde_json::from_str(blocks[name]).unwrap();
        assert!(contains_in_order(&emitted, &block), "{name}");
    }
    let reordered = serde_json::json!({"b": 1, "a": 2});
    assert!(!contains_in_order(&reordered, &serde_json::json!({"a": 2, "b": 1})));
}

#[test]
fn the_published_comment_has_the_key_order_that_is_emitted() {
    let published = include_str!("../../fixtures/documented/comment.json");
    let Event::Comment(comment) = &parse(published.as_bytes()).events[0].event else {
        panic!()
    };
    let published: Value = serde_json::from_str(published).unwrap();
    let value = &published["entry"][0]["changes"][0]["value"];
    assert_eq!(comment.to_value().to_string(), value.to_string());
}
