//! World time.

use http::StatusCode;
use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn world_time_jumps_freezes_and_runs_again() {
    let house = House::open().await;
    assert_eq!(house.get("/_sim/clock").await["now"], "2026-06-01T12:00:00Z");

    let jumped = house.ok("POST", "/_sim/clock", &json!({"advance": "25h"})).await;
    assert_eq!(jumped["now"], "2026-06-02T13:00:00Z");
    let frozen = house
        .ok("POST", "/_sim/clock", &json!({"freeze": "2026-01-01T00:00:00Z"}))
        .await;
    assert_eq!(
        (&frozen["now"], &frozen["frozen"]),
        (&json!("2026-01-01T00:00:00Z"), &json!(true))
    );
    let running = house.ok("POST", "/_sim/clock", &json!({"resume": true})).await;
    assert_eq!(running["frozen"], false);
}

#[tokio::test]
async fn one_movement_at_a_time() {
    let house = House::open().await;
    for (body, field) in [
        (json!({}), "resume"),
        (json!({"advance": "1h", "freeze": "2026-01-01T00:00:00Z"}), "freeze"),
        (json!({"advance": "soon"}), "advance"),
        (json!({"advance": "0s"}), "advance"),
        (json!({"freeze": "yesterday"}), "freeze"),
        (json!({"rewind": "1h"}), "rewind"),
    ] {
        let refused = house.call("POST", "/_sim/clock", &body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(refused.error_field().as_deref(), Some(field), "{body}");
    }
}
