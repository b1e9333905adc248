//! The request of a delivery: exact bytes, both signatures (contract: webhooks §4.2).

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, header};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::{SIGNATURE_1_HEADER, SIGNATURE_256_HEADER, sign};

use crate::domain::app::App;
use crate::store::delivery_jobs::Signing;

/// What Meta's webhooks call themselves.
const USER_AGENT: &str = "facebookexternalua";
/// Put before the secret to sign wrongly on purpose.
const WRONG_SECRET: &str = "not the secret: ";

/// The secret that signs for a login flow: the Instagram app secret, or the Meta app secret.
pub(super) fn secret_of(app: &App, flow: LoginFlow) -> &str {
    match flow {
        LoginFlow::Instagram => &app.instagram_app_secret,
        LoginFlow::Facebook => &app.meta_app_secret,
    }
}

/// Builds the POST.
pub(super) fn build(url: &str, raw: &[u8], secret: &str, signing: Signing) -> Result<Request<Bytes>, http::Error> {
    let mut request = Request::post(url).body(Bytes::copy_from_slice(raw))?;
    let headers = request.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    let secret = match signing {
        Signing::Right => secret.to_owned(),
        Signing::Invalid => format!("{WRONG_SECRET}{secret}"),
        Signing::Missing => return Ok(request),
    };
    let signatures = sign(&AppSecret::new(secret), raw);
    headers.insert(SIGNATURE_1_HEADER, HeaderValue::try_from(signatures.sha1)?);
    headers.insert(SIGNATURE_256_HEADER, HeaderValue::try_from(signatures.sha256)?);
    Ok(request)
}

/// Headers as the attempt keeps them: a JSON object with lower-case names.
pub(super) fn headers_json(headers: &HeaderMap) -> String {
    let object: serde_json::Map<String, serde_json::Value> = headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned().into(),
            )
        })
        .collect();
    serde_json::Value::Object(object).to_string()
}
