//! The shapes in which bodies arrive.

use selfsame_wire::events::DASHBOARD_SAMPLES;
use selfsame_wire::ids::{CommentId, IgUserId, MessageId, ParticipantId};
use selfsame_wire::webhook::{AccountIds, AccountResolution, Event, Found, parse};

fn body(entry: &str) -> Vec<u8> {
    format!(r#"{{"object":"instagram","entry":[{entry}]}}"#).into_bytes()
}

#[test]
fn a_body_wrapped_in_a_list_is_read() {
    let delivery = parse(br#" [{"object":"instagram","entry":[{"id":"1","messaging":[{"message":{"mid":"m"}}]}]}] "#);
    assert_eq!(delivery.object.as_deref(), Some("instagram"));
    assert!(matches!(delivery.events[0].event, Event::Message(_)));
}

#[test]
fn field_and_value_directly_in_the_entry_are_read() {
    let delivery = parse(&body(
        r#"{"id":"1","time":1520622968,"field":"comments","value":{"comment_id":"c","text":"x","from":{"username":"u"}}}"#,
    ));
    let [incoming] = delivery.events.as_slice() else {
        panic!("{delivery:?}")
    };
    assert_eq!(incoming.found, Found::Entry);
    let Event::Comment(comment) = &incoming.event else {
        panic!("{incoming:?}")
    };
    assert_eq!(comment.id, CommentId::new("c"));
    assert_eq!(comment.from.as_ref().unwrap().id, None);
    assert_eq!(incoming.entry_time.unwrap().as_second(), 1_520_622_968);
    assert_eq!(parse(&incoming.to_single_body()).events, std::slice::from_ref(incoming));
}

#[test]
fn messaging_events_inside_changes_are_read() {
    for field in ["messages", "messaging_postbacks", "message_echoes", "something_new"] {
        let delivery = parse(&body(&format!(
            r#"{{"id":"1","changes":[{{"field":"{field}","value":{{"sender":{{"id":"2"}},"recipient":{{"id":"1"}},"timestamp":"1743480368714","postback":{{"payload":"P"}}}}}}]}}"#
        )));
        let [incoming] = delivery.events.as_slice() else {
            panic!("{delivery:?}")
        };
        assert!(matches!(incoming.event, Event::Postback(_)), "{field}");
        assert_eq!(incoming.field.as_deref(), Some(field));
        assert_eq!(incoming.sender, Some(ParticipantId::new("2")));
        assert_eq!(incoming.timestamp.unwrap().as_millisecond(), 1_743_480_368_714);
    }
}

#[test]
fn the_dashboards_test_is_flagged_and_belongs_to_nobody() {
    for sample in DASHBOARD_SAMPLES {
        let delivery = parse(sample.json.as_bytes());
        let [incoming] = delivery.events.as_slice() else {
            panic!("{}", sample.name)
        };
        assert!(incoming.is_dashboard_test, "{}", sample.name);
        assert!(incoming.event.kind().is_some(), "{}", sample.name);
        assert_eq!(incoming.resolve_account(|_| true), AccountResolution::DashboardTest);
        let account = AccountIds {
            ig_user_id: IgUserId::new("232323232"),
            self_igsid: None,
        };
        let seen = incoming.normalise(&account);
        assert!(!seen.is_self, "{}", sample.name);
        assert_eq!(seen.learned_self_igsid, None, "{}", sample.name);
    }
}

#[test]
fn missing_and_numeric_members_are_tolerated() {
    let delivery = parse(&body(
        r#"{"id":17841400000000003,"messaging":[{"sender":{"id":1500000000000001},"unknown":{"a":[1]},"message":{"mid":"m","text":7,"new":true}}]}"#,
    ));
    let incoming = &delivery.events[0];
    assert_eq!(incoming.entry_id, Some(IgUserId::new("17841400000000003")));
    assert_eq!(incoming.sender, Some(ParticipantId::new("1500000000000001")));
    assert_eq!(
        (incoming.recipient.clone(), incoming.entry_time, incoming.timestamp),
        (None, None, None)
    );
    let Event::Message(message) = &incoming.event else {
        panic!("{incoming:?}")
    };
    assert_eq!(message.text.as_deref(), Some("7"));
}

#[test]
fn a_broken_element_keeps_its_siblings_and_itself() {
    let delivery = parse(&body(
        r#"{"id":"1","messaging":[{"message":{"mid":"a"}},{"message":{"text":"no mid"}},7,{"surprise":{}},{"message":{"mid":"bad \ud800 half"}},{"message":{"mid":"b"}}]},"broken",{"id":"2","changes":[{"value":{}},{"field":"comments","value":{"id":"c"}},{"field":"comments"}]}"#,
    ));
    let read: Vec<bool> = delivery
        .events
        .iter()
        .map(|incoming| incoming.event.kind().is_some())
        .collect();
    assert_eq!(
        read,
        [true, false, false, false, false, true, false, false, true, false]
    );
    let Event::Message(last) = &delivery.events[5].event else {
        panic!()
    };
    assert_eq!(last.mid, MessageId::new("b"));
    assert_eq!(delivery.events[3].raw, r#"{"surprise":{}}"#);
    for incoming in &delivery.events {
        assert_eq!(parse(&incoming.to_single_body()).events.len(), 1, "{incoming:?}");
    }
}

#[test]
fn an_unknown_event_is_kept_with_its_exact_text() {
    let raw = r#"{"sender": {"id":"2"},  "brand_new":{"x":1.50}}"#;
    let delivery = parse(&body(&format!(r#"{{"id":"1","messaging":[{raw}]}}"#)));
    let incoming = &delivery.events[0];
    assert_eq!(incoming.raw, raw);
    assert_eq!(incoming.sender, Some(ParticipantId::new("2")));
    let Event::Unrecognised { reason } = &incoming.event else {
        panic!("{incoming:?}")
    };
    assert!(reason.contains("brand_new"), "{reason}");
}

#[test]
fn a_body_that_is_no_envelope_is_kept_whole() {
    for text in ["", "null", "[1]", "{}", "<html>", r#"{"object":"instagram"}"#] {
        let delivery = parse(text.as_bytes());
        assert_eq!(delivery.events.len(), 1, "{text}");
        assert_eq!(delivery.events[0].event.kind(), None, "{text}");
    }
    assert_eq!(parse(br#"{"object":"instagram","entry":[]}"#).events.len(), 0);
}

#[test]
fn invalid_utf8_in_one_event_does_not_lose_the_others() {
    let mut bytes = body(r#"{"id":"1","messaging":[{"message":{"mid":"a","text":"?"}},{"message":{"mid":"b"}}]}"#);
    let position = bytes.iter().position(|byte| *byte == b'?').unwrap();
    bytes[position] = 0xff;
    let delivery = parse(&bytes);
    assert_eq!(delivery.events.len(), 2);
    assert!(delivery.events.iter().all(|incoming| incoming.event.kind().is_some()));
}

#[test]
fn values_not_included_are_kept_as_unrecognised() {
    let delivery = parse(&body(r#"{"id":"1","time":1,"changed_fields":["comments"]}"#));
    assert_eq!(delivery.events.len(), 1);
    assert_eq!(delivery.events[0].entry_id, Some(IgUserId::new("1")));
}
