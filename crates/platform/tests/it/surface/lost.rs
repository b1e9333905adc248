//! Paths that nothing serves (design: "One port"): below our own first segments, below the logins', and under Meta's names.

use axum::body::Body;
use http::{Request, StatusCode};

use crate::house::{Answer, House};

async fn ask(house: &House, host: &str, path: &str, accept: &str) -> Answer {
    let request = Request::get(path).header("host", host).header("accept", accept);
    house.send(request.body(Body::empty()).unwrap()).await
}

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
const CLIENT: &str = "*/*";

#[tokio::test]
async fn what_is_ours_and_not_there_is_said_as_a_page_or_as_an_error_object() {
    let house = House::with_bot().await;
    for (path, expected) in [
        (
            "/phone/@luna.coffee/setings",
            "did you mean /phone/@luna.coffee/settings?",
        ),
        ("/inspector/call", "did you mean /inspector/calls?"),
        ("/dashboard/apps", "there is: /dashboard."),
        ("/livez/x", "did you mean /livez?"),
        ("/assets/media/x/y", "there is: /assets/"),
        ("/_sim/threds", "did you mean /_sim/threads?"),
    ] {
        let answer = ask(&house, "localhost:7353", path, CLIENT).await;
        assert_eq!(
            (answer.status, answer.error_code().as_str()),
            (StatusCode::NOT_FOUND, "unknown_path"),
            "{path}"
        );
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(expected), "{path}: {message}");
    }
    let page = ask(&house, "localhost:7353", "/phone/@luna.coffee/setings", BROWSER).await;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(
        html.contains("<html") && html.contains("/phone/@luna.coffee/settings"),
        "{html}"
    );
    assert!(page.headers["x-selfsame-why"].to_str().unwrap().contains("settings"));
    let calls = house.get("/_sim/calls").await;
    assert_eq!(
        calls["data"].as_array().unwrap().len(),
        0,
        "none of these is a call of Graph's"
    );
}

#[tokio::test]
async fn a_path_of_the_logins_that_is_not_there_is_refused_as_graph_does() {
    let house = House::with_bot().await;
    for (path, expected) in [
        ("/oauth/acess_token", "/oauth/access_token"),
        ("/v25.0/oauth/token", "the logins have /oauth/authorize"),
        ("/dialog/oath", "/dialog/oauth"),
        ("/refresh_access_token/x", "/refresh_access_token"),
    ] {
        let answer = ask(&house, "localhost:7353", path, CLIENT).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]["code"]),
            (StatusCode::BAD_REQUEST, &2500.into()),
            "{path}"
        );
        let why = answer.headers["x-selfsame-why"].to_str().unwrap();
        assert!(why.contains(expected), "{path}: {why}");
    }
}

#[tokio::test]
async fn under_metas_names_every_path_is_graphs() {
    let house = House::with_bot().await;
    for host in ["graph.facebook.com", "graph.instagram.localhost:7353"] {
        for path in ["/phone/x", "/_sim/world", "/inspector", "/oauth/x", "/livez"] {
            let answer = ask(&house, host, path, BROWSER).await;
            let error = answer.json()["error"].clone();
            assert_eq!(error["code"], 190, "{host}{path}: {error}");
            assert!(error["fbtrace_id"].is_string());
        }
    }
}
