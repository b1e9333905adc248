//! Documented bytes → type → the same bytes.

use selfsame_wire::events::{EVENTS, STANDBY_SAMPLE};
use selfsame_wire::webhook::{Escapes, parse, to_wire_bytes};

use crate::rebuild::rebuild;

#[test]
fn every_sample_is_read_and_written_again_byte_for_byte() {
    for sample in EVENTS.iter().flat_map(|spec| spec.samples).chain([&STANDBY_SAMPLE]) {
        let delivery = parse(sample.json.as_bytes());
        let written = to_wire_bytes(&rebuild(&delivery).to_value(), Escapes::Current);
        assert_eq!(String::from_utf8(written).unwrap(), sample.json, "{}", sample.name);
    }
}

#[test]
fn every_sample_is_read_as_the_kind_and_field_of_its_row() {
    for spec in EVENTS {
        for sample in spec.samples {
            let delivery = parse(sample.json.as_bytes());
            let [incoming] = delivery.events.as_slice() else {
                panic!("{}", sample.name)
            };
            assert_eq!(incoming.event.kind(), Some(spec.kind), "{}", sample.name);
            assert_eq!(incoming.field.as_deref(), Some(spec.field), "{}", sample.name);
            assert!(!incoming.is_dashboard_test, "{}", sample.name);
        }
    }
}

#[test]
fn a_job_of_one_event_parses_to_the_same_event() {
    for sample in EVENTS.iter().flat_map(|spec| spec.samples).chain([&STANDBY_SAMPLE]) {
        let delivery = parse(sample.json.as_bytes());
        for incoming in &delivery.events {
            assert_eq!(
                parse(&incoming.to_single_body()).events,
                std::slice::from_ref(incoming),
                "{}",
                sample.name
            );
        }
    }
}
