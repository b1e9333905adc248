//! `GET graph.instagram.com/refresh_access_token` — another 60 days (contract "Refresh"). The token
//! must be 24 hours old; the string that comes back may be the same.

use http::Method;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::oauth::LongLivedToken;
use selfsame_wire::secret::AccessToken;

use crate::base_urls::join;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

impl GraphClient {
    /// Refreshes a long-lived Instagram user token.
    pub async fn refresh_token(&self, long_lived: &AccessToken) -> Result<LongLivedToken, CallFailure> {
        let mut url = join(self.base_urls().graph(LoginFlow::Instagram), &["refresh_access_token"]);
        url.query_pairs_mut()
            .append_pair("grant_type", "ig_refresh_token")
            .append_pair("access_token", long_lived.expose());
        let caller = Caller {
            flow: LoginFlow::Instagram,
            token: long_lived.clone(),
        };
        let response = self.exchange_proven(Method::GET, url, &caller, None, Body::None).await;
        read(response, "a refreshed token", LongLivedToken::parse)
    }
}
