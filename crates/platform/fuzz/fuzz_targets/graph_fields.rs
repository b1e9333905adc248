//! Any `fields` list is answered, or refused as Graph refuses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use selfsame_platform_fuzz::Door;

thread_local! { static DOOR: Door = Door::open(); }

fuzz_target!(|fields: &str| {
    // The server's own limit of a request line.
    if fields.len() > 16_000 {
        return;
    }
    let fields = utf8_percent_encode(fields, NON_ALPHANUMERIC);
    DOOR.with(|door| {
        let token = door.token();
        for node in ["me", "me/media", "me/conversations"] {
            door.knock("GET", &format!("/v25.0/{node}?access_token={token}&fields={fields}"), &[], b"");
        }
    });
});
