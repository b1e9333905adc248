//! Whatever a stranger sends, nothing panics and nothing is lost.

use proptest::prelude::*;
use selfsame_wire::events::{DASHBOARD_SAMPLES, EVENTS};
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::ids::IgUserId;
use selfsame_wire::oauth::{CodeExchangeAnswer, LongLivedToken, OAuthError, SignedRequest};
use selfsame_wire::secret::AppSecret;
use selfsame_wire::send::{SendRequest, SendResponse};
use selfsame_wire::signature::Unverified;
use selfsame_wire::webhook::{AccountIds, Event, parse};
use serde_json::Value;

fn read_everything(body: &[u8]) {
    let account = AccountIds {
        ig_user_id: IgUserId::new("17841400000000001"),
        self_igsid: None,
    };
    for mut incoming in parse(body).events {
        std::hint::black_box(incoming.normalise(&account));
        std::hint::black_box(incoming.identity(&account.ig_user_id));
        std::hint::black_box(incoming.resolve_account(|_| false));
        // The texts of JSON errors name a position, which is another one in another body.
        let mut again = parse(&incoming.to_single_body());
        for event in again.events.iter_mut().chain([&mut incoming]) {
            if let Event::Unrecognised { reason } = &mut event.event {
                reason.clear();
            }
        }
        assert_eq!(again.events, std::slice::from_ref(&incoming));
    }
    std::hint::black_box(GraphError::parse(body, 400));
    std::hint::black_box(SendResponse::parse(body));
    std::hint::black_box(CodeExchangeAnswer::parse(body));
    std::hint::black_box(LongLivedToken::parse(body));
    std::hint::black_box(OAuthError::parse(body));
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        std::hint::black_box(SendRequest::decode(&value).is_ok());
    }
}

/// Any JSON, with the names that the readers look for.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::from("{\"id\":1}")),
        Just(Value::from("comments")),
    ];
    let name = prop::sample::select(vec![
        "object",
        "entry",
        "id",
        "time",
        "messaging",
        "standby",
        "changes",
        "field",
        "value",
        "sender",
        "recipient",
        "timestamp",
        "message",
        "mid",
        "text",
        "attachments",
        "attachment",
        "type",
        "payload",
        "postback",
        "is_self",
        "is_echo",
        "reply_to",
        "story",
        "from",
        "media",
        "quick_replies",
        "elements",
        "buttons",
        "template_type",
        "sender_action",
        "error",
        "code",
        "data",
    ]);
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_survived(body in prop::collection::vec(any::<u8>(), 0..300)) {
        read_everything(&body);
    }

    #[test]
    fn any_json_is_survived(value in any_json()) {
        read_everything(value.to_string().as_bytes());
        let envelope = serde_json::json!({"object": "instagram", "entry": value});
        read_everything(envelope.to_string().as_bytes());
    }

    #[test]
    fn a_damaged_delivery_is_survived(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let samples: Vec<&str> = EVENTS.iter().flat_map(|spec| spec.samples).chain(DASHBOARD_SAMPLES).map(|sample| sample.json).collect();
        let mut bytes = pick.get(&samples).as_bytes().to_vec();
        let position = at.index(bytes.len());
        if cut { bytes.truncate(position) } else { bytes[position] = byte }
        read_everything(&bytes);
    }

    #[test]
    fn any_signature_header_is_survived(header in ".{0,80}", body in ".{0,20}") {
        let secrets = [AppSecret::new("s")];
        prop_assert!(Unverified::new(body.as_bytes(), Some(&header), None).verify(&secrets).is_err());
        prop_assert!(Unverified::new(body.as_bytes(), None, Some(&header)).verify(&secrets).is_err());
        prop_assert!(SignedRequest::verify(&header, &secrets).is_err());
    }
}

#[test]
fn deep_nesting_is_survived() {
    for depth in [100, 200, 100_000] {
        read_everything("[".repeat(depth).as_bytes());
        let nested = format!(
            r#"{{"object":"instagram","entry":[{{"id":"1","messaging":[{{"message":{{"mid":"m","x":{}{}}}}},{{"message":{{"mid":"n"}}}}]}}]}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        );
        let delivery = parse(nested.as_bytes());
        assert!(
            delivery.events.iter().any(|incoming| incoming.event.kind().is_some()),
            "{depth}"
        );
    }
}
