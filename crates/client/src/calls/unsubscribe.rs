//! `DELETE /me/subscribed_apps` — removes the webhooks of the caller's account.

use http::Method;

use super::answer;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

impl GraphClient {
    /// Ends the subscription of the account (or its Page).
    pub async fn unsubscribe(&self, caller: &Caller) -> Result<(), CallFailure> {
        let url = self.graph_url(caller.flow, &["me", "subscribed_apps"]);
        let response = self.call(caller, Method::DELETE, url, Body::None).await;
        read(response, "a successful removal", |body| {
            answer::is_success(&answer::json(body)?).then_some(())
        })
    }
}
