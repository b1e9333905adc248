//! The description of `/_sim`, held against what is really answered.

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;

/// Everything of design §6, by method and path.
const ROUTES: &[(&str, &str)] = &[
    ("get", "/_sim/world"),
    ("post", "/_sim/apps"),
    ("patch", "/_sim/apps/{name}"),
    ("post", "/_sim/accounts"),
    ("patch", "/_sim/accounts/{username}"),
    ("post", "/_sim/media"),
    ("get", "/_sim/media/{id}"),
    ("post", "/_sim/media/{id}/end_live"),
    ("post", "/_sim/grants"),
    ("delete", "/_sim/grants"),
    ("post", "/_sim/dm"),
    ("post", "/_sim/tap"),
    ("post", "/_sim/comment"),
    ("post", "/_sim/like"),
    ("post", "/_sim/react"),
    ("post", "/_sim/refer"),
    ("post", "/_sim/seen"),
    ("post", "/_sim/edit"),
    ("post", "/_sim/unsend"),
    ("post", "/_sim/trigger"),
    ("get", "/_sim/threads"),
    ("get", "/_sim/deliveries"),
    ("post", "/_sim/deliveries/{id}/resend"),
    ("post", "/_sim/deliveries/hold"),
    ("post", "/_sim/deliveries/release"),
    ("get", "/_sim/calls"),
    ("get", "/_sim/wait"),
    ("get", "/_sim/stream"),
    ("get", "/_sim/clock"),
    ("post", "/_sim/clock"),
    ("get", "/_sim/switches"),
    ("put", "/_sim/switches"),
    ("get", "/_sim/chaos"),
    ("put", "/_sim/chaos"),
    ("delete", "/_sim/chaos"),
    ("get", "/_sim/roles"),
    ("post", "/_sim/roles"),
    ("delete", "/_sim/roles"),
    ("post", "/_sim/roles/accept"),
    ("get", "/_sim/blocks"),
    ("post", "/_sim/blocks"),
    ("delete", "/_sim/blocks"),
    ("get", "/_sim/export"),
    ("post", "/_sim/import"),
    ("post", "/_sim/reset"),
    ("get", "/_sim/openapi.json"),
];

