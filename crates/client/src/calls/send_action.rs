//! `POST /me/messages` with `sender_action` — typing, seen, reactions (contract "Actions").

use http::Method;
use selfsame_wire::ids::IgScopedId;
use selfsame_wire::send::SenderAction;

use super::answer;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

impl GraphClient {
    /// Performs an action towards a person. It leaves no message, so repeating it is harmless.
    pub async fn send_action(
        &self,
        caller: &Caller,
        to: &IgScopedId,
        action: &SenderAction,
    ) -> Result<(), CallFailure> {
        let url = self.graph_url(caller.flow, &["me", "messages"]);
        let body = action.to_body(to);
        let response = self.call(caller, Method::POST, url, Body::Json(&body)).await;
        read(response, "the answer to an action", |body| {
            answer::json(body).map(|_| ())
        })
    }
}
