//! A whole login, step by step.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::house::{Answer, House};

/// Where the app's callback is.
pub(crate) const REDIRECT: &str = "https://app.test/callback";

/// The demo app with a registered redirect and `@luna.coffee` consenting at once.
pub(crate) async fn open() -> House {
    let house = House::open().await;
    house
        .ok("PATCH", "/_sim/apps/demo", &json!({"redirect_uris": [REDIRECT]}))
        .await;
    house
        .ok("PUT", "/_sim/switches", &json!({"login.auto_consent": "@luna.coffee"}))
        .await;
    house
}

/// The demo app as `/_sim/world` shows it.
pub(crate) async fn app(house: &House) -> Value {
    house.get("/_sim/world").await["apps"][0].clone()
}

pub(crate) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

/// A query or form.
pub(crate) fn pairs(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// Sends a form.
pub(crate) async fn post_form(house: &House, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "localhost:7353");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    house.send(request.body(Body::from(pairs(fields))).unwrap()).await
}

/// Calls the dialog and answers the redirect's address.
pub(crate) async fn redirect_of(house: &House, path: &str) -> String {
    let answer = house.call("GET", path, &Value::Null).await;
    assert_eq!(
        answer.status,
        StatusCode::FOUND,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    answer.headers["location"].to_str().unwrap().to_owned()
}

/// The code of a redirect's address.
pub(crate) fn code_of(address: &str) -> String {
    let query = address.split_once('?').unwrap().1.split('#').next().unwrap();
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "code")
        .unwrap()
        .1
        .into_owned()
}
