//! `docs/adding-a-webhook.md`, followed once: an event that does not exist is added by a fixture and
//! a row, then subscribed to, emitted, signed, received and recognised.

use selfsame_wire::events::{EVENTS, EventKind, EventSpec, Placement, Sample};
use selfsame_wire::flow::{Feature, LoginFlow};
use selfsame_wire::ids::IgUserId;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::{Unverified, sign};
use selfsame_wire::webhook::{Escapes, Event, parse, parse_with, to_wire_bytes};

use crate::rebuild::rebuild;

/// Step 1: the fixture. In the tree it would be `fixtures/wire/poll_vote.json`.
const IN_MESSAGING: &str = r#"{"object":"instagram","entry":[{"id":"17841400000000001","time":1569262486134,"messaging":[{"sender":{"id":"1500000000000001"},"recipient":{"id":"17841400000000001"},"timestamp":1569262485349,"poll_vote":{"poll":"1","choice":"tea \u2615"}}]}]}"#;
const IN_CHANGES: &str = r#"{"object":"instagram","entry":[{"id":"17841400000000001","time":1743480368,"changes":[{"field":"story_polls","value":{"media_id":"18000000000000001","votes":3}}]}]}"#;

/// Step 2: the row.
const POLL_VOTE: EventSpec = EventSpec {
    kind: EventKind::Kept("poll_vote"),
    field: "messaging_polls",
    key: Some("poll_vote"),
    placement: Placement::Messaging,
    flows: &[LoginFlow::Instagram],
    feature: Feature::Messaging,
    samples: &[Sample {
        name: "poll_vote",
        fixture: "wire/poll_vote.json",
        json: IN_MESSAGING,
    }],
    section: "messaging_polls",
};

const STORY_POLLS: EventSpec = EventSpec {
    kind: EventKind::Kept("story_polls"),
    field: "story_polls",
    key: None,
    placement: Placement::Changes,
    flows: &[LoginFlow::Facebook],
    feature: Feature::Insights,
    samples: &[Sample {
        name: "story_polls",
        fixture: "wire/story_polls.json",
        json: IN_CHANGES,
    }],
    section: "story_polls",
};

#[test]
fn an_event_without_a_row_is_kept_as_unrecognised() {
    for spec in [POLL_VOTE, STORY_POLLS] {
        let delivery = parse(spec.samples[0].json.as_bytes());
        assert!(
            matches!(delivery.events[0].event, Event::Unrecognised { .. }),
            "{}",
            spec.field
        );
    }
}

#[test]
fn a_row_is_enough_to_emit_and_to_recognise_an_event() {
    let table: Vec<EventSpec> = EVENTS.iter().copied().chain([POLL_VOTE, STORY_POLLS]).collect();
    let secret = AppSecret::new("secret");
    for spec in [POLL_VOTE, STORY_POLLS] {
        let sample = &spec.samples[0];
        let signature = sign(&secret, sample.json.as_bytes());
        let received = Unverified::new(sample.json.as_bytes(), Some(&signature.sha256), None)
            .verify(std::slice::from_ref(&secret))
            .unwrap();
        let delivery = parse_with(&table, received.body());
        let incoming = &delivery.events[0];
        assert_eq!(incoming.event.kind(), Some(spec.kind));
        assert_eq!(incoming.field.as_deref(), Some(spec.field));
        let emitted = to_wire_bytes(&rebuild(&delivery).to_value(), Escapes::Current);
        assert_eq!(String::from_utf8(emitted).unwrap(), sample.json);
    }
}

#[test]
fn a_redelivery_of_the_new_event_is_the_same_event() {
    let account = IgUserId::new("17841400000000001");
    let identity = || {
        let delivery = parse_with(&[POLL_VOTE], IN_MESSAGING.as_bytes());
        delivery.events[0].identity(&account)
    };
    assert!(identity().is_some());
    assert_eq!(identity(), identity());
}

#[test]
fn the_page_tells_the_steps_in_this_order() {
    let page = include_str!("../../../../docs/adding-a-webhook.md");
    let steps: Vec<&str> = page.lines().filter(|line| line.starts_with("## ")).collect();
    let expected = ["fixture", "row", "contract", "type", "platform", "gateway", "Check"];
    assert_eq!(steps.len(), expected.len(), "{steps:?}");
    for (step, word) in steps.iter().zip(expected) {
        assert!(step.contains(word), "{step} does not speak of {word}");
    }
}
