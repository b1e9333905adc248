//! The fixed shapes of `/_sim`, line by line: fields that clients rely on are there, and filters, limits and errors do what they say.

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::{House, START};

const LUNA: &str = "@luna.coffee";

/// The path as the design writes it, what to ask, where in the answer, and the fields that stand there.
type Line<'l> = (&'l str, &'l str, Value, &'l str, &'l str);

fn has(line: &str, answer: &Value, pointer: &str, fields: &str) {
    let place = answer.pointer(pointer).unwrap_or(&Value::Null);
    for field in fields.split_whitespace() {
        assert!(
            place.get(field).is_some(),
            "{line}: no {field} at {pointer:?} of {answer}"
        );
    }
}

/// A world in which each list has a row: a self thread with a template that was tapped, a comment, deliveries, calls.
async fn lived_in() -> (House, Value) {
    let house = House::with_bot().await;
    let dm = json!({"as": LUNA, "to": LUNA, "text": "hi"});
    let said = house.ok("POST", "/_sim/dm", &dm).await;
    let world = house.get("/_sim/world").await;
    let luna = &world["accounts"][0];
    let tokens = luna["tokens"].as_array().unwrap();
    let token = tokens.iter().find(|token| token["flow"] == "instagram").unwrap();
    let button = json!({"type": "postback", "title": "Coffee", "payload": "COFFEE"});
    let template = json!({"template_type": "button", "text": "Menu", "buttons": [button]});
    let send = json!({
        "message": {"attachment": {"type": "template", "payload": template}}, "access_token": token["access_token"],
    });
    let path = format!("/v25.0/{}/messages", luna["self_igsid"].as_str().unwrap());
    house.ok("POST", &path, &send).await;
    let comment = json!({"as": "@sam", "media": "latest", "text": "price?"});
    house.ok("POST", "/_sim/comment", &comment).await;
    house.deliver().await;
    (house, said["mid"].clone())
}

