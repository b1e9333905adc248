//! `GET graph.facebook.com/oauth/access_token?code=` — code to user token (contract "Facebook login
//! for Business", tokens).

use http::Method;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::oauth::LongLivedToken;

use super::exchange_code::{AppCredentials, CodeExchange};
use crate::failure::CallFailure;
use crate::graph_client::{Body, GraphClient, read};

impl GraphClient {
    /// Exchanges the code of a Facebook login.
    pub async fn exchange_facebook_code(
        &self,
        app: &AppCredentials,
        exchange: CodeExchange<'_>,
    ) -> Result<LongLivedToken, CallFailure> {
        let mut url = self.graph_url(LoginFlow::Facebook, &["oauth", "access_token"]);
        url.query_pairs_mut()
            .append_pair("client_id", &app.client_id)
            .append_pair("client_secret", app.client_secret.expose())
            .append_pair("redirect_uri", exchange.redirect_uri)
            .append_pair("code", exchange.code.trim_end_matches("#_=_"));
        let response = self.exchange(Method::GET, &url, None, Body::None).await;
        read(response, "a user token", LongLivedToken::parse)
    }
}
