//! Who may call `/_sim` (design §5).

use axum::body::Body;
use http::{Request, StatusCode};
use selfsame_runtime::http::HostName;
use serde_json::{Value, json};

use crate::house::House;

fn request(method: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request =
        Request::builder()
            .method(method)
            .uri(if method == "GET" { "/_sim/world" } else { "/_sim/clock" });
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = if method == "GET" {
        Value::Null
    } else {
        json!({"advance": "1s"})
    };
    request.body(Body::from(body.to_string())).unwrap()
}

#[tokio::test]
async fn only_this_machine_gets_in_without_a_key() {
    let house = House::open_with(|config| {
        config.admin_token = Some("the key".to_owned());
        config.allow_hosts = vec!["house.example".to_owned()];
    })
    .await;
    let key = ("authorization", "Bearer the key");
    for (method, headers, expected) in [
        ("GET", vec![("host", "localhost:7353")], StatusCode::OK),
        ("GET", vec![("host", "127.0.0.1:7353")], StatusCode::OK),
        ("GET", vec![("host", "evil.example")], StatusCode::FORBIDDEN),
        ("GET", vec![("host", "evil.example"), key], StatusCode::FORBIDDEN),
        ("GET", vec![("host", "house.example")], StatusCode::UNAUTHORIZED),
        ("GET", vec![("host", "house.example"), key], StatusCode::OK),
        (
            "GET",
            vec![("host", "localhost"), ("x-forwarded-for", "203.0.113.9")],
            StatusCode::UNAUTHORIZED,
        ),
        (
            "GET",
            vec![("host", "localhost"), ("via", "1.1 proxy"), key],
            StatusCode::OK,
        ),
        (
            "POST",
            vec![("host", "localhost:7353"), ("origin", "http://localhost:7353")],
            StatusCode::OK,
        ),
        (
            "POST",
            vec![("host", "localhost:7353"), ("origin", "https://evil.example")],
            StatusCode::FORBIDDEN,
        ),
        (
            "POST",
            vec![("host", "localhost:7353"), ("origin", "null")],
            StatusCode::FORBIDDEN,
        ),
    ] {
        let answer = house.send(request(method, &headers)).await;
        assert_eq!(
            answer.status,
            expected,
            "{method} {headers:?}: {}",
            String::from_utf8_lossy(&answer.body)
        );
    }
}

#[tokio::test]
async fn a_house_bound_wide_wants_its_key_from_everybody() {
    let house = House::open_with(|config| {
        config.bind = "0.0.0.0:7353".parse().unwrap();
        config.admin_token = Some("the key".to_owned());
    })
    .await;

    assert_eq!(
        house.send(request("GET", &[("host", "localhost:7353")])).await.status,
        StatusCode::UNAUTHORIZED
    );
    let opened = house
        .send(request(
            "GET",
            &[("host", "localhost:7353"), ("authorization", "Bearer the key")],
        ))
        .await;
    assert_eq!(opened.status, StatusCode::OK);
}

#[tokio::test]
async fn names_of_metas_never_serve_it() {
    let house = House::open().await;
    for host in [
        "graph.facebook.com",
        "graph.instagram.com",
        "www.instagram.com",
        "www.facebook.com",
    ] {
        assert!(HostName::parse(host).unwrap().is_meta());
        let answer = house.send(request("GET", &[("host", host)])).await;
        assert!(answer.status.is_client_error(), "{host}: {}", answer.status);
        assert!(
            !String::from_utf8_lossy(&answer.body).contains("access_token"),
            "{host}"
        );
    }
}