#[expect(clippy::too_many_lines, reason = "one line of the table after another")]
#[tokio::test]
async fn every_line_answers_with_its_fields() {
    let (house, mid) = lived_in().await;
    let world = house.get("/_sim/world").await;
    let media = world["media"][0]["id"].as_str().unwrap().to_owned();
    let threads = house.get(&format!("/_sim/threads?a={LUNA}&b={LUNA}")).await;
    let template = threads["data"][0]["messages"][1]["mid"].clone();
    let deliveries = house.get("/_sim/deliveries").await;
    let (of_media, resend) = (
        format!("/_sim/media/{media}"),
        format!("/_sim/deliveries/{}/resend", deliveries["data"][0]["id"]),
    );
    let (app, account) = (
        json!({"name": "other"}),
        json!({"username": "nova", "kind": "business"}),
    );
    let grant = json!({"app": "other", "account": "@nova", "flow": "instagram"});
    let gesture = "mid thread_id notifications";
    let message =
        "mid side origin app text attachments buttons quick_replies reply_to reactions deleted edited created_at";
    let delivery = "id app account field status reason payload raw batch next_attempt_at attempts";
    let app_fields = "name meta_app_id meta_app_secret instagram_app_id instagram_app_secret mode callback_url verify_token fields redirect_uris";
    let account_fields = "username name kind ig_id self_igsid page_id app_scoped_ids scoped_ids tokens";
    let lines: Vec<Line<'_>> = vec![
        (
            "GET",
            "/_sim/world",
            Value::Null,
            "",
            "platform gateway apps accounts media",
        ),
        ("GET", "/_sim/world", Value::Null, "/platform", "url version now"),
        ("GET", "/_sim/world", Value::Null, "/apps/0", app_fields),
        ("GET", "/_sim/world", Value::Null, "/accounts/0", account_fields),
        (
            "GET",
            "/_sim/world",
            Value::Null,
            "/accounts/0/tokens/0",
            "app flow kind access_token scopes expires_at",
        ),
        ("GET", "/_sim/world", Value::Null, "/accounts/0/app_scoped_ids", "demo"),
        (
            "GET",
            "/_sim/world",
            Value::Null,
            "/media/0",
            "id account media_product_type caption permalink",
        ),
        ("POST", "/_sim/apps", app, "", app_fields),
        ("PATCH", "/_sim/apps/other", json!({"mode": "live"}), "", app_fields),
        ("POST", "/_sim/accounts", account, "", account_fields),
        (
            "PATCH",
            "/_sim/accounts/nova",
            json!({"public": true}),
            "",
            account_fields,
        ),
        (
            "POST",
            "/_sim/grants",
            grant.clone(),
            "",
            "access_token expires_at scopes",
        ),
        (
            "DELETE",
            "/_sim/grants",
            json!({"app": "other", "account": "@nova"}),
            "",
            "revoked",
        ),
        (
            "POST",
            "/_sim/media",
            json!({"account": "@nova", "live": true, "media_product_type": "LIVE"}),
            "",
            "id account media_product_type caption permalink",
        ),
        (
            "POST",
            "/_sim/dm",
            json!({"as": "@sam", "to": LUNA, "text": "x"}),
            "",
            gesture,
        ),
        (
            "POST",
            "/_sim/tap",
            json!({"as": LUNA, "mid": template, "button": "Coffee"}),
            "",
            gesture,
        ),
        (
            "POST",
            "/_sim/tap",
            json!({"as": LUNA, "mid": template, "button": 0}),
            "",
            gesture,
        ),
        (
            "POST",
            "/_sim/comment",
            json!({"as": LUNA, "media": media, "text": "x"}),
            "",
            "comment_id notifications",
        ),
        (
            "POST",
            "/_sim/react",
            json!({"as": LUNA, "mid": template, "reaction": "\u{2764}"}),
            "",
            "mid notifications",
        ),
        (
            "POST",
            "/_sim/seen",
            json!({"as": LUNA, "mid": template}),
            "",
            "mid notifications",
        ),
        (
            "POST",
            "/_sim/edit",
            json!({"as": LUNA, "mid": mid, "text": "y"}),
            "",
            "mid notifications",
        ),
        (
            "POST",
            "/_sim/unsend",
            json!({"as": LUNA, "mid": mid}),
            "",
            "mid notifications",
        ),
        (
            "POST",
            "/_sim/trigger",
            json!({"event": "self_echo", "to": LUNA}),
            "",
            "notifications",
        ),
        ("GET", "/_sim/threads", Value::Null, "/data/0", "id a b self messages"),
        ("GET", "/_sim/threads", Value::Null, "/data/0/messages/1", message),
        (
            "GET",
            "/_sim/threads",
            Value::Null,
            "/data/0/messages/1/buttons/0",
            "type title payload",
        ),
        ("GET", &of_media, Value::Null, "", "id account caption comments"),
        (
            "GET",
            &of_media,
            Value::Null,
            "/comments/0",
            "id username text parent_id hidden private_replied created_at",
        ),
        ("GET", "/_sim/deliveries", Value::Null, "/data/0", delivery),
        (
            "GET",
            "/_sim/deliveries",
            Value::Null,
            "/data/0/attempts/0",
            "at url status error latency_ms request_headers response_body",
        ),
        ("POST", &resend, json!({"signature": "missing"}), "", delivery),
        ("POST", "/_sim/deliveries/hold", json!({}), "", ""),
        ("POST", "/_sim/deliveries/release", json!({"order": "reverse"}), "", ""),
        (
            "GET",
            "/_sim/calls",
            Value::Null,
            "/data/0",
            "id at host method path query request_headers request_body status response_body app account latency_ms why",
        ),
        ("GET", "/_sim/wait?for=message", Value::Null, "", "matched item"),
        ("GET", "/_sim/wait?for=message", Value::Null, "/item", message),
        (
            "POST",
            "/_sim/clock",
            json!({"advance": "25h"}),
            "",
            "now frozen offset_ms",
        ),
        (
            "POST",
            "/_sim/clock",
            json!({"freeze": START}),
            "",
            "now frozen offset_ms",
        ),
        (
            "POST",
            "/_sim/clock",
            json!({"resume": true}),
            "",
            "now frozen offset_ms",
        ),
        ("GET", "/_sim/clock", Value::Null, "", "now frozen offset_ms"),
        (
            "PUT",
            "/_sim/switches",
            json!({"login.auto_consent": LUNA}),
            "",
            "login.auto_consent",
        ),
        ("GET", "/_sim/switches", Value::Null, "", "login.auto_consent"),
        ("PUT", "/_sim/chaos", json!({"seed": 1, "rules": []}), "", "seed rules"),
        ("GET", "/_sim/chaos", Value::Null, "", "seed rules"),
        ("DELETE", "/_sim/chaos", Value::Null, "", ""),
        ("GET", "/_sim/export", Value::Null, "", "format version clock tables"),
        ("POST", "/_sim/reset", json!({}), "", ""),
    ];
    for (method, path, body, pointer, fields) in lines {
        let answer = house.ok(method, path, &body).await;
        has(&format!("{method} {path}"), &answer, pointer, fields);
    }
}

