//! `POST /me/subscribed_apps` — installs webhooks for the caller's account (contract "Subscribing").
//! The call replaces the account's list of fields.

use http::Method;

use super::answer;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

impl GraphClient {
    /// Subscribes the account (or its Page) to these fields, and to no others.
    pub async fn subscribe(&self, caller: &Caller, fields: &[&str]) -> Result<(), CallFailure> {
        let mut url = self.graph_url(caller.flow, &["me", "subscribed_apps"]);
        url.query_pairs_mut()
            .append_pair("subscribed_fields", &fields.join(","));
        let response = self.call(caller, Method::POST, url, Body::None).await;
        read(response, "a successful subscription", |body| {
            answer::is_success(&answer::json(body)?).then_some(())
        })
    }
}