#[tokio::test]
async fn every_route_is_described_and_every_description_is_a_route() {
    let house = House::open().await;
    let document = house.get("/_sim/openapi.json").await;
    let mut described: Vec<(String, String)> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.push((method.clone(), path.clone()));
        }
    }
    described.sort();
    let mut expected: Vec<(String, String)> = ROUTES
        .iter()
        .map(|(method, path)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    expected.sort();
    assert_eq!(described, expected);

    for (method, path) in ROUTES
        .iter()
        .filter(|(_, path)| *path != "/_sim/stream" && *path != "/_sim/wait")
    {
        let concrete = path
            .replace("{id}", "0")
            .replace("{name}", "none")
            .replace("{username}", "none");
        let answer = house.call(&method.to_uppercase(), &concrete, &Value::Null).await;
        assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        let is_unknown = answer.status == StatusCode::NOT_FOUND && answer.error_code() == "unknown_path";
        assert!(!is_unknown, "{method} {path}");
    }
    let unknown = house.call("GET", "/_sim/wurld", &Value::Null).await;
    assert_eq!(
        (unknown.status, unknown.error_code().as_str()),
        (StatusCode::NOT_FOUND, "unknown_path")
    );
    let wrong = house.call("PUT", "/_sim/world", &Value::Null).await;
    assert_eq!(
        (wrong.status, wrong.error_code().as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, "wrong_method")
    );
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
async fn every_answer_has_exactly_its_described_fields() {
    let house = House::with_bot().await;
    let document = house.get("/_sim/openapi.json").await;
    let described = Described { document: &document };

    let media = house.get("/_sim/world").await["media"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let luna = json!("@luna.coffee");
    let answers = [
        (
            "POST",
            "/_sim/apps",
            "/_sim/apps",
            json!({"name": "other", "callback_url": "http://x.test/"}),
        ),
        (
            "PATCH",
            "/_sim/apps/{name}",
            "/_sim/apps/other",
            json!({"mode": "development"}),
        ),
        (
            "POST",
            "/_sim/accounts",
            "/_sim/accounts",
            json!({"username": "nova", "page": true, "roles": {"demo": "tester"}}),
        ),
        (
            "PATCH",
            "/_sim/accounts/{username}",
            "/_sim/accounts/nova",
            json!({"public": false}),
        ),
        (
            "POST",
            "/_sim/media",
            "/_sim/media",
            json!({"account": "nova", "live": true}),
        ),
        (
            "POST",
            "/_sim/grants",
            "/_sim/grants",
            json!({"app": "other", "account": "nova", "flow": "facebook", "fields": ["messages"]}),
        ),
        (
            "DELETE",
            "/_sim/grants",
            "/_sim/grants",
            json!({"app": "other", "account": "nova"}),
        ),
        (
            "POST",
            "/_sim/dm",
            "/_sim/dm",
            json!({"as": luna, "to": luna, "text": "menu"}),
        ),
        (
            "POST",
            "/_sim/comment",
            "/_sim/comment",
            json!({"as": luna, "media": media, "text": "price?"}),
        ),
        (
            "POST",
            "/_sim/trigger",
            "/_sim/trigger",
            json!({"event": "self_echo", "to": luna}),
        ),
        ("GET", "/_sim/world", "/_sim/world", Value::Null),
        ("GET", "/_sim/media/{id}", &format!("/_sim/media/{media}"), Value::Null),
        ("GET", "/_sim/threads", "/_sim/threads", Value::Null),
        ("GET", "/_sim/clock", "/_sim/clock", Value::Null),
        (
            "PUT",
            "/_sim/chaos",
            "/_sim/chaos",
            json!({"rules": [{"target": "delivery", "fault": "drop", "times": 1, "match": {"app": "x"}}]}),
        ),
        ("GET", "/_sim/chaos", "/_sim/chaos", Value::Null),
        ("DELETE", "/_sim/chaos", "/_sim/chaos", Value::Null),
        ("POST", "/_sim/deliveries/hold", "/_sim/deliveries/hold", json!({})),
        (
            "POST",
            "/_sim/deliveries/release",
            "/_sim/deliveries/release",
            json!({}),
        ),
        ("GET", "/_sim/wait", "/_sim/wait?for=message", Value::Null),
    ];
    for (method, template, path, body) in answers {
        let answer = house.ok(method, path, &body).await;
        described.check(method, template, "200", &answer);
    }
    house.deliver().await;
    house.call("GET", "/v25.0/me", &Value::Null).await;
    described.check("GET", "/_sim/deliveries", "200", &house.get("/_sim/deliveries").await);
    described.check("GET", "/_sim/calls", "200", &house.get("/_sim/calls").await);
    let refused = house
        .call("POST", "/_sim/dm", &json!({"as": "@nobody", "to": luna, "text": "x"}))
        .await;
    described.check("POST", "/_sim/dm", "default", &refused.json());
}

/// Holds values against schemas of a document: required fields are there, undescribed ones are not, types agree.
struct Described<'d> {
    document: &'d Value,
}

impl Described<'_> {
    fn check(&self, method: &str, path: &str, status: &str, answer: &Value) {
        let operation = &self.document["paths"][path][method.to_lowercase()];
        let schema = &operation["responses"][status]["content"]["application/json"]["schema"];
        assert!(
            schema.is_object(),
            "{method} {path} {status} is not described: {operation}"
        );
        self.check_value(&format!("{method} {path}"), schema, answer);
    }

    fn check_value(&self, place: &str, schema: &Value, value: &Value) {
        if let Some(reference) = schema["$ref"].as_str() {
            let pointer = reference.strip_prefix('#').unwrap();
            let target = self
                .document
                .pointer(pointer)
                .unwrap_or_else(|| panic!("{place}: {reference} leads nowhere"));
            return self.check_value(place, target, value);
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            let fitting = choices
                .iter()
                .find(|choice| (choice["type"] == "null") == value.is_null());
            return self.check_value(
                place,
                fitting.unwrap_or_else(|| panic!("{place}: {value} fits none")),
                value,
            );
        }
        let types: Vec<&str> = match &schema["type"] {
            Value::String(one) => vec![one.as_str()],
            Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
            _ => return, // anything
        };
        let is = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let agrees = types.contains(&is) || (is == "integer" && types.contains(&"number"));
        assert!(agrees, "{place}: {value} is no {types:?}");
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.check_value(&format!("{place}[{index}]"), &schema["items"], item);
                }
            }
            Value::Object(fields) => self.check_object(place, schema, fields),
            _ => {}
        }
    }

    fn check_object(&self, place: &str, schema: &Value, fields: &serde_json::Map<String, Value>) {
        let Some(properties) = schema["properties"].as_object() else {
            return;
        };
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(
                fields.contains_key(name.as_str().unwrap()),
                "{place}: {name} is missing in {fields:?}"
            );
        }
        for (name, value) in fields {
            let described = properties
                .get(name)
                .unwrap_or_else(|| panic!("{place}: {name} is not described"));
            self.check_value(&format!("{place}.{name}"), described, value);
        }
    }
}
