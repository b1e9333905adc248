//! Forged, replayed and copied webhooks, and what is shown of them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use selfsame_gateway::config::NamedSecret;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::sign;
use serde_json::{Value, json};

use crate::business::Business;
use crate::graph::{IG_ID, SAM, SELF_IGSID};
use crate::open::{INSTAGRAM_SECRET, deliver, post};

const MENU: &str =
    "automations:\n  - name: menu\n    when: { message: { any: [menu] } }\n    do: [ { send: { text: the menu } } ]\n";

fn typed(entry: &str, mid: &str, text: &str) -> Vec<u8> {
    json!({"object": "instagram", "entry": [{"id": entry, "time": 1_790_000_000_000_i64, "messaging": [
        {"sender": {"id": IG_ID}, "recipient": {"id": SELF_IGSID}, "timestamp": 1_790_000_000_000_i64,
         "message": {"mid": mid, "text": text, "is_echo": true, "is_self": true}}]}]})
    .to_string()
    .into_bytes()
}

#[tokio::test]
async fn a_webhook_that_was_copied_elsewhere_is_accepted_with_metas_signature_as_if_from_meta() {
    let business = Business::connected(MENU).await;
    let body = typed(IG_ID, "m1", "menu");
    let signatures = sign(&AppSecret::new(INSTAGRAM_SECRET), &body);
    // As another receiver would hand it on: its own host, agent and content type, both of Meta's headers.
    let request = Request::post("/webhooks/instagram")
        .header("host", "receiver.example")
        .header("user-agent", "curl/8")
        .header("content-type", "application/octet-stream")
        .header("x-forwarded-for", "203.0.113.9")
        .header("X-Hub-Signature", &signatures.sha1)
        .header("X-Hub-Signature-256", &signatures.sha256)
        .body(Body::from(body.clone()))
        .unwrap();
    assert_eq!(business.request(request).await.status, StatusCode::OK);
    business.settle().await;
    assert_eq!(business.graph.texts(), ["the menu"]);
    // And when Meta delivers it too, it is answered once.
    assert_eq!(deliver(&business.gateway, &body).await, StatusCode::OK);
    business.settle().await;
    assert_eq!(business.graph.texts(), ["the menu"]);
}

#[tokio::test]
async fn a_forged_signature_changes_nothing_however_it_is_forged() {
    let business = Business::connected(MENU).await;
    let body = typed(IG_ID, "m1", "menu");
    let right = sign(&AppSecret::new(INSTAGRAM_SECRET), &body).sha256;
    let other = sign(&AppSecret::new("other"), &body).sha256;
    let for_other_body = sign(&AppSecret::new(INSTAGRAM_SECRET), b"{}").sha256;
    for forged in [
        Some(other.as_str()),
        Some(for_other_body.as_str()),
        Some(&right[..right.len() - 1]),
        Some(right.trim_start_matches("sha256=")),
        Some("sha256="),
        Some("sha256=zz"),
        Some(""),
        None,
    ] {
        assert_eq!(
            post(&business.gateway, &body, forged).await,
            StatusCode::FORBIDDEN,
            "{forged:?}"
        );
    }
    let empty = sign(&AppSecret::new(""), &body).sha256;
    assert_eq!(
        post(&business.gateway, &body, Some(&empty)).await,
        StatusCode::FORBIDDEN
    );
    business.settle().await;
    assert!(business.graph.texts().is_empty());
    assert_eq!(business.get("/api/v1/deliveries").await.json()["data"], json!([]));
}

#[tokio::test]
async fn a_replayed_delivery_is_answered_once() {
    let business = Business::connected(MENU).await;
    let body = typed(IG_ID, "m1", "menu");
    for _ in 0..5 {
        assert_eq!(deliver(&business.gateway, &body).await, StatusCode::OK);
        business.settle().await;
    }
    assert_eq!(business.graph.texts(), ["the menu"]);
}

#[tokio::test]
async fn failed_signatures_are_listed_with_length_head_and_the_secrets_that_were_tried() {
    let business = Business::with_config(MENU, |config| {
        config.extra_app_secrets = vec![NamedSecret {
            name: "second app".to_owned(),
            secret: "second secret".to_owned(),
        }];
    })
    .await;
    let body = format!("{{\"a\":\"{}\"}}", "x".repeat(1_000));
    assert_eq!(
        post(&business.gateway, body.as_bytes(), Some("sha256=00")).await,
        StatusCode::FORBIDDEN
    );
    let listed = business.get("/api/v1/failed-signatures").await.json();
    let row = &listed["data"][0];
    assert_eq!(row["length_bytes"], body.len());
    assert_eq!(row["head"].as_str().unwrap().len(), 256);
    assert_eq!(row["secrets_tried"], json!(["instagram", "facebook", "second app"]));
    assert_eq!(row["reason"], "the signature header is malformed");
}

