//! One port: the host's name, our own first segments, and Graph for the rest.

use axum::body::Body;
use http::Request;
use selfsame_wire::flow::LoginFlow;
use serde_json::json;

use super::house::House;

#[tokio::test]
async fn the_root_is_graph_when_it_carries_a_call_and_a_page_otherwise() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    let batch = json!({"access_token": token, "batch": [{"method": "GET", "relative_url": "me?fields=username"}]});
    let request = Request::post("/")
        .header("host", "localhost:7353")
        .header("content-type", "application/json");
    let answers = house
        .call(request.body(Body::from(batch.to_string())).unwrap())
        .await
        .ok();
    assert_eq!(answers[0]["code"], json!(200));
    let request = Request::get("/")
        .header("host", "localhost:7353")
        .body(Body::empty())
        .unwrap();
    let page = house.call(request).await;
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    let request = Request::get(format!("/?access_token={token}"))
        .header("host", "localhost:7353")
        .body(Body::empty())
        .unwrap();
    assert_eq!(house.call(request).await.refusal(), (400, 2500, 0));
}

#[tokio::test]
async fn metas_names_serve_graph_alone() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    for path in ["/_sim/world", "/phone", "/"] {
        let request = Request::get(path)
            .header("host", "graph.instagram.com")
            .header("authorization", format!("Bearer {token}"));
        let answer = house.call(request.body(Body::empty()).unwrap()).await;
        answer.refusal();
    }
    let missing = Request::get("/_sim/nothing")
        .header("host", "localhost:7353")
        .body(Body::empty())
        .unwrap();
    assert_eq!(house.call(missing).await.status, 404);
}
