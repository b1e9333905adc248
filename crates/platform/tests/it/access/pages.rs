//! The same controls on the dashboard and on the phone's settings.

use selfsame_wire::flow::LoginFlow;
use serde_json::{Value, json};

use crate::with_bot::house::House;

async fn form(house: &House, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = http::Request::post(path)
        .header("host", "localhost:7353")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(body))
        .unwrap();
    let answer = house.call(request).await;
    (answer.status, answer.body.as_str().unwrap_or_default().to_owned())
}

async fn page(house: &House, path: &str) -> String {
    house
        .sim("GET", path, &Value::Null)
        .await
        .ok()
        .as_str()
        .unwrap()
        .to_owned()
}

async fn world(house: &House) -> Value {
    house.sim("GET", "/_sim/world", &Value::Null).await.ok()
}

#[tokio::test]
async fn a_tester_is_invited_on_the_dashboard_and_accepts_on_her_phone() {
    let house = House::demo(LoginFlow::Instagram).await;
    assert!(
        page(&house, "/phone/@sam/settings")
            .await
            .contains("No app has invited you")
    );
    let invite = [("account", "sam"), ("role", "instagram_tester")];
    assert_eq!(form(&house, "/dashboard/apps/demo/roles", &invite).await.0, 303);
    assert!(page(&house, "/dashboard").await.contains("invited"));
    assert!(page(&house, "/phone/@sam/settings").await.contains("Accept"));
    let accept = [("form", "accept"), ("app", "demo")];
    assert_eq!(form(&house, "/phone/@sam/settings", &accept).await.0, 303);
    assert_eq!(
        world(&house).await["accounts"][1]["roles"],
        json!({"demo": "instagram_tester"})
    );
    let leave = [("form", "decline"), ("app", "demo")];
    assert_eq!(form(&house, "/phone/@sam/settings", &leave).await.0, 303);
    assert_eq!(world(&house).await["accounts"][1]["roles"], json!({}));
    let (_, body) = form(&house, "/phone/@sam/settings", &leave).await;
    assert!(body.contains("has no role on the app"), "{body}");
}

#[tokio::test]
async fn levels_of_access_are_set_on_the_dashboard() {
    let house = House::demo(LoginFlow::Instagram).await;
    let fields = [
        ("advanced", "instagram_business_basic"),
        ("advanced", "instagram_business_manage_messages"),
    ];
    assert_eq!(form(&house, "/dashboard/apps/demo/access", &fields).await.0, 303);
    let app = world(&house).await["apps"][0].clone();
    assert_eq!(app["access"]["instagram_business_manage_messages"], json!("advanced"));
    assert_eq!(app["access"]["instagram_business_manage_comments"], json!("standard"));
    assert_eq!(app["human_agent"], json!(false));
}

#[tokio::test]
async fn requiring_the_app_secret_is_set_on_the_dashboard() {
    let house = House::demo(LoginFlow::Instagram).await;
    let setting = |world: Value| world["apps"][0]["require_appsecret_proof"].clone();
    assert_eq!(setting(world(&house).await), json!(false));
    let on = [("redirect_uris", ""), ("require_appsecret_proof", "on")];
    assert_eq!(form(&house, "/dashboard/apps/demo/login", &on).await.0, 303);
    assert_eq!(setting(world(&house).await), json!(true));
    assert_eq!(form(&house, "/dashboard/apps/demo/login", &on[..1]).await.0, 303);
    assert_eq!(setting(world(&house).await), json!(false));
}

#[tokio::test]
async fn privacy_and_blocked_people_are_set_on_the_phone_and_blocks_on_the_dashboard_too() {
    let house = House::demo(LoginFlow::Instagram).await;
    let settings = "/phone/@luna.coffee/settings";
    assert_eq!(
        form(&house, settings, &[("form", "privacy"), ("private", "on")])
            .await
            .0,
        303
    );
    let luna = world(&house).await["accounts"][0].clone();
    assert_eq!(
        (&luna["public"], &luna["message_access"]),
        (&json!(false), &json!(false))
    );
    let block = [("form", "block"), ("who", "sam"), ("how", "blocked")];
    assert_eq!(form(&house, settings, &block).await.0, 303);
    assert!(page(&house, settings).await.contains("Take it back"));
    let blocks = || async { house.sim("GET", "/_sim/blocks", &Value::Null).await.ok() };
    assert_eq!(
        blocks().await["data"],
        json!([{"as": "@luna.coffee", "who": "@sam", "kind": "blocked"}])
    );
    let open = [("as", "luna.coffee"), ("who", "sam"), ("how", "open")];
    assert_eq!(form(&house, "/dashboard/blocks", &open).await.0, 303);
    assert_eq!(blocks().await["data"], json!([]));
    let (status, body) = form(
        &house,
        "/dashboard/blocks",
        &[("as", "sam"), ("who", "sam"), ("how", "blocked")],
    )
    .await;
    assert_eq!(status, 422);
    assert!(body.contains("somebody else than oneself"), "{body}");
}

#[tokio::test]
async fn every_switch_stands_on_the_dashboard() {
    let house = House::demo(LoginFlow::Instagram).await;
    let shown = page(&house, "/dashboard").await;
    let switches = house.sim("GET", "/_sim/switches", &Value::Null).await.ok();
    let names: Vec<&String> = switches.as_object().unwrap().keys().collect();
    assert!(names.len() > 30);
    for name in names {
        assert!(shown.contains(&format!("name=\"{name}\"")), "{name}");
    }
}