#[tokio::test]
async fn several_apps_share_one_callback() {
    let business = Business::with_config(MENU, |config| {
        config.extra_app_secrets = vec![NamedSecret {
            name: "second app".to_owned(),
            secret: "second secret".to_owned(),
        }];
    })
    .await;
    let body = typed(IG_ID, "m1", "menu");
    let by_second = sign(&AppSecret::new("second secret"), &body).sha256;
    assert_eq!(post(&business.gateway, &body, Some(&by_second)).await, StatusCode::OK);
    let listed = business.get("/api/v1/deliveries").await.json();
    assert_eq!(listed["data"][0]["signed_with"], "second app");
}

#[tokio::test]
async fn the_signature_lab_names_the_secret_and_the_first_byte_that_parsing_changes() {
    let business = Business::connected(MENU).await;
    let body = r#"{"object":"instagram","entry":[{"id":"17","messaging":[{"message":{"text":"caf\u00e9"}}]}]}"#;
    let signed = sign(&AppSecret::new(INSTAGRAM_SECRET), body.as_bytes());
    let ask = async |body: &Value| business.post("/api/v1/signature-lab", body).await.json();
    let right = ask(&json!({"body": body, "headers": {"X-Hub-Signature-256": signed.sha256}})).await;
    assert_eq!(right["accepted"], true);
    assert_eq!(right["secrets"][0]["name"], "instagram");
    assert_eq!(right["secrets"][0]["sha256"], signed.sha256);
    assert_eq!(right["secrets"][0]["sha1"], signed.sha1);
    let parsed = body.replace(r"\u00e9", "é");
    let wrong =
        ask(&json!({"body_base64": STANDARD.encode(&parsed), "headers": {"x-hub-signature-256": signed.sha256}})).await;
    assert_eq!(wrong["accepted"], false);
    assert!(wrong["remedy"].as_str().unwrap().contains("json_encode"), "{wrong}");
    let javascript = &right["reserialised"][0]["first_difference"];
    assert_eq!(javascript["byte"], body.find(r"\u00e9").unwrap());
    assert!(!right.to_string().contains(INSTAGRAM_SECRET));
    for nonsense in [
        json!({}),
        json!({"body": "x", "body_base64": "eA=="}),
        json!({"body_base64": "?"}),
    ] {
        let answer = business.post("/api/v1/signature-lab", &nonsense).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_dead_letter_is_listed_and_decided_again_from_its_raw_bytes() {
    let business = Business::open(MENU).await;
    let body = typed(IG_ID, "m1", "menu");
    deliver(&business.gateway, &body).await;
    deliver(&business.gateway, b"not json").await;
    business.settle().await;
    let dead = business.get("/api/v1/deliveries?dead=true").await.json();
    assert_eq!(dead["data"][0]["events"][0]["state"], "unknown_account");
    assert_eq!(dead["data"].as_array().unwrap().len(), 2, "{dead}");
    let detail = business.get("/api/v1/deliveries/1").await.json();
    assert_eq!(STANDARD.decode(detail["body_base64"].as_str().unwrap()).unwrap(), body);
    business.connect().await;
    let replayed = business.post("/api/v1/deliveries/1/replay", &json!({})).await;
    assert_eq!(
        (replayed.status, replayed.json()),
        (StatusCode::ACCEPTED, json!({"queued": 1, "skipped": 0}))
    );
    business.settle().await;
    assert_eq!(business.graph.texts(), ["the menu"]);
    let again = business.post("/api/v1/deliveries/1/replay", &json!({})).await;
    assert_eq!(
        again.json(),
        json!({"queued": 0, "skipped": 1}),
        "what was decided stays decided"
    );
    business.settle().await;
    assert_eq!(business.graph.texts(), ["the menu"]);
    let unknown = business.post("/api/v1/deliveries/99/replay", &json!({})).await;
    assert_eq!(unknown.json()["error"]["code"], "unknown_delivery");
}

#[tokio::test]
async fn a_tap_without_identity_is_not_replayed_as_a_second_tap() {
    let business = Business::connected(
        "automations:\n  - name: tap\n    when: { postback: GO }\n    do: [ { send: { text: went } } ]\n",
    )
    .await;
    let tap = json!({"object": "instagram", "entry": [{"id": IG_ID, "messaging": [
        {"sender": {"id": SAM}, "recipient": {"id": IG_ID}, "postback": {"title": "Go", "payload": "GO"}}]}]});
    deliver(&business.gateway, tap.to_string().as_bytes()).await;
    let early = business.post("/api/v1/deliveries/1/replay", &json!({})).await;
    assert_eq!(early.json()["error"]["code"], "not_decided_yet");
    business.settle().await;
    assert_eq!(business.graph.texts(), ["went"]);
    let replayed = business.post("/api/v1/deliveries/1/replay", &json!({})).await;
    assert_eq!(replayed.json(), json!({"queued": 0, "skipped": 1}));
}
