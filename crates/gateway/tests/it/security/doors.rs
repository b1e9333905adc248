//! Pages of others, names of others, proxies, and addresses that lead elsewhere.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};

use crate::business::{Answer, Business};
use crate::graph::IG_ID;

const NOTHING: &str = "automations: []";

/// Every form of our pages.
const FORMS: [&str; 21] = [
    "/studio/publish",
    "/studio/roll-back",
    "/studio/kill-switch",
    "/studio/draft",
    "/studio/lint",
    "/studio/accounts/17841400000000001/draft",
    "/studio/accounts/17841400000000001/publish",
    "/studio/accounts/17841400000000001/roll-back",
    "/studio/previews",
    "/studio/previews/1/end",
    "/studio/threads/take-over",
    "/studio/threads/hand-back",
    "/studio/keys",
    "/studio/keys/1/revoke",
    "/studio/deliveries/1/replay",
    "/studio/signatures",
    "/studio/messages/s1/send_again",
    "/connect/facebook/page",
    "/connect/accounts/17841400000000001/webhooks",
    "/connect/accounts/17841400000000001/modes",
    "/connect/accounts/17841400000000001/disconnect",
];

/// Forms that Meta posts, signed.
const FORMS_OF_META: usize = 2;

/// Every changing call of the API, as its own description tells them.
async fn changing_calls(business: &Business) -> Vec<(Method, String)> {
    let described = business.get("/api/v1/openapi.json").await.json();
    let mut calls = Vec::new();
    for (path, operations) in described["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys().filter(|method| *method != "get") {
            let filled: Vec<&str> = path
                .split('/')
                .map(|part| if part.starts_with('{') { "1" } else { part })
                .collect();
            calls.push((method.to_uppercase().parse().unwrap(), filled.join("/")));
        }
    }
    assert!(calls.len() >= 15, "{calls:?}");
    calls
}

#[test]
fn no_form_of_the_pages_is_forgotten_here() {
    let routes = [
        include_str!("../../../src/http/ui/route.rs"),
        include_str!("../../../src/http/connect/route.rs"),
    ];
    let n_forms: usize = routes.iter().map(|source| source.matches("post(").count()).sum();
    assert_eq!(n_forms, FORMS.len() + FORMS_OF_META);
}

async fn call(business: &Business, method: &Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    business.request(request.body(Body::from("on=true")).unwrap()).await
}

#[tokio::test]
async fn a_page_of_somebody_else_can_change_nothing() {
    let business = Business::connected(NOTHING).await;
    let mut writes = changing_calls(&business).await;
    writes.extend(FORMS.map(|path| (Method::POST, path.to_owned())));
    let (host, form) = (
        ("host", "localhost:7354"),
        ("content-type", "application/x-www-form-urlencoded"),
    );
    for origin in [
        "https://evil.example",
        "http://localhost:3000",
        "http://localhost.evil.example:7354",
        "null",
    ] {
        for (method, path) in &writes {
            let answer = call(&business, method, path, &[host, form, ("origin", origin)]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path} from {origin}");
            assert!(answer.text.contains("origin_not_allowed"), "{}", answer.text);
        }
        let live = call(
            &business,
            &Method::GET,
            "/studio/live",
            &[host, ("origin", origin), ("accept", "text/event-stream")],
        )
        .await;
        assert_eq!(live.status, StatusCode::FORBIDDEN, "a stream from {origin}");
    }
    let own = call(
        &business,
        &Method::POST,
        "/studio/kill-switch",
        &[host, form, ("origin", "http://localhost:7354")],
    )
    .await;
    assert_eq!(own.status, StatusCode::SEE_OTHER, "our own page may: {}", own.text);
}

