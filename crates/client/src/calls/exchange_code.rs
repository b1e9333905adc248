//! `POST api.instagram.com/oauth/access_token` — code to short-lived token (contract "Code to
//! short-lived token").

use http::Method;
use selfsame_wire::oauth::CodeExchangeAnswer;
use selfsame_wire::secret::{AccessToken, AppSecret};

use crate::base_urls::join;
use crate::failure::CallFailure;
use crate::graph_client::{Body, GraphClient, read};

/// The id and secret of an app: the Instagram pair for Instagram login, the Meta pair for Facebook
/// login.
#[derive(Debug, Clone)]
pub struct AppCredentials {
    /// `client_id`
    pub client_id: String,
    /// `client_secret`
    pub client_secret: AppSecret,
}

impl AppCredentials {
    /// The token of the Meta app itself: its id and its secret. It needs no proof.
    pub(crate) fn token(&self) -> AccessToken {
        AccessToken::new(format!("{}|{}", self.client_id, self.client_secret.expose()))
    }
}

/// What the login dialog gave back, with where it was sent to.
#[derive(Clone, Copy)]
pub struct CodeExchange<'a> {
    /// The code, without the trailing `#_`.
    pub code: &'a str,
    /// Exactly the redirect URI of the dialog.
    pub redirect_uri: &'a str,
}

impl GraphClient {
    /// Exchanges the code of an Instagram login.
    pub async fn exchange_code(
        &self,
        app: &AppCredentials,
        exchange: CodeExchange<'_>,
    ) -> Result<CodeExchangeAnswer, CallFailure> {
        let url = join(&self.base_urls().instagram_code_exchange(), &["oauth", "access_token"]);
        let form = [
            ("client_id", app.client_id.as_str()),
            ("client_secret", app.client_secret.expose()),
            ("grant_type", "authorization_code"),
            ("redirect_uri", exchange.redirect_uri),
            ("code", exchange.code.trim_end_matches("#_")),
        ];
        let response = self.exchange(Method::POST, &url, None, Body::Form(&form)).await;
        read(response, "a short-lived token", CodeExchangeAnswer::parse)
    }
}
