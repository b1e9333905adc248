//! What Instagram holds against an account, and the errors of contract/errors §7.3 that it causes.

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;
use crate::surface::graph::{codes, graph, igsid, token};

/// contract/errors §7.3: rows that a state of the account causes. (standing, code, subcode, which of: read, read messages, send,
/// publish, each with the Instagram login; read with the Facebook login)
type Row = (&'static str, i64, Option<i64>, [bool; 5]);
const ROWS: &[Row] = &[
    (
        "sending_restricted",
        10,
        Some(1_893_063),
        [false, false, true, false, false],
    ),
    ("unverified", 10, Some(2_534_077), [false, true, true, false, false]),
    (
        "messaging_blocked",
        100,
        Some(2_534_029),
        [false, true, true, false, false],
    ),
    ("not_eligible", 36_103, None, [true, true, true, true, true]),
    ("actions_blocked", 368, None, [false, false, true, true, false]),
    ("checkpoint", 190, Some(459), [true, true, true, true, true]),
    ("unconfirmed", 190, Some(464), [true, true, true, true, true]),
    ("page_role_lost", 190, Some(492), [false, false, false, false, true]),
];

#[tokio::test]
async fn each_standing_refuses_the_calls_of_its_row_until_it_is_good_again() {
    let house = House::with_bot().await;
    house
        .ok(
            "POST",
            "/_sim/dm",
            &json!({"as": "@sam", "to": "@luna.coffee", "text": "hi"}),
        )
        .await;
    let person = igsid(&house, "luna.coffee", "sam").await;
    let (instagram, facebook) = (
        token(&house, "luna.coffee", "demo", "instagram").await,
        token(&house, "luna.coffee", "demo", "facebook").await,
    );
    let send = json!({"recipient": {"id": person}, "message": {"text": "x"}});
    let picture = json!({"image_url": "https://example.com/a.jpg"});
    let calls = [
        (&instagram, "GET", "me?fields=username", &Value::Null),
        (&instagram, "GET", "me/conversations?platform=instagram", &Value::Null),
        (&instagram, "POST", "me/messages", &send),
        (&instagram, "POST", "me/media", &picture),
        (&facebook, "GET", "me?fields=name", &Value::Null),
    ];
    let good = ("good", 0, None, [false; 5]);
    for (standing, code, subcode, refused) in ROWS.iter().copied().chain([good]) {
        let changed = house
            .ok("PATCH", "/_sim/accounts/luna.coffee", &json!({"standing": standing}))
            .await;
        assert_eq!(changed["standing"], standing);
        for ((token, method, path, body), is_refused) in calls.iter().zip(refused) {
            let answer = graph(&house, token, method, path, body).await;
            if is_refused {
                assert_eq!(
                    codes(&answer),
                    (json!(code), json!(subcode)),
                    "{standing}: {method} {path}"
                );
                let why = answer.headers["x-selfsame-why"].to_str().unwrap();
                assert!(why.contains(standing), "{why}");
            } else {
                assert_eq!(
                    answer.status,
                    StatusCode::OK,
                    "{standing}: {method} {path}: {:?}",
                    answer.body
                );
            }
        }
    }
    let unknown = house
        .call("PATCH", "/_sim/accounts/luna.coffee", &json!({"standing": "bad"}))
        .await;
    assert_eq!(
        (unknown.status, unknown.error_field().as_deref()),
        (StatusCode::BAD_REQUEST, Some("standing"))
    );
}
