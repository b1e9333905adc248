//! Pages of others, paths that lead elsewhere, and answers that would lead people away.

use axum::body::Body;
use http::{Method, Request, StatusCode};

use crate::house::{Answer, House};

/// Every form of our pages.
const FORMS: [&str; 18] = [
    "/phone/luna.coffee/apps",
    "/phone/luna.coffee/settings",
    "/phone/luna.coffee/t/luna.coffee/send",
    "/phone/luna.coffee/t/luna.coffee/tap",
    "/phone/luna.coffee/t/luna.coffee/react",
    "/phone/luna.coffee/t/luna.coffee/seen",
    "/phone/luna.coffee/t/luna.coffee/edit",
    "/phone/luna.coffee/t/luna.coffee/unsend",
    "/phone/luna.coffee/p/1/comment",
    "/dashboard/apps/demo/webhook",
    "/dashboard/apps/demo/mode",
    "/dashboard/apps/demo/login",
    "/dashboard/apps/demo/test",
    "/dashboard/accounts/luna.coffee",
    "/dashboard/apps/demo/access",
    "/dashboard/apps/demo/roles",
    "/dashboard/blocks",
    "/dashboard/switches",
];

/// Every stream that a page of somebody else could listen to.
const STREAMS: [&str; 4] = [
    "/_sim/stream",
    "/phone/luna.coffee/live",
    "/inspector/live",
    "/dashboard/live",
];

async fn call(house: &House, method: &Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    house.send(request.body(Body::from("{}")).unwrap()).await
}

/// Every changing call of `/_sim`, as its own description tells them.
async fn changing_calls(house: &House) -> Vec<(Method, String)> {
    let described = house.get("/_sim/openapi.json").await;
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
    assert!(calls.len() >= 20, "{calls:?}");
    calls
}

#[test]
fn no_form_of_the_pages_is_forgotten_here() {
    let routes = include_str!("../../../src/http/ui/route.rs");
    assert_eq!(routes.matches("post(").count(), FORMS.len());
}

#[tokio::test]
async fn a_page_of_somebody_else_can_change_nothing_and_listen_to_nothing() {
    let house = House::open().await;
    let mut writes = changing_calls(&house).await;
    writes.extend(FORMS.map(|path| (Method::POST, path.to_owned())));
    let host = ("host", "localhost:7353");
    let form = ("content-type", "application/x-www-form-urlencoded");
    for origin in [
        "https://evil.example",
        "http://localhost:3000",
        "http://localhost.evil.example:7353",
        "null",
    ] {
        for (method, path) in &writes {
            let answer = call(&house, method, path, &[host, form, ("origin", origin)]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path} from {origin}");
            assert_eq!(answer.error_code(), "origin_not_allowed", "{method} {path}");
        }
        for stream in STREAMS {
            let events = ("accept", "text/event-stream");
            let answer = call(&house, &Method::GET, stream, &[host, events, ("origin", origin)]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{stream} from {origin}");
        }
    }
    let own = ("origin", "http://localhost:7353");
    let answer = call(&house, &Method::POST, "/dashboard/switches", &[host, form, own]).await;
    assert_ne!(answer.status, StatusCode::FORBIDDEN, "our own page may");
}

#[tokio::test]
async fn behind_a_reverse_proxy_in_front_of_loopback_pages_and_sim_need_the_key() {
    let house = House::open_with(|config| config.admin_token = Some("the key".to_owned())).await;
    for header in [
        ("forwarded", "for=203.0.113.9"),
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-proto", "https"),
        ("x-real-ip", "203.0.113.9"),
        ("via", "1.1 proxy"),
    ] {
        for path in [
            "/",
            "/phone",
            "/phone/luna.coffee",
            "/inspector",
            "/dashboard",
            "/_sim/world",
            "/metrics",
        ] {
            let answer = call(&house, &Method::GET, path, &[("host", "localhost:7353"), header]).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} with {header:?}");
        }
        let probe = call(&house, &Method::GET, "/livez", &[("host", "house.example"), header]).await;
        assert_eq!(probe.status, StatusCode::OK, "probes are for machines");
    }
}

#[tokio::test]
async fn the_link_with_the_key_leads_to_this_house_only() {
    let house = House::open_with(|config| config.admin_token = Some("the key".to_owned())).await;
    for path in [
        "//evil.example/?key=the%20key",
        "///evil.example/phone?key=the%20key",
        "/\\evil.example/?key=the%20key",
        "/phone?key=the%20key&next=https://evil.example",
        "/phone%0d%0aset-cookie:%20a=b?key=the%20key",
    ] {
        let Ok(request) = Request::get(path).header("host", "localhost:7353").body(Body::empty()) else {
            continue;
        };
        let answer = house.send(request).await;
        let Some(location) = answer.headers.get("location") else {
            assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
            continue;
        };
        let here = url::Url::parse("http://localhost:7353").unwrap();
        let there = here.join(location.to_str().unwrap()).unwrap();
        assert_eq!(there.origin(), here.origin(), "{path} leads to {there}");
        let cookies = answer.headers.get_all("set-cookie").iter().count();
        assert_eq!(cookies, 1, "{path}: only the cookie of the key");
    }
}

#[tokio::test]
async fn strange_paths_open_no_files_and_split_no_headers() {
    let house = House::open().await;
    for path in [
        "/assets/../platform.db",
        "/assets/..%2f..%2fplatform.db",
        "/assets/%2e%2e/platform.db",
        "/phone/..%2f..%2fplatform.db",
        "/phone/%0d%0aset-cookie:%20a=b",
        "/inspector/deliveries/..%2f1",
        "/inspector/calls/%00",
        "/_sim/media/..%2f..%2fplatform.db",
        "/_sim/accounts/%0d%0aset-cookie:%20a=b",
        "/v25.0/%0d%0aset-cookie:%20a=b/messages",
    ] {
        let answer = call(&house, &Method::GET, path, &[("host", "localhost:7353")]).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert!(!answer.headers.contains_key("set-cookie"), "{path}");
        assert!(!answer.body.starts_with(b"SQLite format"), "{path}");
    }
}
