//! Webhook signatures: HMAC over the exact bytes of the body (contract "Delivery").
//!
//! The platform always sends both headers. A receiver prefers SHA-256 and falls back to SHA-1 only
//! when the first header is absent: a wrong SHA-256 is never saved by a right SHA-1. Facebook login
//! signs with the Meta app secret, Instagram login with the Instagram app secret, so several secrets
//! are tried and the one that fits is reported.

use ring::hmac;

use crate::secret::AppSecret;

/// Header of the SHA-256 signature, lower case.
pub const SIGNATURE_256_HEADER: &str = "x-hub-signature-256";
/// Header of the older SHA-1 signature, lower case.
pub const SIGNATURE_1_HEADER: &str = "x-hub-signature";

const SHA256_PREFIX: &str = "sha256=";
const SHA1_PREFIX: &str = "sha1=";

/// Values of both headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatures {
    /// `sha1=…`, for [`SIGNATURE_1_HEADER`].
    pub sha1: String,
    /// `sha256=…`, for [`SIGNATURE_256_HEADER`].
    pub sha256: String,
}

/// Signs the bytes that will be sent.
pub fn sign(secret: &AppSecret, body: &[u8]) -> Signatures {
    Signatures {
        sha1: format!(
            "{SHA1_PREFIX}{}",
            hex_mac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret, body)
        ),
        sha256: format!("{SHA256_PREFIX}{}", hex_mac(hmac::HMAC_SHA256, secret, body)),
    }
}

/// `appsecret_proof`: hex HMAC-SHA256 of the access token under the app secret.
pub fn appsecret_proof(secret: &AppSecret, access_token: &str) -> String {
    hex_mac(hmac::HMAC_SHA256, secret, access_token.as_bytes())
}

/// Does this `appsecret_proof` fit the token? In constant time.
pub fn verify_appsecret_proof(secret: &AppSecret, access_token: &str, proof: &str) -> bool {
    let Some(tag) = decode_hex(proof) else {
        return false;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    hmac::verify(&key, access_token.as_bytes(), &tag).is_ok()
}

/// A body whose origin is not known yet. Only [`Unverified::verify`] opens it.
#[derive(Debug)]
pub struct Unverified<B> {
    body: B,
    sha256: Option<String>,
    sha1: Option<String>,
}

/// A body that one of our app secrets has signed.
#[derive(Debug)]
pub struct Verified<B> {
    body: B,
    secret_index: usize,
    algorithm: Algorithm,
}

/// Which header proved the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// `x-hub-signature-256`
    Sha256,
    /// `x-hub-signature`, because the other header was absent
    Sha1,
}

/// Why a body is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Neither header is there.
    #[error("the request carries no signature header")]
    Missing,
    /// The header is not `sha256=` and 64 hex digits (or `sha1=` and 40).
    #[error("the signature header is malformed")]
    Malformed,
    /// No secret fits.
    #[error("the signature fits none of the app secrets")]
    Mismatch,
}

impl<B: AsRef<[u8]>> Unverified<B> {
    /// Takes the raw body and the values of [`SIGNATURE_256_HEADER`] and [`SIGNATURE_1_HEADER`].
    pub fn new(body: B, sha256: Option<&str>, sha1: Option<&str>) -> Self {
        Self {
            body,
            sha256: sha256.map(str::to_owned),
            sha1: sha1.map(str::to_owned),
        }
    }

    /// Compares in constant time with each secret in turn.
    pub fn verify(self, secrets: &[AppSecret]) -> Result<Verified<B>, SignatureError> {
        let (algorithm, hmac_algorithm, tag) = match (&self.sha256, &self.sha1) {
            (Some(header), _) => (
                Algorithm::Sha256,
                hmac::HMAC_SHA256,
                read_header(header, SHA256_PREFIX, 32)?,
            ),
            (None, Some(header)) => (
                Algorithm::Sha1,
                hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                read_header(header, SHA1_PREFIX, 20)?,
            ),
            (None, None) => return Err(SignatureError::Missing),
        };
        let secret_index = secrets
            .iter()
            .position(|secret| {
                let key = hmac::Key::new(hmac_algorithm, secret.expose().as_bytes());
                hmac::verify(&key, self.body.as_ref(), &tag).is_ok()
            })
            .ok_or(SignatureError::Mismatch)?;
        Ok(Verified {
            body: self.body,
            secret_index,
            algorithm,
        })
    }
}

