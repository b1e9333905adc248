//! App secrets, wrapped so that they cannot be printed or serialised by accident.

use std::fmt;

/// An app secret: key of webhook signatures, of signed requests and of `appsecret_proof`.
/// `Debug` shows no content and there is no `Serialize`.
#[derive(Clone)]
pub struct AppSecret(String);

impl AppSecret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the one call that needs it (a token exchange, a signature).
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AppSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AppSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_contain_the_secret() {
        let shown = format!("{:?}", AppSecret::new("0123456789abcdef"));
        assert!(!shown.contains("0123456789abcdef"));
    }
}
