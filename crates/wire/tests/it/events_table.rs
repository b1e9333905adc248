//! The table of events, against itself and the fixtures folder.

use std::collections::BTreeSet;
use std::path::Path;

use selfsame_wire::events::{
    self, DASHBOARD_SAMPLES, EVENTS, EventKind, Placement, STANDBY_SAMPLE, subscribable_fields,
};

#[test]
fn every_row_has_a_sample_and_a_kind_of_its_own() {
    let mut kinds = BTreeSet::new();
    for spec in EVENTS {
        assert!(!spec.samples.is_empty(), "{:?}", spec.kind);
        assert!(kinds.insert(spec.kind), "{:?} stands twice", spec.kind);
        assert_eq!(spec.kind.field(), spec.field);
        assert_eq!(
            spec.key.is_some(),
            spec.placement == Placement::Messaging,
            "{:?}",
            spec.kind
        );
        assert!(!spec.flows.is_empty());
    }
}

#[test]
fn every_wire_fixture_belongs_to_the_table() {
    let known: BTreeSet<String> = EVENTS
        .iter()
        .flat_map(|spec| spec.samples)
        .chain(DASHBOARD_SAMPLES)
        .chain([&STANDBY_SAMPLE])
        .map(|sample| sample.fixture.to_owned())
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wire");
    let on_disk: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| format!("wire/{}", file.unwrap().file_name().into_string().unwrap()))
        .collect();
    assert_eq!(known, on_disk);
}

#[test]
fn samples_are_found_by_name() {
    let (spec, sample) = events::sample("self_postback").unwrap();
    assert_eq!(spec.kind, EventKind::Postback);
    assert!(sample.json.contains(r#""is_self":true,"postback""#));
    assert!(events::sample("nothing").is_none());
}

#[test]
fn the_documented_fields_can_be_subscribed_each_once() {
    assert_eq!(
        subscribable_fields(),
        [
            "messages",
            "message_edit",
            "message_reactions",
            "messaging_postbacks",
            "messaging_seen",
            "messaging_referral",
            "messaging_optins",
            "messaging_handover",
            "comments",
            "live_comments",
            "mentions",
            "story_insights",
            "standby",
            "message_echoes",
            "messaging_policy_enforcement",
            "response_feedback",
        ]
    );
}

#[test]
fn every_section_is_a_heading_of_the_contract() {
    let page = include_str!("../../../../docs/contract/webhooks.md");
    for spec in EVENTS {
        let heading = format!("## {}", spec.section);
        assert!(page.lines().any(|line| line == heading), "{heading} is missing");
    }
}

/// contract/webhooks §4.3 "Valid fields and permissions": who gets which field, and by which permissions.
#[test]
fn each_field_reaches_the_logins_of_its_row_with_the_permissions_of_its_row() {
    use selfsame_wire::flow::LoginFlow::{Facebook, Instagram};
    let messages: &[&str] = &["instagram_business_basic", "instagram_business_manage_messages"];
    let comments: &[&str] = &["instagram_business_basic", "instagram_business_manage_comments"];
    let rows: &[(&str, &[&str], bool)] = &[
        ("messages", messages, true),
        ("message_reactions", messages, true),
        ("message_edit", messages, true),
        ("messaging_postbacks", messages, true),
        ("messaging_seen", messages, true),
        ("messaging_referral", messages, true),
        ("messaging_optins", messages, false),
        ("messaging_handover", messages, true),
        ("comments", comments, true),
        ("live_comments", comments, true),
        ("mentions", &[], true),
        ("story_insights", &[], true),
    ];
    for (field, instagram, facebook) in rows {
        let specs: Vec<_> = EVENTS.iter().filter(|spec| spec.field == *field).collect();
        assert!(!specs.is_empty(), "{field}");
        for spec in specs {
            assert_eq!(spec.flows.contains(&Instagram), !instagram.is_empty(), "{field}");
            assert_eq!(spec.flows.contains(&Facebook), *facebook, "{field}");
            if spec.flows.contains(&Instagram) {
                let rule = spec.feature.permissions(Instagram);
                assert_eq!(rule.alternatives, [*instagram], "{field}");
            }
        }
    }
    let known: Vec<&str> = rows.iter().map(|row| row.0).collect();
    for spec in EVENTS {
        assert!(known.contains(&spec.field), "{} has no row", spec.field);
    }
}
