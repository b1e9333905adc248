//! `GET graph.instagram.com/access_token?grant_type=ig_exchange_token` — short-lived to 60 days
//! (contract "Short to long-lived"). Unversioned, as documented.

use http::Method;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::oauth::LongLivedToken;
use selfsame_wire::secret::AccessToken;

use super::exchange_code::AppCredentials;
use crate::base_urls::join;
use crate::failure::CallFailure;
use crate::graph_client::{Body, GraphClient, read};

impl GraphClient {
    /// Exchanges a short-lived Instagram user token.
    pub async fn exchange_long_lived(
        &self,
        app: &AppCredentials,
        short_lived: &AccessToken,
    ) -> Result<LongLivedToken, CallFailure> {
        let mut url = join(self.base_urls().graph(LoginFlow::Instagram), &["access_token"]);
        url.query_pairs_mut()
            .append_pair("grant_type", "ig_exchange_token")
            .append_pair("client_secret", app.client_secret.expose())
            .append_pair("access_token", short_lived.expose());
        let response = self.exchange(Method::GET, &url, None, Body::None).await;
        read(response, "a long-lived token", LongLivedToken::parse)
    }
}