#[tokio::test]
async fn references_have_an_at_or_not_and_usernames_have_none() {
    let (house, _) = lived_in().await;
    let world = house.get("/_sim/world").await;
    assert_eq!(world["accounts"][0]["username"], "luna.coffee");
    assert!(
        world["accounts"][1]["scoped_ids"]
            .get(LUNA)
            .is_none_or(Value::is_string)
    );
    for account in ["luna.coffee", LUNA] {
        let found = house.get(&format!("/_sim/deliveries?account={account}")).await;
        assert!(!found["data"].as_array().unwrap().is_empty(), "{account}");
        let dm = json!({"as": account, "to": account, "text": "x"});
        house.ok("POST", "/_sim/dm", &dm).await;
    }
    let delivery = house.get("/_sim/deliveries").await["data"][0].clone();
    assert_eq!(
        (&delivery["app"], &delivery["account"]),
        (&json!("demo"), &json!("luna.coffee"))
    );
    let headers = delivery["attempts"][0]["request_headers"].as_object().unwrap();
    assert!(headers.keys().all(|name| *name == name.to_lowercase()), "{headers:?}");
    let at: jiff::Timestamp = delivery["attempts"][0]["at"].as_str().unwrap().parse().unwrap();
    assert_eq!(at, START.parse().unwrap());
}

#[tokio::test]
async fn lists_are_oldest_first_cut_by_limit_and_go_on_after_an_id() {
    let (house, _) = lived_in().await;
    house.call("GET", "/v25.0/me", &Value::Null).await;
    for list in ["deliveries", "calls"] {
        let all = house.get(&format!("/_sim/{list}")).await["data"].clone();
        let ids: Vec<i64> = all
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].as_i64().unwrap())
            .collect();
        assert!(ids.len() > 1 && ids.is_sorted(), "{list}: {ids:?}");
        let first = house.get(&format!("/_sim/{list}?limit=1")).await["data"].clone();
        assert_eq!(first, json!([all[0]]), "{list}");
        let rest = house.get(&format!("/_sim/{list}?after={}", ids[0])).await["data"].clone();
        assert_eq!(rest.as_array().unwrap()[..], all.as_array().unwrap()[1..], "{list}");
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=10001", "limit"),
            ("limit=many", "limit"),
            ("after=x", "after"),
            ("colour=red", "colour"),
        ] {
            let refused = house.call("GET", &format!("/_sim/{list}?{query}"), &Value::Null).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{list} {query}");
            assert_eq!(refused.error_field().as_deref(), Some(field), "{list} {query}");
            has(query, &refused.json(), "/error", "code message field");
        }
    }
}

#[tokio::test]
async fn every_filter_of_wait_finds_what_it_names_and_nothing_else() {
    let (house, mid) = lived_in().await;
    let mid = mid.as_str().unwrap();
    let found = async |query: &str| {
        let answer = house.get(&format!("/_sim/wait?{query}&timeout=0s")).await;
        if answer["matched"] == false {
            assert_eq!(answer, json!({"matched": false}), "{query}");
        }
        answer["matched"] == true
    };
    for (kind, filter, right, wrong) in [
        ("message", "a", LUNA, "@sam"),
        ("message", "b", LUNA, "@sam"),
        ("message", "side", "business", ""),
        ("message", "origin", "api", ""),
        ("message", "text", "hi", "ho"),
        ("message", "mid", mid, "m_none"),
        ("message", "after", "0", "99999"),
        ("delivery", "app", "demo", "other"),
        ("delivery", "account", LUNA, "@sam"),
        ("delivery", "field", "comments", "mentions"),
        ("delivery", "status", "delivered", "dead"),
        ("delivery", "mid", mid, "m_none"),
        ("delivery", "after", "0", "99999"),
        ("call", "method", "POST", "DELETE"),
        ("call", "path", "/messages", "/comments"),
        ("call", "status", "200", "404"),
        ("call", "after", "0", "99999"),
    ] {
        assert!(
            found(&format!("for={kind}&{filter}={right}")).await,
            "{kind} {filter}={right}"
        );
        if !wrong.is_empty() {
            assert!(
                !found(&format!("for={kind}&{filter}={wrong}")).await,
                "{kind} {filter}={wrong}"
            );
        }
    }
}
