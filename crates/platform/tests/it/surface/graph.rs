//! Graph calls with the tokens of the world.

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::{Answer, House};

/// The token of an account for an app and a login; the Page's for the Facebook login.
pub(crate) async fn token(house: &House, account: &str, app: &str, flow: &str) -> String {
    let world = house.get("/_sim/world").await;
    let accounts = world["accounts"].as_array().unwrap().clone();
    let found = accounts.iter().find(|one| one["username"] == account).unwrap();
    let tokens = found["tokens"].as_array().unwrap().clone();
    let token = tokens
        .iter()
        .rfind(|one| one["app"] == app && one["flow"] == flow && (flow == "instagram" || one["kind"] == "page"))
        .unwrap();
    token["access_token"].as_str().unwrap().to_owned()
}

/// Calls Graph; parameters go as JSON.
pub(crate) async fn graph(house: &House, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let separator = if path.contains('?') { '&' } else { '?' };
    house
        .call(method, &format!("/v24.0/{path}{separator}access_token={token}"), body)
        .await
}

/// Calls Graph and expects 200.
pub(crate) async fn graph_ok(house: &House, token: &str, method: &str, path: &str, body: &Value) -> Value {
    let answer = graph(house, token, method, path, body).await;
    let why = answer.headers.get("x-selfsame-why").cloned();
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "{method} {path}: {} {why:?}",
        String::from_utf8_lossy(&answer.body)
    );
    answer.json()
}

/// `(code, subcode)` of a refusal.
pub(crate) fn codes(answer: &Answer) -> (Value, Value) {
    let body = answer.json();
    (body["error"]["code"].clone(), body["error"]["error_subcode"].clone())
}

/// The IGSID of a person as an account sees her.
pub(crate) async fn igsid(house: &House, account: &str, person: &str) -> String {
    let world = house.get("/_sim/world").await;
    let accounts = world["accounts"].as_array().unwrap().clone();
    let found = accounts.iter().find(|one| one["username"] == person).unwrap();
    found["scoped_ids"][format!("@{account}")].as_str().unwrap().to_owned()
}

/// Another app with a callback that has passed its handshake, and the account granted to it with every field.
pub(crate) async fn second_app(house: &House, name: &str, account: &str) {
    let fields = selfsame_wire::events::subscribable_fields();
    let app = json!({"name": name, "callback_url": crate::house::CALLBACK, "fields": fields});
    house.ok("POST", "/_sim/apps", &app).await;
    house.platform.shake_hands_once().await.unwrap();
    let grant = json!({"app": name, "account": account, "flow": "instagram", "fields": fields});
    house.ok("POST", "/_sim/grants", &grant).await;
}