#[tokio::test]
async fn a_rebound_name_reaches_neither_pages_nor_the_api() {
    let business = Business::connected(NOTHING).await;
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"] {
        for path in ["/studio", "/connect", "/api/v1/messages", "/api/v1/accounts"] {
            let answer = call(&business, &Method::GET, path, &[("host", host)]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{host}{path}");
        }
    }
    let meta = call(&business, &Method::GET, "/studio", &[("host", "graph.instagram.com")]).await;
    assert_eq!(meta.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn behind_a_reverse_proxy_in_front_of_loopback_everybody_needs_a_key() {
    let business = Business::connected(NOTHING).await;
    for header in [
        ("forwarded", "for=203.0.113.9"),
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-proto", "https"),
        ("x-real-ip", "203.0.113.9"),
        ("via", "1.1 proxy"),
    ] {
        for path in [
            "/studio",
            "/connect",
            "/connect/instagram",
            "/api/v1/messages",
            "/api/v1/keys",
        ] {
            let answer = call(&business, &Method::GET, path, &[("host", "localhost:7354"), header]).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} with {header:?}");
        }
        for path in ["/livez", "/webhooks/instagram", "/data-deletion/unknown"] {
            let answer = call(&business, &Method::GET, path, &[("host", "bot.example"), header]).await;
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{path} is for machines");
        }
    }
}

#[tokio::test]
async fn connecting_leads_nowhere_but_to_the_dialog_and_back_to_us() {
    let business = Business::open(NOTHING).await;
    let hosts = ["localhost:7354", "luna.localhost:7354"];
    for host in hosts {
        for extra in [
            "",
            "?redirect_uri=https://evil.example",
            "?next=//evil.example&return_to=https://evil.example",
        ] {
            let answer = call(
                &business,
                &Method::GET,
                &format!("/connect/instagram{extra}"),
                &[("host", host)],
            )
            .await;
            let location = url::Url::parse(&answer.header("location")).unwrap();
            assert_eq!(location.host_str(), Some("instagram.test"));
            let mut redirects = location.query_pairs().filter(|(name, _)| name == "redirect_uri");
            let (_, redirect) = redirects.next().unwrap();
            assert_eq!(redirect, format!("http://{host}/connect/instagram/callback"));
            assert!(redirects.next().is_none());
        }
    }
    for (host, status) in [
        ("evil.example", StatusCode::FORBIDDEN),
        ("a@evil.example", StatusCode::BAD_REQUEST),
    ] {
        let answer = call(&business, &Method::GET, "/connect/instagram", &[("host", host)]).await;
        assert_eq!(answer.status, status, "a redirect URI of {host}");
    }
}

#[tokio::test]
async fn with_a_public_url_the_redirect_uri_is_that_and_no_header_changes_it() {
    let business = Business::with_config(NOTHING, |config| {
        config.public_url = Some("https://bot.example".to_owned());
    })
    .await;
    let answer = call(
        &business,
        &Method::GET,
        "/connect/instagram",
        &[
            ("host", "bot.example"),
            ("authorization", "Bearer key"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "http"),
        ],
    )
    .await;
    let location = answer.header("location");
    assert!(
        location.contains("redirect_uri=https%3A%2F%2Fbot.example%2Fconnect%2Finstagram%2Fcallback"),
        "{location}"
    );
}

#[tokio::test]
async fn strange_paths_open_no_files_and_split_no_headers() {
    let business = Business::connected(NOTHING).await;
    for path in [
        "/assets/../gateway.key",
        "/assets/..%2f..%2fgateway.key",
        "/assets/%2e%2e/gateway.db",
        "/assets/admin-token",
        "/studio/messages/..%2f..%2fgateway.key",
        "/connect/accounts/..%2f..%2fadmin-token",
        "/connect/accounts/%0d%0aset-cookie:%20a=b",
        "/data-deletion/%0d%0aset-cookie:%20a=b",
        "/api/v1/accounts/%00",
        "/api/v1/deliveries/..%2f1",
        "/api/v1/messages/e1;drop%20table%20events",
    ] {
        let answer = call(&business, &Method::GET, path, &[("host", "localhost:7354")]).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert!(!answer.headers.contains_key("set-cookie"), "{path}");
        let key = std::fs::read_to_string(business.folder.path().join("gateway.key")).unwrap();
        assert!(!answer.text.contains(key.trim()), "{path}");
    }
    let answer = call(
        &business,
        &Method::GET,
        &format!("/connect/accounts/{IG_ID}"),
        &[("host", "localhost:7354")],
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn every_page_forbids_scripts_of_others_and_frames() {
    let business = Business::connected(NOTHING).await;
    let account = format!("/connect/accounts/{IG_ID}");
    for path in [
        "/studio",
        "/studio/keys",
        "/studio/deliveries",
        "/studio/signatures",
        "/connect",
        &account,
    ] {
        let answer = call(&business, &Method::GET, path, &[("host", "localhost:7354")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            !policy.contains("unsafe-inline") && policy.contains("frame-ancestors"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}
