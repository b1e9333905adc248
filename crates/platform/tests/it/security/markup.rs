//! What people write, and what apps and accounts are called, is shown as what it is, on every page.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::house::House;

const MARKUP: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>";

async fn page(house: &House, path: &str) -> String {
    let request = Request::get(path)
        .header("host", "localhost:7353")
        .body(Body::empty())
        .unwrap();
    let answer = house.send(request).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.status);
    String::from_utf8_lossy(&answer.body).into_owned()
}

/// Who may be called so is called so: names are free, usernames are not.
async fn a_world_of_markup(house: &House) -> (Value, Value) {
    let refused = house
        .call(
            "POST",
            "/_sim/accounts",
            &json!({"username": MARKUP, "kind": "personal"}),
        )
        .await;
    assert!(refused.status.is_client_error(), "a username is no markup");
    house
        .ok("PATCH", "/_sim/accounts/luna.coffee", &json!({"name": MARKUP}))
        .await;
    let media = house
        .ok(
            "POST",
            "/_sim/media",
            &json!({"account": "@luna.coffee", "caption": MARKUP}),
        )
        .await;
    for (who, to) in [("@luna.coffee", "@luna.coffee"), ("@sam", "@luna.coffee")] {
        house
            .ok("POST", "/_sim/dm", &json!({"as": who, "to": to, "text": MARKUP}))
            .await;
        let comment = json!({"as": who, "media": media["id"], "text": MARKUP});
        house.ok("POST", "/_sim/comment", &comment).await;
    }
    let world = house.get("/_sim/world").await;
    let luna = world["accounts"][0].clone();
    let token = luna["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .find(|token| token["flow"] == "instagram")
        .unwrap()["access_token"]
        .clone();
    let path = format!(
        "/v25.0/{}/messages?access_token={}",
        luna["self_igsid"].as_str().unwrap(),
        token.as_str().unwrap()
    );
    let button = json!({"type": "postback", "title": "<b>x</b>", "payload": MARKUP});
    let template = json!({"message": {"attachment": {"type": "template", "payload":
        {"template_type": "button", "text": MARKUP, "buttons": [button]}}}});
    house.ok("POST", &path, &template).await;
    // A call that is refused, for the inspector: its path and body are shown too.
    house
        .call(
            "POST",
            "/v25.0/%3Cscript%3Ealert(1)%3C%2Fscript%3E/messages",
            &json!({"message": {"text": MARKUP}}),
        )
        .await;
    house.deliver().await;
    (world, media)
}

#[tokio::test]
async fn stored_markup_stays_text_on_every_page() {
    let house = House::with_bot().await;
    let (_, media) = a_world_of_markup(&house).await;
    let mut pages: Vec<String> = [
        "/",
        "/phone",
        "/phone/luna.coffee",
        "/phone/sam",
        "/phone/luna.coffee/apps",
        "/phone/luna.coffee/settings",
        "/phone/luna.coffee/t/luna.coffee",
        "/phone/luna.coffee/t/sam",
        "/phone/sam/t/luna.coffee",
        "/inspector",
        "/inspector/calls",
        "/dashboard",
    ]
    .map(str::to_owned)
    .into();
    for who in ["luna.coffee", "sam"] {
        pages.push(format!("/phone/{who}/p/{}", media["id"].as_str().unwrap()));
    }
    for (list, page) in [("deliveries", "deliveries"), ("calls", "calls")] {
        let listed = house.get(&format!("/_sim/{list}")).await;
        for row in listed["data"].as_array().unwrap() {
            let id = row["id"].as_str().map_or_else(|| row["id"].to_string(), str::to_owned);
            pages.push(format!("/inspector/{page}/{id}"));
        }
    }
    let mut n_shown = 0;
    for path in &pages {
        let text = page(&house, path).await;
        for element in ["<script>alert", "<img src=x", "<svg onload", "<b>x</b>"] {
            assert!(!text.contains(element), "{path} lets {element} through");
        }
        n_shown += usize::from(text.contains("&lt;script&gt;alert(1)"));
    }
    assert!(
        n_shown >= 8,
        "only {n_shown} pages showed the text at all: the test looks at nothing"
    );
}
