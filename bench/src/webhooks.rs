//! Webhooks as Instagram would send them, signed.

use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::{SIGNATURE_1_HEADER, SIGNATURE_256_HEADER, sign};
use serde_json::json;

/// The account that every webhook is about.
pub const ACCOUNT: &str = "17841400000000001";
/// The secret that signs them.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A body and the headers that prove it.
#[derive(Debug, Clone)]
pub struct SignedWebhook {
    /// The bytes.
    pub body: Vec<u8>,
    /// Names and values.
    pub headers: [(&'static str, String); 2],
}

/// A message that person number `person` sends to the account; `number` makes its id.
pub fn message(person: u64, number: u64, at_ms: i64) -> SignedWebhook {
    let body = json!({
        "object": "instagram",
        "entry": [{
            "id": ACCOUNT,
            "time": at_ms,
            "messaging": [{
                "sender": { "id": format!("{}", 7_000_000_000_000_000 + person) },
                "recipient": { "id": ACCOUNT },
                "timestamp": at_ms,
                "message": {
                    "mid": format!("aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxNDAwMDAwMDAwMDAxOjM0MDI4MjM2Njg0MTcx{number:020}ZD"),
                    "text": "Good morning, are you open on Sundays?"
                }
            }]
        }]
    })
    .to_string()
    .into_bytes();
    let signatures = sign(&AppSecret::new(SECRET.to_owned()), &body);
    SignedWebhook {
        body,
        headers: [
            (SIGNATURE_256_HEADER, signatures.sha256),
            (SIGNATURE_1_HEADER, signatures.sha1),
        ],
    }
}
