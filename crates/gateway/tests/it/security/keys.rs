//! Keys of the API: shown once, kept as a digest, and good for what was granted only.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::business::{Answer, Business};
use crate::graph::SAM;

const NOTHING: &str = "automations: []";

/// A key with these scopes: its number and the key itself.
async fn make(business: &Business, scopes: &[&str]) -> (String, String) {
    let answer = business
        .post("/api/v1/keys", &json!({"name": "a program", "scopes": scopes}))
        .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    let made = answer.json();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("key"))
}

/// A request from the world outside, through a proxy.
async fn call(business: &Business, key: Option<&str>, method: Method, path: &str, body: &Value) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:7354")
        .header("x-forwarded-for", "203.0.113.9")
        .header("content-type", "application/json");
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    business
        .request(request.body(Body::from(body.to_string())).unwrap())
        .await
}

async fn get(business: &Business, key: Option<&str>, path: &str) -> Answer {
    call(business, key, Method::GET, path, &json!({})).await
}

#[tokio::test]
async fn without_a_key_nobody_outside_may_call() {
    let business = Business::connected(NOTHING).await;
    let answer = get(&business, None, "/api/v1/messages").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.json()["error"]["code"], "key_needed");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    for wrong in ["ssk_guess", "guess", ""] {
        let answer = get(&business, Some(wrong), "/api/v1/messages").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
    let answer = get(&business, Some("key"), "/api/v1/messages").await;
    assert_eq!(answer.status, StatusCode::OK, "the admin token of the folder opens it");
}

#[tokio::test]
async fn a_key_may_do_what_it_was_made_for_and_nothing_else() {
    let business = Business::connected(NOTHING).await;
    let send = json!({"account": "luna.coffee", "to": SAM, "text": "hi"});
    let requests = [
        ("read", Method::GET, "/api/v1/messages", json!({})),
        ("send", Method::POST, "/api/v1/messages", send),
        (
            "automations",
            Method::POST,
            "/api/v1/automations/validate",
            json!({"text": NOTHING}),
        ),
        (
            "accounts",
            Method::PATCH,
            "/api/v1/accounts/luna.coffee",
            json!({"mode": "live"}),
        ),
        ("admin", Method::PUT, "/api/v1/kill-switch", json!({"on": false})),
    ];
    for granted in ["read", "send", "automations", "accounts", "admin"] {
        let (_, key) = make(&business, &[granted]).await;
        for (needed, method, path, body) in &requests {
            let answer = call(&business, Some(&key), method.clone(), path, body).await;
            let is_refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(
                is_refused,
                granted != "admin" && granted != *needed,
                "{granted}: {method} {path} {}",
                answer.text
            );
            if is_refused {
                assert_eq!(answer.json()["error"]["code"], "scope_missing");
            }
        }
        let answer = call(
            &business,
            Some(&key),
            Method::POST,
            "/api/v1/keys",
            &json!({"name": "mine", "scopes": ["admin"]}),
        )
        .await;
        assert_eq!(
            answer.status == StatusCode::CREATED,
            granted == "admin",
            "{granted} must not make itself an admin"
        );
    }
}

#[tokio::test]
async fn a_shown_key_counts_also_at_home() {
    let business = Business::connected(NOTHING).await;
    let (_, key) = make(&business, &["read"]).await;
    let request = Request::put("/api/v1/kill-switch")
        .header("host", "localhost:7354")
        .header("authorization", format!("Bearer {key}"))
        .body(Body::from("{\"on\":true}"))
        .unwrap();
    assert_eq!(business.request(request).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_key_is_listed_with_its_last_use_and_never_shown_again() {
    let business = Business::connected(NOTHING).await;
    let (id, key) = make(&business, &["read", "read"]).await;
    let listed = business.get("/api/v1/keys").await;
    assert!(!listed.text.contains(&key), "{}", listed.text);
    let row = &listed.json()["data"][0];
    assert_eq!((&row["id"], &row["name"]), (&json!(id), &json!("a program")));
    assert_eq!((&row["scopes"], &row["last_used_at"]), (&json!(["read"]), &Value::Null));
    assert_eq!(
        get(&business, Some(&key), "/api/v1/status").await.status,
        StatusCode::OK
    );
    let used = business.get("/api/v1/keys").await.json()["data"][0]["last_used_at"].clone();
    assert!(used.is_string());
    business
        .clocks
        .world
        .advance(jiff::SignedDuration::from_secs(30))
        .unwrap();
    get(&business, Some(&key), "/api/v1/status").await;
    let again = business.get("/api/v1/keys").await.json()["data"][0]["last_used_at"].clone();
    assert_eq!(again, used, "to the minute: not a write for every request");
    business.gateway.app().database.close().await;
    for entry in std::fs::read_dir(business.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()));
    }
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_from_that_moment_on() {
    let business = Business::connected(NOTHING).await;
    let (id, key) = make(&business, &["read"]).await;
    let (_, other) = make(&business, &["read"]).await;
    let path = format!("/api/v1/keys/{id}");
    assert_eq!(
        business.send("DELETE", &path, "text/plain", "").await.status,
        StatusCode::NO_CONTENT
    );
    let answer = get(&business, Some(&key), "/api/v1/status").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.json()["error"]["code"], "key_invalid");
    assert_eq!(
        get(&business, Some(&other), "/api/v1/status").await.status,
        StatusCode::OK
    );
    assert!(business.get("/api/v1/keys").await.json()["data"][0]["revoked_at"].is_string());
    let again = business.send("DELETE", &path, "text/plain", "").await;
    assert_eq!(again.json()["error"]["code"], "unknown_key");
}

#[tokio::test]
async fn keys_are_listed_page_by_page() {
    let business = Business::connected(NOTHING).await;
    for _ in 0..5 {
        make(&business, &["read"]).await;
    }
    let first = business.get("/api/v1/keys?limit=2").await.json();
    assert_eq!(
        (first["data"].as_array().unwrap().len(), &first["next"]),
        (2, &json!("2"))
    );
    let second = business.get("/api/v1/keys?limit=2&after=2").await.json();
    assert_eq!((&second["data"][0]["id"], &second["next"]), (&json!("3"), &json!("4")));
    let last = business.get("/api/v1/keys?limit=2&after=4").await.json();
    assert_eq!((last["data"].as_array().unwrap().len(), last.get("next")), (1, None));
}

#[tokio::test]
async fn a_key_without_name_or_scope_is_not_made() {
    let business = Business::connected(NOTHING).await;
    for (body, field) in [
        (json!({"name": " ", "scopes": ["read"]}), "name"),
        (json!({"name": "x".repeat(101), "scopes": ["read"]}), "name"),
        (json!({"name": "x", "scopes": []}), "scopes"),
    ] {
        let answer = business.post("/api/v1/keys", &body).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]["field"]),
            (StatusCode::BAD_REQUEST, &json!(field))
        );
    }
    let unknown = business
        .post("/api/v1/keys", &json!({"name": "x", "scopes": ["everything"]}))
        .await;
    assert_eq!(unknown.json()["error"]["code"], "invalid_body");
    assert_eq!(business.get("/api/v1/keys").await.json()["data"], json!([]));
}
