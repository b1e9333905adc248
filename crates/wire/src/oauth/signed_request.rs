//! `signed_request` of the deauthorize and data-deletion callbacks (contract "Deauthorize and
//! data-deletion callbacks").

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Map, Value};

use crate::lenient;
use crate::secret::AppSecret;

const ALGORITHM: &str = "HMAC-SHA256";

/// What the platform tells an app whose user has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// The app-scoped id (one integration expects the account id: match on both).
    pub user_id: String,
    /// When it was made, seconds since 1970.
    pub issued_at_s: i64,
    /// Until when it holds, seconds since 1970.
    pub expires_at_s: Option<i64>,
}

/// Why a signed request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignedRequestError {
    /// Not `<signature>.<payload>` in base64url.
    #[error("the signed request is malformed")]
    Malformed,
    /// Another algorithm than HMAC-SHA256.
    #[error("the signed request names another algorithm than HMAC-SHA256")]
    Algorithm,
    /// No secret fits.
    #[error("the signed request fits none of the app secrets")]
    Mismatch,
}

impl SignedRequest {
    /// Signs: base64url HMAC of the encoded payload, a dot, the payload.
    pub fn sign(&self, secret: &AppSecret) -> String {
        let mut payload = Map::new();
        payload.insert("user_id".to_owned(), self.user_id.as_str().into());
        payload.insert("algorithm".to_owned(), ALGORITHM.into());
        payload.insert("issued_at".to_owned(), self.issued_at_s.into());
        if let Some(expires_at_s) = self.expires_at_s {
            payload.insert("expires".to_owned(), expires_at_s.into());
        }
        let encoded = URL_SAFE_NO_PAD.encode(Value::Object(payload).to_string());
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        let tag = hmac::sign(&key, encoded.as_bytes());
        format!("{}.{encoded}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }

    /// Checks in constant time with each secret in turn, before reading the payload.
    pub fn verify(signed_request: &str, secrets: &[AppSecret]) -> Result<Self, SignedRequestError> {
        use SignedRequestError::{Algorithm, Malformed, Mismatch};
        let (signature, encoded) = signed_request.trim().split_once('.').ok_or(Malformed)?;
        let tag = decode(signature).ok_or(Malformed)?;
        let fits = secrets.iter().any(|secret| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
            hmac::verify(&key, encoded.as_bytes(), &tag).is_ok()
        });
        if !fits {
            return Err(Mismatch);
        }
        let payload: Value = serde_json::from_slice(&decode(encoded).ok_or(Malformed)?).map_err(|_| Malformed)?;
        let algorithm = lenient::member(&payload, "algorithm")
            .and_then(Value::as_str)
            .unwrap_or(ALGORITHM);
        if !algorithm.eq_ignore_ascii_case(ALGORITHM) {
            return Err(Algorithm);
        }
        Ok(Self {
            user_id: lenient::member(&payload, "user_id")
                .and_then(lenient::text)
                .ok_or(Malformed)?,
            issued_at_s: lenient::member(&payload, "issued_at")
                .and_then(lenient::integer)
                .unwrap_or(0),
            expires_at_s: lenient::member(&payload, "expires").and_then(lenient::integer),
        })
    }
}

/// Base64url, also with padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> SignedRequest {
        SignedRequest {
            user_id: "25600000000000001".to_owned(),
            issued_at_s: 1_291_836_800,
            expires_at_s: None,
        }
    }

    #[test]
    fn what_was_signed_verifies_with_the_right_secret_only() {
        let signed = request().sign(&AppSecret::new("right"));
        let secrets = [AppSecret::new("other"), AppSecret::new("right")];
        assert_eq!(SignedRequest::verify(&signed, &secrets), Ok(request()));
        let wrong = SignedRequest::verify(&signed, &[AppSecret::new("wrong")]);
        assert_eq!(wrong, Err(SignedRequestError::Mismatch));
    }

    #[test]
    fn an_altered_or_malformed_request_is_refused() {
        let secrets = [AppSecret::new("right")];
        let signed = request().sign(&secrets[0]);
        assert!(SignedRequest::verify(&format!("{signed}A"), &secrets).is_err());
        for bad in ["", ".", "a", "a.b", "ä.ö"] {
            assert!(SignedRequest::verify(bad, &secrets).is_err(), "{bad}");
        }
    }
}
