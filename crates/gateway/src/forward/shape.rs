//! How an event looks to an engine.

use selfsame_wire::webhook::{Escapes, to_wire_bytes};
use serde_json::{Map, Value, json};

use super::job::Handover;
use super::target::Shape;

/// The exact bytes that an engine gets.
///
/// Whatever Instagram put into the event stays there, known or not. In [`Shape::Inbound`] an event of the
/// self thread changes its parties' places and loses the two flags, so that it reads like any customer's:
/// sender = self IGSID, recipient = the account. Only events that are known to be the owner's come here,
/// because our own echoes are withheld.
pub fn present(body: &[u8], handover: &Handover, shape: Shape) -> Vec<u8> {
    if shape == Shape::Meta || !handover.self_thread {
        return body.to_vec();
    }
    let Ok(mut document) = serde_json::from_slice::<Value>(body) else {
        return body.to_vec();
    };
    let entries = document.get_mut("entry").and_then(Value::as_array_mut);
    for entry in entries.into_iter().flatten() {
        let Some(entry) = entry.as_object_mut() else { continue };
        let Some(events) = entry.get_mut("messaging").and_then(Value::as_array_mut) else {
            continue;
        };
        for event in events.iter_mut().filter_map(Value::as_object_mut) {
            turn_round(event, handover);
        }
        // The published tap carries a foreign entry.id; an ordinary event never does.
        entry.insert("id".to_owned(), json!(handover.account));
    }
    to_wire_bytes(&document, Escapes::Current)
}

fn turn_round(event: &mut Map<String, Value>, handover: &Handover) {
    let Some(person) = &handover.person else { return };
    event.insert("sender".to_owned(), json!({ "id": person }));
    event.insert("recipient".to_owned(), json!({ "id": handover.account }));
    event.shift_remove("is_self");
    if let Some(message) = event.get_mut("message").and_then(Value::as_object_mut) {
        message.shift_remove("is_self");
        message.shift_remove("is_echo");
    }
}

#[cfg(test)]
mod tests {
    use selfsame_wire::ids::{IgScopedId, IgUserId};

    use super::*;
    use crate::automation::Lane;

    fn handover(self_thread: bool) -> Handover {
        Handover {
            event_id: 1,
            account: IgUserId::new("17"),
            person: Some(IgScopedId::new("5")),
            self_thread,
            lane: Lane::Draft,
            signed_with: "instagram".to_owned(),
        }
    }

    fn presented(body: &Value, self_thread: bool, shape: Shape) -> Value {
        serde_json::from_slice(&present(body.to_string().as_bytes(), &handover(self_thread), shape)).unwrap()
    }

    #[test]
    fn a_typed_self_message_looks_like_a_customers_and_keeps_what_is_unknown() {
        let body = json!({"object": "instagram", "entry": [{"id": "17", "time": 3, "messaging": [{
            "sender": {"id": "17"}, "recipient": {"id": "5"}, "timestamp": 3,
            "message": {"mid": "m", "text": "hé/llo", "is_echo": true, "is_self": true, "new_thing": [1]}}]}]});
        let expected = json!({"object": "instagram", "entry": [{"id": "17", "time": 3, "messaging": [{
            "sender": {"id": "5"}, "recipient": {"id": "17"}, "timestamp": 3,
            "message": {"mid": "m", "text": "hé/llo", "new_thing": [1]}}]}]});
        assert_eq!(presented(&body, true, Shape::Inbound), expected);
        assert_eq!(presented(&body, true, Shape::Meta), body);
        assert_eq!(presented(&body, false, Shape::Inbound), body, "not of the self thread");
    }

    #[test]
    fn a_self_tap_looks_like_a_customers_under_the_accounts_own_entry() {
        let body = json!({"object": "instagram", "entry": [{"id": "45202218377435", "messaging": [{
            "sender": {"id": "17"}, "recipient": {"id": "5"}, "is_self": true,
            "postback": {"title": "Start Chatting", "payload": "GO"}}]}]});
        let expected = json!({"object": "instagram", "entry": [{"id": "17", "messaging": [{
            "sender": {"id": "5"}, "recipient": {"id": "17"},
            "postback": {"title": "Start Chatting", "payload": "GO"}}]}]});
        assert_eq!(presented(&body, true, Shape::Inbound), expected);
    }

    #[test]
    fn what_is_no_json_goes_as_it_came() {
        assert_eq!(present(b"<", &handover(true), Shape::Inbound), b"<");
    }
}
