//! `GET graph.facebook.com/oauth/access_token?grant_type=fb_exchange_token` — short-lived to long-lived
//! user token (contract "Facebook login for Business", tokens).

use http::Method;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::oauth::LongLivedToken;
use selfsame_wire::secret::AccessToken;

use super::exchange_code::AppCredentials;
use crate::failure::CallFailure;
use crate::graph_client::{Body, GraphClient, read};

impl GraphClient {
    /// Exchanges a short-lived Facebook user token.
    pub async fn exchange_facebook_long_lived(
        &self,
        app: &AppCredentials,
        short_lived: &AccessToken,
    ) -> Result<LongLivedToken, CallFailure> {
        let mut url = self.graph_url(LoginFlow::Facebook, &["oauth", "access_token"]);
        url.query_pairs_mut()
            .append_pair("grant_type", "fb_exchange_token")
            .append_pair("client_id", &app.client_id)
            .append_pair("client_secret", app.client_secret.expose())
            .append_pair("fb_exchange_token", short_lived.expose());
        let response = self.exchange(Method::GET, &url, None, Body::None).await;
        read(response, "a long-lived token", LongLivedToken::parse)
    }
}
