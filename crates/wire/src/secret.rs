//! Secrets, wrapped so that they cannot be printed or serialised by accident.

use std::fmt;

macro_rules! define_secrets {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(String);

        impl $name {
            /// Wraps the secret.
            pub fn new(secret: impl Into<String>) -> Self {
                Self(secret.into())
            }

            /// The secret itself, for the one call that needs it.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}

define_secrets! {
    /// An app secret: key of webhook signatures, of signed requests and of `appsecret_proof`.
    /// `Debug` shows no content and there is no `Serialize`.
    AppSecret;
    /// An access token of an account, user or app. `Debug` shows no content and there is no
    /// `Serialize`.
    AccessToken;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_contain_the_secret() {
        let shown = format!(
            "{:?} {:?}",
            AppSecret::new("0123456789abcdef"),
            AccessToken::new("IGAAx")
        );
        assert!(!shown.contains("0123456789abcdef"));
        assert!(!shown.contains("IGAAx"));
    }
}
