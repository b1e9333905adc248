//! Which deliveries are the same event.

use selfsame_wire::ids::IgUserId;
use selfsame_wire::webhook::{EventIdentity, parse};

fn identity(element: &str) -> Option<EventIdentity> {
    let body = format!(
        r#"{{"object":"instagram","entry":[{{"id":"1","messaging":[{{"sender":{{"id":"2"}},"recipient":{{"id":"1"}},{element}}}]}}]}}"#
    );
    parse(body.as_bytes()).events[0].identity(&IgUserId::new("1"))
}

#[test]
fn events_about_the_same_message_are_different_events() {
    let about_one_message = [
        r#""timestamp":1743480368714,"message":{"mid":"m","text":"x"}"#,
        r#""timestamp":1743480368715,"message":{"mid":"m","is_deleted":true}"#,
        r#""timestamp":1743480368716,"message_edit":{"mid":"m","num_edit":1}"#,
        r#""timestamp":1743480368716,"message_edit":{"mid":"m","num_edit":2}"#,
        r#""timestamp":1743480368717,"reaction":{"mid":"m","action":"react"}"#,
        r#""timestamp":1743480368718,"reaction":{"mid":"m","action":"unreact"}"#,
        r#""timestamp":1743480368719,"read":{"mid":"m"}"#,
        r#""timestamp":1743480368720,"postback":{"mid":"m","payload":"A"}"#,
        r#""timestamp":1743480368721,"postback":{"mid":"m","payload":"A"}"#,
        r#""timestamp":1743480368721,"postback":{"mid":"m","payload":"B"}"#,
    ];
    let identities: std::collections::BTreeSet<_> = about_one_message
        .iter()
        .map(|element| identity(element).unwrap())
        .collect();
    assert_eq!(identities.len(), about_one_message.len());
}

#[test]
fn a_redelivery_is_the_same_event_even_from_another_placement() {
    let ordinary = identity(r#""timestamp":1743480368714,"message":{"mid":"m","text":"x"}"#);
    assert_eq!(
        ordinary,
        identity(r#""timestamp":1743480368714,"message":{"mid":"m","text":"x"}"#)
    );
    assert_eq!(
        ordinary,
        identity(r#""message":{"mid":"m","is_echo":true,"is_self":true}"#)
    );
}

#[test]
fn a_postback_with_neither_mid_nor_timestamp_has_no_identity() {
    assert_eq!(
        identity(r#""is_self":true,"postback":{"title":"T","payload":"P"}"#),
        None
    );
    assert!(identity(r#""timestamp":1743480368714,"postback":{"payload":"P"}"#).is_some());
    assert!(identity(r#""postback":{"mid":"m","payload":"P"}"#).is_some());
}

#[test]
fn unrecognised_events_have_no_identity() {
    assert_eq!(identity(r#""new":{}"#), None);
}

#[test]
fn the_same_comment_under_two_accounts_is_two_events() {
    let body =
        br#"{"object":"instagram","entry":[{"id":"1","changes":[{"field":"live_comments","value":{"id":"c"}}]}]}"#;
    let incoming = &parse(body).events[0];
    assert_ne!(
        incoming.identity(&IgUserId::new("1")),
        incoming.identity(&IgUserId::new("2"))
    );
}
