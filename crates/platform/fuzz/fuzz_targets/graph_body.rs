//! Any body of any declared type is taken for a send or refused as Graph refuses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use selfsame_platform_fuzz::Door;

thread_local! { static DOOR: Door = Door::open(); }

const TYPES: [&str; 4] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "text/plain",
];

fuzz_target!(|input: (u8, &[u8])| {
    let (kind, body) = input;
    let kind = TYPES[usize::from(kind) % TYPES.len()];
    DOOR.with(|door| {
        let bearer = format!("Bearer {}", door.token());
        let headers = [("content-type", kind), ("authorization", bearer.as_str())];
        door.knock("POST", "/v25.0/me/messages", &headers, body);
    });
});
