//! Each operation of the API against each scope of a key: the one that its description names opens it, admin does,
//! and no other.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::business::Business;

const SCOPES: [&str; 5] = ["read", "send", "automations", "accounts", "admin"];

/// Method, path and needed scope of every operation, as described.
async fn operations(business: &Business) -> Vec<(String, String, String)> {
    let document = business.get("/api/v1/openapi.json").await.json();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"][0]["key"][0].as_str().unwrap();
            operations.push((method.to_uppercase(), path.clone(), scope.to_owned()));
        }
    }
    operations
}

async fn status(business: &Business, key: &str, method: &str, path: &str) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        // Nobody has this name, so nothing is changed by what is let through.
        .uri(path.replace("{id}", "nobody"))
        .header("host", "localhost:7354")
        .header("x-forwarded-for", "203.0.113.9")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {key}"))
        .body(Body::from("{}"))
        .unwrap();
    let answer = business.request(request).await;
    let body = serde_json::from_str(&answer.text).unwrap_or_default();
    (answer.status, body)
}

#[tokio::test]
async fn every_operation_is_open_to_the_scope_that_it_names_and_to_admin_only() {
    let business = Business::connected("automations: []").await;
    let mut keys = Vec::new();
    for scope in SCOPES {
        let made = business
            .post("/api/v1/keys", &json!({"name": scope, "scopes": [scope]}))
            .await
            .json();
        keys.push((scope, made["key"].as_str().unwrap().to_owned()));
    }
    let operations = operations(&business).await;
    assert!(operations.len() > 40, "the description was not understood: {operations:?}");
    for (method, path, needed) in &operations {
        for (scope, key) in &keys {
            let (status, body) = status(&business, key, method, path).await;
            assert_ne!(status, StatusCode::UNAUTHORIZED, "{method} {path} with {scope}");
            let is_refused = status == StatusCode::FORBIDDEN && body["error"]["code"] == "scope_missing";
            let may = scope == needed || *scope == "admin";
            assert_eq!(is_refused, !may, "{method} {path} needs {needed}, with {scope}: {status} {body}");
        }
    }
}
