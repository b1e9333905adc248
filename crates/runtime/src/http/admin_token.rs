//! The key of a folder: what callers from outside this machine show.

use ring::hmac;

/// Names the cookie's derivation, so that a stolen cookie is no Bearer token.
const COOKIE_CONTEXT: &[u8] = b"selfsame cookie";

/// The admin token. It has no `Debug`, and is compared in constant time.
#[derive(Clone)]
pub struct AdminToken {
    text: String,
    key: hmac::Key,
    proof: hmac::Tag,
    cookie: String,
}

impl AdminToken {
    /// Wraps a token that was generated or configured.
    pub fn new(text: String) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes());
        let proof = hmac::sign(&key, text.as_bytes());
        let cookie = hex(hmac::sign(&key, COOKIE_CONTEXT).as_ref());
        Self {
            text,
            key,
            proof,
            cookie,
        }
    }

    /// The token itself, for the banner's link and for clients that share the folder.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the browser keeps instead of the token.
    pub(super) fn cookie_value(&self) -> &str {
        &self.cookie
    }

    /// Whether `shown` is the token, in time that depends on neither.
    pub fn matches(&self, shown: &str) -> bool {
        hmac::verify(&self.key, shown.as_bytes(), self.proof.as_ref()).is_ok()
    }

    /// Whether `shown` is the cookie made from the token, in time that does not depend on where they differ.
    pub(super) fn matches_cookie(&self, shown: &str) -> bool {
        let Some(bytes) = unhex(shown) else {
            return false;
        };
        hmac::verify(&self.key, COOKIE_CONTEXT, &bytes).is_ok()
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_and_its_own_cookie_match() {
        let token = AdminToken::new("correct horse".to_owned());

        assert!(token.matches("correct horse"));
        assert!(!token.matches("correct horsf"));
        assert!(!token.matches(""));
        assert!(token.matches_cookie(token.cookie_value()));
        assert!(!token.matches_cookie("correct horse"));
        assert!(!token.matches_cookie(""));
        assert!(!token.matches(token.cookie_value()));
        assert!(!AdminToken::new("other".to_owned()).matches_cookie(token.cookie_value()));
    }
}
