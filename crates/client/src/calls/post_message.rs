//! `POST /{node}/messages` with a body that somebody else wrote: what an engine behind the gateway sends
//! goes on as it is.

use http::Method;
use selfsame_wire::ids::{MessageId, ParticipantId};
use selfsame_wire::send::SendResponse;
use serde_json::Value;

use crate::graph_client::{Body, Caller, GraphClient};
use crate::outcome::Outcome;

/// A message that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedMessage {
    /// Its id.
    pub id: MessageId,
    /// Whom it reached; the self form does not tell.
    pub recipient: Option<ParticipantId>,
}

impl GraphClient {
    /// Sends this body to `/{node}/messages`; `me` is the account itself.
    pub async fn post_message(&self, caller: &Caller, node: &str, body: &Value) -> Outcome<PostedMessage> {
        let url = self.graph_url(caller.flow, &[node, "messages"]);
        let answer = self.call(caller, Method::POST, url, Body::Json(body)).await;
        Outcome::read(answer, |body| {
            let response = SendResponse::parse(body)?;
            let recipient = match &response {
                SendResponse::Standard { recipient_id, .. } => Some(recipient_id.clone()),
                SendResponse::SelfForm { .. } | SendResponse::Action { .. } => None,
            };
            Some(PostedMessage {
                id: response.message_id()?.clone(),
                recipient,
            })
        })
    }
}