impl<B> Verified<B> {
    /// The body, byte for byte as received.
    pub const fn body(&self) -> &B {
        &self.body
    }

    /// The body, owned.
    pub fn into_body(self) -> B {
        self.body
    }

    /// Which of the secrets given to [`Unverified::verify`] fitted.
    pub const fn secret_index(&self) -> usize {
        self.secret_index
    }

    /// Which header was believed.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

fn hex_mac(algorithm: hmac::Algorithm, secret: &AppSecret, message: &[u8]) -> String {
    let key = hmac::Key::new(algorithm, secret.expose().as_bytes());
    let tag = hmac::sign(&key, message);
    let mut hex = String::with_capacity(64);
    for byte in tag.as_ref() {
        for nibble in [byte >> 4, byte & 0x0f] {
            hex.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    hex
}

fn read_header(header: &str, prefix: &str, tag_bytes: usize) -> Result<Vec<u8>, SignatureError> {
    let digits = header.trim().strip_prefix(prefix).ok_or(SignatureError::Malformed)?;
    decode_hex(digits)
        .filter(|tag| tag.len() == tag_bytes)
        .ok_or(SignatureError::Malformed)
}

fn decode_hex(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| {
            let high = char::from(*high).to_digit(16)?;
            let low = char::from(*low).to_digit(16)?;
            u8::try_from((high << 4) | low).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published example of GitHub's documentation, which uses the same scheme.
    const BODY: &[u8] = b"Hello, World!";
    const SECRET: &str = "It's a Secret to Everybody";
    const SHA256: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn secrets(names: &[&str]) -> Vec<AppSecret> {
        names.iter().map(|name| AppSecret::new(*name)).collect()
    }

    #[test]
    fn signing_gives_the_published_value() {
        assert_eq!(sign(&AppSecret::new(SECRET), BODY).sha256, SHA256);
    }

    #[test]
    fn the_secret_that_fits_is_reported() {
        let verified = Unverified::new(BODY, Some(SHA256), None)
            .verify(&secrets(&["other", SECRET]))
            .unwrap();
        assert_eq!(verified.secret_index(), 1);
        assert_eq!(verified.algorithm(), Algorithm::Sha256);
        assert_eq!(verified.into_body(), BODY);
    }

    #[test]
    fn sha1_counts_only_when_sha256_is_absent() {
        let good = sign(&AppSecret::new(SECRET), BODY);
        let other = sign(&AppSecret::new("other"), BODY);
        let only_sha1 = Unverified::new(BODY, None, Some(&good.sha1)).verify(&secrets(&[SECRET]));
        assert_eq!(only_sha1.unwrap().algorithm(), Algorithm::Sha1);
        let wrong_sha256 = Unverified::new(BODY, Some(&other.sha256), Some(&good.sha1));
        assert_eq!(
            wrong_sha256.verify(&secrets(&[SECRET])).unwrap_err(),
            SignatureError::Mismatch
        );
    }

    #[test]
    fn absent_malformed_and_altered_are_told_apart() {
        let secrets = secrets(&[SECRET]);
        let verify = |header| Unverified::new(BODY, header, None).verify(&secrets).unwrap_err();
        assert_eq!(verify(None), SignatureError::Missing);
        assert_eq!(verify(Some("sha256=zz")), SignatureError::Malformed);
        assert_eq!(verify(Some("757107ea")), SignatureError::Malformed);
        assert_eq!(verify(Some("sha256=é7")), SignatureError::Malformed);
        let altered = Unverified::new(&b"Hello, World?"[..], Some(SHA256), None).verify(&secrets);
        assert_eq!(altered.unwrap_err(), SignatureError::Mismatch);
    }
}
