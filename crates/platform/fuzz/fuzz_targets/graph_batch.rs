//! Any batch is answered item by item, or refused as Graph refuses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use selfsame_platform_fuzz::Door;
use serde_json::json;

thread_local! { static DOOR: Door = Door::open(); }

fuzz_target!(|input: (&str, Vec<(&str, &str, &str)>)| {
    let (raw, items) = input;
    let items: Vec<_> = items
        .iter()
        .map(|(method, url, body)| json!({"method": method, "relative_url": url, "body": body}))
        .collect();
    DOOR.with(|door| {
        for batch in [json!(items), json!(raw)] {
            let body = json!({"access_token": door.token(), "batch": batch}).to_string();
            door.knock("POST", "/v25.0/", &[("content-type", "application/json")], body.as_bytes());
        }
    });
});
