//! `POST /{node}/messages` with a body that somebody else wrote: what an engine behind the gateway sends
//! goes on as it is.

use http::Method;
use selfsame_wire::ids::MessageId;
use serde_json::Value;

use super::send_message::message_id;
use crate::graph_client::{Body, Caller, GraphClient};
use crate::outcome::Outcome;

impl GraphClient {
    /// Sends this body to `/{node}/messages`; `me` is the account itself.
    pub async fn post_message(&self, caller: &Caller, node: &str, body: &Value) -> Outcome<MessageId> {
        let url = self.graph_url(caller.flow, &[node, "messages"]);
        let answer = self.call(caller, Method::POST, url, Body::Json(body)).await;
        Outcome::read(answer, message_id)
    }
}
