//! Each webhook that was not sent is one row with its one reason and the remedy: the table of reasons, each by what causes it.

use serde_json::{Value, json};

use crate::house::House;

const LUNA: &str = "@luna.coffee";

/// What leads to a reason.
struct Case {
    reason: &'static str,
    /// A word of the remedy.
    remedy: &'static str,
    /// Requests made first: method, path below `/_sim`, body.
    first: Vec<(&'static str, &'static str, Value)>,
    /// The gesture: path below `/_sim`, body.
    gesture: (&'static str, Value),
}

fn case(
    reason: &'static str,
    remedy: &'static str,
    first: Vec<(&'static str, &'static str, Value)>,
    gesture: (&'static str, Value),
) -> Case {
    Case {
        reason,
        remedy,
        first,
        gesture,
    }
}

fn dm(from: &str, to: &str) -> (&'static str, Value) {
    ("dm", json!({"as": from, "to": to, "text": "hi"}))
}

fn comment(text: &str) -> (&'static str, Value) {
    ("comment", json!({"as": "@sam", "media": "latest", "text": text}))
}

fn grant(account: &str, fields: Option<&[&str]>) -> (&'static str, &'static str, Value) {
    let mut grant = json!({"app": "demo", "account": account, "flow": "instagram"});
    if let Some(fields) = fields {
        grant["fields"] = json!(fields);
    }
    ("POST", "grants", grant)
}

fn cases() -> Vec<Case> {
    let app = |change: Value| ("PATCH", "apps/demo", change);
    let account = |change: Value| ("PATCH", "accounts/luna.coffee", change);
    let nova = ("POST", "accounts", json!({"username": "nova", "kind": "business"}));
    let to_self = || dm(LUNA, LUNA);
    vec![
        case("personal_account", "professional", vec![], dm("@sam", "@sam")),
        case(
            "not_connected",
            "/_sim/grants",
            vec![nova.clone()],
            dm("@nova", "@nova"),
        ),
        case(
            "app_not_live",
            "live",
            vec![app(json!({"mode": "development"}))],
            to_self(),
        ),
        case(
            "no_callback",
            "--callback",
            vec![app(json!({"callback_url": null}))],
            to_self(),
        ),
        case(
            "callback_unverified",
            "hub.challenge",
            vec![app(json!({"callback_url": "http://elsewhere.test/webhook"}))],
            to_self(),
        ),
        case(
            "field_not_subscribed_by_app",
            "messages",
            vec![app(json!({"fields": ["comments"]}))],
            to_self(),
        ),
        case(
            "not_installed",
            "subscribed_apps",
            vec![nova, grant("@nova", None)],
            dm("@nova", "@nova"),
        ),
        case(
            "field_not_subscribed_by_account",
            "replaces",
            vec![grant(LUNA, Some(&["comments"]))],
            to_self(),
        ),
        case(
            "field_not_in_flow",
            "instagram login",
            vec![app(json!({"fields": ["mentions"]})), grant(LUNA, Some(&["mentions"]))],
            ("trigger", json!({"event": "mention_comment", "to": LUNA})),
        ),
        case(
            "permission_missing",
            "instagram_business_manage_messages",
            vec![(
                "POST",
                "grants",
                json!({"app": "demo", "account": LUNA, "flow": "instagram", "scopes": ["instagram_business_basic"], "fields": ["messages"]}),
            )],
            to_self(),
        ),
        case(
            "advanced_access_missing",
            "Advanced Access",
            vec![app(json!({"access": {"*": "standard"}}))],
            comment("price?"),
        ),
        case(
            "standard_access_without_role",
            "/_sim/roles",
            vec![
                app(json!({"access": {"instagram_business_manage_messages": "standard"}})),
                ("DELETE", "roles", json!({"app": "demo", "account": LUNA})),
            ],
            to_self(),
        ),
        case(
            "message_access_disabled",
            "settings",
            vec![account(json!({"message_access": false}))],
            to_self(),
        ),
        case(
            "media_owner_not_public",
            "public account",
            vec![account(json!({"public": false}))],
            comment("price?"),
        ),
    ]
}

/// The rows that a gesture made: ids, as it says, and what they say.
async fn rows_of(house: &House, (path, body): &(&'static str, Value)) -> Vec<Value> {
    let made = house.ok("POST", &format!("/_sim/{path}"), body).await["notifications"].clone();
    let all = house.get("/_sim/deliveries").await["data"].clone();
    let rows = all.as_array().unwrap().iter();
    rows.filter(|row| made.as_array().unwrap().contains(&row["id"]))
        .cloned()
        .collect()
}

fn check(reason: &str, remedy: &str, rows: &[Value]) {
    assert_eq!(rows.len(), 1, "{reason}: {rows:?}");
    let row = &rows[0];
    assert_eq!(
        (&row["status"], &row["reason"]),
        (&json!("suppressed"), &json!(reason)),
        "{row}"
    );
    assert!(row["remedy"].as_str().unwrap().contains(remedy), "{reason}: {row}");
    assert_eq!(
        (&row["attempts"], &row["next_attempt_at"]),
        (&json!([]), &Value::Null),
        "{reason}"
    );
}

#[tokio::test]
async fn every_reason_why_a_webhook_was_not_sent_is_one_row_with_its_remedy() {
    for case in cases() {
        let house = House::with_bot().await;
        for (method, path, body) in &case.first {
            house.ok(method, &format!("/_sim/{path}"), body).await;
        }
        let rows = rows_of(&house, &case.gesture).await;
        check(case.reason, case.remedy, &rows);
        house.deliver().await;
        assert_eq!(house.bot.told().len(), 0, "{}", case.reason);
        let found = house.get("/_sim/deliveries?status=suppressed").await;
        assert_eq!(found["data"].as_array().unwrap().len(), 1, "{}", case.reason);
    }
}

#[tokio::test]
async fn an_install_that_was_disabled_is_a_reason_until_it_is_installed_again() {
    let house = House::with_bot().await;
    let fails = json!({"rules": [{"target": "delivery", "fault": "status"}]});
    house.ok("PUT", "/_sim/chaos", &fails).await;
    house.ok("POST", "/_sim/dm", &dm(LUNA, LUNA).1).await;
    while house.get("/_sim/deliveries?status=dead").await["data"] == json!([]) {
        house.deliver().await;
        house.ok("POST", "/_sim/clock", &json!({"advance": "10m"})).await;
    }
    let dead = house.get("/_sim/deliveries?status=dead").await["data"][0].clone();
    assert_eq!(dead["reason"], "retries_exhausted");
    house.ok("DELETE", "/_sim/chaos", &Value::Null).await;
    check(
        "install_disabled",
        "subscribed_apps again",
        &rows_of(&house, &dm(LUNA, LUNA)).await,
    );

    let (method, path, body) = grant(LUNA, Some(&["messages"]));
    house.ok(method, &format!("/_sim/{path}"), &body).await;
    let told = house.bot.told().len();
    house.ok("POST", "/_sim/dm", &dm(LUNA, LUNA).1).await;
    house.deliver().await;
    assert_eq!(house.bot.told().len(), told + 1);
}
