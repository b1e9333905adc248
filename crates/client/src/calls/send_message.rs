//! `POST /me/messages` — the standard form, with `recipient` (contract "Send API", endpoints). It
//! reaches other people, their comments (private replies) and the self thread alike.

use http::Method;
use selfsame_wire::ids::MessageId;
use selfsame_wire::send::{Outgoing, SendResponse};

use crate::graph_client::{Body, Caller, GraphClient};
use crate::outcome::Outcome;

impl GraphClient {
    /// Sends by the standard form.
    pub async fn send_message(&self, caller: &Caller, outgoing: &Outgoing) -> Outcome<MessageId> {
        let url = self.graph_url(caller.flow, &["me", "messages"]);
        let body = outgoing.to_standard_body();
        let answer = self.call(caller, Method::POST, url, Body::Json(&body)).await;
        Outcome::read(answer, message_id)
    }
}

/// `message_id`, else `id`.
pub(super) fn message_id(body: &[u8]) -> Option<MessageId> {
    SendResponse::parse(body)?.message_id().cloned()
}
